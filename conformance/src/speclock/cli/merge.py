"""`speclock merge`: the reports of all shards of a run as one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from speclock.cli.reports import report_paths, write_all
from speclock.core.errors import UsageError
from speclock.reporting.merging import merge_reports, read_report

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["run"]


def run(shards: tuple[Path, ...], reports: tuple[str, ...]) -> int:
    """Merge; the exit status that the run would have had in one piece.

    Raises:
        UsageError: they cannot be read, or are not all shards of one run.
    """
    paths = report_paths(reports)
    if not shards:
        raise UsageError("give the reports of all shards, such as shard-1.json shard-2.json")
    merged = merge_reports([(str(path), read_report(path)) for path in shards])
    findings, run_ = merged["findings"], merged["run"]
    for finding in findings:
        place = finding["location"]
        sys.stdout.write(f"{finding['title']} ({finding['count']}x)\n")
        sys.stdout.write(f"  {finding['message']}\n  promised at {place['file']}:{place['line']}:{place['column']}\n")
        if finding["curl"]:
            sys.stdout.write(f"  {finding['curl']}\n")
    sys.stdout.write(f"{len(findings)} findings, {run_['cases']} cases of {len(shards)} shards\n")
    fatal = [error["message"] for error in merged["errors"] if error["kind"] == "fatal"]
    for text in fatal:
        sys.stderr.write(f"speclock: {text}\n")
    status = 1 if findings else 2 if fatal else 0
    return status if write_all(paths, merged) else status or 2
