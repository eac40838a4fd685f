"""A request as one tree of values, so that a place names a value in any of its parts alike.

Trees share what they have in common: a change copies the way to the place and nothing beside it, and nobody changes a
tree in place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from speclock.core.cases import ABSENT, Draft
from speclock.core.constraints import ITEM, Part, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from speclock.core.documents import JsonValue

__all__ = ["Tree", "draft_of", "get", "put", "remove", "tree_of"]

#: Part -> name -> value for parameters; the body stands alone under its part.
Tree: TypeAlias = "Mapping[str, JsonValue]"

_NAMED = (Part.PATH, Part.QUERY, Part.HEADER, Part.COOKIE)


def tree_of(draft: Draft) -> Tree:
    """The tree of a draft."""
    tree: dict[str, JsonValue] = {
        Part.PATH: dict(draft.path),
        Part.QUERY: dict(draft.query),
        Part.HEADER: dict(draft.headers),
        Part.COOKIE: dict(draft.cookies),
    }
    if draft.body is not ABSENT:
        tree[Part.BODY] = draft.body
    return tree


def draft_of(tree: Tree) -> Draft:
    """The draft of a tree."""
    path, query, headers, cookies = (tree[part] for part in _NAMED)
    assert isinstance(path, dict)
    assert isinstance(query, dict)
    assert isinstance(headers, dict)
    assert isinstance(cookies, dict)
    return Draft(path, query, headers, cookies, tree.get(Part.BODY, ABSENT))


def get(tree: Tree, place: Place) -> JsonValue:
    """The value at a place, in the first member of each array; KeyError when there is none."""
    if place.part not in tree:
        raise KeyError(str(place))
    value = tree[place.part]
    for step in place.steps:
        if step == ITEM and isinstance(value, list) and value:
            value = value[0]
        elif isinstance(value, dict) and step in value:
            value = value[step]
        else:
            raise KeyError(str(place))
    return value


def put(tree: Tree, place: Place, value: JsonValue, *, member: int = 0) -> Tree:
    """`tree` with `value` at `place`; KeyError when what holds the place is not there.

    `member` chooses which member of the innermost array is replaced (-1: the last).
    """

    def store(holder: JsonValue, step: str) -> JsonValue:
        if step == ITEM and isinstance(holder, list) and holder:
            changed = list(holder)
            changed[member if -len(holder) <= member < len(holder) else 0] = value
            return changed
        if step != ITEM and isinstance(holder, dict):
            return {**holder, step: value}
        raise KeyError(str(place))

    return _changed(tree, place, store, member)


def remove(tree: Tree, place: Place) -> Tree:
    """`tree` without the value at `place`, which need not be there."""

    def drop(holder: JsonValue, step: str) -> JsonValue:
        if step == ITEM and isinstance(holder, list) and holder:
            return holder[1:]
        if isinstance(holder, dict):
            return {name: item for name, item in holder.items() if name != step}
        raise KeyError(str(place))

    try:
        return _changed(tree, place, drop, 0)
    except KeyError:
        return tree


def _changed(tree: Tree, place: Place, change: Callable[[JsonValue, str], JsonValue], member: int) -> Tree:
    steps = _steps(place)
    innermost = max((position for position, step in enumerate(steps) if step == ITEM), default=-1)

    def walk(holder: JsonValue, position: int) -> JsonValue:
        step = steps[position]
        if position == len(steps) - 1:
            return change(holder, step)
        if step == ITEM and isinstance(holder, list) and holder:
            index = member if position == innermost and -len(holder) <= member < len(holder) else 0
            changed = list(holder)
            changed[index] = walk(holder[index], position + 1)
            return changed
        if isinstance(holder, dict) and step in holder:
            return {**holder, step: walk(holder[step], position + 1)}
        raise KeyError(str(place))

    result = walk(dict(tree), 0)
    assert isinstance(result, dict)
    return result


def _steps(place: Place) -> tuple[str, ...]:
    return (place.part, *place.steps)
