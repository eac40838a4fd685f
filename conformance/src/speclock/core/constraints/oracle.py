"""Which constraints a request breaks: the judge that every case of our own is made by.

jsonschema-rs says which keyword failed and where; this module says whose keyword that is. A keyword that stands in a
rule is the rule's, whatever place it failed at. A union of values is looked into: when one branch is of the value's
type, what failed is what failed in there.
"""

from __future__ import annotations

import contextlib
import json
import re
from typing import TYPE_CHECKING

from speclock.core.cases import ABSENT
from speclock.core.constraints.analysis import analyse
from speclock.core.constraints.instances import values_in
from speclock.core.constraints.model import ANY_NAME, ITEM, ConstraintKind, Part, Place
from speclock.core.constraints.parameters import parameters
from speclock.core.constraints.shapes import json_types, value_at
from speclock.core.documents import JsonValue, join
from speclock.core.expressions import Scope, Unjudgeable
from speclock.core.patterns import trouble
from speclock.core.rules import RuleKind
from speclock.core.values import as_text, is_deep, is_portable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from speclock.core.cases import Draft
    from speclock.core.constraints.model import Analysis, Shape
    from speclock.core.constraints.parameters import Parameter
    from speclock.core.contract import Contract, Operation
    from speclock.core.rules import Rule
    from speclock.core.schemas import SchemaError, Schemas, Validator

__all__ = ["Oracle", "readings"]

#: Keywords on members that belong to the value of the object or array around them.
_OF_THE_HOLDER = frozenset({"patternProperties", "propertyNames", "prefixItems", "unevaluatedProperties"})
_NUMBER = re.compile(r"-?\d{1,300}(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")
_UNIONS = frozenset({"anyOf", "oneOf"})
#: Keywords by which a branch says that it is not meant for the value at all.
_MEANT_FOR_ANOTHER = frozenset({"type", "const", "enum", "falseSchema"})


class Oracle:
    """Judges requests by the schemas of the contract (jsonschema-rs) and by its CEL request rules."""

    def __init__(self, contract: Contract, schemas: Schemas, rules: Sequence[Rule]) -> None:
        self._contract, self._schemas, self._rules = contract, schemas, tuple(rules)
        self._known: dict[str, _Known] = {}

    def analysis(self, operation: Operation) -> Analysis:
        """What the operation's requests promise; made on first use."""
        return self._of(operation).analysis

    def broken(self, operation: Operation, draft: Draft, *, is_portable: bool = False) -> Mapping[str, str] | None:
        """The constraints that the request breaks: id -> pointer of the keyword that failed (the first of several).

        `is_portable` says that every value is known to be one that each JSON reader can hold.

        Empty: a legal request. None: it cannot be judged (a lone surrogate, a number beyond a double, CEL that raises).
        A break that belongs to no listed constraint (below a recursion, in an unsupported part) has the id
        `<place>:<keyword>`.
        """
        return self._of(operation).broken(draft, is_sound=is_portable)

    def accepts(self, shape: Shape) -> Callable[[JsonValue], bool]:
        """Whether a value may stand where the shape is, as far as the schemas of that place alone say it."""
        return lambda value: self._schemas.accepts(shape.pointers, value)

    def _of(self, operation: Operation) -> _Known:
        known = self._known.get(operation.id)
        if known is None:
            known = self._known[operation.id] = _Known(self._contract, self._schemas, operation, self._rules)
        return known


class _Known:
    """One operation, ready to judge."""

    def __init__(self, contract: Contract, schemas: Schemas, operation: Operation, rules: Sequence[Rule]) -> None:
        root = schemas.root
        self.analysis = analyse(contract, schemas, operation, rules)
        self._contract = contract
        self._expressions = [r for r in rules if r.operation == operation.id and r.kind is RuleKind.REQUEST]
        body = self.analysis.shapes.get(Place(Part.BODY))
        self._body = (
            schemas.validator(join(operation.body, "schema"))
            if body is not None and operation.body is not None
            else None
        )
        self._body_required = any(
            item.id == "body:required" for item in self.analysis.constraints if item.kind is ConstraintKind.REQUIRED
        )
        self._parameters: list[tuple[Parameter, Validator | None]] = [
            (item, None if item.schema is None else schemas.validator(item.schema))
            for item in parameters(contract, root, operation)
        ]
        self._ids = {item.id for item in self.analysis.constraints}
        self._by_pointer: dict[str, dict[Place, list[str]]] = {}
        for item in self.analysis.constraints:
            if item.kind is ConstraintKind.SCHEMA:
                for keyword in item.keywords:
                    for pointer in _spread(keyword.pointer, keyword.name):
                        self._by_pointer.setdefault(pointer, {}).setdefault(item.place, []).append(item.id)
        self._triggers = {
            item.id: item.location.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
            for item in self.analysis.constraints
            if item.kind is ConstraintKind.SCHEMA and item.keywords[0].name.startswith("dependen")
        }
        self._canonical: dict[tuple[str | int, ...], list[str]] = {}
        #: What each value of a parameter breaks; the same few stand in most requests.
        self._read: dict[tuple[Place, str], dict[str, str]] = {}
        self._start = {id(self._body): join(operation.body or "", "schema")}
        for parameter, validator in self._parameters:
            self._start[id(validator)] = parameter.schema or ""
        #: The parameters that were asked for last, and what they break: requests that differ in their body share them.
        self._asked: tuple[tuple[Mapping[str, JsonValue], ...], Mapping[str, str]] = (({}, {}, {}, {}), {})
        self._root = root
        self._unsure: list[tuple[tuple[str, ...], tuple[JsonValue, ...]]] = []
        if body is not None and schemas.lost_patterns:
            self._unsure = list(_unjudged(contract, body))

    def broken(self, draft: Draft, *, is_sound: bool) -> Mapping[str, str] | None:
        try:
            found = dict(self._by_parameters(draft))
            if draft.body is ABSENT:
                if self._body_required:
                    found["body:required"] = self.analysis.constraint("body:required").location.pointer
            elif self._body is not None:
                if not is_sound and (is_deep(draft.body) or not is_portable(draft.body)):
                    return None
                if self._unsure and self._is_unsure(draft.body):
                    return None
                if not self._body.is_valid(draft.body):
                    for error in self._body.iter_errors(draft.body):
                        for name, pointer in self._names(error, self._body, Place(Part.BODY), draft.body):
                            found.setdefault(name, pointer)
        except (Unjudgeable, ValueError, OverflowError):
            return None
        return self._by_expressions(draft, found) if self._expressions else found

    def _by_parameters(self, draft: Draft) -> Mapping[str, str]:
        values = (draft.path, draft.query, draft.headers, draft.cookies)
        asked, told = self._asked
        if all(one is other for one, other in zip(values, asked, strict=True)):
            return told
        found: dict[str, str] = {}
        for parameter, validator in self._parameters:
            self._parameter(parameter, validator, draft, found)
        self._asked = (values, found)
        return found

    def _by_expressions(self, draft: Draft, found: dict[str, str]) -> Mapping[str, str] | None:
        """With the request rules that are broken too; one that raises on an illegal request says nothing of it."""
        body: JsonValue = None if draft.body is ABSENT else draft.body
        variables: dict[str, JsonValue] = {"body": body, "path": dict(draft.path), "query": dict(draft.query)}
        is_legal = not found
        try:
            scope = Scope({"request": variables})
        except Unjudgeable:
            return None if is_legal else found
        for rule in self._expressions:
            try:
                if rule.when is not None and not rule.when.holds(scope):
                    continue
                if rule.expression is not None and not rule.expression.holds(scope):
                    found[rule.id] = join(rule.location.pointer, "rule")
            except Unjudgeable:
                if is_legal:
                    return None
        return found

    def _is_unsure(self, body: JsonValue) -> bool:
        """Whether there is text where the contract has a pattern that nothing can judge by."""
        return any(
            isinstance(value, str) and value not in shown
            for steps, shown in self._unsure
            for value in values_in(body, steps)
        )

    def _parameter(
        self, parameter: Parameter, validator: Validator | None, draft: Draft, found: dict[str, str]
    ) -> None:
        place = parameter.place
        values = {
            Part.PATH: draft.path,
            Part.QUERY: draft.query,
            Part.HEADER: draft.headers,
            Part.COOKIE: draft.cookies,
            Part.BODY: {},
        }[place.part]
        name = place.steps[0]
        if place.part is Part.HEADER and name not in values:
            name = next((key for key in values if key.lower() == name.lower()), name)
        if name not in values:
            if parameter.required:
                found[f"{place}:required"] = join(parameter.pointer, "required")
            return
        if validator is None:
            return
        value = values[name]
        key = (place, repr(value))
        if key not in self._read:
            self._read[key] = dict(self._misread(parameter, validator, value))
        for name, pointer in self._read[key].items():
            found.setdefault(name, pointer)

    def _misread(self, parameter: Parameter, validator: Validator, value: JsonValue) -> Iterator[tuple[str, str]]:
        """What the value of a parameter breaks, however its text is read.

        Raises:
            Unjudgeable: OpenAPI leaves it open whether a value without content stands for a parameter left out, and
                only one of both would be legal.
        """
        if _is_ambiguous(parameter, value) and validator.is_valid(value) is parameter.required:
            raise Unjudgeable("a parameter without content")
        shape = self.analysis.shapes.get(parameter.place)
        candidates = readings(value, shape, is_json="content" in parameter.value)
        if any(is_portable(item) and validator.is_valid(item) for item in candidates):
            return
        for error in validator.iter_errors(candidates[-1]):
            yield from self._names(error, validator, parameter.place, candidates[-1])

    def _names(
        self, error: SchemaError, validator: Validator, top: Place, value: JsonValue
    ) -> Iterator[tuple[str, str]]:
        pointer = join("", *error.schema_path)
        place = self._place(top, error.instance_path, value)
        rules = self._rules_of(error, validator, place)
        if rules:
            for rule in rules:
                if rule not in self._triggers or self._applies(rule, error, value):
                    yield rule, pointer
            return
        if error.kind.name in _UNIONS:
            inner = self._inner(error)
            if inner is not None:
                for item in inner:
                    yield from self._names(item, validator, top, value)
                return
        if error.kind.name == "required":
            missing = place.below(str(error.kind.as_dict().get("property")))
            yield f"{missing}:required", pointer
            return
        name = str(place)
        if name not in self._ids and not _OF_THE_HOLDER.isdisjoint(error.evaluation_path):
            while name not in self._ids and place.steps:
                place = Place(place.part, place.steps[:-1])
                name = str(place)
        yield (name if name in self._ids else f"{name}:{pointer.rpartition('/')[2]}"), pointer

    def _rules_of(self, error: SchemaError, validator: Validator, place: Place) -> list[str]:
        """The rule in whose keyword the error stands, the outermost one."""
        path = tuple(error.evaluation_path)
        canonical = self._canonical.get((id(validator), *path))
        if canonical is None:
            canonical = self._canonical[id(validator), *path] = self._walk(path, self._start[id(validator)])
        for pointer in canonical:
            places = self._by_pointer.get(pointer)
            for holder, names in places.items() if places else ():
                if holder.part is place.part and holder.steps == place.steps[: len(holder.steps)]:
                    return names
        return []

    def _walk(self, path: tuple[str | int, ...], start: str) -> list[str]:
        """The canonical pointer of every keyword on an evaluation path."""
        found: list[str] = []
        pointer = start
        for step in path[1:]:  # the first is the reference to the schema itself
            if step == "$ref":
                target = self._reference(pointer)
                if target is None:
                    return found
                pointer = target
                continue
            pointer = join(pointer, step)
            found.append(pointer)
        return found

    def _reference(self, pointer: str) -> str | None:
        value = value_at(self._root, pointer)
        reference = value.get("$ref") if isinstance(value, dict) else None
        return reference[1:] if isinstance(reference, str) and reference.startswith("#") else None

    def _applies(self, rule: str, error: SchemaError, value: JsonValue) -> bool:
        """Whether a dependency's trigger is there, of those that stand in one keyword."""
        trigger = self._triggers[rule]
        holder = _at(value, error.instance_path)
        last = error.evaluation_path[-1]
        if last in ("dependentRequired", "dependencies"):
            missing = str(error.kind.as_dict().get("property"))
            needs = self.analysis.constraint(rule).keywords[0].value
            table = next(iter(needs.values())) if isinstance(needs, dict) else None
            listed = table.get(trigger) if isinstance(table, dict) else None
            return isinstance(holder, dict) and trigger in holder and isinstance(listed, list) and missing in listed
        return trigger in error.evaluation_path

    def _inner(self, error: SchemaError) -> list[SchemaError] | None:
        """The errors of the one branch that is meant for the value; None when there is none, or several."""
        context = error.kind.as_dict().get("context")
        meant = [
            branch
            for branch in (context if isinstance(context, list) else ())
            if branch
            and not any(
                item.kind.name in _MEANT_FOR_ANOTHER and item.instance_path == error.instance_path for item in branch
            )
        ]
        return meant[0] if len(meant) == 1 else None

    def _place(self, top: Place, path: list[str | int], value: JsonValue) -> Place:
        shape: Shape | None = self.analysis.shapes.get(top)
        place = top
        for step in path:
            if isinstance(value, list):
                name, value = ITEM, value[int(step)]
            else:
                name = str(step)
                value = value.get(name) if isinstance(value, dict) else None
            child = None if shape is None else shape.child(name)
            if child is None and shape is not None and name != ITEM:
                child = shape.child(ANY_NAME)
                name = name if child is None else ANY_NAME
            place, shape = place.below(name), child
        return place


def _is_ambiguous(parameter: Parameter, value: JsonValue) -> bool:
    """Whether a server may take the value for none at all: `?tags=`, or an empty array, which leaves no trace."""
    if "content" in parameter.value or parameter.value.get("allowEmptyValue") is True:
        return False
    if isinstance(value, list | dict):
        return not value or "" in (value if isinstance(value, list) else value.values())
    return value == "" and parameter.place.part is not Part.PATH


def readings(value: JsonValue, shape: Shape | None, *, is_json: bool = False) -> list[JsonValue]:
    """What a parameter's text may be read as, the reading that its shape asks for last."""
    if isinstance(value, list):
        members: JsonValue = [_member(item, shape.items if shape else None, is_json=is_json) for item in value]
        is_text = not is_json and shape is not None and "string" in shape.types
        return [",".join(map(as_text, value)), members] if is_text else [members]
    if isinstance(value, dict):
        properties = shape.properties if shape else {}
        return [{name: _member(item, properties.get(name), is_json=is_json) for name, item in value.items()}]
    text = as_text(value)
    typed = [item for item in _typed(text) if shape is None or shape.types & set(json_types(item))]
    if is_json:
        with contextlib.suppress(ValueError, RecursionError):
            typed.append(json.loads(text))
    elif shape is not None and shape.items is not None:
        typed.append([readings(item, shape.items)[-1] for item in text.split(",")])
    return [text, *typed]


def _member(value: JsonValue, shape: Shape | None, *, is_json: bool) -> JsonValue:
    """A member of an array or object: no style of a parameter nests, so that one in another is a text."""
    if isinstance(value, list | dict):
        return value if is_json else as_text(value)
    return readings(value, shape)[-1]


def _typed(text: str) -> Iterator[JsonValue]:
    if text in ("true", "false"):
        yield text == "true"
    if text in ("null", ""):
        yield None
    if _NUMBER.fullmatch(text):
        yield int(text) if text.lstrip("-").isdigit() else float(text)


def _spread(pointer: str, keyword: str) -> tuple[str, ...]:
    """The pointers of the keywords that make up one rule."""
    base = pointer.rpartition("/")[0]
    if keyword == "if":
        return tuple(join(base, key) for key in ("then", "else"))
    if keyword == "contains":
        return tuple(join(base, key) for key in ("contains", "minContains", "maxContains"))
    return (pointer,)


def _unjudged(contract: Contract, shape: Shape) -> Iterator[tuple[tuple[str, ...], tuple[JsonValue, ...]]]:
    """The steps to each place whose pattern no validator takes, with the values that the contract shows there."""
    for pointer in shape.pointers:
        schema = contract.document.at(pointer)
        pattern = schema.get("pattern") if isinstance(schema, dict) else None
        if isinstance(pattern, str) and (trouble(pattern) or ("", True))[1] is False:
            yield shape.place.steps, shape.shown
    for child in (*shape.properties.values(), *shape.branches, *((shape.items,) if shape.items else ())):
        yield from _unjudged(contract, child)


def _at(value: JsonValue, path: list[str | int]) -> JsonValue:
    for step in path:
        if isinstance(value, list) and isinstance(step, int):
            value = value[step]
        elif isinstance(value, dict):
            value = value.get(str(step))
    return value
