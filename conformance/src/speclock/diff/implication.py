"""Whether rules that tie properties together say the same in other words: settled by trying every case there is.

A rule that only asks whether a property is there, of which type it is, and how it compares with constants cannot tell
values apart that agree in that. So one value of each such class stands for all of its values, and if no combination of
them keeps one rule and breaks the other, no object does. Rules that ask more are not settled here.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from typing import TYPE_CHECKING

from speclock.core.cases import ABSENT, Absent
from speclock.core.documents import JsonValue, split
from speclock.core.expressions import Expression, Scope, Unjudgeable
from speclock.diff.alternatives import NOTHING
from speclock.diff.meaning import ANNOTATIONS
from speclock.diff.values import text_of, type_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from speclock.core.rules import Rule
    from speclock.diff.alternatives import Schema
    from speclock.diff.meaning import View

__all__ = ["Condition", "condition_of", "condition_of_rule", "implies"]

#: Combinations beyond which nothing is settled.
_MOST = 20_000
#: Levels of a rule that are looked into.
_DEEPEST = 20
_HOLDERS = frozenset({"allOf", "anyOf", "oneOf"})
_SINGLE = frozenset({"not", "if", "then", "else"})
_OTHERS: dict[str, JsonValue] = {
    "number": 0.625,
    "string": "speclock other",
    "array": ["speclock"],
    "object": {"speclock": True},
}
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
#: A comparison of a property with a number, either way round.
_COMPARED = re.compile(
    r"(\brequest\.body\.[A-Za-z_]\w*)\s*(?:<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)|(-?\d+(?:\.\d+)?)\s*(?:<=|>=|<|>)\s*"
    r"(\brequest\.body\.[A-Za-z_]\w*)"
)
_READS = re.compile(r"\brequest\.body\.([A-Za-z_]\w*)(?![\w.(\[])")
_LITERAL = re.compile(r"\"[^\"\\]*\"|'[^'\\]*'|\b\d+\b|\b(?:true|false|null)\b")
#: What an expression may be made of beside reads and literals.
_PLAIN = re.compile(r"\bhas\b|&&|\|\||==|!=|!|\(|\)|\?|:|\s|\b(?:string|bool|list|map|null_type)\b|\btype\b")


class Condition:
    """A rule that can be asked about an object, with the properties and constants that it speaks of."""

    def __init__(
        self, names: frozenset[str], constants: frozenset[str], holds: Callable[[dict[str, JsonValue]], bool]
    ) -> None:
        self.names, self.constants, self.holds = names, constants, holds


def condition_of(
    fact: str, pointer: str, view: View, alone: Callable[[JsonValue], Callable[[JsonValue], bool] | None]
) -> Condition | None:
    """A fact of a schema as a condition; None where it asks for more than conditions can."""
    schema = _alone(fact, pointer, view)
    names: set[str] = set()
    constants: set[str] = set()
    if schema is None or not _read(schema, view, names, constants, 0):
        return None
    holds = alone(schema)
    return None if holds is None else Condition(frozenset(names), frozenset(constants), holds)


def condition_of_rule(rule: Rule) -> Condition | None:
    """A request rule in CEL as a condition; None where it asks for more."""
    parts = [part for part in (rule.when, rule.expression) if part is not None]
    names: set[str] = set()
    constants: set[str] = set()
    for part in parts:
        names |= set(_READS.findall(part.source))
        compared = _COMPARED.findall(part.source)
        constants |= {text_of(json.loads(one or other)) for _, one, other, _ in compared}
        rest = _COMPARED.sub("", part.source)
        literals = _LITERAL.findall(rest)
        if _PLAIN.sub("", _LITERAL.sub("", _READS.sub("", rest))):
            return None
        constants |= {text_of(_literal(text)) for text in literals}
    return (
        Condition(frozenset(names), frozenset(constants), lambda value: _holds(parts, rule, value)) if parts else None
    )


def implies(premises: Iterable[Condition], conclusion: Condition, schemas: Callable[[str], Schema], view: View) -> bool:
    """Whether every object that keeps all premises keeps the conclusion.

    `schemas` gives the schema of a property in `view`, the document of the premises.
    """
    # What speaks of other properties may forbid a combination too; but only what is tried counts.
    premises = list(premises)
    names = sorted(conclusion.names.union(*(item.names for item in premises)))
    constants = conclusion.constants.union(*(item.constants for item in premises))
    choices = [list(_classes(schemas(name), view, constants)) for name in names]
    size = 1
    for listed in choices:
        size *= len(listed)
    if size > _MOST:
        return False
    for row in itertools.product(*choices):
        value = {name: item for name, item in zip(names, row, strict=True) if not isinstance(item, Absent)}
        try:
            if all(item.holds(value) for item in premises) and not conclusion.holds(value):
                return False
        except Unjudgeable:
            return False
    return True


def _classes(schema: Schema, view: View, constants: frozenset[str]) -> Iterator[JsonValue | Absent]:
    """That the property is left out, and a value of each class that may stand there."""
    yield ABSENT
    if schema == NOTHING:
        return
    for name, alternatives in view.meaning(schema).alternatives.items():
        listed = [item.values for item in alternatives]
        if all(values is not None for values in listed):
            texts = frozenset().union(*(values for values in listed if values is not None))
            named = texts & constants
            others = sorted(texts - constants)[:1]
            if name == "boolean":
                named, others = texts, []
            yield from (json.loads(text) for text in (*sorted(named), *others))
            continue
        if name == "number":
            yield from _numbers(constants, is_whole=all(item.is_whole for item in alternatives))
            continue
        for text in sorted(constants):
            value = json.loads(text)
            if type_of(value) == name:
                yield value
        yield _OTHERS[name]


def _numbers(constants: frozenset[str], *, is_whole: bool) -> Iterator[JsonValue]:
    """Each number that is named, and one of each stretch between, below and above them."""
    named = sorted(value for text in constants if type_of(value := json.loads(text)) == "number")
    if not named:
        yield 7 if is_whole else _OTHERS["number"]
        return
    between = [(one + other) / 2 for one, other in itertools.pairwise(named)]
    found = [*named, *between, named[0] - 1.5, named[-1] + 1.5]
    yield from dict.fromkeys(math.floor(value) for value in found) if is_whole else found
    if is_whole:
        yield math.ceil(named[-1]) + 1


def _alone(fact: str, pointer: str, view: View) -> JsonValue:
    """The fact as a schema that says it and nothing else."""
    keyword, _, rest = fact.partition(":")
    match keyword:
        case "not" | "anyOf" | "oneOf":
            return {keyword: view.at(pointer)}
        case "if":
            holder = view.at(pointer.rpartition("/")[0])
            return (
                {key: holder[key] for key in ("if", "then", "else") if key in holder}
                if isinstance(holder, dict)
                else None
            )
        case "dependentRequired":
            trigger, needed = json.loads(rest)
            return {keyword: {trigger: [needed]}}
        case "dependentSchemas":
            return {keyword: {split(pointer)[-1]: view.at(pointer)}}
    return None


def _read(schema: JsonValue, view: View, names: set[str], constants: set[str], depth: int) -> bool:
    """Note what a schema of an object speaks of; whether that is all it does."""
    if isinstance(schema, bool):
        return True
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return False
    inner: list[JsonValue] = []
    leaves: list[JsonValue] = []
    for key, value in schema.items():
        if key == "$ref" and isinstance(value, str):
            inner.append(view.at(value[1:]))
        elif key in _SINGLE:
            inner.append(value)
        elif key in _HOLDERS and isinstance(value, list):
            inner += value
        elif key == "required" and isinstance(value, list):
            names |= set(map(str, value))
        elif key in ("properties", "dependentRequired", "dependentSchemas") and isinstance(value, dict):
            names |= set(value)
            names |= {str(name) for needs in value.values() if isinstance(needs, list) for name in needs}
            (leaves if key == "properties" else inner).extend(
                item for item in value.values() if not isinstance(item, list)
            )
        elif not (key == "type" or key in ANNOTATIONS or key.startswith("x-")):
            return False
    return all(_is_leaf(item, constants, depth + 1) for item in leaves) and all(
        _read(item, view, names, constants, depth + 1) for item in inner
    )


def _is_leaf(schema: JsonValue, constants: set[str], depth: int) -> bool:
    """Whether a schema of a property only asks for types and constants; notes the constants."""
    if isinstance(schema, bool):
        return True
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return False
    inner: list[JsonValue] = []
    for key, value in schema.items():
        if key == "const":
            constants.add(text_of(value))
        elif key == "enum" and isinstance(value, list):
            constants |= set(map(text_of, value))
        elif key in _BOUNDS:
            constants.add(text_of(value))
        elif key == "not":
            inner.append(value)
        elif key in _HOLDERS and isinstance(value, list):
            inner += value
        elif key == "type":
            if value == "integer" or (isinstance(value, list) and "integer" in value):
                return False  # a whole number and a fraction would be classes of their own
        elif not (key in ANNOTATIONS or key.startswith("x-")):
            return False
    return all(_is_leaf(item, constants, depth + 1) for item in inner)


def _holds(parts: list[Expression], rule: Rule, value: Mapping[str, JsonValue]) -> bool:
    scope = Scope({"request": {"body": dict(value), "path": {}, "query": {}}})
    if rule.when is not None and not rule.when.holds(scope):
        return True
    return parts[-1].holds(scope) if rule.expression is not None else True


def _literal(text: str) -> JsonValue:
    if text[0] in "\"'":
        return text[1:-1]
    value: JsonValue = json.loads(text)
    return value
