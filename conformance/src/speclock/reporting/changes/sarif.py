"""A comparison as SARIF 2.1.0: each change on its line of the new contract, beside the line of the old one."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from speclock.diff.changes import Audience, Verdict
from speclock.reporting.changes.grouping import ORDER, grouped, headline, witness_text
from speclock.reporting.report import location_of
from speclock.reporting.sarif import document, location, tool

if TYPE_CHECKING:
    from speclock.diff.changes import Comparison
    from speclock.reporting.changes.grouping import Group
    from speclock.reporting.report import Report

__all__ = ["render"]

_LEVELS = {Verdict.BREAKING: "error", Verdict.UNDECIDED: "warning", Verdict.COMPATIBLE: "note"}
_SAID = {
    Verdict.BREAKING: "what was right for {} no longer is",
    Verdict.UNDECIDED: "neither a witness nor a proof was found of what it does to {}",
    Verdict.COMPATIBLE: "{} who kept to the old contract keep to the new one",
}


def render(comparison: Comparison) -> str:
    """The JSON text."""
    groups = [
        group for verdict in ORDER for audience in Audience for group in grouped(comparison.changes, audience, verdict)
    ]
    names = list(dict.fromkeys(map(_rule, groups)))
    rules: list[Report] = []
    for name in names:
        verdict, _, audience = name.partition("-for-")
        rules.append(
            {
                "id": name,
                "name": name,
                "shortDescription": {"text": _SAID[Verdict(verdict)].format(audience)},
                "defaultConfiguration": {"level": _LEVELS[Verdict(verdict)]},
            }
        )
    return document(
        {
            "tool": tool(rules),
            "results": [_result(group, names) for group in groups],
            "invocations": [
                {
                    "executionSuccessful": True,
                    "toolExecutionNotifications": [
                        {"level": "warning", "message": {"text": text}} for text in comparison.flaws
                    ],
                }
            ],
            "columnKind": "unicodeCodePoints",
            "properties": {"summary": headline(comparison)},
        }
    )


def _result(group: Group, names: list[str]) -> Report:
    change = group.first
    text = witness_text(change)
    shown = f" Shown by: {text}" if text else ""
    key = "\n".join((change.audience, change.words, change.old.pointer, change.new.pointer, change.operation))
    return {
        "ruleId": _rule(group),
        "ruleIndex": names.index(_rule(group)),
        "level": _LEVELS[change.verdict],
        "message": {"text": f"{group.operations}: {change.what}.{shown}"},
        "locations": [location(location_of(change.new))],
        "relatedLocations": [{"id": 1, "message": {"text": "the old contract"}, **location(location_of(change.old))}],
        "partialFingerprints": {"speclock-diff/v1": hashlib.sha256(key.encode()).hexdigest()[:16]},
        "occurrenceCount": len(group.changes),
    }


def _rule(group: Group) -> str:
    change = group.changes[0]
    return f"{change.verdict.value}-for-{change.audience.value}"
