"""What of a JSON value the harness takes on: text, numbers and depth that each of its tools can hold."""

from __future__ import annotations

import json
import math
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from speclock.core.documents import JsonValue

__all__ = ["DEEPEST", "as_header", "as_text", "is_deep", "is_portable"]

#: Levels of lists and objects. The CEL package ends the process on some thousand of them, and Python's own stack on
#: about a thousand; nobody nests so deep but to break a parser.
DEEPEST = 200
_LARGEST = int(sys.float_info.max)


def is_deep(value: JsonValue) -> bool:
    """Whether `value` is nested deeper than DEEPEST levels; itself without recursion."""
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [
            child
            for item in level
            if isinstance(item, list | dict)
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return False
    return True


def is_portable(value: JsonValue) -> bool:
    """Whether every JSON reader can hold the scalars: Unicode text and doubles (RFC 8259, sections 6 and 8.2)."""
    if isinstance(value, str):
        return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, int):
        return abs(value) <= _LARGEST
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, list):
        return all(map(is_portable, value))
    if isinstance(value, dict):
        return all(map(is_portable, value)) and all(map(is_portable, value.values()))
    return True


def as_text(value: JsonValue) -> str:
    """A value as it stands in a path, a query, a header or a cookie; lists and objects as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def as_header(value: JsonValue) -> str:
    """A value as it stands in a header, in the style `simple` without `explode` (OpenAPI 3.1, section 4.8.21).

    Raises:
        ValueError: text that no header can carry.
    """
    if isinstance(value, list):
        text = ",".join(map(as_text, value))
    elif isinstance(value, dict):
        text = ",".join(f"{key},{as_text(item)}" for key, item in value.items())
    else:
        text = as_text(value)
    if any(character in text for character in "\r\n\0"):
        raise ValueError("a header cannot carry line ends")
    text.encode("latin-1")
    return text
