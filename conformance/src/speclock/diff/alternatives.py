"""What schemas that apply together say of a value of one JSON type, and of two such sayings together."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from speclock.core.documents import JsonValue

__all__ = [
    "ANY",
    "NOTHING",
    "TYPES",
    "Alternative",
    "Bound",
    "Meaning",
    "Parts",
    "Schema",
    "anything",
    "joined",
    "merged",
    "tighter",
    "together",
    "whole_bound",
]

#: The pointers of schemas that apply together; none: any value is allowed.
Schema: TypeAlias = "tuple[str, ...]"
ANY: Schema = ()
#: The schema that allows nothing.
NOTHING: Schema = ("#nothing",)

TYPES = ("null", "boolean", "number", "string", "array", "object")


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit of a number."""

    value: float
    is_exclusive: bool = False


@dataclass(frozen=True, slots=True)
class Alternative:
    """What is said of a value of one JSON type by schemas that apply together."""

    type: str
    #: The allowed values as canonical JSON texts, where they are listed; null and booleans always are.
    values: frozenset[str] | None = None
    low: Bound | None = None
    high: Bound | None = None
    steps: frozenset[float] = frozenset()
    is_whole: bool = False
    #: Characters, members or properties.
    shortest: int = 0
    longest: int | None = None
    items: Schema = ANY
    prefix: tuple[Schema, ...] = ()
    is_unique: bool = False
    properties: Mapping[str, Schema] = field(default_factory=dict)
    required: Mapping[str, str] = field(default_factory=dict)
    additional: Schema = ANY
    #: Whether names beside the listed ones are invited: `additionalProperties` says so.
    is_open: bool = False
    #: What has no field: the fact, and the pointer of its keyword.
    facts: Mapping[str, str] = field(default_factory=dict)
    #: Where each keyword stands.
    places: Mapping[str, str] = field(default_factory=dict)
    #: The pointers of the schemas that were joined.
    pointers: Schema = ANY

    @property
    def takes_any_name(self) -> bool:
        """Whether those who make such objects use names of their own: the schema invites them, or names none."""
        return self.is_open or not self.properties

    @property
    def is_free(self) -> bool:
        """Whether every value of the type is allowed."""
        return replace(self, places={}, pointers=ANY, is_open=False) == Alternative(self.type)

    def child(self, name: str) -> Schema:
        """The schema of a property."""
        return self.properties.get(name, self.additional)

    def sent(self, name: str) -> Schema:
        """The schema of a property as those use it who keep to the names that are listed."""
        return self.child(name) if name in self.properties or self.takes_any_name else NOTHING

    def signature(self) -> tuple[object, ...]:
        """What tells it from other alternatives at a glance."""
        return (
            self.values,
            self.low,
            self.high,
            self.steps,
            self.is_whole,
            self.shortest,
            self.longest,
            tuple(sorted(self.properties)),
            tuple(sorted(self.required)),
            tuple(sorted(self.facts)),
        )


@dataclass(frozen=True, slots=True)
class Meaning:
    """What schemas that apply together allow."""

    alternatives: Mapping[str, tuple[Alternative, ...]]
    #: The default with its pointer, as canonical JSON; None: there is none.
    default: tuple[str, str] | None
    pointers: Schema

    @property
    def pointer(self) -> str | None:
        """Where it stands: the innermost of the references, so that a shared schema is one place."""
        return self.pointers[0] if self.pointers else None


#: The alternatives of each JSON type.
Parts: TypeAlias = "dict[str, list[Alternative]]"


def anything(name: str) -> Alternative:
    """All values of a JSON type."""
    if name == "null":
        return Alternative(name, frozenset({"null"}))
    if name == "boolean":
        return Alternative(name, frozenset({"true", "false"}))
    return Alternative(name)


def whole_bound(bound: Bound | None, sign: int) -> Bound | None:
    """The bound as whole numbers keep it: above 3 is at least 4. `sign` is 1 for a lower one, -1 for an upper one."""
    if bound is None:
        return None
    value = math.ceil(bound.value) if sign > 0 else math.floor(bound.value)
    return Bound(value + sign if bound.is_exclusive and value == bound.value else value)


def tighter(one: Bound | None, other: Bound | None, *, sign: int) -> Bound | None:
    """The one of two bounds that allows less; `sign` as in `whole_bound`."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda bound: (sign * bound.value, bound.is_exclusive))


def joined(one: Parts, other: Parts) -> Parts:
    """What both say together."""
    result: Parts = {}
    for name in one.keys() & other.keys():
        pairs = [joined for a in one[name] for b in other[name] if (joined := _both(a, b)) is not None]
        if pairs:
            result[name] = pairs
    return result


def _both(a: Alternative, b: Alternative) -> Alternative | None:
    values = a.values if b.values is None else b.values if a.values is None else a.values & b.values
    if values is not None and not values:
        return None
    low, high = tighter(a.low, b.low, sign=1), tighter(a.high, b.high, sign=-1)
    is_whole = a.is_whole or b.is_whole
    if is_whole:
        low, high = whole_bound(low, 1), whole_bound(high, -1)
    longest = min((size for size in (a.longest, b.longest) if size is not None), default=None)
    if low is not None and high is not None and low.value > high.value:
        return None
    shortest = max(a.shortest, b.shortest)
    if longest is not None and shortest > longest:
        return None
    names = dict.fromkeys((*a.properties, *b.properties))
    size = max(len(a.prefix), len(b.prefix))
    return Alternative(
        a.type,
        values,
        low,
        high,
        a.steps | b.steps,
        is_whole,
        shortest,
        longest,
        together(a.items, b.items),
        tuple(
            together(
                a.prefix[index] if index < len(a.prefix) else a.items,
                b.prefix[index] if index < len(b.prefix) else b.items,
            )
            for index in range(size)
        ),
        a.is_unique or b.is_unique,
        {name: together(a.child(name), b.child(name)) for name in names},
        {**b.required, **a.required},
        together(a.additional, b.additional),
        a.is_open or b.is_open,
        {**a.facts, **b.facts},
        {**b.places, **a.places},
        together(a.pointers, b.pointers),
    )


def together(one: Schema, other: Schema) -> Schema:
    """Both schemas at once."""
    if NOTHING in (one, other):
        return NOTHING
    return tuple(dict.fromkeys((*one, *other)))


def merged(alternatives: Iterable[Alternative]) -> Iterator[Alternative]:
    """The alternatives, those that only list values put into one, and no two the same."""
    listed: Alternative | None = None
    seen: set[tuple[object, ...]] = set()
    rest = []
    for item in map(_settled, alternatives):
        if item.values is not None and _is_only_listed(item):
            if not item.values:
                continue
            listed = item if listed is None else replace(listed, values=(listed.values or frozenset()) | item.values)
            continue
        key = (*item.signature(), item.pointers)
        if key not in seen:
            seen.add(key)
            rest.append(item)
    if listed is not None and not any(item.is_free for item in rest):
        yield listed
    yield from rest


def _settled(item: Alternative) -> Alternative:
    """Listed values without those that a bound beside them takes away, and without the bound."""
    if item.values is None or item.type not in ("string", "number"):
        return item
    kept = frozenset(text for text in item.values if _keeps(item, json.loads(text)))
    return Alternative(item.type, kept, facts=item.facts, places=item.places, pointers=item.pointers)


def _keeps(item: Alternative, value: JsonValue) -> bool:
    if isinstance(value, str):
        return item.shortest <= len(value) <= (len(value) if item.longest is None else item.longest)
    if not isinstance(value, int | float):
        return True
    if item.low is not None and (value < item.low.value or (item.low.is_exclusive and value == item.low.value)):
        return False
    if item.high is not None and (value > item.high.value or (item.high.is_exclusive and value == item.high.value)):
        return False
    return not item.is_whole or float(value).is_integer()


def _is_only_listed(item: Alternative) -> bool:
    return not item.facts and item.type in ("null", "boolean", "string", "number")
