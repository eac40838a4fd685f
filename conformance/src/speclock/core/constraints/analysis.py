"""The constraints of one operation: each with a name, a place in the source, and what it says in words."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote

from speclock.core.constraints.flaws import contradiction
from speclock.core.constraints.model import (
    Analysis,
    Constraint,
    ConstraintKind,
    Dependency,
    Keyword,
    Part,
    Place,
    Shape,
    Unsupported,
)
from speclock.core.constraints.parameters import parameters
from speclock.core.constraints.shapes import ShapeReader, value_at
from speclock.core.constraints.tying import levels, meaning, tied_names
from speclock.core.constraints.words import required_words, rule_words, value_words
from speclock.core.documents import JsonValue, join
from speclock.core.errors import ContractError
from speclock.core.expressions import Scope, Unjudgeable
from speclock.core.patterns import trouble
from speclock.core.rules import RuleKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from speclock.core.constraints.parameters import Parameter
    from speclock.core.constraints.shapes import FoundRule
    from speclock.core.contract import Contract, Operation
    from speclock.core.rules import Rule
    from speclock.core.schemas import Schemas

__all__ = ["analyse"]

_UNIONS = ("oneOf", "anyOf")
#: Values that the contract shows for one place, of which so many are kept.
_SHOWN = 6
_READS = re.compile(r"request\.(body|path|query)((?:\.[A-Za-z_]\w*)+)")
#: Comparisons of whether something is there, or with a constant.
_TRUTH = re.compile(r"(?:==|!=)\s*(?:!?has\b|null\b|true\b|false\b|[\"'])")
_COMPARES = re.compile(r"(<=|>=|<|>|==|!=|\+|-|\*)")


def analyse(contract: Contract, schemas: Schemas, operation: Operation, rules: Sequence[Rule]) -> Analysis:
    """Read what the requests of `operation` promise; `rules` are the contract's CEL rules."""
    return _Analyst(contract, schemas, operation).run(rules)


class _Analyst:
    def __init__(self, contract: Contract, schemas: Schemas, operation: Operation) -> None:
        self._contract, self._schemas, self._operation = contract, schemas, operation
        self._root = schemas.root
        self._unsupported: dict[tuple[str, str], Unsupported] = {}
        self._reader = ShapeReader(self._root, self._refuse, self._leave)
        self._shapes: dict[Place, Shape] = {}
        self._names: dict[str, int] = {}
        self._found: list[Constraint] = []

    def run(self, rules: Sequence[Rule]) -> Analysis:
        for parameter in parameters(self._contract, self._root, self._operation, self._refuse):
            self._parameter(parameter)
        self._body()
        for found in self._reader.rules:
            self._rule(found)
        for rule in rules:
            if rule.operation == self._operation.id and rule.kind is RuleKind.REQUEST:
                self._expression(rule)
        return Analysis(self._operation, self._shapes, tuple(self._found), tuple(self._unsupported.values()))

    def _parameter(self, parameter: Parameter) -> None:
        if parameter.required:
            self._required(parameter.place, join(parameter.pointer, "required"))
        if parameter.schema is None:
            self._leave(parameter.pointer, f"{parameter.place} has no schema that could be judged")
            return
        self._top(parameter.place, parameter.schema, parameter.value, required=parameter.required)

    def _body(self) -> None:
        operation = self._operation
        if not operation.has_body:
            return
        start = join(operation.pointer, "requestBody")
        try:
            pointer, body = self._contract.document.resolve(start)
        except ContractError as error:
            self._refuse(start, f"a request body that cannot be read: {str(error).partition(': ')[2]}")
            return
        if operation.body is None:
            self._leave(pointer, "the request body is not JSON: sent by generators, and not analysed")
            return
        required = isinstance(body, dict) and body.get("required") is True
        if required:
            self._required(Place(Part.BODY), join(pointer, "required"))
        media_type = value_at(self._root, operation.body)
        if not isinstance(media_type, dict) or "schema" not in media_type:
            self._leave(operation.body, "the request body has no schema")
            return
        self._top(Place(Part.BODY), join(operation.body, "schema"), media_type, required=required)

    def _top(self, place: Place, schema: str, holder: Mapping[str, JsonValue], *, required: bool) -> None:
        failure = self._schemas.failure(schema)
        if failure is not None:
            told = len(self._unsupported)
            ShapeReader(self._root, self._refuse, self._leave).read(place, schema)
            if len(self._unsupported) == told:
                self._refuse(failure[0].pointer, f"{place} is not judged: {failure[1]}")
            return
        shape = self._reader.read(place, schema, required=required)
        self._shapes[place] = self._showing(self._sound(shape), _examples(holder))
        self._values(self._shapes[place])

    def _sound(self, shape: Shape) -> Shape:
        """The shape without patterns that are not worked with, here and below; tells of them and of contradictions."""
        for pointer in shape.pointers:
            self._pattern(shape, pointer)
        why = contradiction(shape, self._schemas.alone)
        if why is not None:
            pointer = shape.pointers[0] if shape.pointers else self._operation.pointer
            self._refuse(pointer, f"the schema contradicts itself: {why}")
        keywords = {
            name: listed
            for name, listed in shape.keywords.items()
            if name != "pattern" or not any(trouble(str(item.value)) for item in listed)
        }
        return replace(
            shape,
            keywords=keywords,
            properties={name: self._sound(child) for name, child in shape.properties.items()},
            items=None if shape.items is None else self._sound(shape.items),
            branches=tuple(self._sound(branch) for branch in shape.branches),
        )

    def _showing(self, shape: Shape, shown: Sequence[JsonValue]) -> Shape:
        """The shape with the legal ones of the values that the contract shows for it, here and in what holds it."""
        values: list[JsonValue] = []
        for value in (*shape.shown, *shown):
            if len(values) < _SHOWN and value not in values and self._schemas.accepts(shape.pointers, value):
                values.append(value)
        members = [item for value in values if isinstance(value, list) for item in value]

        def of(name: str) -> list[JsonValue]:
            return [value[name] for value in values if isinstance(value, dict) and name in value]

        return replace(
            shape,
            shown=tuple(values),
            properties={name: self._showing(child, of(name)) for name, child in shape.properties.items()},
            items=None if shape.items is None else self._showing(shape.items, members),
            branches=tuple(self._showing(branch, values) for branch in shape.branches),
        )

    def _pattern(self, shape: Shape, pointer: str) -> None:
        try:
            schema = self._contract.document.at(pointer)
        except KeyError:
            return
        pattern = schema.get("pattern") if isinstance(schema, dict) else None
        if isinstance(pattern, str) and (why := trouble(pattern)) is not None:
            judged = "its values are judged by it, and none are made from it" if why[1] else "text there is not judged"
            self._refuse(join(pointer, "pattern"), f"{shape.place}: {why[0]}; {judged}")

    def _values(self, shape: Shape) -> None:
        """The constraints on the value of a place and of those below it."""
        holders = [shape]
        objects = [branch for branch in shape.branches if branch.types & {"object", "array"}]
        if len(objects) <= 1:  # else the union is a rule, and what stands in its branches is the rule's
            holders += shape.branches
        keywords = tuple(keyword for holder in holders for listed in holder.keywords.values() for keyword in listed)
        if keywords and (shape.keywords or len(objects) <= 1):
            name = str(shape.place)
            self._add(name, ConstraintKind.VALUE, shape.place, keywords, keywords[0].pointer, value_words(shape), ())
        for child in (*shape.properties.values(), *(_inside(objects[0]) if len(objects) == 1 else ())):
            where = self._reader.required_at.get(child.place)
            if child.required and where is not None:
                self._required(child.place, where)
            self._values(child)
        if shape.items is not None:
            self._values(shape.items)

    def _required(self, place: Place, pointer: str) -> None:
        keyword = Keyword("required", True, pointer)
        words = required_words(place)
        self._add(f"{place}:required", ConstraintKind.REQUIRED, place, (keyword,), pointer, words, (place,))

    def _rule(self, found: FoundRule) -> None:
        shape = self._shape_at(found.place)
        names = tied_names(found.schema, self._target)
        if not names and shape is not None and found.keyword in ("minProperties", "maxProperties", *_UNIONS):
            names = list(shape.names)
        branches = shape.branches if shape is not None and found.keyword in _UNIONS and found.is_union else ()
        dependency, words = Dependency.COMPLEX, None
        if found.keyword == "minProperties" and found.schema == {"minProperties": 1}:
            dependency = Dependency.OR
        elif found.keyword not in ("contains", "minProperties", "maxProperties") and names:
            holds = self._asker(found)
            if holds is not None:
                choices = {
                    name: levels(name, None if shape is None else shape.child(name), found.schema) for name in names
                }
                said = meaning(names, choices, holds)
                # What one shape of a union wants inside of a property hides which properties matter.
                if not branches or said.dependency is Dependency.ONLY_ONE:
                    dependency, words = said.dependency, said.words
        if found.is_mutual:
            dependency = Dependency.ALL_OR_NONE
        name, pointer = found.name or f"{found.place}:{found.keyword}", found.pointer
        if found.trigger is not None:
            name, pointer = found.name or f"{name}.{found.trigger}", join(pointer, found.trigger)
        self._add(
            name,
            ConstraintKind.SCHEMA,
            found.place,
            (Keyword(found.keyword, found.schema, found.pointer),),
            pointer,
            words or " ".join(found.description.split()) or rule_words(found, branches),
            tuple(found.place.below(name) for name in names) or (found.place,),
            dependency=dependency,
            is_named=found.name is not None,
        )

    def _target(self, reference: str) -> JsonValue:
        try:
            return value_at(self._root, unquote(reference[1:]))
        except KeyError:
            return None  # told where the shape is read

    def _asker(self, found: FoundRule) -> Callable[[JsonValue], bool] | None:
        holds = self._schemas.alone(found.schema)
        if holds is None:
            self._leave(found.pointer, "the rule cannot be asked alone")
        return holds

    def _expression(self, rule: Rule) -> None:
        ties: dict[Place, None] = {}
        for part, path in _READS.findall(rule.source):
            steps = tuple(step for step in path.split(".") if step)
            ties.setdefault(Place(Part(part), steps))
        dependency, words = Dependency.COMPLEX, None
        if len(ties) > 1 and rule.expression is not None and _COMPARES.search(_TRUTH.sub("", rule.expression.source)):
            dependency = Dependency.RELATIONAL
        elif ties and all(place.part is Part.BODY and len(place.steps) == 1 for place in ties):
            names = [place.steps[0] for place in ties]
            choices = {place.steps[0]: levels(place.steps[0], self._shape_at(place), {}) for place in ties}
            said = meaning(names, choices, partial(_keeps, rule))
            dependency, words = said.dependency, said.words
        pointer = join(rule.location.pointer, "rule")
        self._add(
            rule.id,
            ConstraintKind.REQUEST,
            Place(Part.BODY),
            (Keyword("x-contract-rules", rule.expression.source if rule.expression else None, pointer),),
            pointer,
            rule.words if rule.description else words or rule.words,
            tuple(ties),
            dependency=dependency,
            rule=rule,
            is_named=True,
        )

    def _add(  # noqa: PLR0917
        self,
        name: str,
        kind: ConstraintKind,
        place: Place,
        keywords: tuple[Keyword, ...],
        pointer: str,
        words: str,
        ties: tuple[Place, ...],
        *,
        dependency: Dependency | None = None,
        rule: Rule | None = None,
        is_named: bool = False,
    ) -> None:
        seen = self._names[name] = self._names.get(name, 0) + 1
        if seen > 1 and kind in (ConstraintKind.VALUE, ConstraintKind.REQUIRED):
            return
        self._found.append(
            Constraint(
                name if seen == 1 else f"{name}-{seen}",
                self._operation.id,
                kind,
                place,
                keywords,
                self._contract.locate(pointer),
                words,
                ties or (place,),
                dependency,
                rule,
                is_named and seen == 1,
            )
        )

    def _shape_at(self, place: Place) -> Shape | None:
        return Analysis(self._operation, self._shapes, ()).shape(place)

    def _refuse(self, pointer: str, reason: str, *, is_flaw: bool = True) -> None:
        part = Unsupported(self._operation.id, self._contract.locate(pointer), reason, is_flaw)
        self._unsupported.setdefault((pointer, reason), part)

    def _leave(self, pointer: str, reason: str) -> None:
        self._refuse(pointer, reason, is_flaw=False)


def _keeps(rule: Rule, body: JsonValue) -> bool:
    """Whether a body keeps a request rule; one that it cannot be asked about counts as kept."""
    try:
        scope = Scope({"request": {"body": body, "path": {}, "query": {}}})
        return (rule.when is not None and not rule.when.holds(scope)) or (
            rule.expression is None or rule.expression.holds(scope)
        )
    except Unjudgeable:
        return True


def _inside(branch: Shape) -> Iterator[Shape]:
    yield from branch.properties.values()
    if branch.items is not None:
        yield branch.items


def _examples(holder: Mapping[str, JsonValue]) -> list[JsonValue]:
    """The values that a parameter or media type shows."""
    examples = holder.get("examples")
    listed = examples.values() if isinstance(examples, dict) else ()
    shown = [example["value"] for example in listed if isinstance(example, dict) and "value" in example]
    return [*shown, holder["example"]] if "example" in holder else shown
