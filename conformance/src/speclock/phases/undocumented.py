"""Properties that only answers have, sent in a request: where the contract leaves an object open, they mean nothing.

A server may know them all the same: it takes an id that it should have made itself, or refuses a value that it should
not have looked at.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from speclock.core.cases import ABSENT, Case, CaseKind
from speclock.core.constraints import ANY_NAME, Part, Place, ShapeReader
from speclock.core.contract import answer_bodies
from speclock.core.documents import join
from speclock.generation.values import plain, same
from speclock.phases.base import Desk, Work

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from speclock.core.cases import Draft
    from speclock.core.contract import Operation
    from speclock.core.documents import JsonValue

__all__ = ["undocumented_works"]

_NAME = "combinations"
#: What such a property may hold that it never has in an answer.
_OTHERS: tuple[JsonValue, ...] = (None, "x", -1, True, [], {})


def undocumented_works(desk: Desk, operations: Sequence[Operation]) -> Iterator[Work]:
    """The work on properties that only answers have."""
    for operation in operations:
        names = _only_answered(desk, operation)
        if names:
            run = partial(_send, operation, names)
            yield Work(_NAME, f"{operation.id} undocumented", run, (operation,), 1, (len(_OTHERS) + 1) * len(names))


def _only_answered(desk: Desk, operation: Operation) -> dict[str, JsonValue]:
    """The properties of documented successes that the request does not have, each with a value as answers have it."""
    body = desk.oracle.analysis(operation).shapes.get(Place(Part.BODY))
    if body is None or "object" not in body.types:
        return {}
    reader = ShapeReader(desk.schemas.root, refuse=lambda _pointer, _why: None, leave=lambda _pointer, _why: None)
    found: dict[str, JsonValue] = {}
    for pointer in _schemas(desk, operation):
        for holder in reader.read(Place(Part.BODY), pointer).holders:
            for name, child in holder.properties.items():
                if name not in body.names and name != ANY_NAME:
                    found.setdefault(name, plain(child))
    return found


def _schemas(desk: Desk, operation: Operation) -> Iterator[str]:
    for status, _, pointer in answer_bodies(desk.contract, operation):
        schema = join(pointer, "schema")
        if status.startswith("2") and desk.contract.document.has(schema):
            yield schema


def _send(operation: Operation, found: Mapping[str, JsonValue], desk: Desk) -> None:
    drafts = desk.plan(operation).turns()
    for draft in drafts:
        _take(desk, operation, draft, found, "all that only answers have")
    for name, value in found.items() if drafts else ():
        for other in (value, *(other for other in _OTHERS if not same(other, value))):
            _take(desk, operation, drafts[0], {name: other}, f"{name}, which only answers have")


def _take(desk: Desk, operation: Operation, draft: Draft, extras: Mapping[str, JsonValue], words: str) -> None:
    if draft.body is ABSENT or not isinstance(draft.body, dict):
        return
    sent = replace(draft, body={**draft.body, **extras})
    if desk.oracle.broken(operation, sent) == {}:
        case = Case(operation, _NAME, CaseKind.POSITIVE, f"a legal request with {words}", draft=sent)
        desk.take(desk.maker.finish(case))
