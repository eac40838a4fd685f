"""Who is calling: keys are known by their digest only and compared in constant time.

A presented key is hashed once and compared with every known digest, without stopping at a match, so that the time
taken says nothing about any key. The keys themselves are not kept.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from evalsessions_server.errors import Problem, Vendor
from evalsessions_server.heads import GALILEO_HEADER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evalsessions_server.heads import Heads

__all__ = ["GALTEA_PREFIXES", "Caller", "Keyring", "digest_of", "new_key"]

GALTEA_PREFIXES = ("gsk_", "gsk-")
"""How the keys of today and the legacy ones begin."""

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="evalsessions"'}


@dataclass(frozen=True, slots=True)
class Caller:
    """The key behind a request, as a digest that no log or repr shows."""

    digest: bytes = field(repr=False)

    def is_among(self, digests: Iterable[bytes]) -> bool:
        """Return whether this key is one of ``digests``, looking at all of them."""
        found = False
        for digest in digests:
            found |= hmac.compare_digest(digest, self.digest)
        return found


def digest_of(key: str) -> bytes:
    """Return what is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def new_key(vendor: Vendor) -> str:
    """Return a fresh random key."""
    return ("gsk_" if vendor is Vendor.GALTEA else "galileo-") + secrets.token_urlsafe(24)


class Keyring:
    """The keys that this server takes, by vendor."""

    def __init__(self, *, galtea: Iterable[str], galileo: Iterable[str]) -> None:
        self._known = {
            Vendor.GALTEA: tuple(digest_of(key) for key in galtea),
            Vendor.GALILEO: tuple(digest_of(key) for key in galileo),
        }

    def authenticate(self, vendor: Vendor, heads: Heads) -> Caller:
        """Return the caller.

        Raises:
            Problem: 401, saying whether the key is absent, malformed or unknown.
        """
        caller = Caller(digest_of(_bearer(heads) if vendor is Vendor.GALTEA else _galileo_key(heads)))
        if caller.is_among(self._known[vendor]):
            return caller
        raise _unauthorized(vendor, "this key is not known here")

    def holds(self, text: str) -> bool:
        """Return whether ``text`` is a key of either vendor, so that it is not written down."""
        caller = Caller(digest_of(text))
        return caller.is_among(chain.from_iterable(self._known.values()))


def _bearer(heads: Heads) -> str:
    values = heads.get("authorization", [])
    if not values:
        raise _unauthorized(Vendor.GALTEA, "no key: send the header Authorization: Bearer gsk_...")
    if len(values) > 1:
        raise _unauthorized(Vendor.GALTEA, "more than one Authorization header: send exactly one")
    scheme, _, key = values[0].partition(" ")
    key = key.strip(" ")
    if scheme.lower() != "bearer" or not key:
        raise _unauthorized(Vendor.GALTEA, "not a bearer key: send Authorization: Bearer gsk_...")
    if not key.startswith(GALTEA_PREFIXES):
        raise _unauthorized(Vendor.GALTEA, "not a key of this scheme: keys begin with gsk_ (or, legacy, gsk-)")
    return key


def _galileo_key(heads: Heads) -> str:
    values = heads.get(GALILEO_HEADER.lower(), [])
    if not values or not values[0]:
        raise _unauthorized(Vendor.GALILEO, f"no key: send the header {GALILEO_HEADER}")
    if len(values) > 1:
        raise _unauthorized(Vendor.GALILEO, f"more than one {GALILEO_HEADER} header: send exactly one")
    return values[0]


def _unauthorized(vendor: Vendor, message: str) -> Problem:
    # RFC 9110 (11.6.1) wants a challenge on every 401; no registered scheme describes the Galileo header.
    return Problem(401, message, headers=_CHALLENGE if vendor is Vendor.GALTEA else None)
