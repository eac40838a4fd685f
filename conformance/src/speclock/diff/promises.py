"""Rules about answers in CEL: the same promise, another one, or one that no pair of request and answer tells apart."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from speclock.core.cases import ABSENT, CaseKind
from speclock.core.documents import JsonValue, join
from speclock.core.expressions import Scope, Unjudgeable
from speclock.core.rules import RuleKind
from speclock.generation.planning import OperationPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.core.cases import Draft
    from speclock.core.contract import Operation
    from speclock.core.rules import Rule
    from speclock.diff.requests import RequestPair
    from speclock.diff.sides import Half, Side

__all__ = ["Promise", "changed_promises"]

#: Requests and answers that are tried with each other.
_REQUESTS, _ANSWERS = 40, 60


@dataclass(frozen=True, slots=True)
class Promise:
    """A rule that only one document has, or that differs."""

    words: str
    old: Rule | None
    new: Rule | None
    #: A request and an answer of which the two documents do not say the same; None: none was found.
    witness: JsonValue
    #: Whether a rule has only been put in other words, as far as could be seen.
    is_undecided: bool


def changed_promises(old: Side, new: Side, before: Operation, after: Operation, pair: RequestPair) -> Iterator[Promise]:
    """The rules about the answers of one operation that are not the same in both documents."""
    one = {_text(rule): rule for rule in old.rules(before)}
    other = {_text(rule): rule for rule in new.rules(after)}
    gone = [one[text] for text in one if text not in other]
    come = [other[text] for text in other if text not in one]
    if not gone and not come:
        return
    samples = list(_samples(old, new, before, after, pair))
    for rule in list(gone):
        twin = next((item for item in come if item.id == rule.id), None)
        if twin is not None:
            gone.remove(rule)
            come.remove(twin)
            witness = _telling(rule, twin, samples)
            yield Promise(f"the rule {rule.id} says something else", rule, twin, witness, witness is None)
    for rule in gone:
        yield Promise(f"the rule {rule.id} is gone", rule, None, _telling(rule, None, samples), False)
    for rule in come:
        yield Promise(f"the rule {rule.id} is new", None, rule, _telling(None, rule, samples), False)


def _text(rule: Rule) -> str:
    parts = [rule.kind.value, *(" ".join(part.source.split()) if part else "" for part in (rule.when, rule.expression))]
    return "\n".join(parts)


def _telling(one: Rule | None, other: Rule | None, samples: list[tuple[JsonValue, JsonValue]]) -> JsonValue:
    """The smallest pair of request and answer of which the rules do not say the same.

    One that could not come and now can goes before one that no longer comes.
    """
    rules = [rule for rule in (one, other) if rule is not None]
    if any(rule.kind is RuleKind.RUN for rule in rules):
        return None
    found: list[tuple[bool, int, JsonValue]] = []
    for request, answer in samples:
        try:
            scope = Scope({"request": request, "response": answer})
            said = [rule is None or _holds(rule, scope) for rule in (one, other)]
        except Unjudgeable:
            continue
        if said[0] is not said[1]:
            pair: JsonValue = {"request": request, "response": answer}
            found.append((not said[1], len(json.dumps(pair)), pair))
    return min(found, key=lambda entry: entry[:2])[2] if found else None


def _holds(rule: Rule, scope: Scope) -> bool:
    if rule.when is not None and not rule.when.holds(scope):
        return True
    return rule.expression is None or rule.expression.holds(scope)


def _samples(
    old: Side, new: Side, before: Operation, after: Operation, pair: RequestPair
) -> Iterator[tuple[JsonValue, JsonValue]]:
    """Requests of both documents with answers of both, and with what the request has put into the answer."""
    requests = [*_requests(pair.old, before), *_requests(pair.new, after)]
    answers = [*_answers(old.answers, before), *_answers(new.answers, after)]
    for draft in requests:
        body: JsonValue = None if draft.body is ABSENT else draft.body
        request: JsonValue = {"body": body, "path": dict(draft.path), "query": dict(draft.query)}
        for status, answer in answers:
            yield request, {"status": status, "body": answer}
            if isinstance(body, dict) and isinstance(answer, dict):
                echoed = {name: body.get(name, item) for name, item in answer.items()}
                yield request, {"status": status, "body": echoed}


def _requests(half: Half, operation: Operation) -> list[Draft]:
    plan = OperationPlan(half.oracle.analysis(operation), half.oracle, half.rules)
    legal = (case.draft for case in (*plan.rules, *plan.values) if case.kind is CaseKind.POSITIVE)
    return list(itertools.islice(legal, _REQUESTS))


def _answers(half: Half, operation: Operation) -> list[tuple[int, JsonValue]]:
    found: list[tuple[int, JsonValue]] = []
    for status in operation.statuses:
        if not (status[:1] == "2" and status.isdigit()):
            continue
        pointer, response = half.contract.document.resolve(join(operation.pointer, "responses", status))
        content = response.get("content") if isinstance(response, dict) else None
        for name in content if isinstance(content, dict) else ():
            where = half.contract.document.resolve(join(pointer, "content", name))[0]
            body = half.body_of(operation, f"{operation.id} {where}", where)
            plan = OperationPlan(half.oracle.analysis(body), half.oracle)
            legal = (case.draft.body for case in plan.values if case.kind is CaseKind.POSITIVE)
            found += [(int(status), value) for value in itertools.islice(legal, _ANSWERS) if value is not ABSENT]
    return found
