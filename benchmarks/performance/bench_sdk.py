"""Import, first call and processor time per call of evalsessions beside raw httpx, its generated client and other SDKs.

An import and a first call (make the client, create one session, close) are whole processes, timed from outside. `call`
is the processor time of the client's process alone, over many calls on one kept-alive connection. All speak HTTP to one
evalsessions-server on this machine; HTTPS is not measured. Ours, httpx and pyreqwest share an environment made anew;
galtea and galileo have environments of their own, of pins/. `bench_sdk_many` measures `create_many`.

Run: python -m benchmarks.performance.bench_sdk [--only MEASURE]... [--rounds N] [--calls N] [--environments FOLDER]
`--goals` makes the exit status 1 when a ratio of medians misses its goal.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.performance.environments import FOLDER, Environment, ours, vendor
from benchmarks.performance.sdk_programs import IMPORTS, PROGRAMS
from tests.support.server_process import start_server

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.performance.sdk_programs import Place, Program
    from tests.support.server_process import ServerProcess

__all__ = ["main"]

#: Calls before the measured ones: by then everything is imported and the connection is open.
WARM_UP = 200


@dataclass(frozen=True, slots=True)
class Goal:
    """The most that a subject may cost, as a part of what the one beside it costs."""

    measure: str
    subject: str
    beside: str
    most: float


GOALS = (
    Goal("import", "evalsessions", "httpx", 0.4),
    Goal("import", "evalsessions", "galileo", 0.1),
    Goal("first call", "evalsessions", "raw httpx", 1.1),
    Goal("call", "evalsessions", "raw httpx", 1.2),
    Goal("call", "evalsessions, fast", "raw httpx", 0.8),
    Goal("call", "evalsessions", "galtea", 1),
    Goal("call", "evalsessions, fast", "galtea", 1),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("import", "first call", "call"), action="append", help="may be repeated")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--calls", type=int, default=2000, help="of each client in each round of `call`")
    parser.add_argument("--environments", type=Path, default=FOLDER, help="where to make the environments")
    parser.add_argument("--goals", action="store_true", help="fail when one is missed")
    options = parser.parse_args()
    places: dict[Place, Environment] = {
        "ours": ours(options.environments),
        "galtea": vendor(options.environments, "galtea"),
        "galileo": vendor(options.environments, "galileo"),
    }
    print(f"Python {platform.python_version()}, {options.rounds} rounds in turn", flush=True)
    with start_server(is_measured=False) as server:
        measures: dict[str, Callable[[], dict[str, float]]] = {
            "import": lambda: _rounds("import", _imports(places), options.rounds, unit="ms"),
            "first call": lambda: _rounds("first call", _first_calls(places, server), options.rounds, unit="ms"),
            "call": lambda: _rounds("call", _calls(places, server, options.calls), options.rounds, unit="us"),
        }
        medians = {name: measure() for name, measure in measures.items() if name in (options.only or measures)}
    missed = _judge(medians)
    return 1 if missed and options.goals else 0


def _imports(places: Mapping[Place, Environment]) -> dict[str, Callable[[], float]]:
    return {name: _process(places[place], statement, {}) for name, (place, statement) in IMPORTS.items()}


def _first_calls(places: Mapping[Place, Environment], server: ServerProcess) -> dict[str, Callable[[], float]]:
    return {
        name: _process(places[program.place], program.once, _reached(server), is_call=True)
        for name, program in PROGRAMS.items()
    }


def _process(environment: Environment, code: str, env: dict[str, str], *, is_call: bool = False) -> Callable[[], float]:
    """Return what runs a whole process and tells its seconds."""

    def run() -> float:
        started = time.perf_counter()
        printed = environment.run("-c", code, env=env)
        seconds = time.perf_counter() - started
        if is_call:
            _created(printed)
        return seconds

    return run


def _calls(places: Mapping[Place, Environment], server: ServerProcess, calls: int) -> dict[str, Callable[[], float]]:
    def measured(program: Program) -> Callable[[], float]:
        code = program.often(warm_up=WARM_UP, calls=calls)

        def run() -> float:
            (seconds,) = _created(places[program.place].run("-c", code, env=_reached(server)))
            return float(seconds) / calls

        return run

    return {name: measured(program) for name, program in PROGRAMS.items()}


def _created(printed: str) -> list[str]:
    """Return what follows the id of the created session; galtea prints lines of its own before.

    Raises:
        RuntimeError: there is no id.
    """
    created, *rest = printed.splitlines()[-1].split()
    if not created.startswith("ses_"):
        raise RuntimeError(f"no session was created: {printed!r}")
    return rest


def _reached(server: ServerProcess) -> dict[str, str]:
    return {"GALTEA_API_URL": server.url, "GALTEA_API_KEY": server.galtea_key}


def _rounds(measure: str, subjects: dict[str, Callable[[], float]], rounds: int, *, unit: str) -> dict[str, float]:
    """Measure each subject once in each round, after a round that only warms the machine; print and return medians."""
    scale = {"ms": 1e3, "us": 1e6}[unit]
    seconds: dict[str, list[float]] = {name: [] for name in subjects}
    for number in range(rounds + 1):
        # Whoever goes second finds a warmer machine, so the order alternates.
        for name in sorted(subjects, reverse=bool(number % 2)):
            taken = subjects[name]()
            if number:
                seconds[name].append(taken)
    for name, taken_each in seconds.items():
        median = statistics.median(taken_each)
        print(
            f"{measure}: {name:<30} median {scale * median:7.0f} {unit}, {scale * min(taken_each):.0f} "
            f"to {scale * max(taken_each):.0f}",
            flush=True,
        )
    return {name: statistics.median(taken_each) for name, taken_each in seconds.items()}


def _judge(medians: Mapping[str, Mapping[str, float]]) -> bool:
    """Print the ratio that each goal is about, and return whether one is missed."""
    missed = False
    for goal in GOALS:
        if goal.measure not in medians:
            continue
        ratio = medians[goal.measure][goal.subject] / medians[goal.measure][goal.beside]
        verdict = "reached" if ratio <= goal.most else "missed"
        missed |= ratio > goal.most
        print(f"ratio:  {goal.measure}, {goal.subject} / {goal.beside}: {ratio:.3f} (goal {goal.most:g}: {verdict})")
    return missed


if __name__ == "__main__":
    sys.exit(main())
