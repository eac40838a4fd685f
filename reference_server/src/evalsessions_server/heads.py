"""The few request headers that decide something, read in one pass over what ASGI hands over."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from starlette.types import Scope

__all__ = ["GALILEO_HEADER", "Heads", "read_heads"]

GALILEO_HEADER = "Galileo-API-Key"

Heads: TypeAlias = "dict[str, list[str]]"
"""The values of each header that was sent and is looked at, by its name in lower case."""

# ASGI hands names over in lower case.
_LOOKED_AT = {
    name.encode("ascii"): name
    for name in ("authorization", "content-encoding", "content-length", "content-type", GALILEO_HEADER.lower())
}


def read_heads(scope: Scope) -> Heads:
    """Return the headers of a request. Bytes beyond ASCII are read as Latin-1, which loses none."""
    heads: Heads = {}
    for raw, value in scope["headers"]:
        name = _LOOKED_AT.get(raw)
        if name is not None:
            heads.setdefault(name, []).append(value.decode("latin-1"))
    return heads
