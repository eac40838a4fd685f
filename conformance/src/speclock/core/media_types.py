"""Media types by name (RFC 9110, section 8.3.1)."""

from __future__ import annotations

__all__ = ["essence", "is_json"]


def essence(media_type: str) -> str:
    """A media type without its parameters, in lower case."""
    return media_type.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """Whether a body of this type is JSON (RFC 6839, section 3.1)."""
    bare = essence(media_type)
    return bare in {"application/json", "text/json"} or bare.endswith("+json")
