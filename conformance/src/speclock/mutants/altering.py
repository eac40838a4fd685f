"""Mutants whose answers keep their schema and mean something else: another legal value, or a response rule violated."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from speclock.checks.response_rules import request_variables
from speclock.core.cases import ABSENT, Answer, Missing
from speclock.core.constraints import ANY_NAME, ITEM, Part, Place
from speclock.core.constraints.shapes import json_type
from speclock.core.contract import answer_bodies
from speclock.core.documents import join
from speclock.core.expressions import Scope, Unjudgeable
from speclock.core.rules import Rule, RuleKind
from speclock.generation.values import candidates, plain, same
from speclock.mutants.answering import answer_shape, with_body
from speclock.mutants.classes import COLUMN, is_free, listed
from speclock.mutants.deviations import Rewritten
from speclock.mutants.model import Mutant, MutantKind
from speclock.mutants.places import DROPPED, changed, name_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from speclock.checks.response_rules import Memory
    from speclock.core.cases import Absent
    from speclock.core.constraints import Shape
    from speclock.core.contract import Operation
    from speclock.core.documents import JsonValue
    from speclock.core.schemas import Schemas
    from speclock.mutants.kit import Kit
    from speclock.mutants.model import Deviation, Forward, Seen
    from speclock.mutants.places import Dropped

__all__ = ["ALONE", "ANOTHER", "NOTHING", "altering", "names_read"]

#: The way that each property has.
ANOTHER = "replaced by another value"
#: The way of those that break one rule by its own.
ALONE = " and no other rule"
#: The ways to lose a value.
NOTHING = ("replaced by null", "left out")

_BODY_MEMBER = re.compile(r"response\.body\.(\w+)")
#: Changes that break a rule for which a second one is looked for.
_PAIRED = 8

#: From the value, and what the request holds, to another value; ABSENT: this value has no such other.
_Way: TypeAlias = "Callable[[JsonValue | Absent, Seen], JsonValue | Absent | Dropped]"


def altering(kit: Kit, operation: Operation) -> Iterator[Mutant]:
    """One for each property of each documented body and each way to give it another legal value; one for each rule."""
    successes: list[tuple[str, str, Shape]] = []
    for key, media_type, pointer in answer_bodies(kit.contract, operation):
        schema = join(pointer, "schema")
        if "json" not in media_type or not kit.contract.document.has(schema):
            continue
        top = answer_shape(kit.schemas, schema)
        if key.startswith("2"):
            successes.append((key, pointer, top))
        for shape in top.walk():
            if shape.place.steps and ANY_NAME not in shape.place.steps and shape.pointers:
                is_asked = key.startswith("2") and _is_asked(kit, operation, shape.place)
                is_related = key.startswith("2") and _is_related(kit, operation, shape.place)
                for what, way in _ways(shape, kit.schemas, is_asked=is_asked, is_related=is_related):
                    yield Mutant(
                        id=f"{operation.id} answers {key} with {name_of(shape.place)} {what}",
                        kind=MutantKind.MEANING,
                        operation=operation,
                        words=f"{operation.id} answers {key} with {name_of(shape.place)} {what}",
                        location=kit.contract.locate(shape.pointers[0]),
                        deviation=Rewritten(_Altered(key, pointer, shape.place, way, kit.schemas).changed),
                        places=(shape.place,),
                        status=key,
                        way=what,
                    )
    yield from _violating(kit, operation, successes)


def _violating(kit: Kit, operation: Operation, successes: list[tuple[str, str, Shape]]) -> Iterator[Mutant]:
    """One for each rule, and one that breaks it and no other rule."""
    own = [rule for rule in kit.rules if rule.operation == operation.id and not rule.kind.is_constraint]
    changes = tuple(_changes(successes, kit.schemas))
    for rule in own:
        others = tuple(item for item in own if item is not rule)
        reads_answer = any(
            part is not None and part.roots & {"request", "response"} for part in (rule.expression, rule.when)
        )
        kinds: list[tuple[str, Deviation]] = [("", _RepeatedId())]
        if rule.kind is not RuleKind.RUN or reads_answer:
            kinds = [("", _RuleBroken(rule, None, changes, kit.memory))]
            kinds += [(ALONE, _RuleBroken(rule, others, changes, kit.memory))] if others else []
        for ending, deviation in kinds:
            yield Mutant(
                id=f"{operation.id} violates {rule.id}{ending}",
                kind=MutantKind.MEANING,
                operation=operation,
                words=f"{operation.id} violates {rule.id}{ending}: {rule.words}",
                location=rule.location,
                deviation=deviation,
                way=ending,
            )


def names_read(rule: Rule) -> set[str]:
    """The properties of an answer that a rule reads."""
    return set(_BODY_MEMBER.findall(rule.source))


def _is_asked(kit: Kit, operation: Operation, place: Place) -> bool:
    """Whether the value may come from the request, and be any legal one: an id of what exists is not."""
    asked = kit.asked(operation).get(place.steps[0])
    shape = None if asked is None else kit.oracle.analysis(operation).shape(asked)
    return asked is not None and shape is not None and not kit.is_bound(operation, asked) and is_free(shape)


def _is_related(kit: Kit, operation: Operation, place: Place) -> bool:
    """Whether the value has to do with the request, by its name or by a rule."""
    rules = [rule for rule in kit.rules if rule.operation == operation.id and "request." in rule.source]
    return place.steps[0] in kit.asked(operation) or any(place.steps[0] in names_read(rule) for rule in rules)


def _ways(shape: Shape, schemas: Schemas, *, is_asked: bool, is_related: bool) -> Iterator[tuple[str, _Way]]:
    """Other legal values of a place, in words that follow its name.

    `is_asked` tells that the value may come from the request, and be any that a request may have; `is_related` that it
    has to do with the request, so that a server may mix up two of its values.
    """
    yield ANOTHER, _another(shape, schemas)
    by_null, left_out = NOTHING
    if "null" in shape.types:
        yield by_null, lambda value, _seen: None if value is not ABSENT else ABSENT
    elif not shape.required and shape.place.steps[-1] != ITEM:
        yield left_out, lambda value, _seen: DROPPED if value is not ABSENT else ABSENT
    if is_related and "string" in shape.types and not any("enum" in holder.keywords for holder in shape.holders):
        yield "replaced by another text of the request", _from_request
    if is_related and "string" in shape.types and ITEM in shape.place.steps:
        yield "replaced by another member of the same list of the request", _from_list
    if not is_asked:
        return
    if "string" in shape.types and is_free(shape):
        yield "without the white space around it", _of_text(str.strip)
        yield "in lower case", _of_text(str.lower)
        yield f"cut to {COLUMN} characters", _of_text(lambda text: text[:COLUMN])
        yield "without what is beyond ASCII", _of_text(lambda text: text.encode("ascii", "ignore").decode())
    if "array" in shape.types:
        yield "in another order", _of_list(lambda items: items[::-1])
        yield "without its last member", _of_list(lambda items: items[:-1])
        yield "without what is there twice", _of_list(_distinct)
    if "object" in shape.types and not shape.names:
        yield "without one of its members", _of_object(lambda value: dict(list(value.items())[1:]))
        yield (
            "with its nested values as text",
            _of_object(lambda value: {k: str(v) if isinstance(v, dict | list) else v for k, v in value.items()}),
        )
    if "number" in shape.types:
        yield (
            "rounded",
            lambda value, _seen: round(value) if isinstance(value, float) and not value.is_integer() else ABSENT,
        )


def _another(shape: Shape, schemas: Schemas) -> _Way:
    """Another value of the same type where there is one, the same one each time."""
    others: list[JsonValue] = list(listed(shape))
    accepts: Callable[[JsonValue], bool] = lambda value: all(schemas.keeps(p, value) for p in shape.pointers)  # noqa: E731
    others += [item.value for item in candidates(shape, accepts) if accepts(item.value) and item.value is not None]
    others.append(plain(shape))

    def another(value: JsonValue | Absent, _seen: Seen) -> JsonValue | Absent:
        if isinstance(value, int | float) and not isinstance(value, bool):
            nearby: list[JsonValue] = [item for item in (value + 1, value - 1) if accepts(item)]
            if nearby:
                return nearby[0]
        alike = [item for item in others if value is None or value is ABSENT or _is_alike(item, value)]
        return next((item for item in alike if value is ABSENT or not same(item, value)), ABSENT)

    return another


def _is_alike(one: JsonValue, other: JsonValue | Absent) -> bool:
    return other is not ABSENT and json_type(one) == json_type(other)


def _of_text(change: Callable[[str], str]) -> _Way:
    return lambda value, _seen: change(value) if isinstance(value, str) else ABSENT


def _of_list(change: Callable[[list[JsonValue]], list[JsonValue]]) -> _Way:
    return lambda value, _seen: change(value) if isinstance(value, list) and value else ABSENT


def _of_object(change: Callable[[dict[str, JsonValue]], dict[str, JsonValue]]) -> _Way:
    return lambda value, _seen: change(value) if isinstance(value, dict) and value else ABSENT


def _distinct(items: list[JsonValue]) -> list[JsonValue]:
    return [item for index, item in enumerate(items) if item not in items[:index]]


def _from_request(value: JsonValue | Absent, seen: Seen) -> JsonValue | Absent:
    """Another text that stands in the request: what a server gives that takes one value for another."""
    texts = [] if seen.tree is None else list(_texts([seen.tree.get(Part.BODY), dict(seen.request.path_parameters)]))
    if not isinstance(value, str) or value not in texts:
        return ABSENT
    return next((text for text in texts if text != value), ABSENT)


def _from_list(value: JsonValue | Absent, seen: Seen) -> JsonValue | Absent:
    """Another one of the things that were asked for together: what a server gives that mixes up its answers."""
    body = None if seen.tree is None else seen.tree.get(Part.BODY)
    for held in body.values() if isinstance(body, dict) and isinstance(value, str) else ():
        if isinstance(held, list) and value in held:
            return next((item for item in held if isinstance(item, str) and item != value), ABSENT)
    return ABSENT


def _texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


@dataclass(frozen=True, slots=True)
class _Altered:
    """Another legal value at one place of one documented body."""

    key: str
    pointer: str
    place: Place
    way: _Way = field(repr=False)
    schemas: Schemas = field(repr=False)

    def changed(self, seen: Seen) -> tuple[JsonValue] | None:
        """The other body; None when it is the same, or breaks its schema."""
        return None if isinstance(seen.body, Missing) else self.changed_further(seen, seen.body)

    def changed_further(self, seen: Seen, body: JsonValue) -> tuple[JsonValue] | None:
        """The same of a body that was changed already."""
        if seen.key != self.key:
            return None

        def change(value: JsonValue | Absent) -> JsonValue | Absent | Dropped:
            new = self.way(value, seen)
            return (DROPPED if value is ABSENT else value) if new is ABSENT else new

        new = changed(body, self.place.steps, change)
        if same(new, body) or self.schemas.response_breakages(self.pointer, new):
            return None
        return (new,)


def _changes(successes: list[tuple[str, str, Shape]], schemas: Schemas) -> Iterator[_Altered]:
    """Every change of one property of a success."""
    for key, pointer, top in successes:
        for shape in top.walk():
            if shape.place.steps and ANY_NAME not in shape.place.steps and shape.pointers:
                for _, way in _ways(shape, schemas, is_asked=True, is_related=True):
                    yield _Altered(key, pointer, shape.place, way, schemas)


@dataclass(frozen=True, slots=True)
class _RuleBroken:
    """Changes one property so that a rule that held does not; or one or two, so that all others still do."""

    asks: ClassVar[bool] = False
    rule: Rule
    #: Those that are to hold; None: whatever they say.
    others: tuple[Rule, ...] | None = field(repr=False)
    changes: tuple[_Altered, ...] = field(repr=False)
    memory: Memory = field(repr=False)

    def acts(self, seen: Seen) -> bool:
        """See Deviation; whether a change breaks the rule is found out when the answer is wanted."""
        return seen.answer.is_success and seen.tree is not None and not isinstance(seen.body, Missing)

    def answer(self, seen: Seen, forward: Forward) -> Answer | None:  # noqa: ARG002
        """See Deviation."""
        found = self._changed(seen)
        return None if found is None else with_body(seen.answer, found[0])

    def _changed(self, seen: Seen) -> tuple[JsonValue] | None:
        if not self.acts(seen) or isinstance(seen.body, Missing) or not self._holds(self.rule, seen, seen.body):
            return None
        names = names_read(self.rule)
        first = [found for change in self.changes if change.place.steps[0] in names and (found := change.changed(seen))]
        broken = [found for found in first if self._holds(self.rule, seen, found[0]) is False]
        if self.others is None:
            return broken[0] if broken else None
        for found in broken:
            if self._keeps_others(seen, found[0]):
                return found
        # With a second property that the other rules ask for, such as a number that must fit the first one.
        for found in broken[:_PAIRED]:
            for change in self.changes:
                second = change.changed_further(seen, found[0]) if change.place.steps[0] not in names else None
                if second and self._holds(self.rule, seen, second[0]) is False and self._keeps_others(seen, second[0]):
                    return second
        return None

    def _keeps_others(self, seen: Seen, body: JsonValue) -> bool:
        return all(self._holds(rule, seen, body) is not False for rule in self.others or ())

    def _holds(self, rule: Rule, seen: Seen, body: JsonValue) -> bool | None:
        """Whether a rule applies and holds; None: it does not apply, or cannot be judged."""
        variables: dict[str, JsonValue] = {
            "request": request_variables(seen.exchange),
            "response": {"status": seen.answer.status, "body": body},
        }
        if rule.kind is RuleKind.RUN:
            variables["run"] = self.memory.variables([rule], set(_texts(list(variables.values()))))
        try:
            scope = Scope(variables)
            if rule.when is not None and not rule.when.holds(scope):
                return None
            return None if rule.expression is None else rule.expression.holds(scope)
        except Unjudgeable:
            return None


@dataclass(slots=True)
class _RepeatedId:
    """Answers the id of the first thing for every other one."""

    asks: ClassVar[bool] = False
    first: JsonValue = None

    def acts(self, seen: Seen) -> bool:
        """See Deviation."""
        return seen.answer.is_success and isinstance(seen.body, dict) and isinstance(seen.body.get("id"), str)

    def answer(self, seen: Seen, forward: Forward) -> Answer | None:  # noqa: ARG002
        """See Deviation."""
        if not self.acts(seen):
            return None
        assert isinstance(seen.body, dict)
        if self.first is None:
            self.first = seen.body["id"]
        return with_body(seen.answer, {**seen.body, "id": self.first})
