"""Seconds and memory to plan all requests of GitHub's REST document and of other real ones, and how both grow.

`speclock rules` makes the whole plan without a server, in a process of its own for each document. The growth is that of
GitHub's document with the first eighth, quarter ... of its paths and everything that they share.

Run: python -m benchmarks.performance.bench_planning [--only NAME]... [--plot FILE.svg]
`--goal 60` makes the exit status 1 when GitHub's document takes more seconds, `--memory-goal 2` when it takes more GiB.
"""

from __future__ import annotations

import argparse
import itertools
import json
import platform
import statistics
import sys
import tempfile
from pathlib import Path

from tests.support.real_documents import DOCUMENTS, GITHUB, Planning, missing, plan

__all__ = ["main"]

PARTS = (1 / 8, 1 / 4, 1 / 2, 3 / 4, 1)
GITHUB_NAME = "github"
#: Of the plot, in pixels: the whole, and what is left free around the drawing.
WIDTH, HEIGHT, MARGIN = 560, 320, 56


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = (*DOCUMENTS, GITHUB_NAME)
    parser.add_argument("--only", choices=names, action="append", help="this document; may be repeated")
    parser.add_argument("--plot", type=Path, default=None, help="where to draw the growth, as SVG")
    parser.add_argument("--goal", type=float, default=None, help="the most seconds for GitHub's document")
    parser.add_argument("--memory-goal", type=float, default=None, help="the most GiB for GitHub's document")
    options = parser.parse_args()
    chosen = options.only or names
    absent = list(filter(None, map(missing, (GITHUB, *DOCUMENTS.values()))))
    if absent:
        parser.error(absent[0])
    print(f"`speclock rules`, Python {platform.python_version()}")
    for name in DOCUMENTS:
        if name in chosen:
            _print(name, plan(DOCUMENTS[name]))
    if GITHUB_NAME not in chosen:
        return 0
    growth = _growth()
    _fit(growth, options.plot)
    whole, missed = growth[-1], []
    if options.goal is not None and whole.seconds > options.goal:
        missed.append(f"{whole.seconds:.0f} s for GitHub's document, more than {options.goal:g}")
    if options.memory_goal is not None and whole.peak_mib > 1024 * options.memory_goal:
        missed.append(f"{whole.peak_mib / 1024:.2f} GiB for GitHub's document, more than {options.memory_goal:g}")
    for line in missed:
        print(f"missed: {line}")
    return 1 if missed else 0


def _print(name: str, planning: Planning) -> None:
    print(
        f"{name:<16} {planning.operations:5} operations {planning.constraints:6} constraints {planning.cases:7} cases "
        f"{planning.unsupported:4} parts not supported {planning.seconds:7.1f} s ({planning.cpu_seconds:.1f} s of a "
        f"processor) {planning.peak_mib:6.0f} MiB",
        flush=True,
    )


def _growth() -> list[Planning]:
    """Plan growing parts of GitHub's document, the whole of it last."""
    document = json.loads(GITHUB.read_text("utf-8"))
    paths = document["paths"]
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for part in PARTS:
            file = GITHUB
            if part < 1:
                file = Path(folder, "part.json")
                first = dict(itertools.islice(paths.items(), round(part * len(paths))))
                file.write_text(json.dumps({**document, "paths": first}), "utf-8")
            found.append(plan(file))
            _print(f"{GITHUB_NAME}, {100 * part:g} %", found[-1])
    return found


def _fit(growth: list[Planning], plot: Path | None) -> None:
    """Lay a line through the seconds of a processor, which a busy machine changes least, and draw it."""
    operations, seconds = [item.operations for item in growth], [item.cpu_seconds for item in growth]
    slope, intercept = statistics.linear_regression(operations, seconds)
    r_squared = statistics.correlation(operations, seconds) ** 2
    text = f"{intercept:.1f} s + {1000 * slope:.1f} ms for each operation, R² {r_squared:.3f}"
    print(f"growth: {text}")
    memory = statistics.linear_regression(operations, [item.peak_mib for item in growth])
    print(f"growth: {memory.intercept:.0f} MiB + {1024 * memory.slope:.0f} KiB for each operation")
    if plot is not None:
        plot.write_text(_drawing(operations, seconds, (slope, intercept), text), "utf-8")


def _drawing(operations: list[int], seconds: list[float], line: tuple[float, float], text: str) -> str:
    """The measured points and the line through them, as SVG."""
    slope, intercept = line
    most, longest = max(operations), max(*seconds, slope * max(operations) + intercept)

    def at(count: float, time: float) -> tuple[float, float]:
        across, up = (WIDTH - 2 * MARGIN) * count / most, (HEIGHT - 2 * MARGIN) * time / longest
        return round(MARGIN + across, 1), round(HEIGHT - MARGIN - up, 1)

    def stroke(start: tuple[float, float], end: tuple[float, float], color: str) -> str:
        (x1, y1), (x2, y2) = at(*start), at(*end)
        return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{color}"/>'

    points = [at(*point) for point in zip(operations, seconds, strict=True)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">',
            "<style>text { font: 12px sans-serif }</style>",
            "<title>Seconds to plan parts of GitHub's REST document</title>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
            stroke((0, 0), (most, 0), "black"),
            stroke((0, 0), (0, longest), "black"),
            stroke((0, intercept), (most, slope * most + intercept), "steelblue"),
            *(f'<circle cx="{x}" cy="{y}" r="4" fill="firebrick"/>' for x, y in points),
            *(
                f'<text x="{x}" y="{HEIGHT - MARGIN + 16}" text-anchor="middle">{count}</text>'
                for (x, _), count in zip(points, operations, strict=True)
            ),
            *(
                f'<text x="{MARGIN - 8}" y="{y + 4}" text-anchor="end">{time:.0f}</text>'
                for (_, y), time in zip(points, seconds, strict=True)
            ),
            f'<text x="{WIDTH / 2}" y="{HEIGHT - MARGIN + 36}" text-anchor="middle">operations</text>',
            f'<text x="{MARGIN}" y="{MARGIN - 24}">seconds of a processor: {text}</text>',
            "</svg>\n",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
