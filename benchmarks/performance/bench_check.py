"""`speclock check` beside `schemathesis run`: requests per second, whole time, and which faults of a server each sees.

Both judge evalsessions-server by openapi.yaml, each as it comes, each run on a server of its own with its data in
memory. The time is that of the whole command. A fault counts as seen by speclock when it names the broken rule, and by
schemathesis when it reports any failure that it does not report on the server without a fault.

Run: python -m benchmarks.performance.bench_check [--rounds N] [--faults N]
`--goal 10` makes the exit status 1 when the phase `combinations` does not send so many times the cases of schemathesis
in a second, `--time-goal 0.5` when the whole check takes more than that part of its time.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from tests.quality.server_faults import FAULTS
from tests.support.edited_server import check_server, start_edited_server

if TYPE_CHECKING:
    from tests.quality.server_faults import Fault
    from tests.support.server_process import ServerProcess

__all__ = ["main"]

ROOT = Path(__file__).resolve().parents[2]
SCHEMATHESIS, CHECK, COMBINATIONS = "schemathesis run", "speclock check", "speclock check --phases combinations"
TOOLS = (SCHEMATHESIS, CHECK, COMBINATIONS)

#: One of each kind: a value, a rule, a rule under a condition, a legal request, what an answer means, a credential.
SAMPLE = (
    "a score above 1",
    "production with a test case is accepted",
    "production with a test case is accepted when request.metadata is not None",
    "a long name is refused",
    "the test case's context is forgotten",
    "any key will do",
)


#: What a tool says of a server: the operation, the check, and the rule or the title.
Noted: TypeAlias = tuple[str, str, str | None]


@dataclass(frozen=True, slots=True)
class Ran:
    """One run of one tool."""

    cases: int
    seconds: float
    found: frozenset[Noted]

    @property
    def rate(self) -> float:
        return self.cases / self.seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--faults", type=int, default=len(SAMPLE), help=f"how many are tried, {len(SAMPLE)} at most")
    parser.add_argument("--goal", type=float, default=None, help="the ratio of cases a second to reach")
    parser.add_argument("--time-goal", type=float, default=None, help="the most of schemathesis's time to take")
    options = parser.parse_args()
    if options.rounds < 1:
        parser.error("--rounds: at least one")
    versions = f"schemathesis {version('schemathesis')}, speclock {version('speclock')}"
    print(f"openapi.yaml on evalsessions-server, {versions}, Python {platform.python_version()}")
    runs: dict[str, list[Ran]] = {tool: [] for tool in TOOLS}
    for number in range(options.rounds):
        # Whoever goes second finds a warmer machine, so the order alternates.
        for tool in TOOLS if number % 2 == 0 else reversed(TOOLS):
            ran = _run(tool, None, seed=number + 1)
            runs[tool].append(ran)
            print(f"round {number + 1}: {_line(tool, ran.cases, ran.seconds, ran.rate)}", flush=True)
    for tool in TOOLS:
        cases = statistics.median(ran.cases for ran in runs[tool])
        print(f"median:  {_line(tool, cases, _seconds(runs[tool]), _rate(runs[tool]))}")
    speed = _rate(runs[COMBINATIONS]) / _rate(runs[SCHEMATHESIS])
    part = _seconds(runs[CHECK]) / _seconds(runs[SCHEMATHESIS])
    print(f"ratio:   {speed:.1f} times the cases a second in combinations, {part:.2f} of the time for a whole check")
    known = frozenset[Noted]().union(*(ran.found for ran in runs[SCHEMATHESIS]))
    _compare(SAMPLE[: options.faults], known)
    missed = []
    if options.goal is not None and speed < options.goal:
        missed.append(f"{speed:.1f} times the cases a second, below {options.goal:g}")
    if options.time_goal is not None and part > options.time_goal:
        missed.append(f"{part:.2f} of the time, more than {options.time_goal:g}")
    for line in missed:
        print(f"missed:  {line}")
    return 1 if missed else 0


def _line(tool: str, cases: float, seconds: float, rate: float) -> str:
    return f"{tool:<38} {cases:6.0f} cases  {seconds:6.1f} s  {rate:6.0f} cases/s"


def _rate(runs: list[Ran]) -> float:
    return statistics.median(ran.rate for ran in runs)


def _seconds(runs: list[Ran]) -> float:
    return statistics.median(ran.seconds for ran in runs)


def _compare(names: tuple[str, ...], known: frozenset[Noted]) -> None:
    """Print for each fault which of the two tools sees it."""
    seen = dict.fromkeys((SCHEMATHESIS, CHECK), 0)
    for name in names:
        fault = FAULTS[name]
        told = {
            SCHEMATHESIS: bool(_run(SCHEMATHESIS, fault, seed=1).found - known),
            CHECK: any(_names(fault, *found) for found in _run(CHECK, fault, seed=1).found),
        }
        for tool, is_seen in told.items():
            seen[tool] += is_seen
        answers = ", ".join(
            f"{tool.split()[0]} {'sees it' if is_seen else 'does not'}" for tool, is_seen in told.items()
        )
        print(f"fault:   {name}: {answers}", flush=True)
    for tool, count in seen.items() if names else ():
        print(f"faults:  {tool:<38} {count} of {len(names)} seen")


def _names(fault: Fault, operation: str, check: str, rule: str | None) -> bool:
    return (operation, check) == (fault.operation, fault.check) and fault.rule in {None, rule}


def _run(tool: str, fault: Fault | None, *, seed: int) -> Ran:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with start_edited_server(folder, fault) as server:
            started = time.monotonic()
            if tool == SCHEMATHESIS:
                report = _schemathesis(server, folder, seed)
                seconds = time.monotonic() - started
                failures = {
                    (operation, item["type"], item["title"])
                    for item in report["failures"]
                    for operation in item["operations"]
                }
                return Ran(report["test_cases"]["generated"], seconds, frozenset(failures))
            phases = ("--phases=combinations",) if tool == COMBINATIONS else ()
            _, report = check_server(server, folder / "report.json", f"--seed={seed}", *phases)
            seconds = time.monotonic() - started
            findings = {(item["operation"], item["check"], item["rule"]) for item in report["findings"]}
            return Ran(report["run"]["cases"], seconds, frozenset(findings))


def _schemathesis(server: ServerProcess, folder: Path, seed: int) -> dict[str, Any]:
    """Its report. It runs in an empty folder: what it would remember there of earlier runs is not part of the race."""
    path = folder / "schemathesis.json"
    run = subprocess.run(
        [
            str(Path(sys.executable).with_name("schemathesis")),
            *("run", str(ROOT / "openapi.yaml"), f"--url={server.url}", f"--seed={seed}"),
            *("--header", f"Authorization: Bearer {server.galtea_key}"),
            *("--header", f"Galileo-API-Key: {server.galileo_key}", f"--report-json-path={path}"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode not in {0, 1} or not path.is_file():
        raise RuntimeError(f"schemathesis ended with {run.returncode}: {run.stdout[-2000:]}{run.stderr[-2000:]}")
    report: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return report


if __name__ == "__main__":
    sys.exit(main())
