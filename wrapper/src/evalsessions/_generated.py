"""The one module that knows the generated client: what it has of the contract, and its enum of the states of a session.

Both are imported when they are first asked for, and neither imports httpx or attrs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from evalsessions_client.models.session_status import SessionStatus

__all__ = ["contract", "session_status"]


def contract() -> ModuleType:
    """Return what the contract says of each operation: how its request is made, and what it and its answers promise."""
    from evalsessions_client import contract as said

    return said


def session_status(value: str) -> SessionStatus:
    """Return the status as an enum; one that the contract does not list stays the text that it is."""
    from evalsessions_client.models.session_status import SessionStatus as Status

    return Status(value)
