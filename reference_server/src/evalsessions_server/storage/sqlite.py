"""SQLite: one thread owns the one connection, and commits the work of concurrent requests together.

SQLite has a single writer anyway. Giving it a thread of its own keeps the event loop free, makes ``sqlite://`` (memory)
one database for all requests, and lets one commit, with its sync to the disk, serve everything that waits (group
commit). Work that fails takes no other with it, and nobody is answered before the commit.

A file that another process holds stops writing only: what reads goes on, and each write is given up when its own time
is over, however many wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import sqlite3
import threading
import time
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

# How long, in seconds, work waits for a database that another process holds before it is given up.
_BUSY_SECONDS = 5.0

# How long, in seconds, one try for the lock takes; between two tries the reads that came in meanwhile are served.
_TRY_SECONDS = 0.05


class _Job:
    """Work that waits, and whom to tell."""

    __slots__ = ("deadline", "error", "future", "loop", "result", "work", "writes")

    def __init__(
        self,
        work: Callable[[Connection], object],
        future: asyncio.Future[object] | Future[object],
        loop: asyncio.AbstractEventLoop | None,
        *,
        writes: bool,
    ) -> None:
        self.work = work
        self.writes = writes
        self.deadline = time.monotonic() + _BUSY_SECONDS
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
        self._submit(_Job(work, future, None, writes=True))  # type: ignore[arg-type]
        return future.result()

    async def run(self, work: Callable[[Connection], T]) -> T:
        return await self._wait(work, writes=True)

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await self._wait(work, writes=False)

    async def _wait(self, work: Callable[[Connection], T], *, writes: bool) -> T:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._submit(_Job(work, future, loop, writes=writes))  # type: ignore[arg-type]
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
        connection.execute(f"PRAGMA busy_timeout = {round(_TRY_SECONDS * 1000)}")
        opened.set_result(None)
        try:
            self._work_off(connection)
        finally:
            connection.close()

    def _work_off(self, connection: sqlite3.Connection) -> None:
        waiting: list[_Job] = []
        last = False
        while waiting or not last:
            last |= self._take(waiting)
            writes = [job for job in waiting if job.writes][:_GROUP]
            reads = [job for job in waiting if not job.writes]
            tried = {id(job) for job in (*writes, *reads)}
            later = [job for job in waiting if id(job) not in tried]
            busy: list[_Job] = []
            for group, begin in ((reads, "BEGIN"), (writes, "BEGIN IMMEDIATE")):
                if group and not _commit(connection, group, begin):
                    busy += group
                else:
                    _tell(group)
            waiting = _without_overdue([*busy, *later]) if busy else later

    def _take(self, waiting: list[_Job]) -> bool:
        """Add the jobs that are there, waiting for one only if there is nothing to do; return whether it is over."""
        while not waiting or not self._jobs.empty():
            job = self._jobs.get()
            if job is None:
                return True
            waiting.append(job)
        return False


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


def _commit(connection: sqlite3.Connection, group: Sequence[_Job], begin: str) -> bool:
    """Run the group in one transaction; if any of it fails, each alone, so that it takes no other with it.

    Returns whether it was tried: not when another process has the database, and then nothing was done.
    """
    face = _SqliteConnection(connection)
    begun = False
    try:
        connection.execute(begin)
        begun = True
        for job in group:
            job.result = job.work(face)
        connection.execute("COMMIT")
    except Exception as error:  # noqa: BLE001 - told to the one who asked for the work
        if connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        if _is_busy(error):
            return False
        if len(group) == 1 or not begun:
            for job in group:
                job.error = _unavailable(error) if isinstance(error, sqlite3.Error) else error
        else:
            for job in group:
                if not _commit(connection, (job,), begin):
                    job.error = _busy()
    return True


def _is_busy(error: Exception) -> bool:
    # The low byte is the primary code; the rest says how it came about.
    return isinstance(error, sqlite3.Error) and getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def _without_overdue(waiting: list[_Job]) -> list[_Job]:
    """Give up what has waited long enough for the other process, and return the rest."""
    now = time.monotonic()
    overdue = [job for job in waiting if job.deadline <= now]
    for job in overdue:
        job.error = _busy()
    _tell(overdue)
    return [job for job in waiting if job.deadline > now]


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


def _busy() -> StoreUnavailableError:
    return StoreUnavailableError("SQLite: another process holds the database")


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
