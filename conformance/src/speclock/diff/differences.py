"""One difference of two schemas, and what differences are about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from speclock.diff.alternatives import Schema

__all__ = ["Difference", "Kind"]


class Kind(StrEnum):
    """What a difference is about, for those who look for a witness."""

    TYPE = "type"
    VALUES = "values"
    RANGE = "range"
    SIZE = "size"
    FACT = "fact"
    REQUIRED = "required"
    PROPERTY = "property"
    ADDITIONAL = "additional"
    ALTERNATIVE = "alternative"
    DEFAULT = "default"
    UNIQUE = "unique"
    TAG = "tag"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference of a place."""

    kind: Kind
    #: In words that can follow the name of the place.
    words: str
    #: Whether the old schema may allow what the new one does not, and the other way round.
    narrows: bool
    widens: bool
    #: The pointers of what differs; None where there is nothing.
    old: str | None
    new: str | None
    #: The schemas of the place, and the JSON type that is spoken of.
    schemas: tuple[Schema, Schema]
    type: str
    #: The property, the fact or the values (canonical JSON) that it is about.
    subject: tuple[str, ...] = ()
    #: The steps to the place; a pair that several places share has the shortest.
    place: tuple[str, ...] = ()

    @property
    def changes_meaning(self) -> bool:
        return self.kind is Kind.DEFAULT
