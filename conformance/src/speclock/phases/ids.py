"""Ids on purpose wrong: one that nobody has, where 404 is documented, and one that is taken, where 409 is.

Which values are ids of existing things, and which must be unique, is the profile's word. Each such request is otherwise
like one that was just accepted, and is repeated beside all that may stand in the other places.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from speclock.core.cases import Case, CaseKind, Demand, Draft
from speclock.core.constraints import ITEM, Place
from speclock.core.documents import join
from speclock.core.shown import shown_answers
from speclock.generation.examples import examples
from speclock.generation.requests import draft_of, get, put, tree_of
from speclock.phases.base import Desk, Work

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speclock.core.contract import Operation
    from speclock.core.documents import JsonValue
    from speclock.generation.requests import Tree

__all__ = ["id_places", "id_works", "is_told", "nobodys_id"]

_NAME = "combinations"
#: Answers that say "there is none of that id" (RFC 9110, sections 15.5.5 and 15.5.11), and "there is one already".
_UNKNOWN = frozenset({404, 410})
_TAKEN = frozenset({409})
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


def id_works(desk: Desk, operations: Sequence[Operation]) -> Iterator[Work]:
    """The work on the ids that the profile binds."""
    if desk.profile.stateless:
        return
    for operation in operations:
        known, unique = id_places(desk, operation)
        if known and "404" in operation.statuses:
            run = partial(_unknown, operation, known)
            cost = 16 * len(known)
            yield Work(_NAME, f"{operation.id} unknown ids", run, (operation,), len(known), cost, is_whole=True)
        if unique and "409" in operation.statuses:
            run = partial(_taken, operation, unique)
            cost = 10 * len(unique)
            yield Work(_NAME, f"{operation.id} taken ids", run, (operation,), len(unique), cost, is_whole=True)


def id_places(desk: Desk, operation: Operation) -> tuple[list[Place], list[Place]]:
    """The places whose values the profile binds: to things that exist, and to what nobody has used."""
    known: list[Place] = []
    unique: list[Place] = []
    for top in desk.oracle.analysis(operation).shapes.values():
        for shape in top.walk():
            binding = desk.profile.binding(operation, shape.place.name) if shape.place.steps else None
            if binding is None or "string" not in shape.types:
                continue
            if binding.unique:
                unique.append(shape.place)
            elif binding.values or binding.created:
                known.append(shape.place)
    return known, unique


def _unknown(operation: Operation, places: Sequence[Place], desk: Desk) -> None:
    for place in places:
        if not is_told(desk, operation, place):
            _among_known(operation, place, desk)
            continue
        demand = _demand(
            operation, "unknown_id_rejection", f"{place}:unknown", "404", f"an id at {place} that nobody has"
        )
        for case, value in _accepted(desk, operation, place):
            assert case.draft is not None
            for draft in map(draft_of, _with_nobodys(tree_of(case.draft), place, value)):
                if desk.oracle.broken(operation, draft) == {}:
                    given = demand.given
                    desk.take(replace(case, kind=CaseKind.NEGATIVE, description=given, draft=draft, demand=demand))


def _with_nobodys(tree: Tree, place: Place, known: JsonValue) -> Iterator[Tree]:
    """The request with an id that nobody has; in a list also behind and before a good member."""
    changed = put(tree, place, nobodys_id(known))
    yield changed
    if ITEM in place.steps:
        holder = Place(place.part, place.steps[: place.steps.index(ITEM)])
        good, bad = get(tree, holder), get(changed, holder)
        assert isinstance(good, list)
        assert isinstance(bad, list)
        yield put(tree, holder, [*good, *bad])
        yield put(tree, holder, [*bad, *good])


def _among_known(operation: Operation, place: Place, desk: Desk) -> None:
    """Ids that nobody has among known ones, in a list of which the contract does not say that it is then refused.

    What such an answer says of each member is for the contract's rules to judge, and for a pair of examples.
    """
    demand = _shown(operation, place, desk)
    for case, value in _accepted(desk, operation, place):
        assert case.draft is not None
        unknown = nobodys_id(value)
        for members in ([value, unknown], [unknown], [unknown, value, nobodys_id(unknown)]):
            draft = draft_of(put(tree_of(case.draft), place.holder, members))
            if desk.oracle.broken(operation, draft) != {}:
                continue
            words = f"a legal request with an id at {place} that nobody has"
            if demand is not None:
                told = replace(demand, echoes=(str(unknown),) if demand.echoes else ())
                desk.take(replace(case, description=words, draft=draft, demand=told))
            else:
                desk.take(replace(case, description=words, draft=draft, unbound=(*case.unbound, place.name)))


def _shown(operation: Operation, place: Place, desk: Desk) -> Demand | None:
    """What the contract shows of a list with such an id: an example of a request, and of the same name an answer's.

    The id is one that the profile does not have, beside one that it has. Where the answer shows it too, every answer
    must.
    """
    plain, binding = desk.plan(operation).plain, desk.profile.binding(operation, place.name)
    if plain is None or binding is None:
        return None
    for example in examples(desk.contract, desk.schemas.root, operation, plain):
        try:
            members = get(tree_of(example.draft), place.holder)
        except KeyError:
            continue
        unknown = [item for item in members if item not in binding.values] if isinstance(members, list) else []
        answers = [item for item in shown_answers(desk.contract, operation) if item.name == example.name]
        if not unknown or not isinstance(members, list) or len(unknown) == len(members) or len(answers) != 1:
            continue
        answer = answers[0]
        if answer.status is None or not answer.status.isdigit():
            continue
        echoes = tuple(str(item) for item in unknown if f'"{item}"' in json.dumps(answer.value))
        given = f"an id at {place} that nobody has, among others"
        return Demand(
            "unknown_id_conformance", f"{place}:unknown", frozenset({int(answer.status)}), answer.pointer, given, echoes
        )
    return None


def _taken(operation: Operation, places: Sequence[Place], desk: Desk) -> None:
    """Each value again only after all others: a server may remember the last one alone."""
    for place in places:
        demand = _demand(operation, "duplicate_rejection", f"{place}:taken", "409", f"a value at {place} that is taken")
        around = desk.plan(operation).around(place)
        texts = [level for level in desk.plan(operation).classes(place) if isinstance(level, str)]
        drafts = (*around, *(draft_of(put(tree_of(draft), place, text)) for draft in around[:1] for text in texts))
        for case, value in list(_accepted(desk, operation, place, drafts)):
            assert case.draft is not None
            draft = draft_of(put(tree_of(case.draft), place, value))
            repeated = replace(case, kind=CaseKind.NEGATIVE, description=demand.given, draft=draft, demand=demand)
            desk.take(replace(repeated, fresh=()))


def _accepted(
    desk: Desk, operation: Operation, place: Place, drafts: Sequence[Draft] | None = None
) -> Iterator[tuple[Case, str]]:
    """Legal requests with a text at the place, each sent and accepted, with the text."""
    for draft in desk.plan(operation).around(place) if drafts is None else drafts:
        words = f"a legal request with a value at {place}"
        case = desk.maker.finish(Case(operation, _NAME, CaseKind.POSITIVE, words, draft=draft))
        if case.draft is None:
            continue
        try:
            value = get(tree_of(case.draft), place)
        except KeyError:
            continue
        exchange = desk.take(case) if isinstance(value, str) else None
        if isinstance(value, str) and exchange is not None and exchange.answer.is_success:
            yield case, value


def is_told(desk: Desk, operation: Operation, place: Place) -> bool:
    """Whether 404 is the answer to an unknown id there; for a list, whether the text of the 404 speaks of such ids."""
    if place.steps[-1] != ITEM:
        return True
    text = str(desk.contract.document.resolve(join(operation.pointer, "responses", "404"))[1])
    name = re.sub(r"(?:Ids?|[_-]?ids?)$", "", place.name.rpartition(".")[2])
    word = re.sub(r"(?<=[a-z])(?=[A-Z])|[_-]", " ", name)
    return bool(word) and re.search(rf"\b{re.escape(word)}s?\b", text, re.IGNORECASE) is not None


def _demand(operation: Operation, check: str, rule: str, status: str, given: str) -> Demand:
    statuses = _UNKNOWN if status == "404" else _TAKEN
    return Demand(check, rule, statuses, join(operation.pointer, "responses", status), given)


def nobodys_id(known: JsonValue) -> JsonValue:
    """An id of the same form that nobody has."""
    text = str(known)
    return f"deadbeef-dead-4bad-8bad-{text[-12:][::-1]}" if _UUID.fullmatch(text) else f"{text}-of-nobody"
