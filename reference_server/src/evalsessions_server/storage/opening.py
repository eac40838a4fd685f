"""From a database URL to a store.

``sqlite://`` is memory, ``sqlite:////absolute/path`` and ``sqlite:///relative`` are files, ``postgresql://...`` is
given to psycopg as it is. Messages never repeat the URL, which may hold a password.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from evalsessions_server.storage.sql import SqlStore
from evalsessions_server.storage.sqlite import SqliteEngine

if TYPE_CHECKING:
    from evalsessions_server.storage.engine import Engine

__all__ = ["DatabaseUrlError", "open_store"]

_FORMS = "sqlite:// (memory), sqlite:///relative, sqlite:////absolute/path or postgresql://..."


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

    try:
        conninfo_to_dict(url)
    except ProgrammingError:
        raise DatabaseUrlError("the PostgreSQL URL is malformed; expected postgresql://user@host/name") from None
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
