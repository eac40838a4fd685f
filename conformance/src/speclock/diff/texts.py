"""Which texts patterns and lengths, taken together, take from one kind of text and leave to another."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from speclock.diff.differences import Kind
from speclock.diff.facts import keyword_of, rest_of
from speclock.diff.regular import only_in, texts_of

if TYPE_CHECKING:
    from speclock.diff.alternatives import Alternative
    from speclock.diff.differences import Difference

__all__ = ["lost_text", "told_apart"]


def lost_text(one: Alternative, other: Alternative) -> str | None:
    """A text that keeps the patterns and lengths of the one and no pattern of the other; None: there is none.

    Where that cannot be told, an empty text.
    """
    mine = texts_of(_patterns(one), one.shortest, one.longest)
    theirs = texts_of(_patterns(other), 0, None)
    return "" if mine is None or theirs is None else only_in(mine, theirs)


def told_apart(a: Alternative, b: Alternative, found: list[Difference]) -> list[Difference]:
    """The differences of two kinds of text without what patterns and lengths, taken together, say in other words."""
    if not any(map(_is_of_text, found)) or not (_patterns(a) or _patterns(b)):
        return found
    mine, theirs = (texts_of(_patterns(item), item.shortest, item.longest) for item in (a, b))
    if mine is None or theirs is None:
        return found
    narrows, widens = only_in(mine, theirs) is not None, only_in(theirs, mine) is not None
    return [
        replace(item, narrows=item.narrows and narrows, widens=item.widens and widens) if _is_of_text(item) else item
        for item in found
        if not _is_of_text(item) or (item.narrows and narrows) or (item.widens and widens)
    ]


def _is_of_text(item: Difference) -> bool:
    """Whether it is about a pattern or a length."""
    return item.kind is Kind.SIZE or any(keyword_of(fact) == "pattern" for fact in item.subject)


def _patterns(item: Alternative) -> frozenset[str]:
    return frozenset(json.loads(rest_of(fact)) for fact in item.facts if keyword_of(fact) == "pattern")
