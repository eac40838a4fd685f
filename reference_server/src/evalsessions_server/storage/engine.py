"""The seam between the SQL of the store and a database: run a piece of work in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["Connection", "Engine", "Value"]

T = TypeVar("T")

Value = str | int | None


class Connection(Protocol):
    """A connection inside a transaction. Parameters are written ``?``."""

    def change(self, statement: str, parameters: Sequence[Value] = ()) -> int:
        """Run a statement and return how many rows it changed."""

    def change_many(self, statement: str, rows: Iterable[Sequence[Value]]) -> None:
        """Run a statement once for each row of parameters."""

    def rows(self, statement: str, parameters: Sequence[Value] = ()) -> list[tuple[object, ...]]:
        """Return the rows of a query."""


class Engine(Protocol):
    """A database. Errors of its driver come out as ``StoreUnavailableError``."""

    @property
    def kind(self) -> str:
        """``sqlite`` or ``postgresql``."""

    @property
    def sequence_column(self) -> str:
        """The type of a column that numbers the rows in the order of creation."""

    def open(self, prepare: Callable[[Connection], None]) -> None:
        """Connect and run ``prepare`` alone, in one transaction."""

    def close(self) -> None:
        """Finish the accepted work and disconnect."""

    def run_now(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in one transaction and wait for it; not for use inside an event loop."""

    async def run(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in one transaction; its result is returned after the commit."""

    async def read(self, work: Callable[[Connection], T]) -> T:
        """As ``run``, for work that changes nothing and so waits for no one who writes."""
