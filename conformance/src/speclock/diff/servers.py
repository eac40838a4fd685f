"""The addresses that an operation is served at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speclock.core.documents import join

if TYPE_CHECKING:
    from speclock.core.contract import Contract, Operation

__all__ = ["servers_of"]


def servers_of(contract: Contract, operation: Operation) -> dict[str, str]:
    """The URLs, each with its place: those of the operation, or else of its path, or else of the document."""
    above = operation.pointer.rpartition("/")[0]
    for holder in (operation.pointer, above, ""):
        value = contract.document.at(holder)
        listed = value.get("servers") if isinstance(value, dict) else None
        if isinstance(listed, list) and listed:
            return {
                str(server.get("url", "/")).rstrip("/") or "/": join(holder, "servers", index)
                for index, server in enumerate(listed)
                if isinstance(server, dict)
            }
    return {"/": "/servers"}  # the address of the document itself (OpenAPI, Server Object)
