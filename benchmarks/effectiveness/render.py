"""The tables and the plot of docs/reference/effectiveness.md, made of the results; the words around them are by hand.

Run: python -m benchmarks.effectiveness.render [RESULTS]
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.effectiveness.faults import ELSEWHERE, FaultKind
from benchmarks.effectiveness.patterns import PATTERNS
from benchmarks.effectiveness.plot import plot
from benchmarks.effectiveness.results import RESULTS, RIGHT, load, median, rate
from benchmarks.effectiveness.tools import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from benchmarks.effectiveness.results import Rate, Results, Run

__all__ = ["BEGIN", "END", "PAGE", "PLOT", "main", "tables"]

DOCS = Path(__file__).resolve().parents[2] / "docs" / "reference"
PAGE, PLOT = DOCS / "effectiveness.md", DOCS / "effectiveness.svg"
BEGIN, END = "<!-- written by benchmarks.effectiveness.render: begin -->", "<!-- end -->"
KINDS = tuple(kind for kind in FaultKind if kind is not FaultKind.ELSEWHERE)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path, nargs="?", default=RESULTS)
    options = parser.parse_args()
    try:
        results = load(options.results)
    except (OSError, ValueError, TypeError, KeyError) as problem:
        parser.error(f"{options.results}: no results of this benchmark: {problem}")
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{tables(results)}\n{END}{rest.partition(END)[2]}", "utf-8")
    PLOT.write_text(plot(results, KINDS), "utf-8")
    return 0


def tables(results: Results) -> str:
    """All tables, as markdown."""
    # The wide document is about what is elsewhere, and is not counted among those of the patterns.
    runs = [run for run in results.runs if not run.encoding.endswith(", wide")]
    wide = [run for run in results.runs if run.encoding.endswith(", wide")]
    names = [name for name in WORDS if any(run.tool == name for run in runs)]
    booked = sum(run.booked for run in runs)
    versions = ", ".join(f"{name} {number}" for name, number in results.versions.items())
    parts = [
        f"{versions}; seeds: {results.seeds}; {len(results.runs)} runs, {booked} of them booked.",
        "### Faults noticed\n\n" + _kinds(runs, names),
        "### The rule dropped, by pattern\n\n" + _patterns(runs, names),
        "### The right servers\n\n" + _right(runs, wide, names),
    ]
    if wide:
        parts.append(
            "### Elsewhere\n\n" + _elsewhere(wide, [name for name in names if any(r.tool == name for r in wide)])
        )
    return "\n\n".join(parts)


def _kinds(runs: Sequence[Run], names: Sequence[str]) -> str:
    head = (
        *("fault", "tool", "noticed", "95 % interval", "shown, not noticed"),
        *("requests to it", "of", "seconds to it", "of"),
    )
    rows = []
    for kind in KINDS:
        for name in names:
            of = [run for run in runs if run.kind == kind and run.tool == name]
            seen = [run for run in of if run.found]
            made = [run for run in of if not run.booked]
            found = rate(of)
            missed = sum(run.shown is not None and not run.found for run in made)
            rows.append(
                (
                    *(kind.value, WORDS[name], _part(found), _interval(found), str(missed or "")),
                    *(_number(median(run.shown for run in seen)), _number(median(run.requests for run in of))),
                    *(_number(median(run.shown_seconds for run in seen)), _number(median(run.seconds for run in of))),
                )
            )
    return _table(head, rows)


def _patterns(runs: Sequence[Run], names: Sequence[str]) -> str:
    rows = [
        (
            pattern.name,
            str(len(pattern.encodings)),
            *(_part(rate(_of(runs, name, FaultKind.DROPPED, pattern.name))) for name in names),
        )
        for pattern in PATTERNS
    ]
    return _table(("pattern", "encodings", *(WORDS[name] for name in names)), rows)


def _of(runs: Iterable[Run], tool: str, kind: str, pattern: str) -> list[Run]:
    return [run for run in runs if (run.tool, run.kind, run.pattern) == (tool, kind, pattern)]


def _right(runs: Sequence[Run], wide: Sequence[Run], names: Sequence[str]) -> str:
    """How often each tool blames a right server, and for what."""
    rows = []
    for name in names:
        right = [run for run in runs if run.tool == name and run.kind == RIGHT]
        widely = [run for run in wide if run.tool == name and run.kind == RIGHT]
        blamed = Counter(
            f"{what} ({run.pattern}, {run.encoding})"
            for run in (*right, *widely)
            for what in set(map(_brief, run.found))
        )
        words = "; ".join(f"{what}: {count}" for what, count in blamed.most_common(6))
        rows.append((WORDS[name], _part(rate(right)), _interval(rate(right)), _part(rate(widely)), words))
    return _table(("tool", "blamed", "95 % interval", "blamed on the wide document", "for"), rows)


def _elsewhere(wide: Sequence[Run], names: Sequence[str]) -> str:
    rows = [
        (
            fault.name,
            *(_part(rate(run for run in wide if (run.tool, run.fault) == (name, fault.name))) for name in names),
        )
        for fault in ELSEWHERE
    ]
    return _table(("fault", *(WORDS[name] for name in names)), rows)


def _brief(found: str) -> str:
    """What a tool reports, without the names of its own that Specmatic puts before it and the values it puts behind."""
    return " ".join(found.rpartition(" > ")[2].partition(" with a request where")[0].split())


def _part(found: Rate | None) -> str:
    return f"{found.count} of {found.total}" if found else ""


def _interval(found: Rate | None) -> str:
    return "{:.0f}-{:.0f} %".format(*(100 * end for end in found.interval)) if found else ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}" if value >= 10 else f"{value:.2g}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


if __name__ == "__main__":
    sys.exit(main())
