"""Reading a server's database behind its back."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Any

import psycopg

__all__ = ["rows"]


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query that takes no parameters."""
    if url.startswith("sqlite:///"):
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return connection.execute(query).fetchall()
    with psycopg.connect(url) as connection:
        return connection.execute(query.replace("%", "%%")).fetchall()
