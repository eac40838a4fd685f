"""Checks of single values, by hand: no server here reads a schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from benchmarks.effectiveness.patterns import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.effectiveness.patterns import Json

__all__ = ["FIELDS", "FieldCheck", "boolean", "either", "integer", "nullable", "number", "one_of", "text"]

FieldCheck: TypeAlias = "Callable[[Json], bool]"


def text(shortest: int, longest: int | None) -> FieldCheck:
    return lambda value: (
        isinstance(value, str) and shortest <= len(value) and (longest is None or len(value) <= longest)
    )


def integer(least: int, most: int | None) -> FieldCheck:
    """A whole number; JSON Schema takes 1.0 for one."""
    return lambda value: (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and value == value // 1
        and least <= value
        and (most is None or value <= most)
    )


def one_of(*known: str) -> FieldCheck:
    return lambda value: isinstance(value, str) and value in known


def nullable(check: FieldCheck) -> FieldCheck:
    return lambda value: value is None or check(value)


def either(first: FieldCheck, second: FieldCheck) -> FieldCheck:
    return lambda value: first(value) or second(value)


def boolean(value: Json) -> bool:
    return isinstance(value, bool)


def number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_SHORT = text(1, 40)
FIELDS: dict[str, FieldCheck] = {
    "name": _SHORT,
    "kind": one_of(*KINDS),
    "priority": integer(1, 9),
    "note": nullable(text(0, 80)),
    "discount": integer(0, 100),
    "coupon": _SHORT,
    "email": _SHORT,
    "phone": _SHORT,
    "text": _SHORT,
    "file": _SHORT,
    "width": integer(1, 4),
    "height": integer(1, 4),
    "projectId": _SHORT,
    "teamId": _SHORT,
    "first": integer(1, 4),
    "last": integer(1, 4),
    "urgent": boolean,
    "channel": one_of("post", "mail", "fax"),
    "reviewer": _SHORT,
}
