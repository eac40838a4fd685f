"""Whether a request on the wire says who is calling, in one of the ways that the contract has for its operation."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from speclock.sdk.named import crumbs, pairs
from speclock.sdk.wire import CREDENTIAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speclock.core.contract import Operation, SecurityScheme
    from speclock.sdk.comparing import Difference
    from speclock.sdk.wire import Received

__all__ = ["is_basic", "uncredited"]

#: What stands before a user and a password; the subject is given one text for both.
_BASIC = "Basic "


def uncredited(operation: Operation, known: Sequence[SecurityScheme], sent: Received) -> Iterator[Difference]:
    """What is wrong with the credentials of a request: none of the ways is said whole, or one says something else."""
    for scheme in known:
        alike = [item for item in known if (item.place, item.parameter) == (scheme.place, scheme.parameter)]
        if scheme is alike[0] and _said(scheme, sent) and not any(_is_said(item, sent) for item in alike):
            yield f"{scheme.place} {scheme.parameter}", "expected the credential, got something else"
    ways = [[item for item in known if item.name in way] for way in operation.security]
    if ways and not any(all(_is_said(scheme, sent) for scheme in way) for way in ways):
        expected = " or ".join(" and ".join(map(_words, way)) for way in ways)
        yield "credential", f"expected {expected}, got less"


def is_basic(value: str) -> bool:
    """Whether a header says the credential as a user or a password (RFC 7617, section 2)."""
    prefix, _, encoded = value.partition(" ")
    try:
        return prefix.lower() == "basic" and CREDENTIAL in base64.b64decode(encoded, validate=True).decode()
    except ValueError:
        return False


def _is_said(scheme: SecurityScheme, sent: Received) -> bool:
    said = _said(scheme, sent)
    return said == [scheme.prefix + CREDENTIAL] or (scheme.prefix == _BASIC and any(map(is_basic, said)))


def _said(scheme: SecurityScheme, sent: Received) -> list[str]:
    """What stands where this way has its credential."""
    if scheme.place == "header":
        value = sent.header(scheme.parameter)
        return [] if value is None else [value]
    if scheme.place == "query":
        return pairs(sent.target.partition("?")[2]).get(scheme.parameter, [])
    return crumbs(sent.header("cookie") or "").get(scheme.parameter, [])


def _words(scheme: SecurityScheme) -> str:
    return f"the {scheme.place} {scheme.parameter}: {scheme.prefix}<credential>"
