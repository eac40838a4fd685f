"""The accuracy of `speclock diff` and of `redocly diff` on the same table of single edits, in both directions.

The table (`tests/support/contract_edits.py`, and a reviewer's in `tests/support/reviewed_edits.py`) says by hand what
each edit does to senders and to readers. Both tools are asked for the bump that it owes: major when it breaks anybody,
minor when it is compatible, patch or none when it means the same. redocly runs with its own `diff-recommended` rules.

Run: python -m benchmarks.changes.run [--only TEXT] [--out FILE.json] [--page FILE.md]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from speclock.core.contract import load_contract
from speclock.diff.changes import Audience
from speclock.diff.comparison import compare
from speclock.reporting.changes.grouping import ORDER
from tests.support.contract_edits import EDITS, Edit
from tests.support.reviewed_edits import OPEN, REVIEWED

if TYPE_CHECKING:
    from speclock.diff.changes import Comparison

__all__ = ["main"]

ROOT = Path(__file__).resolve().parents[2]
REDOCLY = ROOT / "node_modules/.bin/redocly"
PAGE = ROOT / "docs/reference/contract-changes.md"
MARK = "<!-- measured: python -m benchmarks.changes.run -->"
#: redocly leaves changes without a verdict unless rules are asked for.
RULES = "extends: [diff-recommended]\n"
SAME = frozenset({"patch", "none"})
#: Without those that are rightly undecided: there is no bump that both tools could be asked for.
TABLE = tuple(edit for edit in (*EDITS, *REVIEWED, *OPEN) if "U" not in {*edit.forward, *edit.backward})


@dataclass(frozen=True, slots=True)
class Row:
    """One edit in one direction."""

    name: str
    direction: str
    expected: str
    speclock: str
    redocly: str
    #: Whether speclock's verdicts for senders and readers are the expected ones too.
    both: bool


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="edits with this in their name")
    parser.add_argument("--out", type=Path, default=None, help="where to write the rows, as JSON")
    parser.add_argument("--page", type=Path, default=None, help="the page whose measured part is rewritten")
    options = parser.parse_args()
    if not REDOCLY.exists():
        parser.error(f"{REDOCLY.relative_to(ROOT)} is missing: `npm ci` installs it from package-lock.json")
    rows = []
    edits = [edit for edit in TABLE if options.only in edit.name]
    with ThreadPoolExecutor(4) as pool:  # most of redocly's time goes into its start
        for row in (row for listed in pool.map(_rows, edits) for row in listed):
            rows.append(row)
            print(f"{row.name:<48} {row.direction:<8} {row.expected:<6} {row.speclock:<6} {row.redocly}", flush=True)
    print(_summary(rows))
    if options.out is not None:
        options.out.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")
    if options.page is not None:
        head = options.page.read_text().partition(MARK)[0]
        options.page.write_text(f"{head}{MARK}\n\n{_page(rows)}")
    return 0


def _rows(edit: Edit) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        before, after = (Path(folder, name) for name in ("before.json", "after.json"))
        for path, document in zip((before, after), edit.documents(), strict=True):
            path.write_text(json.dumps(document, indent=1))
        Path(folder, "redocly.yaml").write_text(RULES)
        found = []
        for direction, old, new, expected in (
            ("made", before, after, edit.forward),
            ("undone", after, before, edit.backward),
        ):
            comparison = compare(load_contract(old), load_contract(new))
            verdicts = tuple(_worst(comparison, audience) for audience in Audience)
            config = f"--config={Path(folder, 'redocly.yaml')}"
            other = _json(str(REDOCLY), "diff", old, new, "--format=json", "--fail-on=none", config)
            found.append(
                Row(
                    edit.name,
                    direction,
                    _bump(expected),
                    comparison.bump.word,
                    str(other.get("bump") or "none"),
                    verdicts == expected,
                )
            )
    return found


def _json(*command: object) -> dict[str, Any]:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, cwd=ROOT)
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise SystemExit(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()}") from None
    return report


def _worst(comparison: Comparison, audience: Audience) -> str:
    kinds = {change.verdict for change in comparison.changes if change.audience is audience}
    return next((kind.value[0].upper() for kind in ORDER if kind in kinds), "-")


def _bump(expected: tuple[str, str]) -> str:
    return "major" if "B" in expected else "minor" if "C" in expected else "none"


def _is_right(expected: str, got: str) -> bool:
    return got == expected or (expected in SAME and got in SAME)


def _counts(rows: list[Row], tool: str) -> tuple[int, int, int, int]:
    """Right, breaking ones that were missed, harmless ones called major, and the rest."""
    pairs = [(row.expected, str(getattr(row, tool))) for row in rows]
    right = sum(_is_right(*pair) for pair in pairs)
    missed = sum(expected == "major" != got for expected, got in pairs)
    alarms = sum(got == "major" != expected for expected, got in pairs)
    return right, missed, alarms, len(rows) - right - missed - alarms


def _summary(rows: list[Row]) -> str:
    lines = [f"{len(rows)} comparisons of {len(rows) // 2} edits"]
    for tool in ("speclock", "redocly"):
        right, missed, alarms, rest = _counts(rows, tool)
        lines.append(
            f"{tool}: {right} right, {missed} breaking missed, {alarms} called major, {rest} minor or none mixed up"
        )
    lines.append(f"speclock, for senders and for readers apart: {sum(row.both for row in rows)} right")
    return "\n".join(lines)


def _page(rows: list[Row]) -> str:
    lines = [
        f"{len(rows) // 2} edits, each made and undone: {len(rows)} comparisons.",
        "",
        "| | right | breaking, and missed | harmless, and called major | minor and none mixed up |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for tool, shown in (("speclock", "`speclock diff`"), ("redocly", "`redocly diff`")):
        right, missed, alarms, rest = _counts(rows, tool)
        lines.append(f"| {shown} | {right} ({right / len(rows):.0%}) | {missed} | {alarms} | {rest} |")
    apart = sum(row.both for row in rows)
    lines += [
        "",
        f"Told apart for senders and for readers, {apart} of {len(rows)} verdicts of `speclock diff` are the",
        "expected ones; redocly does not tell the two apart.",
        "",
        "| edit | | owed | `speclock diff` | `redocly diff` |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        ours, theirs = (got if _is_right(row.expected, got) else f"**{got}**" for got in (row.speclock, row.redocly))
        lines.append(f"| {row.name} | {row.direction} | {row.expected} | {ours} | {theirs} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
