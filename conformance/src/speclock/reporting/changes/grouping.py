"""Changes as people read them: one that shows in many operations, because they share a schema, is told once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from speclock.diff.changes import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from speclock.diff.changes import Audience, Change, Comparison

__all__ = ["ORDER", "Group", "grouped", "headline", "witness_text"]

#: The worst first.
ORDER = (Verdict.BREAKING, Verdict.UNDECIDED, Verdict.COMPATIBLE)
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Group:
    """The same change in several places."""

    changes: tuple[Change, ...]

    @property
    def first(self) -> Change:
        """The one with the smallest witness."""
        return min(self.changes, key=lambda change: (change.witness is None, len(witness_text(change))))

    @property
    def operations(self) -> str:
        """The operations that it shows in."""
        names = list(dict.fromkeys(change.operation for change in self.changes))
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        return ", ".join(names[:_NAMED]) + more


def grouped(changes: Iterable[Change], audience: Audience, verdict: Verdict) -> list[Group]:
    """The changes of one audience and verdict, those that show in most operations first."""
    found: dict[tuple[str, str, str], list[Change]] = {}
    for change in changes:
        if change.audience is audience and change.verdict is verdict:
            found.setdefault((change.words, change.old.pointer, change.new.pointer), []).append(change)
    groups = [Group(tuple(listed)) for listed in found.values()]
    return sorted(groups, key=lambda group: -len(group.changes))


def headline(comparison: Comparison) -> str:
    """The outcome in a line."""
    changes = comparison.changes
    if not changes:
        said = "other words of the same meaning" if comparison.is_reworded else "the same meaning"
    else:
        counts = [(sum(change.verdict is verdict for change in changes), verdict.value) for verdict in ORDER]
        said = ", ".join(f"{count} {word}" for count, word in counts if count or word == Verdict.BREAKING.value)
    before, after = comparison.old.version, comparison.new.version
    paid = f"{before} to {after} {'pays for it' if comparison.paid else 'does not pay for it'}"
    if comparison.bump.word == "none":
        return f"{said}; no bump owed"
    return f"{said}; owes a {comparison.bump.word} bump, and {paid}"


def witness_text(change: Change) -> str:
    """The witness in a line."""
    witness = change.witness
    if isinstance(witness, dict) and "method" in witness:
        rest = {key: value for key, value in witness.items() if key not in ("method", "path")}
        text = f" {json.dumps(rest, ensure_ascii=False)}" if rest else ""
        return f"{witness['method']} {witness.get('path')}{text}"
    return "" if witness is None else json.dumps(witness, ensure_ascii=False)
