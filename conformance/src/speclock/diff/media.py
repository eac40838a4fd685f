"""Media types as names: which of them mean the same, and which range covers which."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["canonical", "concrete", "covering"]


def canonical(name: str) -> str:
    """The media type in one form: names in lower case, parameters sorted (RFC 9110, section 8.3.1).

    Without `charset`, which says how a text is written and not what it means.
    """
    kind, *parameters = (part.strip() for part in name.split(";"))
    told = []
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key and key.strip().lower() != "charset":
            told.append(f"{key.strip().lower()}={value.strip().strip(chr(34))}")
    return ";".join([kind.lower(), *sorted(told)])


def covering(name: str, known: Mapping[str, str]) -> str | None:
    """The pointer of the entry that covers a media type, the most particular first; None when none does."""
    bare = name.partition(";")[0]
    for pattern in (name, bare, f"{bare.partition('/')[0]}/*", "*/*"):
        if pattern in known:
            return known[pattern]
    return None


def concrete(name: str) -> str:
    """A media type that something can be sent in: of a range, one that it covers and no document names."""
    return name.replace("*/*", "application/*").replace("/*", "/x-speclock")
