"""What every operation gets, gives and decides alike: ids, times, and the order of 403 before 404."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from evalsessions_server.catalog import Access, Catalog
from evalsessions_server.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from evalsessions_server.auth import Caller
    from evalsessions_server.json_types import JsonValue
    from evalsessions_server.storage import Store

# Seeded by the operating system once: ids need to be new, not secret, and a system call for each costs 50 us here.
_RANDOM = random.Random()  # noqa: S311

__all__ = ["USER_ID", "Answer", "Call", "Services", "new_id", "now", "require"]

USER_ID = "user_sandbox"
"""The owner of everything: this server has keys, and no accounts behind them."""


@dataclass(frozen=True, slots=True)
class Services:
    """What outlives a request."""

    catalog: Catalog
    store: Store


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request whose body is sound JSON."""

    caller: Caller
    body: JsonValue
    path: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back; ``document`` is JSON text, the same that was stored."""

    status: int
    document: str


def new_id(prefix: str) -> str:
    """Return an id that no other has: the time and 64 random bits, and the database refuses a repetition.

    The time stands first so that new ids are neighbours in an index; scattered ones cost a page of the disk each.
    """
    return f"{prefix}_{time.time_ns() // 1_000_000:012x}{_RANDOM.getrandbits(64):016x}"


def now() -> str:
    """Return the time as RFC 3339 text in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def require(access: Iterable[tuple[str, str, Access]]) -> None:
    """Refuse when a (kind, id, access) is not granted; all of them are judged, since 403 goes before 404.

    Raises:
        Problem: 403 or 404, naming the first in the order given.
    """
    refused = [item for item in access if item[2] is not Access.GRANTED]
    for kind, entry_id, what in refused:
        if what is Access.FORBIDDEN:
            raise Problem(403, f"this key has no right to {kind} {_shown(entry_id)}")
    for kind, entry_id, _ in refused:
        raise Problem(404, f"{kind} {_shown(entry_id)} does not exist")


def _shown(entry_id: str) -> str:
    return repr(entry_id if len(entry_id) <= 80 else entry_id[:80] + "...")
