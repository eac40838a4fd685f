"""What a benchmark run yields: one line for each run of a tool, kept as JSON, and what can be said of many lines."""

from __future__ import annotations

import json
import math
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["RESULTS", "RIGHT", "Rate", "Results", "Run", "load", "median", "rate", "save"]

RESULTS = Path(__file__).with_name("results.json")
#: The kind of a run on a server without a fault.
RIGHT = "right server"
#: Of the normal distribution: 95 % lie within so many standard deviations.
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Run:
    """A tool with a seed on one document and one server."""

    tool: str
    pattern: str
    encoding: str
    seed: int
    kind: str
    fault: str
    requests: int
    seconds: float
    shown: int | None = None
    """The number of the first request that a right server answers otherwise."""
    shown_seconds: float | None = None
    """When that was, from the start of the command."""
    found: tuple[str, ...] = ()
    """On a right server all that was reported; else what was not reported there."""
    booked: bool = False
    """Not made: no request of the run on the right server would show the fault."""
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """All runs of a benchmark."""

    versions: dict[str, str]
    seeds: int
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of how many, and Wilson's 95 % interval of the part."""

    count: int
    total: int

    @property
    def interval(self) -> tuple[float, float]:
        part, total = self.count / self.total, self.total
        middle = part + _Z**2 / (2 * total)
        spread = _Z * math.sqrt(part * (1 - part) / total + _Z**2 / (4 * total**2))
        low, high = ((middle + sign * spread) / (1 + _Z**2 / total) for sign in (-1, 1))
        return max(low, 0.0), min(high, 1.0)


def rate(runs: Iterable[Run]) -> Rate | None:
    """The part of runs that found something; None of no run that could be made."""
    made = [run for run in runs if run.error is None]
    return Rate(sum(bool(run.found) for run in made), len(made)) if made else None


def median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def save(results: Results, path: Path) -> None:
    """Write one run a line, with what is not there left out."""
    kept = (
        {key: value for key, value in asdict(run).items() if value is not None and value is not False and value != ()}
        for run in results.runs
    )
    lines = ",\n".join(json.dumps(run) for run in kept)
    head = json.dumps({"versions": results.versions, "seeds": results.seeds})
    path.write_text(f'{head[:-1]}, "runs": [\n{lines}\n]}}\n', "utf-8")


def load(path: Path) -> Results:
    """Read what `save` wrote."""
    read = json.loads(path.read_text("utf-8"))
    runs = tuple(Run(**{**run, "found": tuple(run.get("found", ()))}) for run in read["runs"])
    return Results(read["versions"], read["seeds"], runs)
