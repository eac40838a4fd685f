"""Values of parameters as a caller says them: what is the same on the wire is said in the type that is declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speclock.core.constraints.shapes import json_type
from speclock.core.values import as_text

if TYPE_CHECKING:
    from speclock.core.constraints import Shape
    from speclock.core.documents import JsonValue

__all__ = ["as_said"]


def as_said(shape: Shape | None, value: JsonValue) -> JsonValue | None:
    """The value for a parameter of this shape: 5 is said as "5" where texts are declared, for the wire has texts alone.

    None: OpenAPI defines no form for it, as for null and for what is nested deeper than one level.
    """
    if isinstance(value, list):
        items = [_scalar(None if shape is None else shape.items, item) for item in value]
        return None if None in items else items
    if isinstance(value, dict):
        known = {} if shape is None else shape.properties
        members = {name: _scalar(known.get(name), item) for name, item in value.items()}
        return None if None in members.values() else members
    return _scalar(shape, value)


def _scalar(shape: Shape | None, value: JsonValue) -> JsonValue | None:
    if isinstance(value, list | dict):
        return None
    if shape is None or "string" not in shape.types or json_type(value) in shape.types:
        return value
    return value if json_type(value) == "integer" and "number" in shape.types else as_text(value)
