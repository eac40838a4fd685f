"""From a database URL to a store.

``sqlite://`` is memory, ``sqlite:////absolute/path`` and ``sqlite:///relative`` are files, ``postgresql://...`` is
given to psycopg as it is. Messages never repeat the URL, which may hold a password. Those of libpq do repeat what they
take for a host, a port or an option, so a URL in which a part of the password could be taken for one is refused
before it gets there.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from evalsessions_server.storage.sql import SqlStore
from evalsessions_server.storage.sqlite import SqliteEngine

if TYPE_CHECKING:
    from evalsessions_server.storage.engine import Engine

__all__ = ["DatabaseUrlError", "open_store"]

_FORMS = "sqlite:// (memory), sqlite:///relative, sqlite:////absolute/path or postgresql://..."


_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_PORTS = re.compile(r"\d{0,5}(,\d{0,5})*", re.ASCII)

# The options of libpq (PostgreSQL 18, section 32.1.2) that have a closed set of values, which its messages repeat
# when they are wrong.
_VALUES = {
    "port": _PORTS,
    "sslmode": re.compile("disable|allow|prefer|require|verify-ca|verify-full"),
    "sslnegotiation": re.compile("postgres|direct"),
    "ssl_min_protocol_version": re.compile("|TLSv1(\\.[123])?"),
    "ssl_max_protocol_version": re.compile("|TLSv1(\\.[123])?"),
    "gssencmode": re.compile("disable|prefer|require"),
    "channel_binding": re.compile("disable|prefer|require"),
    "target_session_attrs": re.compile("any|read-write|read-only|primary|standby|prefer-standby"),
    "load_balance_hosts": re.compile("disable|random"),
    **dict.fromkeys(
        (
            "connect_timeout",
            "keepalives",
            "keepalives_idle",
            "keepalives_interval",
            "keepalives_count",
            "tcp_user_timeout",
        ),
        _NUMBER,
    ),
}


class DatabaseUrlError(ValueError):
    """The URL names no database that this server can use."""


def open_store(url: str) -> SqlStore:
    """Return the store that ``url`` names, not yet open.

    Raises:
        DatabaseUrlError: an unknown form, or a folder that does not exist.
    """
    if "\0" in url:
        raise DatabaseUrlError("the database URL holds a NUL character")
    scheme, separator, rest = url.partition("://")
    if separator and scheme == "sqlite":
        return SqlStore(SqliteEngine(_sqlite_path(rest)))
    if separator and scheme in {"postgresql", "postgres"}:
        return SqlStore(_postgresql(url))
    raise DatabaseUrlError(f"unknown kind of database URL; expected {_FORMS}")


def _postgresql(url: str) -> Engine:
    # Imported late: psycopg takes a third of the server's start, and SQLite needs none of it.
    from psycopg import ProgrammingError  # noqa: PLC0415
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

    from evalsessions_server.storage.postgresql import PostgresqlEngine  # noqa: PLC0415

    rest = url.partition("://")[2]
    userinfo, at, after = rest.partition("@")
    if at and ("/" in userinfo or "@" in after):
        raise DatabaseUrlError(
            "the PostgreSQL URL has an @ or a / where none can stand: percent-encode the password (@ is %40, / is %2F)"
        )
    try:
        options = conninfo_to_dict(url)
    except ProgrammingError:
        raise DatabaseUrlError("the PostgreSQL URL is malformed; expected postgresql://user@host/name") from None
    for name, values in _VALUES.items():
        value = options.get(name)
        if value is not None and not values.fullmatch(str(value)):
            raise DatabaseUrlError(
                f"the PostgreSQL URL has a bad {name}; expected postgresql://user@host:port/name?option=value, "
                "with every :, @, / and ? of a password percent-encoded"
            )
    return PostgresqlEngine(url)


def _sqlite_path(rest: str) -> str | None:
    if not rest:
        return None
    if not rest.startswith("/") or rest == "/":
        raise DatabaseUrlError(f"malformed SQLite URL; expected {_FORMS}")
    path = Path(rest[1:])
    if not path.parent.is_dir():
        raise DatabaseUrlError(f"the folder of the SQLite database does not exist: {path.parent}")
    if path.is_dir():
        raise DatabaseUrlError(f"the SQLite database is a folder: {path}")
    return str(path)
