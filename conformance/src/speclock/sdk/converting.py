"""Plain values to what generated code declares, and back."""

from __future__ import annotations

import datetime as dt
import enum
import types
import typing
import uuid
from typing import Any

__all__ = ["as_wanted", "plain"]


def as_wanted(hint: Any, value: Any) -> Any:  # noqa: ANN401, PLR0911 - one for each sort of type
    """The value as a parameter of this type takes it; what fits no type stays as it is.

    Raises:
        Exception: whatever a generated model raises that cannot read the value.
    """
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return _of_union(typing.get_args(hint), value)
    if origin is list and isinstance(value, list):
        (member,) = typing.get_args(hint)
        return [as_wanted(member, item) for item in value]
    if not isinstance(hint, type):
        return value
    if hasattr(hint, "from_dict"):
        return hint.from_dict(value)
    if issubclass(hint, enum.Enum | uuid.UUID):
        return hint(value)
    if issubclass(hint, dt.date) and isinstance(value, str):
        return hint.fromisoformat(value)
    return value


def _of_union(hints: tuple[Any, ...], value: Any) -> Any:  # noqa: ANN401
    """The first of the types that takes the value, those that say most of it first; of none, as it is.

    Raises:
        Exception: models alone could take the value, and none of them can.
    """
    problem: Exception | None = None
    for hint in sorted(hints, key=lambda item: item in (str, dict, Any)):
        if value is None or not _may_be(hint, value):
            continue
        try:
            return as_wanted(hint, value)
        except Exception as error:  # noqa: BLE001 - the next one may take it
            problem = error
    if problem is not None and isinstance(value, dict):
        raise problem
    return value


def _may_be(hint: Any, value: Any) -> bool:  # noqa: ANN401
    if typing.get_origin(hint) is list:
        return isinstance(value, list)
    if not isinstance(hint, type):
        return True
    if hasattr(hint, "from_dict"):
        return isinstance(value, dict)
    if issubclass(hint, enum.Enum | uuid.UUID | dt.date):
        return isinstance(value, str | int)
    return isinstance(value, hint)


def plain(value: Any) -> object:  # noqa: ANN401, PLR0911 - one for each sort of value
    """What a generated package returned, as JSON has it."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value
