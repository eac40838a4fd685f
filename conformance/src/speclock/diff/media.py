"""Media types as names: which of them mean the same, and which range covers which."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["covering", "essence"]


def essence(name: str) -> str:
    """The media type without parameters, in lower case (RFC 9110, section 8.3.1)."""
    return name.partition(";")[0].strip().lower()


def covering(name: str, known: Mapping[str, str]) -> str | None:
    """The pointer of the entry that covers a media type, the most particular first; None when none does."""
    for pattern in (name, f"{name.partition('/')[0]}/*", "*/*"):
        if pattern in known:
            return known[pattern]
    return None
