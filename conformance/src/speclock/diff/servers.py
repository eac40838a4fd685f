"""The addresses that an operation is served at."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from speclock.core.documents import JsonValue, join

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.core.contract import Contract, Operation

__all__ = ["servers_of"]

_VARIABLE = re.compile(r"\{([^{}]*)\}")
_HOST = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
#: Addresses that the listed values of variables make; where they make more, the variables stay.
_MOST = 100


def servers_of(contract: Contract, operation: Operation) -> dict[str, str]:
    """The URLs, each with its place: those of the operation, or else of its path, or else of the document."""
    above = operation.pointer.rpartition("/")[0]
    for holder in (operation.pointer, above, ""):
        value = contract.document.at(holder)
        listed = value.get("servers") if isinstance(value, dict) else None
        if isinstance(listed, list) and listed:
            return {
                url: join(holder, "servers", index)
                for index, server in enumerate(listed)
                if isinstance(server, dict)
                for url in _urls(server)
            }
    return {"/": "/servers"}  # the address of the document itself (OpenAPI, Server Object)


def _urls(server: dict[str, JsonValue]) -> Iterator[str]:
    """The address with the values of its variables written out; one that may be anything stands by its default."""
    pieces = _VARIABLE.split(str(server.get("url", "/")).rstrip("/") or "/")
    variables = server.get("variables")
    choices = [
        _values(variables.get(piece) if isinstance(variables, dict) else None) if index % 2 else [piece]
        for index, piece in enumerate(pieces)
    ]
    size = 1
    for listed in choices:
        size *= len(listed)
    rows = itertools.product(*choices) if size <= _MOST else [[f"{{{' '.join(listed)}}}" for listed in choices]]
    for row in rows:
        # Scheme and host are the same in either case (RFC 3986, section 6.2.2.1).
        yield _HOST.sub(lambda found: found.group().lower(), "".join(row))


def _values(variable: JsonValue) -> list[str]:
    if not isinstance(variable, dict):
        return ["{}"]
    listed = variable.get("enum")
    if isinstance(listed, list) and listed:
        return sorted(map(str, listed))
    return [f"{{{variable.get('default', '')}}}"]
