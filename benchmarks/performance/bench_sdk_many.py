"""Sessions per second of `create_many` beside a loop written by hand for speed, and whether its memory stays flat.

Rounds of a tenth of `--count` sessions, in turn, give the medians; then each way creates the whole count in one call,
and its resident memory is sampled as it goes. Every measurement is a process of its own (sdk_many_client.py) on a fresh
evalsessions-server with its data in memory. Processor time is the client's; the server shares the machine with it.

Run: python -m benchmarks.performance.bench_sdk_many [--rounds N] [--count N] [--concurrency N] [--plot FILE.svg]
`--goals` makes the exit status 1 when AsyncGaltea is slower than 0.85 of the loop by hand, or when the memory of either
face grows by more than 5 % from the second fifth of the whole call to its last.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.effectiveness.plot import COLOURS
from benchmarks.performance import sdk_many_client
from benchmarks.performance.environments import FOLDER, Environment, ours
from tests.support.server_process import start_server

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["main"]

BY_HAND, FACE = "asyncio and httpx by hand", "AsyncGaltea"
FACES = (FACE, "Galtea")
LEAST_RATE, MOST_GROWTH = 0.85, 0.05
#: Of one whole call.
TIMEOUT_SECONDS = 3600
#: Of the plot, in pixels: the whole, and what is left free around the drawing.
WIDTH, HEIGHT, MARGIN = 640, 360, 56


@dataclass(frozen=True, slots=True)
class Creation:
    """What it took to create many sessions."""

    rate: float
    """Sessions per second."""
    cpu_seconds: float
    """Of the client, for each session."""
    samples: tuple[tuple[int, float], ...]
    """Resident MiB, by the number of sessions created so far."""

    @property
    def growth(self) -> float:
        """By what part memory grew from the second fifth to the last; the first fills pools and caches."""
        fifth = max(1, len(self.samples) // 5)
        early = statistics.median(mib for _, mib in self.samples[fifth : 2 * fifth])
        return statistics.median(mib for _, mib in self.samples[-fifth:]) / early - 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=100_000, help="of the sessions of the whole call")
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--environments", type=Path, default=FOLDER, help="where to make the environment")
    parser.add_argument("--plot", type=Path, default=None, help="where to draw the memory, as SVG")
    parser.add_argument("--goals", action="store_true", help="fail when one is missed")
    options = parser.parse_args()
    environment = ours(options.environments)
    print(f"create_many, {options.concurrency} at a time, Python {platform.python_version()}", flush=True)
    rounds = _rounds(environment, options.rounds, max(1, options.count // 10), options.concurrency)
    whole = {}
    for way in sdk_many_client.WAYS:
        whole[way] = _create(environment, way, options.count, options.concurrency)
        _print(f"{options.count} sessions", way, whole[way])
        low, high = (choose(mib for _, mib in whole[way].samples) for choose in (min, max))
        print(f"memory: {way}: {low:.1f} to {high:.1f} MiB, {whole[way].growth:+.1%} from the second fifth to the last")
    if options.plot is not None:
        options.plot.write_text(_drawing({way: creation.samples for way, creation in whole.items()}), "utf-8")
    missed = []
    for way in sdk_many_client.WAYS:
        ratio = rounds[way].rate / rounds[BY_HAND].rate
        of_whole = whole[way].rate / whole[BY_HAND].rate
        of_cpu = rounds[way].cpu_seconds / rounds[BY_HAND].cpu_seconds
        print(f"ratio:  {way} / by hand: {ratio:.3f}; {of_whole:.3f} in the whole call; {of_cpu:.3f} in processor time")
        if way == FACE and ratio < LEAST_RATE:
            missed.append(f"{way} has {ratio:.3f} of the rate of the loop by hand, less than {LEAST_RATE:g}")
    missed += [
        f"the memory of {way} grows by {whole[way].growth:.1%}, more than {MOST_GROWTH:.0%}"
        for way in FACES
        if whole[way].growth > MOST_GROWTH
    ]
    for line in missed:
        print(f"missed: {line}")
    return 1 if missed and options.goals else 0


def _rounds(environment: Environment, rounds: int, count: int, concurrency: int) -> dict[str, Creation]:
    """Return each way's medians."""
    creations: dict[str, list[Creation]] = {way: [] for way in sdk_many_client.WAYS}
    for number in range(rounds):
        # Whoever goes second finds a warmer machine, so the order alternates.
        for way in sorted(creations, reverse=bool(number % 2)):
            creations[way].append(_create(environment, way, count, concurrency))
            _print(f"round {number + 1}", way, creations[way][-1])
    medians = {}
    for way, each in creations.items():
        rate = statistics.median(creation.rate for creation in each)
        medians[way] = Creation(rate, statistics.median(creation.cpu_seconds for creation in each), ())
        _print("median", way, medians[way])
    return medians


def _create(environment: Environment, way: str, count: int, concurrency: int) -> Creation:
    with start_server(is_measured=False) as server:
        printed = environment.run(
            *("-P", sdk_many_client.__file__, way, str(count), str(concurrency)),
            env={"GALTEA_API_URL": server.url, "GALTEA_API_KEY": server.galtea_key},
            timeout=TIMEOUT_SECONDS,
        )
    found = json.loads(printed)
    samples = tuple((created, kib / 1024) for created, kib in found["samples"])
    return Creation(count / found["seconds"], found["cpu_seconds"] / count, samples)


def _print(when: str, way: str, creation: Creation) -> None:
    print(
        f"{when}: {way:<26} {creation.rate:7.0f} sessions/s, {1e6 * creation.cpu_seconds:5.0f} us of a processor each",
        flush=True,
    )


def _drawing(lines: Mapping[str, Sequence[tuple[int, float]]]) -> str:
    """Draw the memory of each way over the sessions created, as SVG, from 0 MiB on."""
    most = max(created for samples in lines.values() for created, _ in samples)
    highest = 1.2 * max(mib for samples in lines.values() for _, mib in samples)

    def at(created: float, mib: float) -> tuple[float, float]:
        across, up = (WIDTH - 2 * MARGIN) * created / most, (HEIGHT - 2 * MARGIN) * mib / highest
        return round(MARGIN + across, 1), round(HEIGHT - MARGIN - up, 1)

    parts = []
    for part in (0, 0.25, 0.5, 0.75, 1):
        (left, y), (right, _) = at(0, part * highest), at(most, 0)
        parts.append(f'<line x1="{left}" y1="{y}" x2="{right}" y2="{y}" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{part * highest:.0f}</text>')
        x, bottom = at(part * most, 0)
        parts.append(f'<text x="{x}" y="{bottom + 16}" text-anchor="middle">{part * most:,.0f}</text>')
    for (way, samples), colour, row in zip(lines.items(), COLOURS, range(len(lines)), strict=False):
        points = " ".join("{},{}".format(*at(*sample)) for sample in samples)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x, y = MARGIN + 16, HEIGHT - MARGIN - 16 - 16 * row
        parts.append(f'<text x="{x}" y="{y}" fill="{colour}">{way}</text>')
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">',
            "<style>text { font: 12px sans-serif }</style>",
            "<title>Resident memory while many sessions are created</title>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
            f'<text x="{MARGIN}" y="{MARGIN - 24}">resident memory of the client, MiB</text>',
            f'<text x="{WIDTH / 2}" y="{HEIGHT - MARGIN + 36}" text-anchor="middle">sessions created</text>',
            *parts,
            "</svg>\n",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
