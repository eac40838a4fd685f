"""The classes of legal values of one place: those that a server may treat apart, each with words and a test."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from speclock.core.cases import ABSENT, Absent
from speclock.core.constraints import ITEM
from speclock.core.constraints.shapes import json_types
from speclock.generation.values import same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from speclock.core.constraints import Shape
    from speclock.core.documents import JsonValue

__all__ = ["COLUMN", "ValueClass", "conditions", "is_free", "is_set", "legal_classes", "listed"]

_FORMED = frozenset({"enum", "const", "format", "pattern"})
_TYPE_WORDS = {
    "string": "a text",
    "object": "an object",
    "array": "an array",
    "number": "a number",
    "boolean": "a boolean",
}
#: Characters that many a column of a database holds at most.
COLUMN = 255


@dataclass(frozen=True, slots=True)
class ValueClass:
    """Values that are alike."""

    #: What follows "when X": `is null`.
    words: str
    holds: Callable[[JsonValue | Absent], bool] = field(repr=False, compare=False)


def is_free(shape: Shape) -> bool:
    """Whether a text there may be any, as far as its form goes."""
    return all(not _FORMED & holder.keywords.keys() for holder in shape.holders)


def is_set(value: JsonValue | Absent) -> bool:
    """Whether a value is there and not null."""
    return value is not ABSENT and value is not None


def conditions(shape: Shape, accepts: Callable[[JsonValue], bool]) -> Iterator[ValueClass]:
    """What a server may ask of another property: whether it is set, or one value of it."""
    if not shape.required or accepts(None):
        yield ValueClass("is set", is_set)
        yield ValueClass("is not set", lambda value: not is_set(value))
    yield from _values(shape, accepts)


def legal_classes(shape: Shape, accepts: Callable[[JsonValue], bool], *, is_bound: bool) -> Iterator[ValueClass]:
    """All classes of legal values; that there is none is one, where there need be none.

    Where only ids of existing things are accepted (`is_bound`), nothing is promised of other texts.
    """
    if not shape.required and shape.place.steps[-1] != ITEM:
        yield ValueClass("is left out", lambda value: value is ABSENT)
    yield ValueClass("is set", is_set)
    yield from _values(shape, accepts)
    if is_bound:
        return
    yield from _at_bounds(shape)
    if "number" in shape.types and accepts(1.5):
        yield ValueClass("is a fraction", lambda value: isinstance(value, float) and not value.is_integer())
    if shape.types & {"number", "integer"} and accepts(-1):
        yield ValueClass("is below zero", lambda value: _is_number(value) and value < 0)  # type: ignore[operator]
    if "string" in shape.types and is_free(shape):
        yield ValueClass("has characters beyond ASCII", lambda value: isinstance(value, str) and not value.isascii())
        yield ValueClass("has white space around it", lambda value: isinstance(value, str) and value != value.strip())
        if accepts("a" * (COLUMN + 1)):
            yield ValueClass(
                f"is longer than {COLUMN} characters", lambda value: isinstance(value, str) and len(value) > COLUMN
            )
    if any(keyword.value == "uuid" for keyword in shape.keywords.get("format", ())):
        yield ValueClass("is written in upper case", lambda value: isinstance(value, str) and value != value.lower())
    if "array" in shape.types:
        yield ValueClass("has several members", lambda value: isinstance(value, list) and len(value) > 1)


def listed(shape: Shape) -> Iterator[JsonValue]:
    """The values of `enum` and `const`, and true and false, but not null."""
    seen: list[JsonValue] = []
    for holder in shape.holders:
        for name in ("const", "enum"):
            for keyword in holder.keywords.get(name, ()):
                seen += keyword.value if name == "enum" and isinstance(keyword.value, list) else [keyword.value]
    yield from (value for value in seen if value is not None)
    if not seen and "boolean" in shape.types:
        yield from (True, False)


def _values(shape: Shape, accepts: Callable[[JsonValue], bool]) -> Iterator[ValueClass]:
    if accepts(None):
        yield ValueClass("is null", lambda value: value is None)
    for item in listed(shape):
        if accepts(item):
            yield ValueClass(f"is {json.dumps(item, ensure_ascii=False)}", _equals(item))
    kinds = [name for name in _TYPE_WORDS if name in shape.types]
    for name in kinds if len(kinds) > 1 else ():
        yield ValueClass(f"is {_TYPE_WORDS[name]}", _is_of(name))
    empties: tuple[tuple[JsonValue, str], ...] = (
        ("", "an empty text"), ([], "an empty array"), ({}, "an empty object"), (0, "zero"),
    )  # fmt: skip
    for empty, words in empties:
        if accepts(empty) and set(json_types(empty)) & shape.types:
            yield ValueClass(f"is {words}", _equals(empty))


def _at_bounds(shape: Shape) -> Iterator[ValueClass]:
    for name, size in (("minLength", _length), ("maxLength", _length), ("minItems", _count), ("maxItems", _count)):
        for keyword in shape.keywords.get(name, ()):
            if isinstance(keyword.value, int) and keyword.value > 0:
                yield ValueClass(f"has its {name} of {keyword.value}", _measures(size, keyword.value))
    for name in ("minimum", "maximum"):
        for keyword in shape.keywords.get(name, ()):
            if isinstance(keyword.value, int | float) and keyword.value != 0:
                yield ValueClass(f"is its {name} of {keyword.value}", _equals(keyword.value))


def _equals(item: JsonValue) -> Callable[[JsonValue | Absent], bool]:
    return lambda value: (
        value is not ABSENT and (same(value, item) or (_is_number(value) and _is_number(item) and value == item))
    )


def _is_of(name: str) -> Callable[[JsonValue | Absent], bool]:
    return lambda value: not isinstance(value, Absent) and name in json_types(value)


def _measures(size: Callable[[JsonValue | Absent], int | None], number: int) -> Callable[[JsonValue | Absent], bool]:
    return lambda value: size(value) == number


def _length(value: JsonValue | Absent) -> int | None:
    return len(value) if isinstance(value, str) else None


def _count(value: JsonValue | Absent) -> int | None:
    return len(value) if isinstance(value, list) else None


def _is_number(value: JsonValue | Absent) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
