"""Methods that a path does not have: 405 is the answer, and its header Allow names those that it has (RFC 9110)."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from speclock.core.cases import ABSENT, Case, CaseKind, Demand
from speclock.core.contract import SAFE_METHODS
from speclock.phases.base import Desk, Work

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speclock.core.contract import Operation

__all__ = ["method_works"]

_NAME = "robustness"
#: The methods that APIs use, and whether a request of them may have a body.
_METHODS = {"GET": False, "PUT": True, "POST": True, "PATCH": True, "DELETE": False}
_NO_METHOD = 405
#: Who may look at credentials first, and at what is there.
_UNAUTHORISED, _MISSING = frozenset({401, 403}), frozenset({404, 410})


def method_works(desk: Desk, operations: Sequence[Operation]) -> Iterator[Work]:
    """For each path, once, the methods that nobody documents; those that write only where the profile lets writing."""
    documented: dict[str, set[str]] = {}
    for operation in desk.contract.operations:
        documented.setdefault(operation.path, set()).add(operation.method)
    first = {operation.path: operation for operation in reversed(operations)}
    for path, operation in reversed(first.items()):
        wanted = _METHODS if desk.profile.writes else _METHODS.keys() & SAFE_METHODS
        foreign = [method for method in _METHODS if method in wanted and method not in documented[path]]
        if foreign:
            run = partial(_send, operation, foreign)
            yield Work(_NAME, f"{path} methods", run, (operation,), promises=1, cost=len(foreign))


def _send(operation: Operation, methods: Sequence[str], desk: Desk) -> None:
    plain = desk.plan(operation).plain
    if plain is None:
        return
    case = desk.maker.finish(Case(operation, _NAME, CaseKind.POSITIVE, "", draft=plain))
    assert case.draft is not None
    statuses = {_NO_METHOD}
    if operation.security:
        statuses |= _UNAUTHORISED
    if operation.path_parameters and (case.unbound or case.guessed or not (case.known or case.linked)):
        statuses |= _MISSING
    for method in methods:
        words = f"{method} on a path that does not have it"
        pointer = operation.pointer.rpartition("/")[0]
        demand = Demand("method_rejection", f"{method} is not documented", frozenset(statuses), pointer, words)
        body = case.draft.body if _METHODS[method] else ABSENT
        draft = replace(case.draft, method=method, body=body)
        desk.take(replace(case, kind=CaseKind.PROBE, description=words, draft=draft, demand=demand))
