"""The values that have names on the wire: of a query, and of cookies."""

from __future__ import annotations

import re
from urllib.parse import unquote, unquote_plus

__all__ = ["crumbs", "pairs"]


def pairs(query: str) -> dict[str, list[str]]:
    """The values of each name in a query."""
    found: dict[str, list[str]] = {}
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        found.setdefault(unquote_plus(name), []).append(unquote_plus(value))
    return found


def crumbs(header: str) -> dict[str, str]:
    """The value of each name in a `Cookie` header, or in several that are joined by commas."""
    found = (part.strip().partition("=") for part in re.split("[;,]", header) if part.strip())
    return {unquote(name): unquote(value) for name, _, value in found}
