"""A comparison for a person at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speclock.diff.changes import Audience, Verdict
from speclock.reporting.changes.grouping import ORDER, Group, grouped, headline, witness_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.diff.changes import Comparison

__all__ = ["render"]

#: Compatible changes of one audience that are listed before the rest is counted, and characters of a witness.
_LISTED = 30
_LONGEST = 200


def render(comparison: Comparison) -> str:
    """The text."""
    return "\n".join(_lines(comparison)) + "\n"


def _lines(comparison: Comparison) -> Iterator[str]:
    old, new = comparison.old, comparison.new
    yield f"{old.title} {old.version} ({old.document.file}) and {new.title} {new.version} ({new.document.file})"
    yield f"operations: {comparison.shared} in both, {comparison.gone} gone, {comparison.come} new"
    for audience in Audience:
        for verdict in ORDER:
            groups = grouped(comparison.changes, audience, verdict)
            if not groups:
                continue
            yield ""
            yield f"{verdict.value} for {audience.value}"
            most = _LISTED if verdict is Verdict.COMPATIBLE else len(groups)
            for group in groups[:most]:
                yield from _group(group)
            if len(groups) > most:
                yield f"  and {len(groups) - most} more: see --format json"
    for flaw in comparison.flaws:
        yield f"not compared: {flaw}"
    yield ""
    yield headline(comparison)


def _group(group: Group) -> Iterator[str]:
    change = group.first
    times = f" [{len(group.changes)} places]" if len(group.changes) > 1 else ""
    yield f"  {group.operations}{times}"
    yield f"    {change.what}"
    text = witness_text(change)
    if text:
        yield f"    shown by {text if len(text) <= _LONGEST else text[:_LONGEST] + ' ...'}"
    elif change.verdict is Verdict.UNDECIDED:
        yield "    neither a witness nor a proof was found"
    yield f"    {change.old} -> {change.new}"
