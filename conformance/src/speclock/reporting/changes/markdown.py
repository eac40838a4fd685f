"""A comparison as markdown, for a changelog or the summary of a CI job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speclock.diff.changes import Audience, Verdict
from speclock.reporting.changes.grouping import ORDER, Group, grouped, headline, witness_text
from speclock.reporting.markdown import code, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.diff.changes import Comparison

__all__ = ["render"]

_TITLES = {Verdict.BREAKING: "Breaking", Verdict.UNDECIDED: "Undecided", Verdict.COMPATIBLE: "Compatible"}
_LONGEST = 400


def render(comparison: Comparison) -> str:
    """The markdown text."""
    return "\n".join(_lines(comparison)) + "\n"


def _lines(comparison: Comparison) -> Iterator[str]:
    old, new = comparison.old, comparison.new
    yield f"## {plain(new.title)} {plain(old.version)} to {plain(new.version)}"
    yield ""
    said = plain(headline(comparison))
    yield f"{said[:1].upper()}{said[1:]}."
    for verdict in ORDER:
        for audience in Audience:
            groups = grouped(comparison.changes, audience, verdict)
            if groups:
                yield ""
                yield f"### {_TITLES[verdict]} for {audience.value}"
                yield ""
                for group in groups:
                    yield _group(group)
    if comparison.flaws:
        yield ""
        yield "### Not compared"
        yield ""
        for flaw in comparison.flaws:
            yield f"- {plain(flaw)}"


def _group(group: Group) -> str:
    change = group.first
    where = f"{code(change.where)}: " if change.where else ""
    text = witness_text(change)
    shown = f", shown by {code(text if len(text) <= _LONGEST else text[:_LONGEST] + ' ...')}" if text else ""
    return f"- {plain(group.operations)}: {where}{plain(change.words)}{shown}"
