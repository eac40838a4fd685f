"""Reading JSON so that nothing is guessed, and writing it so that every database can hold it.

RFC 8259 leaves several inputs to the reader's discretion. This module refuses them, because two readers that
choose differently would disagree about what was asked: duplicate names (section 4), numbers that no double can
hold (section 6), lone surrogates (section 8.2), a byte order mark (section 8.1). NaN and Infinity are no JSON.

A sound document takes one pass of the C scanner. Only a document known to be unsound is read a second time, more
slowly, to say where the flaw stands.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from evalsessions_server.json_types import JsonObject, JsonValue

__all__ = ["MAX_NESTING", "UnsoundJsonError", "dump", "flaw_of", "pointer_of", "read"]

MAX_NESTING = 640
"""Levels of arrays and objects. Python 3.11 recurses once per level and stops near 1000; this leaves room for the
caller, so that what is accepted can also be stored and answered."""

# 10**308 has 309 digits and the largest double is below 10**309.
_DIGITS_OF_LARGEST_DOUBLE = 309

# Taking out the pairs, and every escape that is no \u, leaves no surrogate in a text but lone ones.
_PAIRS_AND_SHORT_ESCAPES = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\[^u]")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_BRACKETS_AND_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class UnsoundJsonError(ValueError):
    """The text is not JSON that this server takes; the message says what is wrong and where."""

    def __init__(self, message: str, *, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = path


class _UnsoundValueError(ValueError):
    """The quick reader met something that RFC 8259 leaves open; the slow reader will say what and where."""


@dataclass(frozen=True, slots=True)
class _Flaw:
    """Stands, in the tree of the slow reader, where the unsound value stood."""

    message: str


def read(body: bytes) -> JsonValue:
    """Return the value that ``body`` (UTF-8) holds.

    Raises:
        UnsoundJsonError: broken JSON, or one of the inputs that this module refuses.
    """
    text = _decode(body)
    _refuse_deep_nesting(text)
    try:
        value: JsonValue = _QUICK.decode(text)
    except _UnsoundValueError:
        raise _located_flaw(text) from None
    except json.JSONDecodeError as error:
        message = f"broken JSON at line {error.lineno}, column {error.colno}: {_in_one_line(error.msg)}"
        raise UnsoundJsonError(message) from None
    if _SURROGATE_ESCAPE.search(text) and _SURROGATE_ESCAPE.search(_PAIRS_AND_SHORT_ESCAPES.sub("", text)):
        fault = _first_flaw(value)
        if fault is not None:
            raise fault
    return value


def dump(value: JsonValue) -> str:
    """Return ``value`` as ASCII: escapes keep NUL and every other character intact in any database."""
    return _ENCODER.encode(value)


def pointer_of(path: Iterable[str | int]) -> str:
    """Return the JSON pointer (RFC 6901) of ``path``."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def flaw_of(value: bool | float | str | None) -> str | None:
    """Return why ``value``, from elsewhere than JSON, cannot be written as this module's JSON, or None."""
    if isinstance(value, str):
        return "a lone surrogate" if _LONE_SURROGATE.search(value) else None
    if isinstance(value, float) and not math.isfinite(value):
        return f"{value} is no JSON number"
    if isinstance(value, int) and _is_beyond_double(str(value)):
        return "a number that no double can hold"
    return None


def _decode(body: bytes) -> str:
    if body.startswith(b"\xef\xbb\xbf"):
        raise UnsoundJsonError("the body starts with a byte order mark; send UTF-8 without one")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnsoundJsonError(f"the body is not UTF-8: byte {error.start} (0x{body[error.start]:02x})") from None


def _refuse_deep_nesting(text: str) -> None:
    if text.count("[") + text.count("{") <= MAX_NESTING:
        return
    depth = 0
    for token in _BRACKETS_AND_STRINGS.finditer(text):
        opening = token[0][0]
        if opening in "[{":
            depth += 1
            if depth > MAX_NESTING:
                raise UnsoundJsonError(
                    f"arrays and objects nested more than {MAX_NESTING} deep (at character {token.start()})"
                )
        elif opening in "]}":
            depth -= 1


def _integer(digits: str) -> int:
    if len(digits) >= _DIGITS_OF_LARGEST_DOUBLE and _is_beyond_double(digits):
        raise _UnsoundValueError
    return int(digits)


def _is_beyond_double(digits: str) -> bool:
    if len(digits.lstrip("-")) > _DIGITS_OF_LARGEST_DOUBLE:
        return True
    try:
        float(int(digits))
    except OverflowError:
        return True
    return False


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _UnsoundValueError
    return number


def _constant(name: str) -> float:
    raise _UnsoundValueError(name)


def _object(pairs: list[tuple[str, JsonValue]]) -> JsonObject:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _UnsoundValueError
    return members


_QUICK = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_constant)
_ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"), check_circular=False)


def _located_flaw(text: str) -> UnsoundJsonError:
    too_large = _Flaw("a number that no double can hold")

    def number(digits: str) -> object:
        return too_large if _is_beyond_double(digits) else int(digits)

    def real(digits: str) -> object:
        return too_large if math.isinf(float(digits)) else float(digits)

    def constant(name: str) -> object:
        return _Flaw(f"{name} is not a JSON number")

    def members(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) != len(pairs):
            counts = Counter(name for name, _ in pairs)
            found.update({name: _Flaw("a duplicate name") for name, count in counts.items() if count > 1})
        return found

    slow = json.JSONDecoder(object_pairs_hook=members, parse_int=number, parse_float=real, parse_constant=constant)
    try:
        tree: object = slow.decode(text)
    except json.JSONDecodeError as error:
        message = f"broken JSON at line {error.lineno}, column {error.colno}: {_in_one_line(error.msg)}"
        return UnsoundJsonError(message)
    return _first_flaw(tree) or UnsoundJsonError("not the JSON that this server takes")


def _first_flaw(tree: object) -> UnsoundJsonError | None:
    for path, value in _walk(tree):
        if isinstance(value, _Flaw):
            return UnsoundJsonError(value.message, path=_printable(path))
        texts = [value] if isinstance(value, str) else list(value) if isinstance(value, dict) else []
        if any(_LONE_SURROGATE.search(text) for text in texts if isinstance(text, str)):
            return UnsoundJsonError("a lone surrogate in a text or a name", path=_printable(path))
    return None


def _walk(tree: object) -> Iterator[tuple[Sequence[str | int], object]]:
    """Yield every value with its path, in document order, without recursion.

    The path is one list that changes with the next value: a copy for each would hold far more than the body does.
    """
    path: list[str | int] = []
    yield path, tree
    open_values = [_members(tree)]
    while open_values:
        member = next(open_values[-1], None)
        if member is None:
            open_values.pop()
            del path[-1:]
            continue
        step, value = member
        path.append(step)
        yield path, value
        if isinstance(value, dict | list):
            open_values.append(_members(value))
        else:
            path.pop()


def _members(value: object) -> Iterator[tuple[str | int, object]]:
    if isinstance(value, dict):
        return iter(value.items())
    return enumerate(value) if isinstance(value, list) else iter(())


def _printable(path: Sequence[str | int]) -> tuple[str | int, ...]:
    return tuple(_LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", s) if isinstance(s, str) else s for s in path)


def _in_one_line(message: str) -> str:
    return message[:1].lower() + message[1:].replace("\n", " ")
