"""The JSON report of a comparison.

{"bump": "major" | "minor" | "patch" | "none", "paid": <whether info.version pays for it>,
 "changes": [{"for": "senders" | "readers", "kind": "breaking" | "compatible" | "undecided",
              "operation", "what", "witness", "old": {file, line, column, pointer}, "new": {...}}]}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from speclock.reporting.report import Report, location_of

if TYPE_CHECKING:
    from speclock.diff.changes import Comparison

__all__ = ["changes_report"]


def changes_report(comparison: Comparison) -> Report:
    """The report."""
    return {
        "bump": comparison.bump.word,
        "paid": comparison.paid,
        "changes": [
            {
                "for": change.audience.value,
                "kind": change.verdict.value,
                "operation": change.operation,
                "what": change.what,
                "witness": change.witness,
                "old": location_of(change.old),
                "new": location_of(change.new),
            }
            for change in comparison.changes
        ],
    }
