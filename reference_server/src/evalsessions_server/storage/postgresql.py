"""PostgreSQL: psycopg 3 with a pool; each request's work has a connection and a transaction of its own."""

from __future__ import annotations

import asyncio
import functools
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, LiteralString, TypeVar

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from evalsessions_server.storage.port import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from evalsessions_server.storage.engine import Connection, Value

__all__ = ["PostgresqlEngine"]

T = TypeVar("T")

# A connection works on one request at a time; on two cores more of them only wait for each other.
_CONNECTIONS = 8

# How long, in seconds, to wait for the database when starting, and for a free connection when serving.
_START_SECONDS = 5
_WAIT_SECONDS = 2.0

# Keeps two servers that start together from making the same tables at the same time; any fixed number does.
_TABLES_LOCK = 7_303_014_420


class PostgresqlEngine:
    """The database that a ``postgresql://`` URL names."""

    kind = "postgresql"
    sequence_column = "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: ConnectionPool | None = None
        self._threads: ThreadPoolExecutor | None = None

    def open(self, prepare: Callable[[Connection], None]) -> None:
        try:
            with psycopg.connect(self._url, connect_timeout=_START_SECONDS) as connection:
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (_TABLES_LOCK,))
                prepare(_PostgresqlConnection(connection))
        except psycopg.Error as error:
            raise _unavailable(error) from error
        self._threads = ThreadPoolExecutor(_CONNECTIONS, thread_name_prefix="evalsessions-postgresql")
        # A connection that died while it was idle (the database restarted) is replaced, not handed out.
        self._pool = ConnectionPool(
            self._url,
            min_size=1,
            max_size=_CONNECTIONS,
            timeout=_WAIT_SECONDS,
            open=True,
            check=ConnectionPool.check_connection,
            kwargs={"connect_timeout": _START_SECONDS},
        )

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown(wait=True)
            self._threads = None
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    def run_now(self, work: Callable[[Connection], T]) -> T:
        if self._pool is None:
            raise StoreUnavailableError("the database is closed")
        try:
            with self._pool.connection() as connection:
                return work(_PostgresqlConnection(connection))
        except (psycopg.Error, PoolTimeout) as error:
            raise _unavailable(error) from error

    async def run(self, work: Callable[[Connection], T]) -> T:
        if self._threads is None:
            raise StoreUnavailableError("the database is closed")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self.run_now, work)


def _unavailable(error: Exception) -> StoreUnavailableError:
    return StoreUnavailableError("PostgreSQL: " + (re.sub(r"\s+", " ", str(error)).strip() or type(error).__name__))


class _PostgresqlConnection:
    def __init__(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        self._connection = connection

    def change(self, statement: str, parameters: Sequence[Value] = ()) -> int:
        return self._connection.execute(_native(statement), parameters).rowcount

    def change_many(self, statement: str, rows: Iterable[Sequence[Value]]) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(_native(statement), rows)

    def rows(self, statement: str, parameters: Sequence[Value] = ()) -> list[tuple[object, ...]]:
        return self._connection.execute(_native(statement), parameters).fetchall()


@functools.lru_cache(maxsize=1024)
def _native(statement: LiteralString) -> LiteralString:
    # The statements of sql.py are constants without a literal percent sign or question mark.
    return statement.replace("?", "%s")
