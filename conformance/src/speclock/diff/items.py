"""One thing that differs between two documents, before it is known what it does to anybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from speclock.core.cases import Draft
    from speclock.diff.differences import Difference

__all__ = ["Item"]


@dataclass(frozen=True, slots=True)
class Item:
    """What differs in the requests of an operation."""

    #: The place, such as `body.name`; empty for what belongs to no single one.
    where: str
    words: str
    #: Whether requests may be lost from old to new, and from new to old.
    narrows: bool
    widens: bool
    old: str | None
    new: str | None
    #: Requests of the old document (True) or the new one that may show the loss, the smallest first.
    drafts: Callable[[bool], Iterator[Draft]] | None = None
    #: Requests in which the difference can be seen, where nothing is lost.
    shows: Callable[[bool], Iterator[Draft]] | None = None
    #: What is made is a witness by itself, and the oracles need not be asked.
    is_certain: bool = False
    changes_meaning: bool = False
    #: One document does not tell what is allowed there.
    is_unread: bool = False
    #: It ties several values: planned cases may show it where a single value cannot.
    is_rule: bool = False
    #: The constraints that it makes, by id, where they are known: what requests are to break.
    rules: tuple[str, ...] = ()
    difference: Difference | None = None

    def loses(self, *, is_forward: bool) -> bool:
        """Whether requests may be lost in a direction."""
        return self.narrows if is_forward else self.widens
