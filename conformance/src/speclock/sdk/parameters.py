"""Values of parameters as a caller says them: what is the same on the wire is said in the type that is declared."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from speclock.core.constraints.shapes import json_type
from speclock.core.values import as_text

if TYPE_CHECKING:
    from speclock.core.constraints import Shape
    from speclock.core.documents import JsonValue
    from speclock.core.schemas import Schemas

__all__ = ["as_said"]


def as_said(shape: Shape | None, value: JsonValue, schemas: Schemas, *, as_json: bool = False) -> JsonValue | None:
    """The value for a parameter of this shape: the wire has texts alone, so that 5 is "5" where texts are declared.

    Of several types it is one in which the contract allows the value. `as_json`: it is written as
    JSON, where the two differ. None: OpenAPI defines no form for it, as for null and for what is nested deeper than one
    level, or it is nothing that could be said in the declared type.
    """
    if isinstance(value, list):
        items = [_scalar(None if shape is None else shape.items, item, schemas, as_json=as_json) for item in value]
        return None if None in items else items
    if isinstance(value, dict):
        known = {} if shape is None else shape.properties
        members = {name: _scalar(known.get(name), item, schemas, as_json=as_json) for name, item in value.items()}
        return None if None in members.values() else members
    return _scalar(shape, value, schemas, as_json=as_json)


def _scalar(shape: Shape | None, value: JsonValue, schemas: Schemas, *, as_json: bool) -> JsonValue | None:
    if isinstance(value, list | dict):
        return None
    if shape is None:
        return value
    if as_json:
        return value if _is_of(shape, value) else None
    declared = _declared(shape, value)
    if schemas.accepts(shape.pointers, declared):
        return declared
    other = _read(shape, as_text(value))
    return other if schemas.accepts(shape.pointers, other) else declared


def _declared(shape: Shape, value: JsonValue) -> JsonValue:
    if _is_of(shape, value):
        return value
    if "string" in shape.types:
        return as_text(value)
    return _read(shape, value) if isinstance(value, str) else value


def _is_of(shape: Shape, value: JsonValue) -> bool:
    kind = json_type(value)
    return kind in shape.types or (kind == "integer" and "number" in shape.types)


def _read(shape: Shape, text: str) -> JsonValue:
    """What a text says in the declared type; of what says nothing there, the text."""
    try:
        value: JsonValue = json.loads(text)
    except ValueError:
        return text
    return value if _is_of(shape, value) and as_text(value) == text else text
