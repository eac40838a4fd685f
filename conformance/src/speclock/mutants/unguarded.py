"""Promises that nobody guards: properties of answers whose wrong but legal value no check would notice.

For each, the relations that all answers of the run show (equal to a property of the request, a constant, there exactly
when something is set) are suggested as rules; whether one is a promise, a person decides.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from speclock.checks.response_rules import request_variables
from speclock.core.cases import ABSENT, Missing
from speclock.core.constraints import ITEM, Part, Place, values_in
from speclock.core.documents import join
from speclock.core.expressions import Expression, ExpressionError, Scope, Unjudgeable
from speclock.generation.values import same
from speclock.mutants.classes import is_set
from speclock.mutants.model import MutantKind
from speclock.mutants.places import instances
from speclock.mutants.refusing import request_shapes
from speclock.mutants.score import State, Suggestion, Unguarded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speclock.core.cases import Absent
    from speclock.core.contract import Operation
    from speclock.core.documents import JsonValue
    from speclock.mutants.kit import Kit
    from speclock.mutants.model import Seen
    from speclock.mutants.score import Result

__all__ = ["unguarded"]

#: Answers that must show a relation before it is suggested.
_FEW = 5


def unguarded(kit: Kit, results: Sequence[Result], positive: Sequence[Seen]) -> tuple[Unguarded, ...]:
    """The properties of which a mutant survived, in document order."""
    found: dict[tuple[str, str, Place], list[Result]] = {}
    for result in results:
        mutant = result.mutant
        if mutant.kind is MutantKind.MEANING and mutant.status is not None and result.state is State.SURVIVED:
            found.setdefault((mutant.operation.id, mutant.status, mutant.places[0]), []).append(result)
    return tuple(
        Unguarded(
            operation,
            status,
            join("", *place.steps),
            survived[0].mutant.location,
            tuple(result.mutant.id for result in survived),
            None if any(result.reason is None for result in survived) else survived[0].reason,
            tuple(_suggested(kit, survived[0].mutant.operation, status, place, positive))
            if status.startswith("2")
            else (),
        )
        for (operation, status, place), survived in found.items()
    )


def _suggested(
    kit: Kit, operation: Operation, status: str, place: Place, positive: Sequence[Seen]
) -> Iterator[Suggestion]:
    """The rules that can be written in CEL, and that are true of every answer."""
    views = [view for view in positive if view.operation.id == operation.id and not isinstance(view.body, Missing)]
    views = [view for view in views if operation.response_key(view.answer.status) == status]
    if ITEM not in place.steps and views:
        yield from (rule for rule in _relations(kit, operation, place, views) if _is_true(rule, views))


def _is_true(rule: Suggestion, views: Sequence[Seen]) -> bool:
    try:
        when = None if rule.when is None else Expression.compile(rule.when)
        expression = Expression.compile(rule.rule)
        for view in views:
            body = None if isinstance(view.body, Missing) else view.body
            answered: dict[str, JsonValue] = {"status": view.answer.status, "body": body}
            scope = Scope({"request": request_variables(view.exchange), "response": answered})
            if (when is None or when.holds(scope)) and not expression.holds(scope):
                return False
    except (ExpressionError, Unjudgeable):
        return False
    return True


def _relations(kit: Kit, operation: Operation, place: Place, views: Sequence[Seen]) -> Iterator[Suggestion]:
    """What the answers seem to say."""
    answered = [(view, _value(view.body, place)) for view in views]
    name, text = place.steps[-1], "response.body." + ".".join(place.steps)
    there = f"has({text}) && {text} != null"
    values = [value for _, value in answered if is_set(value)]
    if len(values) >= _FEW and all(same(value, values[0]) for value in values) and _is_plain(values[0]):  # type: ignore[arg-type]
        constant = json.dumps(values[0], ensure_ascii=False)
        rule = f"!({there}) || {text} == {constant}"
        yield Suggestion(
            f"{_slug(operation.id)}-{_slug(name)}-is-constant", f"{name} is {constant}.", None, rule, len(values)
        )
    elif not values and len(answered) >= _FEW:
        rule = f"!({there})"
        yield Suggestion(
            f"{_slug(operation.id)}-{_slug(name)}-starts-null", f"{name} is null or absent.", None, rule, len(answered)
        )
    for shape in request_shapes(kit, operation):
        asked, source = shape.place, _source(shape.place)
        if source is None:
            continue
        pairs = [(next(instances(view.tree or {}, asked, shape), ABSENT), value) for view, value in answered]
        given = [(one, other) for one, other in pairs if is_set(one)]
        shown = {repr(one) for one, _ in given}
        wanted = f"has({source}) && {source} != null" if asked.part is Part.BODY else f"has({source})"
        if len(given) >= _FEW and len(shown) > 1 and all(is_set(other) and same(one, other) for one, other in given):  # type: ignore[arg-type]
            yield Suggestion(
                f"{_slug(operation.id)}-{_slug(name)}-comes-back",
                f"{name} is what the request says at {asked.steps[-1]}, where it says it.",
                wanted,
                f"{there} && {text if asked.part is Part.BODY else f'string({text})'} == {source}",
                len(given),
            )
        elif (
            asked.part is Part.BODY
            and len(given) >= _FEW
            and len(pairs) - len(given) >= _FEW
            and all(is_set(one) is is_set(other) for one, other in pairs)
        ):
            yield Suggestion(
                f"{_slug(operation.id)}-{_slug(name)}-with-{_slug(asked.steps[-1])}",
                f"{name} is set exactly when {asked.steps[-1]} is.",
                None,
                f"({there}) == ({wanted})",
                len(pairs),
            )


def _value(body: JsonValue | Missing, place: Place) -> JsonValue | Absent:
    assert not isinstance(body, Missing)
    return next(values_in(body, place.steps), ABSENT)


def _source(place: Place) -> str | None:
    if (
        len(place.steps) != 1
        or place.part not in (Part.BODY, Part.PATH, Part.QUERY)
        or not place.steps[0].isidentifier()
    ):
        return None
    return f"request.{place.part.value}.{place.steps[0]}"


def _is_plain(value: JsonValue) -> bool:
    return isinstance(value, str | bool | int | float)


def _slug(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "-", name).lower()
