"""Named values on the wire: of a query, and of cookies; and the headers that are nobody's parameter."""

from __future__ import annotations

from urllib.parse import unquote, unquote_plus

__all__ = ["OF_THE_CLIENT", "crumbs", "pairs"]

#: What an HTTP client adds of its own (RFC 9110, RFC 6265), and the media type.
OF_THE_CLIENT = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
        "user-agent",
    }
)


def pairs(query: str) -> dict[str, list[str]]:
    """The values of each name in a query."""
    found: dict[str, list[str]] = {}
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        found.setdefault(unquote_plus(name), []).append(unquote_plus(value))
    return found


def crumbs(header: str) -> dict[str, list[str]]:
    """The values of each name in a `Cookie` header."""
    found: dict[str, list[str]] = {}
    for part in filter(None, map(str.strip, header.split(";"))):
        name, _, value = part.partition("=")
        found.setdefault(unquote(name), []).append(unquote(value))
    return found
