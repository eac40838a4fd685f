"""The store in SQL, once for both databases.

Texts of users may hold NUL, which PostgreSQL's ``text`` cannot, and may be longer than an index entry. So a text column
holds the ASCII-escaped form of JSON without its quotes (the same as the text itself for every ordinary id), and what is
indexed but not made by this server is indexed by its SHA-256.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING

from evalsessions_server.storage.port import (
    BatchRecord,
    DuplicateCustomIdError,
    ProjectSessionRecord,
    SessionRecord,
    StoreUnavailableError,
    TestCaseRecord,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from evalsessions_server.storage.engine import Connection, Engine, Value

__all__ = ["SCHEMA_VERSION", "SqlStore"]

SCHEMA_VERSION = 1
"""Raised with every change of the tables; a database of another version is refused, not migrated."""

_TABLES = (
    "CREATE TABLE IF NOT EXISTS evalsessions_schema (version INTEGER NOT NULL)",
    """CREATE TABLE IF NOT EXISTS test_cases (
        seq {sequence}, id TEXT NOT NULL UNIQUE, test_id TEXT NOT NULL, document TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS sessions (
        seq {sequence}, id TEXT NOT NULL UNIQUE, version_id TEXT NOT NULL, version_digest TEXT NOT NULL,
        custom_digest TEXT UNIQUE, document TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS sessions_of_version ON sessions (version_digest, seq)",
    """CREATE TABLE IF NOT EXISTS project_sessions (
        seq {sequence}, id TEXT NOT NULL UNIQUE, project_id TEXT NOT NULL, document TEXT NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS batches (seq {sequence}, id TEXT NOT NULL UNIQUE, document TEXT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS batch_sessions (
        batch_id TEXT NOT NULL REFERENCES batches (id), metric_set INTEGER NOT NULL, session_id TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS batch_sessions_of_batch ON batch_sessions (batch_id, metric_set)",
    """CREATE TABLE IF NOT EXISTS batch_metrics (
        batch_id TEXT NOT NULL REFERENCES batches (id), metric_set INTEGER NOT NULL, metric TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS batch_metrics_of_batch ON batch_metrics (batch_id, metric_set)",
)

_EVALUATIONS = """CREATE VIEW evaluations AS
    SELECT s.batch_id AS batch_id, s.session_id AS session_id, m.metric AS metric
    FROM batch_sessions s JOIN batch_metrics m ON m.batch_id = s.batch_id AND m.metric_set = s.metric_set"""

_INSERT_SESSION = """INSERT INTO sessions (id, version_id, version_digest, custom_digest, document)
    VALUES (?, ?, ?, ?, ?)"""
_ADD_SESSION = _INSERT_SESSION + " ON CONFLICT (custom_digest) DO NOTHING"
_SEED_SESSION = _INSERT_SESSION + " ON CONFLICT DO NOTHING"
_ADD_TEST_CASE = "INSERT INTO test_cases (id, test_id, document) VALUES (?, ?, ?)"
_SEED_TEST_CASE = _ADD_TEST_CASE + " ON CONFLICT DO NOTHING"
_ADD_PROJECT_SESSION = "INSERT INTO project_sessions (id, project_id, document) VALUES (?, ?, ?)"

# Text that is its own escaped form: visible ASCII without the quote and the backslash.
_PLAIN = re.compile(r"[ !#-\[\]-~]*")

# SQLite before 3.32 takes at most 999 parameters in a statement.
_IDS_PER_QUERY = 500


class SqlStore:
    """The storage port over an engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._open = False

    @property
    def kind(self) -> str:
        return self._engine.kind

    def open(self) -> None:
        if not self._open:
            self._engine.open(self._make_tables)
            self._open = True

    def close(self) -> None:
        if self._open:
            self._open = False
            self._engine.close()

    def seed(self, test_cases: Sequence[TestCaseRecord], sessions: Sequence[SessionRecord]) -> None:
        def work(connection: Connection) -> None:
            for case in test_cases:
                connection.change(_SEED_TEST_CASE, _test_case_row(case))
            for session in sessions:
                connection.change(_SEED_SESSION, _session_row(session))

        self._engine.run_now(work)

    async def ping(self) -> None:
        await self._engine.read(lambda connection: connection.rows("SELECT version FROM evalsessions_schema"))

    async def add_session(self, record: SessionRecord) -> None:
        row = _session_row(record)
        added = await self._engine.run(lambda connection: connection.change(_ADD_SESSION, row))
        if not added:
            raise DuplicateCustomIdError

    async def versions_of_sessions(self, session_ids: Sequence[str]) -> Mapping[str, str]:
        wanted = [_column(session_id) for session_id in session_ids]

        def work(connection: Connection) -> dict[str, str]:
            found: dict[str, str] = {}
            for ids in _slices(wanted, _IDS_PER_QUERY):
                marks = ", ".join("?" * len(ids))
                rows = connection.rows(f"SELECT id, version_id FROM sessions WHERE id IN ({marks})", ids)  # noqa: S608
                found.update((_text(row[0]), _text(row[1])) for row in rows)
            return found

        return await self._engine.read(work)

    async def sessions_of_version(self, version_id: str, *, limit: int) -> tuple[Sequence[str], int]:
        digest = _digest(version_id)

        def work(connection: Connection) -> tuple[list[str], int]:
            rows = connection.rows(
                "SELECT id FROM sessions WHERE version_digest = ? ORDER BY seq LIMIT ?", (digest, limit)
            )
            if len(rows) < limit:
                return [_text(row[0]) for row in rows], len(rows)
            total = connection.rows("SELECT count(*) FROM sessions WHERE version_digest = ?", (digest,))[0][0]
            return [_text(row[0]) for row in rows], int(str(total))

        return await self._engine.read(work)

    async def add_test_case(self, record: TestCaseRecord) -> None:
        row = _test_case_row(record)
        await self._engine.run(lambda connection: connection.change(_ADD_TEST_CASE, row))

    async def test_case(self, test_case_id: str) -> TestCaseRecord | None:
        statement = "SELECT test_id, document FROM test_cases WHERE id = ?"
        rows = await self._engine.read(lambda connection: connection.rows(statement, (_column(test_case_id),)))
        if not rows:
            return None
        return TestCaseRecord(test_case_id, _text(rows[0][0]), str(rows[0][1]))

    async def add_batch(self, record: BatchRecord) -> None:
        def work(connection: Connection) -> None:
            connection.change("INSERT INTO batches (id, document) VALUES (?, ?)", (record.id, record.document))
            for number, metric_set in enumerate(record.sets):
                connection.change_many(
                    "INSERT INTO batch_sessions (batch_id, metric_set, session_id) VALUES (?, ?, ?)",
                    [(record.id, number, _column(session_id)) for session_id in metric_set.session_ids],
                )
                connection.change_many(
                    "INSERT INTO batch_metrics (batch_id, metric_set, metric) VALUES (?, ?, ?)",
                    [(record.id, number, metric) for metric in metric_set.metrics],
                )

        await self._engine.run(work)

    async def add_project_session(self, record: ProjectSessionRecord) -> None:
        row = (record.id, record.project_id, record.document)
        await self._engine.run(lambda connection: connection.change(_ADD_PROJECT_SESSION, row))

    async def has_project_session(self, session_id: str, *, project_id: str) -> bool:
        statement = "SELECT 1 FROM project_sessions WHERE id = ? AND project_id = ?"
        rows = await self._engine.read(lambda connection: connection.rows(statement, (session_id, project_id)))
        return bool(rows)

    def _make_tables(self, connection: Connection) -> None:
        for table in _TABLES:
            connection.change(table.format(sequence=self._engine.sequence_column))
        versions = [row[0] for row in connection.rows("SELECT version FROM evalsessions_schema")]
        if not versions:
            connection.change(_EVALUATIONS)
            connection.change("INSERT INTO evalsessions_schema (version) VALUES (?)", (SCHEMA_VERSION,))
        elif versions != [SCHEMA_VERSION]:
            raise StoreUnavailableError(
                f"the database has tables of version {versions[0]}, this server needs {SCHEMA_VERSION}: "
                "use a new database"
            )


def _session_row(record: SessionRecord) -> tuple[Value, ...]:
    custom = None if record.custom_id is None else _digest(record.version_id, record.custom_id)
    version = _column(record.version_id)
    return (_column(record.id), version, _digest(record.version_id), custom, record.document)


def _test_case_row(record: TestCaseRecord) -> tuple[Value, ...]:
    return (_column(record.id), _column(record.test_id), record.document)


def _column(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    return json.dumps(text)[1:-1]


def _text(column: object) -> str:
    return str(json.loads(f'"{column}"'))


def _digest(*texts: str) -> str:
    return hashlib.sha256(json.dumps(texts).encode("ascii")).hexdigest()


def _slices(ids: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
