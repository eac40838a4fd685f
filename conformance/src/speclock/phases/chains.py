"""Requests that only mean something after others: what rules of the run read, and what a rule about answers counts.

A rule that looks up what another operation has created is asked with things that were created on purpose, one for each
kind of value that the rule reads. A rule that compares a number in the answer with a constant is asked right below, at
and above that number, when the operations that link to it make it grow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from speclock.core.cases import Absent, Case, CaseKind
from speclock.core.constraints import Part, Place
from speclock.core.producers import linked_operations
from speclock.core.rules import RuleKind
from speclock.generation.requests import draft_of, put, tree_of
from speclock.phases.base import Desk, Work

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speclock.core.cases import Exchange
    from speclock.core.contract import Operation
    from speclock.core.documents import JsonValue
    from speclock.core.rules import Rule

__all__ = ["chain_works"]

_NAME = "combinations"
_LOOKED_UP = re.compile(r"run\.created\.(\w+)\[request\.(body|path|query)\.(\w+)\](?:\.(\w+))?")
#: A number of an answer compared with a constant, possibly as a double.
_COUNTED = re.compile(r"(?:double\()?response\.body\.(\w+)\)?\s*(?:<=|>=|<|>|==)\s*(\d{2,5})(?:\.0)?\b")


def chain_works(desk: Desk, operations: Sequence[Operation]) -> Iterator[Work]:
    """The work on rules that need a history."""
    by_id = {operation.id: operation for operation in operations}
    for rule in desk.rules:
        operation = by_id.get(rule.operation)
        if operation is None:
            continue
        source = rule.source
        if rule.kind is RuleKind.RUN:
            for lookup in _lookups(source):
                if lookup.maker in by_id:
                    run = partial(_look_up, operation, by_id[lookup.maker], lookup)
                    key = f"{operation.id} after {lookup.maker} {lookup.place}"
                    yield Work(_NAME, key, run, (operation, by_id[lookup.maker]), 1, 60, is_whole=True)
        elif rule.kind is RuleKind.RESPONSE and desk.volume:
            makers = [item for item in operations if operation.id in linked_operations(desk.contract, item)]
            for name, number in dict.fromkeys(_COUNTED.findall(source)):
                if makers and makers[0].id != operation.id and int(number) <= desk.volume:
                    run = partial(_count_up, operation, makers[0], rule, name, int(number))
                    key = f"{operation.id} at {name} {number}"
                    yield Work(_NAME, key, run, (operation, makers[0]), 1, int(number), is_whole=True)


@dataclass(frozen=True, slots=True)
class _LookUp:
    """What a rule reads of something that the run has created."""

    maker: str
    #: Where the request names it.
    place: Place
    #: The properties of it that the rule reads.
    members: tuple[str, ...]


def _lookups(source: str) -> Iterator[_LookUp]:
    found: dict[tuple[str, Place], dict[str, None]] = {}
    for maker, part, name, member in _LOOKED_UP.findall(source):
        found.setdefault((maker, Place(Part(part), (name,))), {}).setdefault(member)
    for (maker, place), members in found.items():
        yield _LookUp(maker, place, tuple(name for name in members if name))


def _look_up(operation: Operation, maker: Operation, lookup: _LookUp, desk: Desk) -> None:
    made = [name for case in _variants(desk, maker, lookup) if (name := _made(desk.take(case))) is not None]
    drafts = desk.plan(operation).around(lookup.place)
    spared = frozenset({lookup.place.name})
    for index in range(max(len(made), len(drafts)) if made and drafts else 0):
        for turn in range(2):  # each thing beside two of the drafts, each draft beside at least one of the things
            draft = drafts[(index + turn * (len(drafts) // 2)) % len(drafts)]
            asked = draft_of(put(tree_of(draft), lookup.place, made[index % len(made)]))
            words = f"a request for what {maker.id} created"
            case = desk.maker.finish(Case(operation, _NAME, CaseKind.POSITIVE, words, draft=asked), spared=spared)
            desk.take(
                replace(case, known=(*case.known, lookup.place.name), unbound=_less(case.unbound, lookup.place.name))
            )


def _variants(desk: Desk, maker: Operation, lookup: _LookUp) -> Iterator[Case]:
    """Legal requests that make things, with each kind of value in what the rule reads of them."""
    plan = desk.plan(maker)
    if plan.plain is None:
        return
    words = f"a request with something for {lookup.place.name} to name"
    yield desk.maker.finish(Case(maker, _NAME, CaseKind.POSITIVE, words, draft=plan.plain))
    for member in lookup.members:
        place = Place(Part.BODY, (member,))
        for level in plan.classes(place):
            if not isinstance(level, Absent):
                draft = draft_of(put(tree_of(plan.plain), place, level))
                if desk.oracle.broken(maker, draft) == {}:
                    yield desk.maker.finish(Case(maker, _NAME, CaseKind.POSITIVE, words, draft=draft))


def _count_up(  # noqa: PLR0917 - all but the desk is bound by the work
    operation: Operation, maker: Operation, rule: Rule, name: str, number: int, desk: Desk
) -> None:
    """Ask at, and one step around, the number that the rule compares with: as much is made as it takes."""
    asking = _asking(desk, operation, name)
    plain = desk.plan(maker).plain
    if asking is None or plain is None:
        return
    asking = replace(asking, description=f"a request at the boundary of {rule.id}")
    making = desk.maker.finish(Case(maker, _NAME, CaseKind.POSITIVE, "a request to make one more", draft=plain))
    before = _number(desk.take(asking), name)
    # One more shows whether the number grows at all. The requests are the same ones however far it has to go.
    for target in (None, number - 1, number, number + 1):
        lacking = 1 if target is None or before is None else int(target - before)
        for _ in range(lacking if 0 < lacking <= desk.volume else 0):
            desk.prepare(making)
        count = _number(desk.take(asking), name)
        before = count if before is not None and count is not None and count >= before + lacking else None


def _asking(desk: Desk, operation: Operation, name: str) -> Case | None:
    """A request whose answer has the number; None when no plain one has."""
    plan = desk.plan(operation)
    for planned in (*plan.rules, *plan.values):
        if planned.kind is CaseKind.POSITIVE and planned.borders is not None:
            case = desk.maker.finish(
                Case(operation, _NAME, CaseKind.POSITIVE, planned.description, draft=planned.draft)
            )
            if not case.unbound and not case.fresh:
                exchange = desk.take(case)
                if exchange is None:
                    return None
                if _number(exchange, name) is not None:
                    return case
    return None


def _number(exchange: Exchange | None, name: str) -> float | None:
    body = exchange.answer_json if exchange is not None and exchange.answer.is_success else None
    value = body.get(name) if isinstance(body, dict) else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _made(exchange: Exchange | None) -> JsonValue:
    body = exchange.answer_json if exchange is not None and exchange.answer.is_success else None
    return body.get("id") if isinstance(body, dict) else None


def _less(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(item for item in names if item != name)
