"""Plain values to what generated code declares, and back, by the ways that a user of the code has.

A model can be made by its constructor or read from a dictionary, and its values be had as attributes or as a
dictionary. Where the two ways say different things one of them is wrong, and it is that one that is told.
"""

from __future__ import annotations

import datetime as dt
import enum
import importlib
import pkgutil
import re
import sys
import types
import typing
import uuid
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ModelsDifferError", "as_wanted", "letters", "plain", "unset"]


class ModelsDifferError(Exception):
    """A model that is read from a dictionary is not the one that its constructor makes."""


def letters(name: str) -> str:
    """What names of the same thing have in common, in Python and on the wire."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def unset(hint: Any) -> Any:  # noqa: ANN401
    """What a parameter of this type is given so that it is not sent, whatever its default; None where it must be."""
    kind = next((item for item in typing.get_args(hint) if getattr(item, "__name__", "") == "Unset"), None)
    return None if kind is None else sys.modules[kind.__module__].UNSET


# To what is declared


def as_wanted(hint: Any, value: Any) -> Any:  # noqa: ANN401, PLR0911 - one for each sort of type
    """The value as a parameter of this type takes it; what fits no type stays as it is.

    Raises:
        ModelsDifferError: a model cannot be made alike in both ways.
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
        return _model(hint, value)
    if issubclass(hint, enum.Enum):
        return _member(hint, value)
    if issubclass(hint, uuid.UUID):
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
        except ModelsDifferError:
            raise
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


def _member(kind: type[enum.Enum], value: Any) -> enum.Enum:  # noqa: ANN401
    """The member, as it is found by its value or else by its name."""
    found = kind(value)
    named = [member for member in kind if letters(member.name) == letters(str(value))]
    return found if found in list(kind) or not named else named[0]


def _model(kind: Any, value: Any) -> Any:  # noqa: ANN401
    parsed = kind.from_dict(value)
    built = _built(kind, value)
    if built is not None and built != parsed:
        raise ModelsDifferError(f"{kind.__name__}.from_dict makes {parsed!r}, the constructor {built!r}")
    return parsed


def _built(kind: Any, value: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """The model by its constructor, with what it does not name set as items; None where that cannot be done."""
    attributes = _attributes(kind)
    names = {letters(name): name for name in attributes}
    if len({letters(name) for name in value}) < len(value) or len(names) < len(attributes):
        return None  # two of them that only differ in how they are spelt
    try:
        hints = _hints(kind)
        given = {names[letters(name)]: name for name in value if letters(name) in names}
        unsaid = {name: mark for name in attributes if (mark := unset(hints.get(name))) is not None}
        made = kind(**unsaid | {name: as_wanted(hints.get(name), value[wire]) for name, wire in given.items()})
        for name, item in value.items():
            if letters(name) not in names:
                made[name] = item
    except ModelsDifferError:
        raise
    except Exception:  # noqa: BLE001 - what only one of the two ways can make is no difference
        return None
    return made


def _attributes(kind: Any) -> list[str]:  # noqa: ANN401
    return [field.name for field in getattr(kind, "__attrs_attrs__", ()) if field.name != "additional_properties"]


@lru_cache(maxsize=1024)
def _hints(kind: Any) -> dict[str, Any]:  # noqa: ANN401
    package = sys.modules[kind.__module__.rpartition(".")[0]]
    return typing.get_type_hints(kind, localns=_models(package))


@lru_cache(maxsize=8)
def _models(package: types.ModuleType) -> dict[str, Any]:
    """All classes of a package of models: some are imported for their names in annotations alone."""
    found: dict[str, Any] = {}
    for item in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{item.name}")
        found |= {name: value for name, value in vars(module).items() if isinstance(value, type)}
    return found


# Back


def plain(value: Any) -> Any:  # noqa: ANN401, PLR0911 - one for each sort of value
    """What a generated package returned, as JSON has it."""
    if hasattr(value, "to_dict"):
        return _of_model(value)
    if isinstance(value, enum.Enum):
        named = [member for member in type(value) if letters(member.name) == letters(str(value.value))]
        return value.value if value in list(type(value)) or not named else named[0].value
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return value


def _of_model(value: Any) -> dict[str, Any]:  # noqa: ANN401
    """The dictionary that it makes of itself, without what an attribute should have had and has not."""
    attributes = {letters(name): getattr(value, name) for name in _attributes(type(value))}
    unknown = getattr(value, "additional_properties", {})
    result = {}
    for name, item in value.to_dict().items():
        held = attributes.get(letters(name))
        if name not in unknown:
            result[name] = plain(held) if _holds_models(held) else item
        elif letters(name) not in attributes:
            result[name] = plain(value[name]) if hasattr(value, "__getitem__") else item
    return result


def _holds_models(value: Any) -> bool:  # noqa: ANN401
    if isinstance(value, list):
        return any(map(_holds_models, value))
    return hasattr(value, "to_dict") or isinstance(value, enum.Enum)
