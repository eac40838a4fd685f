"""Every value at a place, in all members of the arrays on the way: looked at, or changed."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from speclock.core.cases import ABSENT
from speclock.core.constraints import ANY_NAME, ITEM, Part, readings, values_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from speclock.core.cases import Absent
    from speclock.core.constraints import Place, Shape
    from speclock.core.documents import JsonValue
    from speclock.generation.requests import Tree

__all__ = ["DROPPED", "Change", "Dropped", "changed", "changed_tree", "instances", "name_of", "to_be"]


class Dropped(Enum):
    """In place of a value that is to go."""

    DROPPED = "left out"


DROPPED = Dropped.DROPPED

#: From a value to another one; ABSENT comes in where the holder has no such member.
Change: TypeAlias = "Callable[[JsonValue | Absent], JsonValue | Absent | Dropped]"


def instances(tree: Tree, place: Place, shape: Shape | None) -> Iterator[JsonValue | Absent]:
    """The values at a place of a request, ABSENT for each holder without it; parameters read as they are meant."""
    top: JsonValue | Absent = tree.get(place.part, ABSENT)
    for value in values_in(top, place.steps):
        if place.part is Part.BODY or value is ABSENT or shape is None:
            yield value
        else:
            yield readings(value, shape)[-1]


def to_be(value: JsonValue) -> Change:
    """The change to a value, whatever was there."""
    return lambda _value: value


def changed_tree(tree: Tree, place: Place, change: Change) -> Tree:
    """The request with every value at the place changed."""
    if place.part not in tree:
        return tree
    return {**tree, place.part: changed(tree[place.part], place.steps, change)}


def changed(  # noqa: PLR0911 - one for each sort of step
    value: JsonValue, steps: Sequence[str], change: Change
) -> JsonValue:
    """The value with every value where the steps lead to changed; itself where nothing is."""
    if not steps:
        new = change(value)
        return value if isinstance(new, Enum) else new
    if isinstance(value, list) and steps[0] == ITEM:
        if len(steps) > 1:
            return [changed(item, steps[1:], change) for item in value]
        listed = [change(item) for item in value]
        return [item for item in listed if not isinstance(item, Enum)]
    if isinstance(value, dict) and steps[0] == ANY_NAME:
        return {name: changed(item, steps[1:], change) for name, item in value.items()}
    if not isinstance(value, dict):
        return value
    name = steps[0]
    if len(steps) > 1:
        return {**value, name: changed(value[name], steps[1:], change)} if name in value else value
    new = change(value.get(name, ABSENT))
    if isinstance(new, Enum):
        return {key: item for key, item in value.items() if key != name} if name in value else value
    return {**value, name: new}


def name_of(place: Place) -> str:
    """The place in words: without its part where that is the body."""
    return str(place).removeprefix("body.") if place.steps else str(place)
