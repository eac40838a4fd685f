"""SQLite: one thread owns the one connection, and commits the work of concurrent requests together.

SQLite has a single writer anyway. Giving it a thread of its own keeps the event loop free, makes ``sqlite://`` (memory)
one database for all requests, and lets one commit, with its sync to the disk, serve everything that waits (group
commit). Work that fails takes no other with it, and nobody is answered before the commit.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, TypeVar

from evalsessions_server.storage.port import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from evalsessions_server.storage.engine import Connection, Value

__all__ = ["SqliteEngine"]

T = TypeVar("T")

# How much work shares one commit at most; bounds how long the first of it waits for its answer.
_GROUP = 128

# How long, in seconds, another process may hold the database before work is given up.
_BUSY_SECONDS = 10.0


class _Job:
    """Work that waits, and whom to tell."""

    __slots__ = ("error", "future", "loop", "result", "work")

    def __init__(
        self,
        work: Callable[[Connection], object],
        future: asyncio.Future[object] | Future[object],
        loop: asyncio.AbstractEventLoop | None,
    ) -> None:
        self.work = work
        self.future = future
        self.loop = loop
        self.result: object = None
        self.error: BaseException | None = None

    def tell(self) -> None:
        # A caller that gave up (a cancelled task) is not told.
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class SqliteEngine:
    """A database file, or memory when ``path`` is None."""

    kind = "sqlite"
    sequence_column = "INTEGER PRIMARY KEY"

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def open(self, prepare: Callable[[Connection], None]) -> None:
        opened: Future[None] = Future()
        self._thread = threading.Thread(
            target=self._serve, args=(opened, prepare), name="evalsessions-sqlite", daemon=True
        )
        self._thread.start()
        try:
            opened.result()
        except StoreUnavailableError:
            self._thread.join()
            self._thread = None
            raise

    def close(self) -> None:
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None

    def run_now(self, work: Callable[[Connection], T]) -> T:
        future: Future[T] = Future()
        self._submit(_Job(work, future, None))  # type: ignore[arg-type]
        return future.result()

    async def run(self, work: Callable[[Connection], T]) -> T:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._submit(_Job(work, future, loop))  # type: ignore[arg-type]
        return await future

    def _submit(self, job: _Job) -> None:
        if self._thread is None:
            raise StoreUnavailableError("the database is closed")
        self._jobs.put(job)

    def _serve(self, opened: Future[None], prepare: Callable[[Connection], None]) -> None:
        try:
            connection = _connect(self._path)
        except sqlite3.Error as error:
            opened.set_exception(_unavailable(error))
            return
        try:
            connection.execute("BEGIN IMMEDIATE")
            prepare(_SqliteConnection(connection))
            connection.execute("COMMIT")
        except (sqlite3.Error, StoreUnavailableError) as error:
            connection.close()
            opened.set_exception(_unavailable(error))
            return
        opened.set_result(None)
        try:
            self._work_off(connection)
        finally:
            connection.close()

    def _work_off(self, connection: sqlite3.Connection) -> None:
        last = False
        while not last:
            job = self._jobs.get()
            group: list[_Job] = []
            while job is not None:
                group.append(job)
                if len(group) == _GROUP or self._jobs.empty():
                    break
                job = self._jobs.get()
            last = job is None
            if group:
                _commit(connection, group)
                _tell(group)


def _connect(path: str | None) -> sqlite3.Connection:
    connection = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=_BUSY_SECONDS)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _commit(connection: sqlite3.Connection, group: Sequence[_Job]) -> None:
    """Run the group in one transaction; if any of it fails, each alone, so that it takes no other with it."""
    face = _SqliteConnection(connection)
    try:
        connection.execute("BEGIN IMMEDIATE")
        for job in group:
            job.result = job.work(face)
        connection.execute("COMMIT")
    except Exception as error:  # noqa: BLE001 - told to the one who asked for the work
        if connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        if len(group) == 1:
            group[0].error = _unavailable(error) if isinstance(error, sqlite3.Error) else error
            return
        for job in group:
            _commit(connection, (job,))


def _tell(group: list[_Job]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop | None, list[_Job]] = {}
    for job in group:
        by_loop.setdefault(job.loop, []).append(job)
    for loop, jobs in by_loop.items():
        if loop is None:
            _tell_all(jobs)
        elif not loop.is_closed():
            try:
                loop.call_soon_threadsafe(_tell_all, jobs)
            except RuntimeError:
                # The loop was closed in between: nobody waits any more.
                continue


def _tell_all(jobs: Iterable[_Job]) -> None:
    for job in jobs:
        job.tell()


def _unavailable(error: Exception) -> StoreUnavailableError:
    if isinstance(error, StoreUnavailableError):
        return error
    unavailable = StoreUnavailableError(f"SQLite: {error}")
    unavailable.__cause__ = error
    return unavailable


class _SqliteConnection:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def change(self, statement: str, parameters: Sequence[Value] = ()) -> int:
        return self._connection.execute(statement, parameters).rowcount

    def change_many(self, statement: str, rows: Iterable[Sequence[Value]]) -> None:
        self._connection.executemany(statement, rows)

    def rows(self, statement: str, parameters: Sequence[Value] = ()) -> list[tuple[object, ...]]:
        return self._connection.execute(statement, parameters).fetchall()
