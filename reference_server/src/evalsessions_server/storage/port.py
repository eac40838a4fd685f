"""The storage port: what the operations need of a database, in the words of the contract.

A record is what was answered (``document``, JSON as ASCII text) beside the few values that it is looked up by.
Every method is one transaction: when it returns, the record survives the death of the process; when it raises, nothing
was stored, except that of a database that fell silent during the commit itself nothing is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "BatchRecord",
    "DuplicateCustomIdError",
    "MetricSet",
    "ProjectSessionRecord",
    "SessionRecord",
    "Store",
    "StoreUnavailableError",
    "TestCaseRecord",
]


class StoreUnavailableError(Exception):
    """The database did not do its part: unreachable, full, locked or not ours."""


class DuplicateCustomIdError(Exception):
    """The version has a session with this customId already."""


@dataclass(frozen=True, slots=True)
class SessionRecord:
    id: str
    version_id: str
    custom_id: str | None
    document: str


@dataclass(frozen=True, slots=True)
class TestCaseRecord:
    __test__ = False  # a test case of the contract, not one of pytest's

    id: str
    test_id: str
    document: str


@dataclass(frozen=True, slots=True)
class ProjectSessionRecord:
    id: str
    project_id: str
    document: str


@dataclass(frozen=True, slots=True)
class MetricSet:
    """Sessions that are evaluated by the same metrics; one evaluation for each pair."""

    session_ids: tuple[str, ...]
    metrics: tuple[str, ...]
    """Each metric as a JSON document."""


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """All evaluations that one request created.

    A body of 1 MiB can name tens of thousands of sessions and as many metrics, so the pairs are kept as two lists
    and multiplied when read (the view ``evaluations``): space and time stay linear in the request.
    """

    id: str
    document: str
    sets: tuple[MetricSet, ...]


class Store(Protocol):
    """A database, seen from the operations; methods may be called from any event loop."""

    @property
    def kind(self) -> str:
        """Which database it is: ``sqlite`` or ``postgresql``."""

    def open(self) -> None:
        """Connect and make the tables; does nothing when open.

        Raises:
            StoreUnavailableError: no connection, or tables that are not ours.
        """

    def close(self) -> None:
        """Finish what was accepted and disconnect; does nothing when closed."""

    def seed(self, test_cases: Sequence[TestCaseRecord], sessions: Sequence[SessionRecord]) -> None:
        """Add the catalogue's records, leaving those that exist as they are. Called before serving."""

    async def ping(self) -> None:
        """Return if the database answers."""

    async def add_session(self, record: SessionRecord) -> None:
        """Add a session.

        Raises:
            DuplicateCustomIdError: the version has this customId already.
        """

    async def versions_of_sessions(self, session_ids: Sequence[str]) -> Mapping[str, str]:
        """Return the version of each session that exists."""

    async def sessions_of_version(self, version_id: str, *, limit: int) -> tuple[Sequence[str], int]:
        """Return the first sessions in the order of creation, and how many there are."""

    async def add_test_case(self, record: TestCaseRecord) -> None: ...

    async def test_case(self, test_case_id: str) -> TestCaseRecord | None: ...

    async def add_batch(self, record: BatchRecord) -> None: ...

    async def add_project_session(self, record: ProjectSessionRecord) -> None: ...

    async def has_project_session(self, session_id: str, *, project_id: str) -> bool: ...
