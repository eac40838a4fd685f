"""Whether a mutant can be told from the correct subject at all: argued by trying what the contract has to try.

A condition on one place may be such that the promise cannot be broken beside it without another break, or that no legal
request meets it. All combinations of the legal classes of the places involved are tried; when none will do, the mutant
is equivalent.
"""

from __future__ import annotations

import contextlib
import itertools
import re
from typing import TYPE_CHECKING

from speclock.core.cases import Answer, Case, CaseKind, Exchange, Request
from speclock.generation.requests import get, tree_of
from speclock.mutants.altering import ALONE, NOTHING
from speclock.mutants.classes import is_set
from speclock.mutants.model import Mutant, MutantKind, Seen
from speclock.mutants.places import instances

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speclock.core.cases import Absent, Draft
    from speclock.core.constraints import Place
    from speclock.core.documents import JsonValue
    from speclock.mutants.kit import Kit

__all__ = ["why_equivalent"]

#: Combinations that are tried at the most; where there are more, nothing is argued.
_MOST = 20_000


def why_equivalent(kit: Kit, mutant: Mutant, seen: Sequence[Seen]) -> str | None:
    """The argument; None when a request is known that would show the mutant, or too little is."""
    if mutant.kind is MutantKind.MEANING and mutant.way in NOTHING:
        reason = _nothing_there(kit, mutant, seen)
        if reason is not None:
            return reason
    if mutant.constraint is not None and mutant.constraint.startswith("path."):
        plans = kit.plan(mutant.operation).constraints()
        # Only of a place in the path it is sure that there is no such request.
        reason = next((plan.reason for plan in plans if plan.id == mutant.constraint), None)
        if reason is not None:
            return reason
    if mutant.way == ALONE and any(view.operation.id == mutant.operation.id for view in seen):
        return "of no answer, one or two properties can be changed so that this rule breaks and no other does"
    return _impossible(kit, mutant) if mutant.condition is not None else None


def _nothing_there(kit: Kit, mutant: Mutant, seen: Sequence[Seen]) -> str | None:
    """Null in the place of null is no deviation, where the contract promises null: a rule, without any condition."""
    place = mutant.places[0]
    text = rf"response\.body\.{re.escape('.'.join(place.steps))}"
    for rule in kit.rules:
        own = rule.operation == mutant.operation.id and rule.when is None and rule.expression is not None
        source = " ".join(rule.expression.source.split()) if own and rule.expression is not None else ""
        if re.fullmatch(rf"!has\({text}\) \|\| {text} == null", source):
            told = [view for view in seen if view.operation.id == mutant.operation.id and view.answer.is_success]
            return f"the rule {rule.id} promises that nothing is there, and it held" if told else None
    return None


def _impossible(kit: Kit, mutant: Mutant) -> str | None:
    """Whether no request meets the condition and lets the mutant act, though others do the one or the other."""
    if mutant.kind not in (MutantKind.ACCEPTS, MutantKind.REFUSES, MutantKind.MEANING):
        return None
    places = _places(kit, mutant)
    wanted: frozenset[str] = frozenset() if mutant.constraint is None else frozenset({mutant.constraint})
    tried, acting, meeting = 0, 0, 0
    for draft, broken in itertools.islice(_requests(kit, mutant, places), _MOST + 1):
        tried += 1
        view = _view(kit, mutant, draft)
        is_met = mutant.condition is not None and mutant.condition.holds(view)
        is_right = broken == wanted and _acts(kit, mutant, view)
        if is_met and is_right:
            return None
        acting += is_right
        meeting += is_met and not broken - wanted
    if tried > _MOST or not acting or not meeting:
        return None
    listed = ", ".join(str(place) for place in places)
    assert mutant.condition is not None
    what = f"breaks {mutant.constraint} and nothing else" if wanted else "is legal and one that it acts on"
    return f"no request {what} when {mutant.condition.words}: {tried} combinations of {listed} were tried"


def _places(kit: Kit, mutant: Mutant) -> list[Place]:
    assert mutant.condition is not None
    found: dict[Place, None] = {mutant.condition.place: None}
    if mutant.kind is MutantKind.MEANING:
        asked = kit.asked(mutant.operation)
        found |= dict.fromkeys(asked[place.steps[0]] for place in mutant.places if place.steps[0] in asked)
    else:
        found |= dict.fromkeys(mutant.places)
    return [place for place in found if place.steps]


def _requests(kit: Kit, mutant: Mutant, places: list[Place]) -> Iterator[tuple[Draft, frozenset[str]]]:
    plan = kit.plan(mutant.operation)
    planned = [case for case in (*plan.rules, *plan.values) if case.breaks in (None, mutant.constraint)]
    levels: list[list[JsonValue | Absent]] = []
    for place in places:
        listed = [*plan.classes(place), *(value for case in planned for value in _values(case.draft, place))]
        levels.append(list({repr(value): value for value in listed}.values()))
    for chosen in itertools.product(*levels):
        yield from plan.with_levels(dict(zip(places, chosen, strict=True)))


def _values(draft: Draft, place: Place) -> Iterator[JsonValue]:
    with contextlib.suppress(KeyError):
        yield get(tree_of(draft), place)


def _acts(kit: Kit, mutant: Mutant, view: Seen) -> bool:
    """Whether the mutant acts on the request, were it answered as the contract wants, whatever its condition."""
    if mutant.kind is not MutantKind.MEANING:
        return mutant.deviation.acts(view)
    asked = kit.asked(mutant.operation)
    place = next((asked[place.steps[0]] for place in mutant.places if place.steps[0] in asked), None)
    return place is not None and view.tree is not None and any(map(is_set, instances(view.tree, place, None)))


def _view(kit: Kit, mutant: Mutant, draft: Draft) -> Seen:
    answer = Answer(400 if mutant.kind is MutantKind.ACCEPTS else 200, {}, b"{}", 0.0)
    case = Case(mutant.operation, "mutant", CaseKind.PROBE, "a request", draft=draft)
    exchange = Exchange(case, Request(mutant.operation.method, "", "", "", {}, b"", {}), answer)
    return Seen(mutant.operation, exchange, draft, kit.oracle)
