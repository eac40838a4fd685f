"""JSON values as texts that are the same for equal values, and their types."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from speclock.core.documents import JsonValue

__all__ = ["text_of", "type_of"]


def text_of(value: JsonValue) -> str:
    """A JSON value as a text that is the same for equal values: 1 and 1.0 are equal, the order of names is nothing."""
    return json.dumps(_even(value), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _even(value: JsonValue) -> JsonValue:
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_even(item) for item in value]
    if isinstance(value, dict):
        return {key: _even(item) for key, item in value.items()}
    return value


def type_of(value: JsonValue) -> str:
    """The JSON type of a value; a whole number is a number."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"
