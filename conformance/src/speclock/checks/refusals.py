"""What a refusal says: the rule that was broken, and what of the request broke it, where the contract promises that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from speclock.core.cases import CaseKind
from speclock.core.documents import join, split
from speclock.core.findings import Failure
from speclock.core.producers import value_at
from speclock.core.refusals import without_indices

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speclock.core.cases import Exchange
    from speclock.core.constraints import Constraint, Oracle
    from speclock.core.documents import JsonValue
    from speclock.core.refusals import Refusals

__all__ = ["check_refusal"]

#: Refusals of what is invalid in itself.
_OF_DATA = frozenset({400, 422})


def check_refusal(exchange: Exchange, oracle: Oracle, promised: Refusals) -> Iterator[Failure]:
    """Judge the body of a refusal of a request that breaks named rules and nothing else."""
    case, answer = exchange.case, exchange.answer
    analysis = oracle.analysis(case.operation)
    if case.kind is not CaseKind.NEGATIVE or answer.status not in _OF_DATA or case.native is not None:
        return
    names = case.names or ((case.breaks,) if case.breaks else ())
    rules = [item for item in analysis.constraints if item.id in names]
    if not rules or not all(rule.is_named for rule in rules):
        return
    first = rules[0]
    body = exchange.answer_json
    told = value_at(body, promised.rule) if promised.rule is not None and isinstance(body, dict | list) else None
    if promised.rule is not None and told != first.id:
        others = f" before {', '.join(rule.id for rule in rules[1:])}" if len(rules) > 1 else ""
        yield _failure(
            exchange,
            first,
            promised,
            "RuleNotNamed",
            f"does not name the broken rule {first.id}",
            f"expected {first.id!r} at {promised.rule} of the body{others}, got {told!r}",
        )
    if promised.pointer is None:
        return
    shown = value_at(body, promised.pointer) if isinstance(body, dict | list) else None
    places = promised.shown.get(first.id) or {_pointer(place.steps) for place in (first.place, *first.ties)}
    if (
        not isinstance(shown, str)
        or without_indices(shown) not in places
        or _is_elsewhere(exchange, oracle, first, shown)
    ):
        listed = ", ".join(repr(place) for place in sorted(places))
        yield _failure(
            exchange,
            first,
            promised,
            "WrongPlaceNamed",
            f"does not say what breaks the rule {first.id}",
            f"expected one of {listed} at {promised.pointer} of the body, got {shown!r}",
        )


def _is_elsewhere(exchange: Exchange, oracle: Oracle, rule: Constraint, pointer: str) -> bool:
    """Whether a member of an array is named that does not break the rule: alone in its array, it would not."""
    case = exchange.case
    steps = split(pointer)
    index = next((at for at, step in enumerate(steps) if step.isdigit()), None)
    if index is None or case.draft is None or not isinstance(case.draft.body, dict | list):
        return False
    holder = value_at(case.draft.body, join("", *steps[:index]))
    if not isinstance(holder, list) or int(steps[index]) >= len(holder):
        return isinstance(holder, list)
    body = _with(case.draft.body, steps[:index], [holder[int(steps[index])]])
    found = oracle.broken(case.operation, replace(case.draft, body=body))
    return found is not None and rule.id not in found


def _with(body: JsonValue, steps: Sequence[str], value: JsonValue) -> JsonValue:
    """The body with another value where the steps, all of them names, lead to."""
    if not steps:
        return value
    assert isinstance(body, dict)
    return {**body, steps[0]: _with(body[steps[0]], steps[1:], value)}


def _pointer(steps: tuple[str, ...]) -> str:
    return "".join(f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps)


def _failure(  # noqa: PLR0917 - the parts of one sentence
    exchange: Exchange, rule: Constraint, promised: Refusals, kind: str, title: str, message: str
) -> Failure:
    return Failure(
        check="refusal_conformance",
        kind=kind,
        rule=rule.id,
        pointer=promised.place,
        title=f"{exchange.case.operation.id} {title} when it refuses",
        message=f"{message}, for {exchange.case.description}",
    )
