"""Requests with more than one thing wrong, where the contract says what the answer then tells (`x-refusals`).

Two named rules broken at once; and for each two statuses of the promised order, a request that deserves both.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from speclock.core.cases import ABSENT, Case, CaseKind, Demand
from speclock.core.constraints import Part
from speclock.core.documents import join
from speclock.generation.requests import draft_of, get, put, tree_of
from speclock.phases.base import Desk, Work
from speclock.phases.ids import id_places, is_told, nobodys_id
from speclock.phases.robustness import body_limit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from speclock.core.constraints import Place
    from speclock.core.contract import Operation
    from speclock.core.refusals import Refusals
    from speclock.generation.requests import Tree

__all__ = ["refusal_works"]

_NAME = "combinations"
_OF_DATA = (400, 422)


def refusal_works(desk: Desk, operations: Sequence[Operation]) -> Iterator[Work]:
    """The work on what refusals say."""
    for operation in operations:
        promised = desk.refusals(operation)
        if promised is not None and not desk.profile.stateless:
            run = partial(_send, operation, promised)
            cost = len(promised.order) ** 2
            yield Work(_NAME, f"{operation.id} refusals", run, (operation,), 2, max(1, cost), is_whole=True)


def _send(operation: Operation, promised: Refusals, desk: Desk) -> None:
    for planned in desk.plan(operation).doubles if promised.rule is not None else ():
        words = planned.description
        case = Case(operation, _NAME, CaseKind.NEGATIVE, words, draft=planned.draft, names=planned.names)
        desk.take(desk.maker.finish(case))
    base = _accepted(operation, desk)
    if base is None or base.draft is None:
        return
    wrongs = {status: wrong for status in promised.order if (wrong := _wrong(operation, base, status, desk))}
    for first, second in itertools.combinations(wrongs, 2):
        tree = tree_of(base.draft)
        for status in (first, second):
            tree = wrongs[status].change(tree)
        draft = draft_of(tree)
        found = desk.oracle.broken(operation, draft)
        if found is None or bool(found) is not bool({first, second} & {*_OF_DATA}):
            continue  # the two cannot be wrong at once
        good = b"" if draft.body is ABSENT else json.dumps(draft.body, ensure_ascii=False).encode()
        for status in (first, second):
            draft = replace(draft, media_type=wrongs[status].media_type or draft.media_type)
            if wrongs[status].size:
                draft = replace(draft, raw=good + b" " * (wrongs[status].size - len(good)))
        demand = Demand(
            "refusal_order_conformance",
            f"{first} before {second}",
            frozenset({first}),
            join(promised.place, "order"),
            f"a request that deserves both {first} and {second} with {first}",
        )
        credentials: dict[str, str] | None = {} if 401 in (first, second) else None
        words = f"a request with {wrongs[first].words} and {wrongs[second].words}"
        desk.take(
            replace(
                base,
                kind=CaseKind.NEGATIVE,
                description=words,
                draft=draft,
                demand=demand,
                credentials=credentials,
                fresh=(),
            )
        )


@dataclass(frozen=True, slots=True)
class _Wrong:
    """One thing that can be made wrong with a legal request."""

    words: str
    change: Callable[[Tree], Tree] = lambda tree: tree
    media_type: str | None = None
    #: Bytes that the body is made long.
    size: int = 0


def _accepted(operation: Operation, desk: Desk) -> Case | None:
    """A legal request with as many ids and unique values as go together, that was sent and accepted."""
    plan = desk.plan(operation)
    known, unique = id_places(desk, operation)
    known.sort(key=lambda place: not is_told(desk, operation, place))
    drafts = [draft for place in (*unique, *known) for draft in plan.around(place)[:1]]
    for draft in (*drafts, *((plan.plain,) if plan.plain is not None else ())):
        words = "a legal request to be made wrong in two ways"
        case = desk.maker.finish(Case(operation, _NAME, CaseKind.POSITIVE, words, draft=draft))
        exchange = None if case.unbound else desk.take(case)
        if exchange is not None and exchange.answer.is_success:
            return case
    return None


def _wrong(operation: Operation, base: Case, status: int, desk: Desk) -> _Wrong | None:
    """What makes the request deserve this status; None when nothing is known to."""
    assert base.draft is not None
    tree = tree_of(base.draft)
    known, unique = (
        [place for place in places if _text(tree, place) is not None] for places in id_places(desk, operation)
    )
    limit = body_limit(desk, operation)
    wrong: _Wrong | None = None
    if status == 401 and operation.security:
        wrong = _Wrong("no credential")
    elif status in _OF_DATA:
        wrong = _invalid(operation, tree, {*known, *unique}, desk)
    elif status == 404:
        told = next((place for place in known if is_told(desk, operation, place)), None)
        wrong = None if told is None else _Wrong("an unknown id", partial(_made_nobodys, place=told))
    elif status == 409 and unique:  # the request was accepted once, so that its unique values are taken
        wrong = _Wrong("a value that is taken")
    elif base.draft.body is ABSENT or operation.body is None:
        wrong = None
    elif status == 415:
        wrong = _Wrong("another media type", media_type="text/plain")
    elif status == 413 and limit is not None:
        wrong = _Wrong("too large a body", size=limit + 1)
    return wrong


def _made_nobodys(tree: Tree, *, place: Place) -> Tree:
    return put(tree, place, nobodys_id(get(tree, place)))


def _invalid(operation: Operation, tree: Tree, spared: set[Place], desk: Desk) -> _Wrong | None:
    """An illegal value in a place of the body that holds no id."""
    for planned in desk.plan(operation).values:
        if planned.kind is not CaseKind.NEGATIVE or planned.breaks is None:
            continue
        place = desk.oracle.analysis(operation).constraint(planned.breaks).place
        if place.part is not Part.BODY or not place.steps or any(place.holds(other) for other in spared):
            continue
        try:
            value = get(tree_of(planned.draft), place)
            changed = put(tree, place, value)
        except KeyError:
            continue
        if list(desk.oracle.broken(operation, draft_of(changed)) or ()) == [planned.breaks]:
            return _Wrong(f"an illegal value at {place}", partial(put, place=place, value=value))
    return None


def _text(tree: Tree, place: Place) -> str | None:
    try:
        value = get(tree, place)
    except KeyError:
        return None
    return value if isinstance(value, str) else None
