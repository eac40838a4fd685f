"""The few values of a place that stand for all of its legal ones, as levels of combinations."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from speclock.core.cases import ABSENT, Absent
from speclock.core.constraints import Part, Place
from speclock.generation.requests import remove
from speclock.generation.values import Sort, same

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speclock.core.constraints import Constraint, Shape
    from speclock.core.documents import JsonValue
    from speclock.generation.bases import Bases
    from speclock.generation.requests import Tree

__all__ = ["Level", "Levels", "is_writable"]

#: A legal value of a place, or that it is left out.
Level: TypeAlias = "JsonValue | Absent"

#: Values of one place that stand for all of its legal ones, and those that a server's code may well branch on.
_CLASSES = 12
_CONDITIONS = 8
#: Values of one sort and JSON type that are kept.
_ALIKE = 2


@dataclass
class Levels:
    """The levels of the places of one operation; each is worked out on first use."""

    bases: Bases
    _classes: dict[Place, list[JsonValue]] = field(default_factory=dict)
    _conditions: dict[Place, list[JsonValue]] = field(default_factory=dict)
    _rules: dict[str, Constraint] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Note the rules: what only they forbid beside other values is legal in itself."""
        self._rules = {item.id: item for item in self.bases.analysis.constraints if item.is_rule}

    def classes(self, place: Place) -> list[Level]:
        """Absent, and a value of each class that may stand there."""
        if place not in self._classes:
            self._classes[place] = list(self._chosen(place, _CLASSES, frozenset(), _ALIKE))
        return [ABSENT, *self._classes[place]]

    def conditions(self, place: Place) -> list[Level]:
        """Absent, and the values that a server's code may well branch on."""
        if place not in self._conditions:
            self._conditions[place] = list(self._chosen(place, _CONDITIONS, frozenset({Sort.UNUSUAL, Sort.LONG}), 1))
        return [ABSENT, *self._conditions[place]]

    def listed(self, place: Place, values: Sequence[JsonValue]) -> list[JsonValue]:
        """Those of `values` that may stand at the place."""
        return [value for value in values if self.is_legal(place, value)]

    def is_legal(self, place: Place, value: JsonValue) -> bool:
        """Whether the place itself may hold the value, whatever rules say of it beside others."""
        shape = self.bases.analysis.shape(place)
        if shape is not None and place.part is Part.BODY:
            return self.bases.oracle.accepts(shape)(value)
        for base in self.bases.found:
            tree = self.bases.put(base, place, value)
            found = None if tree is None else self.bases.broken(tree)
            if found is not None and all(
                name in self._rules and not place.holds(self._rules[name].place) for name in found
            ):
                return True
        return False

    def set(self, tree: Tree, place: Place, level: Level) -> Tree | None:
        """`tree` with the level at the place; None when it cannot be put there."""
        if isinstance(level, Absent):
            return remove(tree, place)
        return self.bases.put(tree, place, level)

    def _chosen(self, place: Place, most: int, left_out: frozenset[Sort], alike: int) -> Iterator[JsonValue]:
        shape = self.bases.analysis.shape(place)
        if shape is None:
            return
        listed = [
            item
            for item in self.bases.candidates(place)
            if (item.sort < Sort.BOUND or (item.sort is Sort.BOUND and _is_at_bound(item.value, shape)))
            and (item.sort not in left_out or (isinstance(item.value, list) and item.value))
        ]
        # One of each sort and type first, then the second ones.
        alike_before: Counter[tuple[Sort, str]] = Counter()
        ranked: list[tuple[int, Sort, int, JsonValue]] = []
        for index, item in enumerate(sorted(listed, key=lambda item: item.sort)):
            kind = type(item.value).__name__
            key = (item.sort, kind)
            if item.sort is Sort.TYPE and alike_before[Sort.PLAIN, kind]:
                continue  # the plain value stands for that type
            if alike_before[key] < alike and is_writable(place, shape, item.value) and self.is_legal(place, item.value):
                ranked.append((alike_before[key], item.sort, index, item.value))
                alike_before[key] += item.sort is not Sort.LISTED
        yield from (value for _, _, _, value in sorted(ranked, key=lambda entry: entry[:3])[:most])


def _is_at_bound(value: JsonValue, shape: Shape) -> bool:
    """Whether a value at a bound is worth a level: a number, and the shortest text where that is not the empty one."""
    if isinstance(value, str):
        shortest = max((k.value for k in shape.keywords.get("minLength", ()) if isinstance(k.value, int)), default=0)
        return shortest > 0 and len(value) == shortest and value.isascii()
    return isinstance(value, int | float)


def is_writable(place: Place, shape: Shape, value: JsonValue) -> bool:
    """Whether a parameter's value says the same on the wire: there, one text and an array of one text are alike.

    A whole number that is written with a point or an exponent is JSON's affair: no parameter is written so.
    """
    if place.part is Part.BODY or len(place.steps) > 1:
        return place.part is Part.BODY or (not isinstance(value, list | dict) and value != "")
    if isinstance(value, list):
        return "array" in shape.types and bool(value)
    if isinstance(value, dict):
        return "object" in shape.types and bool(value)
    if shape.types & {"array", "object"} or (isinstance(value, float) and (value.is_integer() or "e" in repr(value))):
        return False
    if place.part is Part.HEADER and isinstance(value, str):  # the space around a header is nobody's (RFC 9110, 5.5)
        return value.isascii() and value.isprintable() and value == value.strip()
    return value != "" or place.part is not Part.PATH


def is_same(one: Level, other: Level) -> bool:
    """Whether two levels are the same."""
    if isinstance(one, Absent) or isinstance(other, Absent):
        return one is other
    return same(one, other)
