"""Which faults of small servers does each tool notice, how soon, and does it blame a right server?

Every document (a pattern in one encoding) is judged by each tool with each seed, first on a right server. Equal answers
get equal requests from a tool with a seed, so a fault that no request of that run would show cannot be noticed: it is
booked as survived, and one in ten of these runs is made all the same.

Run: python -m benchmarks.effectiveness.run [--seeds N] [--patterns A,B] [--jobs 2] [--out FILE] [--specmatic JAR]
then `python -m benchmarks.effectiveness.render` writes what it showed into the docs. The exit status is 2 when a tool
could not do its work.
"""

from __future__ import annotations

import argparse
import itertools
import platform
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

from benchmarks.effectiveness import wide
from benchmarks.effectiveness.faults import ELSEWHERE, faults
from benchmarks.effectiveness.patterns import PATTERNS, document
from benchmarks.effectiveness.results import RESULTS, RIGHT, Results, Run, save
from benchmarks.effectiveness.server import Subject, serving
from benchmarks.effectiveness.tools import TOOLS, ToolError, specmatic

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.effectiveness.faults import Fault
    from benchmarks.effectiveness.patterns import Encoding, Json, Pattern
    from benchmarks.effectiveness.tools import Tool

__all__ = ["main"]

T = TypeVar("T")

#: Of the runs that would show nothing, one in so many is made all the same.
AUDITED = 10


@dataclass(frozen=True, slots=True)
class Job:
    """A tool with a seed on one document: a right server first, then each fault."""

    tool: Tool
    pattern: Pattern
    encoding: Encoding
    seed: int
    faults: tuple[Fault, ...]
    more: dict[str, Json] | None = None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    patterns = {pattern.name: pattern for pattern in PATTERNS}
    parser.add_argument(
        "--seeds", type=int, default=3, help="how many; slow tools take the first, and one encoding of a pattern"
    )
    parser.add_argument("--patterns", default=",".join(patterns), help=f"of {', '.join(patterns)}")
    parser.add_argument("--tools", default=None, help=f"of {', '.join(tool.name for tool in TOOLS)}, specmatic")
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where the results go, as JSON")
    parser.add_argument("--specmatic", type=Path, default=None, help="Specmatic's jar, to run that as well")
    options = parser.parse_args()
    if options.seeds < 1 or options.jobs < 1:
        parser.error("--seeds and --jobs: at least one")
    if options.specmatic is not None and not options.specmatic.is_file():
        parser.error(f"--specmatic: no such file: {options.specmatic}")
    if not options.out.absolute().parent.is_dir():
        parser.error(f"--out: no such folder: {options.out.parent}")
    tools = {tool.name: tool for tool in (*TOOLS, *([specmatic(options.specmatic)] if options.specmatic else []))}
    jobs = _jobs(
        _chosen(parser, "--patterns", options.patterns, patterns),
        _chosen(parser, "--tools", options.tools or ",".join(tools), tools),
        options.seeds,
    )
    runs = _all(jobs, options.jobs)
    versions = {name: version(name) for name in ("speclock", "schemathesis")} | {"Python": platform.python_version()}
    save(Results(versions, options.seeds, runs), options.out)
    errors = [run.error for run in runs if run.error is not None]
    for line in errors:
        print(line, file=sys.stderr)
    return 2 if errors else 0


def _chosen(parser: argparse.ArgumentParser, option: str, text: str, known: dict[str, T]) -> list[T]:
    names = text.split(",")
    if unknown := set(names) - known.keys():
        parser.error(f"{option}: not known: {', '.join(sorted(unknown))}; known are {', '.join(known)}")
    return [value for name, value in known.items() if name in names]


def _jobs(patterns: Sequence[Pattern], tools: Sequence[Tool], seeds: int) -> list[Job]:
    """All that is to be done, the slow things first, so that no slow one is left for the end."""
    found = []
    for tool in tools:
        numbers = range(1, (1 if tool.is_slow else seeds) + 1)
        for pattern, seed in itertools.product(patterns, numbers):
            for turn, encoding in enumerate(pattern.encodings[:1] if tool.is_slow else pattern.encodings):
                found.append(Job(tool, pattern, encoding, seed, faults(pattern, PATTERNS.index(pattern) + turn + seed)))
        if PATTERNS[0] in patterns and not tool.is_slow:
            first = PATTERNS[0]
            found.append(Job(tool, first, first.encodings[0], numbers[0], ELSEWHERE, wide.PATHS))
    return sorted(found, key=lambda job: (not job.tool.is_slow, job.more is None))


def _all(jobs: Sequence[Job], workers: int) -> tuple[Run, ...]:
    """Do all jobs, and show on a terminal how far they are."""
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("runs", total=sum(1 + len(job.faults) for job in jobs))
        with ThreadPoolExecutor(workers) as pool:
            return tuple(itertools.chain(*pool.map(lambda job: _do(job, lambda: progress.advance(task)), jobs)))


def _do(job: Job, advance: Callable[[], None]) -> list[Run]:
    right, bodies = _run(job, None)
    advance()
    runs = [right]
    for fault in job.faults:
        probe = Subject(job.pattern, fault)
        # What is elsewhere shows in more than bodies.
        is_dull = job.more is None and not any(probe.shows(body) for body in bodies)
        if right.error is not None or (is_dull and not _is_audited(job, fault)):
            runs.append(replace(right, kind=fault.kind.value, fault=fault.name, found=(), booked=True))
        else:
            run, _ = _run(job, fault)
            runs.append(replace(run, found=tuple(sorted(set(run.found) - set(right.found)))))
        advance()
    return runs


def _is_audited(job: Job, fault: Fault) -> bool:
    """One in ten, the same ones each time."""
    name = f"{job.tool.name} {job.pattern.name} {job.encoding.name} {job.seed} {fault.name}"
    return zlib.crc32(name.encode()) % AUDITED == 0


def _run(job: Job, fault: Fault | None) -> tuple[Run, list[Json]]:
    """One run, and the bodies that were sent in it."""
    subject = Subject(job.pattern, fault)
    kind, name = (fault.kind.value, fault.name) if fault else (RIGHT, "")
    encoding = f"{job.encoding.name}, wide" if job.more else job.encoding.name
    run = Run(job.tool.name, job.pattern.name, encoding, job.seed, kind, name, 0, 0.0)
    with serving(subject) as url:
        try:
            report = job.tool.run(document(job.pattern, job.encoding, more=job.more), url, job.seed)
        except ToolError as problem:
            return replace(run, error=str(problem)), []
    return replace(
        run,
        requests=subject.requests,
        seconds=round(report.ended - report.began, 1),
        shown=subject.first_wrong,
        shown_seconds=round(subject.first_wrong_at - report.began, 1) if subject.first_wrong_at else None,
        found=tuple(sorted(report.found)),
    ), subject.bodies


if __name__ == "__main__":
    sys.exit(main())
