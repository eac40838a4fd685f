"""Python values to JSON and back, with nothing guessed and nothing lost.

What another reader of JSON could take for something else is refused before it is sent (RFC 8259): NaN, numbers that
no double can hold (section 6), lone surrogates (section 8.2), names that are no text (section 4).
"""

from __future__ import annotations

import json
import marshal
import math
from collections.abc import Mapping, Sequence
from typing import NoReturn, TypeAlias, TypeGuard, cast

__all__ = [
    "JsonObject",
    "JsonValue",
    "NotJsonError",
    "copied",
    "decode",
    "encode",
    "encode_leniently",
    "plain",
    "pointer_to",
    "shown",
]

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
JsonObject: TypeAlias = "dict[str, JsonValue]"

# Of a value that is refused, enough to recognise it.
_SHOWN_CHARACTERS = 40
# Levels of objects and arrays, written and read. Deeper values meet Python's own limits, wherever those happen to be.
_DEEPEST, _DEEPEST_READ = 320, 420
# Integers of fewer bits are within the range of a double.
_BITS_OF_A_DOUBLE = 1023


class NotJsonError(Exception):
    """A value that JSON cannot say; `path` leads to it, `expected` and `got` are in words."""

    def __init__(self, expected: str, got: str) -> None:
        super().__init__(f"expected {expected}, got {got}")
        self.path: list[str | int] = []


def plain(value: object) -> JsonValue:
    """Return a copy of `value` made of JSON's own types.

    Raises:
        NotJsonError: something in it has no JSON that every reader takes for the same.
    """
    try:
        return _plain(value, set())
    except RecursionError as error:
        raise NotJsonError("a value that is nested less deeply", "hundreds of levels") from error


def _plain(value: object, around: set[int]) -> JsonValue:
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            raise NotJsonError("a finite number", repr(value))
        return float(value)
    if isinstance(value, Mapping):
        return _object(cast("Mapping[object, object]", value), around)
    if _is_array(value):
        return _array(value, around)
    raise NotJsonError("a value that JSON has", f"a {type(value).__name__}: convert it, to a text for instance")


def _text(value: str) -> str:
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise NotJsonError("Unicode text", f"the lone surrogate {value[error.start]!a}") from error
    return str.__str__(value)


def _integer(value: int) -> int:
    if value.bit_length() > _BITS_OF_A_DOUBLE:
        try:
            float(value)
        except OverflowError as error:
            raise NotJsonError("a number that a double can hold", f"one of {value.bit_length()} bits") from error
    return int(value)


def _object(value: Mapping[object, object], around: set[int]) -> JsonValue:
    _enter(value, around)
    members: JsonObject = {}
    for name, member in value.items():
        text = _name(name)
        try:
            members[text] = _plain(member, around)
        except NotJsonError as error:
            error.path.insert(0, text)
            raise
    around.discard(id(value))
    return members


def _is_array(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview))


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise NotJsonError("names that are texts", f"the name {name!a}")
    return _text(name)


def _array(value: Sequence[object], around: set[int]) -> JsonValue:
    _enter(value, around)
    items: list[JsonValue] = []
    try:
        for item in value:
            items.append(_plain(item, around))  # noqa: PERF401 - its length is the index of what is refused
    except NotJsonError as error:
        error.path.insert(0, len(items))
        raise
    around.discard(id(value))
    return items


def _enter(value: object, around: set[int]) -> None:
    if id(value) in around:
        raise NotJsonError("a value without cycles", "one that contains itself")
    if len(around) >= _DEEPEST:
        raise NotJsonError("a value that is nested less deeply", f"more than {_DEEPEST} levels")
    around.add(id(value))


def encode(value: JsonValue) -> bytes:
    """Return the JSON of a value that `plain` made, in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def encode_leniently(value: object) -> bytes:
    """Return what Python writes for `value`, be it sound JSON or not.

    Raises:
        NotJsonError: not even Python writes it.
    """
    try:
        return json.dumps(value, separators=(",", ":")).encode("ascii")
    except (TypeError, ValueError, RecursionError) as error:
        raise NotJsonError("a value that Python writes as JSON", f"one that it does not: {error}") from error


def decode(content: bytes) -> JsonValue:
    """Return the value that a JSON text says.

    Raises:
        ValueError: it is no JSON, or not in Unicode; the message says why.
    """
    try:
        value = cast("JsonValue", json.loads(content, parse_constant=_refuse, parse_float=_finite))
    except RecursionError as error:
        raise ValueError(f"it is nested deeper than {_DEEPEST_READ} levels") from error
    if content.count(b"{") + content.count(b"[") > _DEEPEST_READ and _is_deep(value):
        raise ValueError(f"it is nested deeper than {_DEEPEST_READ} levels")
    return value


def _is_deep(value: JsonValue) -> bool:
    level = [value]
    for _ in range(_DEEPEST_READ):
        inner = [list(found.values()) if isinstance(found, dict) else found for found in level if found]
        level = [item for found in inner if isinstance(found, list) for item in found]
        if not level:
            return False
    return any(isinstance(found, dict | list) for found in level)


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits[:40]} is beyond a double")
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def copied(value: JsonValue) -> JsonValue:
    """Return a copy that can be changed without changing `value`."""
    return cast("JsonValue", marshal.loads(marshal.dumps(value)))  # noqa: S302 - what was written the moment before


def pointer_to(path: Sequence[str | int]) -> str:
    """Return the JSON pointer (RFC 6901) of a path."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def shown(value: object) -> str:
    """Return what a value is, in words, and no more of it than it takes to recognise it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array" if value else "an empty array"
    if value == "":
        return "an empty text"
    text = json.dumps(value, default=str)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "..."
