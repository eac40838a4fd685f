"""PostgreSQL: psycopg 3 with a pool; each request's work has a connection and a transaction of its own.

A database that is gone, or there and silent, costs a request a bounded time. Work that has no connection in time is
never begun. Work that was begun and takes too long has its connection cut: before COMMIT was sent, that undoes it;
after, nobody can know, and the answer says neither.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import re
import socket
import threading
import time
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

# How much work may wait for its turn; beyond, it is refused at once.
_WAITING = 1024

# How long, in seconds, to wait for the database when starting; when serving, from a request's arrival until it has a
# connection that answers; and, after that, for its work. The largest bodies take about two.
_START_SECONDS = 5
_WAIT_SECONDS = 3.0
_WORK_SECONDS = 15.0

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
        self._room = threading.BoundedSemaphore(_WAITING)
        self._current = threading.local()

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
            check=self._check,
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
        return self._do(_Job(), work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self.run(work)

    async def run(self, work: Callable[[Connection], T]) -> T:
        if self._threads is None:
            raise StoreUnavailableError("the database is closed")
        if not self._room.acquire(blocking=False):
            raise StoreUnavailableError("PostgreSQL: too much work waits already")
        job = _Job()
        try:
            future = self._threads.submit(self._do, job, work)
        except RuntimeError as error:
            self._room.release()
            raise StoreUnavailableError("the database is closed") from error
        future.add_done_callback(lambda _: self._room.release())
        waited = asyncio.wrap_future(future)
        # Nobody asks for the outcome of work that was given up.
        waited.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        try:
            done, _ = await asyncio.wait({waited}, timeout=_WAIT_SECONDS)
            if not done and job.begun:
                done, _ = await asyncio.wait({waited}, timeout=_WORK_SECONDS)
        except asyncio.CancelledError:
            job.give_up()
            raise
        if done:
            return waited.result()
        job.give_up()
        raise StoreUnavailableError("PostgreSQL: no answer in time")

    def _do(self, job: _Job, work: Callable[[Connection], T]) -> T:
        if self._pool is None:
            raise StoreUnavailableError("the database is closed")
        self._current.job = job
        try:
            with self._pool.connection(job.time_left()) as connection:
                job.begin()
                return work(_PostgresqlConnection(connection))
        except (psycopg.Error, PoolTimeout) as error:
            raise _unavailable(error) from error
        finally:
            job.leave()

    def _check(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        job: _Job | None = getattr(self._current, "job", None)
        if job is not None:
            job.take(connection)
        ConnectionPool.check_connection(connection)


class _Job:
    """Work on its way through the pool, and the connection to cut when nobody waits for it any more."""

    __slots__ = ("_connection", "_deadline", "_given_up", "_lock", "begun")

    def __init__(self) -> None:
        self.begun = False
        self._given_up = False
        self._deadline = time.monotonic() + _WAIT_SECONDS
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None
        self._lock = threading.Lock()

    def time_left(self) -> float:
        """Return how long, in seconds, it may wait for a connection."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise StoreUnavailableError("PostgreSQL: no connection was free in time")
        return left

    def take(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        with self._lock:
            self._connection = connection
            if self._given_up:
                _cut(connection)

    def begin(self) -> None:
        with self._lock:
            if self._given_up:
                raise StoreUnavailableError("PostgreSQL: nobody waits for this work any more")
            self.begun = True

    def leave(self) -> None:
        with self._lock:
            self._connection = None

    def give_up(self) -> None:
        with self._lock:
            self._given_up = True
            if self._connection is not None:
                _cut(self._connection)


def _cut(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """End the connection under the hands of the thread that waits for it, which then gets an error."""
    with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(connection.fileno())) as shared:
        shared.shutdown(socket.SHUT_RDWR)


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
