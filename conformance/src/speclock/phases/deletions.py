"""What was deleted is asked for again: where the contract documents 404 or 410 for reading, it must be gone."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from speclock.core.cases import Case, CaseKind, Demand
from speclock.core.documents import join
from speclock.phases.base import Desk, Work

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speclock.core.contract import Operation

__all__ = ["deletion_works"]

_NAME = "combinations"
#: Answers that say "it is not there" (RFC 9110, sections 15.5.5 and 15.5.11).
_GONE = ("404", "410")
#: A deletion that is only accepted may still be under way (RFC 9110, section 9.3.5).
_NOT_YET = 202


def deletion_works(desk: Desk, operations: Sequence[Operation]) -> Iterator[Work]:
    """For each path that documents both, reading after deleting."""
    if desk.profile.stateless:
        return
    readers = {operation.path: operation for operation in operations if operation.method == "GET"}
    for deleting in operations:
        reading = readers.get(deleting.path)
        documented = next((status for status in _GONE if reading is not None and status in reading.statuses), None)
        if deleting.method == "DELETE" and reading is not None and documented is not None:
            run = partial(_read_again, deleting, reading, documented)
            yield Work(_NAME, f"{deleting.id} and read", run, (deleting, reading), 1, 2, is_whole=True)


def _read_again(deleting: Operation, reading: Operation, documented: str, desk: Desk) -> None:
    planned = desk.plan(deleting).plain, desk.plan(reading).plain
    if planned[0] is None or planned[1] is None:
        return
    words = "a request to delete what is then asked for"
    deletion = desk.maker.finish(Case(deleting, _NAME, CaseKind.POSITIVE, words, draft=planned[0]))
    exchange = desk.take(deletion)
    if deletion.draft is None or exchange is None or not exchange.answer.is_success:
        return
    if exchange.answer.status == _NOT_YET:
        return
    again = desk.maker.finish(Case(reading, _NAME, CaseKind.POSITIVE, "", draft=planned[1]))
    assert again.draft is not None
    demand = Demand(
        "deletion_conformance",
        f"{deleting.id} deletes",
        frozenset(map(int, _GONE)),
        join(reading.pointer, "responses", documented),
        f"what {deleting.id} deleted just before",
    )
    same = again.draft.with_parameters("path", deletion.draft.path)
    desk.take(Case(reading, _NAME, CaseKind.NEGATIVE, f"a request for {demand.given}", draft=same, demand=demand))
