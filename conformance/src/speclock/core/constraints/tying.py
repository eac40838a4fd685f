"""What a rule says, found out by asking it: which of the catalogue's patterns it is, and in words.

Nothing here reads how a rule is written. Its tied properties get representative values, the rule alone is asked of each
combination, and the truth table tells the pattern. So each encoding that JSON Schema offers for one rule (`not`,
`if`/`then`, `dependentSchemas`, `oneOf` over `required` ...) is recognised alike.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from speclock.core.constraints.model import ANY_NAME, Dependency
from speclock.core.constraints.shapes import json_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from speclock.core.constraints.model import Constraint, Place, Shape
    from speclock.core.documents import JsonValue

__all__ = ["UNSET", "Level", "Meaning", "levels", "meaning", "named_constants", "named_values", "tied_names"]

#: Combinations beyond which a rule counts as complex without being asked.
_MOST = 2048
_PLAIN: dict[str, JsonValue] = {
    "boolean": True,
    "integer": 1,
    "number": 1.5,
    "string": "a",
    "array": ["a"],
    "object": {"a": 1},
}


_LITERAL = re.compile(r"""("[^"\\]*"|'[^'\\]*')|(?<![\w.])(-?\d+(?:\.\d+)?)(?![\w.])""")


class _Unset:
    def __repr__(self) -> str:
        return "absent"


#: The level of a property that is not there.
UNSET = _Unset()
Level = object


@dataclass(frozen=True, slots=True)
class Meaning:
    """A rule, understood."""

    dependency: Dependency
    #: In words; None when the table is too large or says nothing simple.
    words: str | None


@dataclass(frozen=True, slots=True)
class _Literal:
    """One property, reduced to yes or no as far as the rule sees it."""

    name: str
    yes: tuple[Level, ...]
    no: tuple[Level, ...]

    @property
    def is_presence(self) -> bool:
        return UNSET in self.no and all(level is UNSET or level is None for level in self.no)

    def said(self) -> str:
        if self.is_presence:
            return f"`{self.name}` is set" if None not in self.yes else f"`{self.name}` is present"
        values = [_value(level) for level in self.yes if level is not UNSET]
        if len(values) == 1:
            return f"`{self.name}` is {values[0]}"
        if UNSET in self.yes and len(self.no) == 1:
            return f"`{self.name}` is not {_value(self.no[0])}"
        return f"`{self.name}` is {'absent, ' if UNSET in self.yes else ''}{' or '.join(values)}"

    def forbidden(self) -> str:
        """What the property may not do."""
        if self.is_presence:
            return f"`{self.name}` may not be {'present' if None in self.yes else 'set'}"
        return f"{self.said().replace(' is ', ' may not be ', 1)}"

    def demanded(self) -> str:
        """What the property must do."""
        if self.is_presence:
            return f"`{self.name}` must be {'present' if None in self.yes else 'set'}"
        return f"{self.said().replace(' is ', ' must be ', 1)}"


def tied_names(schema: JsonValue, target: Callable[[str], JsonValue]) -> list[str]:
    """The properties of its object that a rule's schema reads, in the order in which it names them."""
    found: dict[str, None] = {}

    def walk(value: JsonValue, seen: tuple[str, ...]) -> None:
        if not isinstance(value, dict):
            return
        reference = value.get("$ref")
        if isinstance(reference, str) and reference not in seen:
            walk(target(reference), (*seen, reference))
        required = value.get("required")
        for name in required if isinstance(required, list) else ():
            found.setdefault(str(name))
        for key in ("dependentRequired", "dependentSchemas", "dependencies"):
            table = value.get(key)
            for name, needs in table.items() if isinstance(table, dict) else ():
                found.setdefault(name)
                for need in needs if isinstance(needs, list) else ():
                    found.setdefault(str(need))
                walk(needs, seen)
        properties = value.get("properties")
        for name in properties if isinstance(properties, dict) else ():
            found.setdefault(name)
        for key in ("not", "if", "then", "else"):
            walk(value.get(key), seen)
        for key in ("allOf", "oneOf", "anyOf"):
            listed = value.get(key)
            for item in listed if isinstance(listed, list) else ():
                walk(item, seen)

    walk(schema, ())
    return list(found)


def levels(name: str, shape: Shape | None, schema: JsonValue) -> list[Level]:
    """Representative values of one tied property: absent, null, each value that anybody names, one of each type."""
    found: list[Level] = [UNSET]
    types = shape.types if shape is not None else frozenset(_PLAIN) | {"null"}

    def add(value: JsonValue) -> None:
        if not any(_same(value, other) for other in found):
            found.append(value)

    if "null" in types:
        add(None)
    for keyword in ("enum", "const"):
        for listed in _listed(shape, keyword):
            add(listed)
    for value in _named(name, schema):
        if shape is None or json_type(value) in types or (json_type(value) == "integer" and "number" in types):
            add(value)
    if shape is None or not (_listed(shape, "enum") or _listed(shape, "const")):
        if "boolean" in types:
            add(False)
        for kind, value in _PLAIN.items():
            if kind in types and not (kind == "integer" and "number" in types):
                add(value)
    return found


def meaning(
    names: Sequence[str], choices: Mapping[str, Sequence[Level]], holds: Callable[[JsonValue], bool]
) -> Meaning:
    """Ask the rule of every combination, and read its table."""
    size = 1
    for name in names:
        size *= len(choices[name])
    if not names or size > _MOST or ANY_NAME in names:
        return Meaning(Dependency.COMPLEX, None)
    table: dict[tuple[int, ...], bool] = {}
    ranges = [range(len(choices[name])) for name in names]
    for row in itertools.product(*ranges):
        body = {
            name: choices[name][index]
            for name, index in zip(names, row, strict=True)
            if choices[name][index] is not UNSET
        }
        table[row] = holds(body)  # type: ignore[arg-type]
    literals: list[_Literal] = []
    columns: list[int] = []
    for column, name in enumerate(names):
        classes = _classes(table, column, ranges)
        if len(classes) == 1:
            continue  # the rule does not read it after all
        if len(classes) > 2:
            return Meaning(Dependency.COMPLEX, None)
        first, second = classes
        listed = choices[name]
        literals.append(_Literal(name, tuple(listed[i] for i in second), tuple(listed[i] for i in first)))
        columns.append(column)
    short = {
        bits: table[_row(names, columns, bits, literals, choices)]
        for bits in itertools.product((False, True), repeat=len(literals))
    }
    return _read(literals, short)


def _read(  # noqa: PLR0911 - one line for each pattern
    literals: list[_Literal], table: Mapping[tuple[bool, ...], bool]
) -> Meaning:
    count = len(literals)
    broken = [bits for bits, holds in table.items() if not holds]
    presence = all(literal.is_presence for literal in literals)
    sums = {sum(bits) for bits in broken}
    said = [literal.said() for literal in literals]
    if count == 0 or not broken:
        return Meaning(Dependency.COMPLEX, None)
    kept = {bits for bits, holds in table.items() if holds}
    if kept == {bits for bits in table if sum(bits) == 1} and count > 1:
        return Meaning(Dependency.ONLY_ONE, f"exactly one of these must be so: {', '.join(said)}")
    if kept == {bits for bits in table if sum(bits) <= 1}:
        words = (
            f"{literals[1].forbidden()} when {said[0]}"
            if count == 2
            else f"at most one of these may be so: {', '.join(said)}"
        )
        return Meaning(Dependency.ZERO_OR_ONE if presence or count > 2 else Dependency.REQUIRES, words)
    if sums == {0} and len(broken) == 1:
        if count == 1:
            return Meaning(Dependency.OR, literals[0].demanded())
        return Meaning(Dependency.OR, f"at least one of these must be so: {', '.join(said)}")
    if kept == {bits for bits in table if sum(bits) in (0, count)} and count > 1:
        return Meaning(Dependency.ALL_OR_NONE, f"all or none of these must be so: {', '.join(said)}")
    return _requires(literals, table, broken)


def _requires(
    literals: list[_Literal], table: Mapping[tuple[bool, ...], bool], broken: list[tuple[bool, ...]]
) -> Meaning:
    for trigger in range(len(literals)):
        for polarity in (True, False):
            under = {bits for bits in table if bits[trigger] is polarity}
            if not set(broken) <= under:
                continue
            good = [bits for bits in under if table[bits]]
            rest = [index for index in range(len(literals)) if index != trigger]
            if len(good) == 1:
                needs = " and ".join(
                    literals[i].demanded() if good[0][i] else _flipped(literals[i]).demanded() for i in rest
                )
                condition = literals[trigger].said() if polarity else _flipped(literals[trigger]).said()
                return Meaning(Dependency.REQUIRES, f"{needs} when {condition}")
    return Meaning(Dependency.COMPLEX, None)


def _flipped(literal: _Literal) -> _Literal:
    return _Literal(literal.name, literal.no, literal.yes)


def _classes(table: Mapping[tuple[int, ...], bool], column: int, ranges: Sequence[range]) -> list[list[int]]:
    """The values of one column that the rule cannot tell apart, the class of "absent" first."""
    others = [ranges[i] for i in range(len(ranges)) if i != column]
    seen: dict[tuple[bool, ...], list[int]] = {}
    for value in ranges[column]:
        behaviour = tuple(table[(*rest[:column], value, *rest[column:])] for rest in itertools.product(*others))
        seen.setdefault(behaviour, []).append(value)
    return list(seen.values())


def _row(
    names: Sequence[str],
    columns: Sequence[int],
    bits: Sequence[bool],
    literals: Sequence[_Literal],
    choices: Mapping[str, Sequence[Level]],
) -> tuple[int, ...]:
    row = [0] * len(names)
    for column, bit, literal in zip(columns, bits, literals, strict=True):
        level = (literal.yes if bit else literal.no)[0]
        row[column] = next(i for i, other in enumerate(choices[names[column]]) if _same(level, other))
    return tuple(row)


def _listed(shape: Shape | None, keyword: str) -> list[JsonValue]:
    if shape is None:
        return []
    found: list[JsonValue] = []
    for holder in (shape, *shape.branches):
        for item in holder.keywords.get(keyword, ()):
            found += item.value if keyword == "enum" and isinstance(item.value, list) else [item.value]
    return found


def named_values(constraint: Constraint, place: Place) -> list[JsonValue]:
    """The values that a rule itself compares the value of a place with; for CEL, every literal in it."""
    if constraint.rule is not None:
        return list(_literals(constraint.rule.source))
    name = place.steps[-1] if place.steps else ""
    return [value for keyword in constraint.keywords for value in _named(name, keyword.value)]


def named_constants(schema: JsonValue) -> list[JsonValue]:
    """The values that a schema compares with."""
    return list(_constants(schema))


def _literals(source: str) -> Iterator[JsonValue]:
    for text, number in _LITERAL.findall(source):
        if text:
            yield text[1:-1]
        else:
            yield float(number) if "." in number else int(number)


def _named(name: str, schema: JsonValue) -> Iterator[JsonValue]:
    """The values that the rule itself compares the property with."""
    if isinstance(schema, list):
        for item in schema:
            yield from _named(name, item)
    if not isinstance(schema, dict):
        return
    properties = schema.get("properties")
    if isinstance(properties, dict) and name in properties:
        yield from _constants(properties[name])
    for value in schema.values():
        yield from _named(name, value)


def _constants(schema: JsonValue) -> Iterator[JsonValue]:
    if isinstance(schema, list):
        for item in schema:
            yield from _constants(item)
    if not isinstance(schema, dict):
        return
    if "const" in schema:
        yield schema["const"]
    enum = schema.get("enum")
    yield from enum if isinstance(enum, list) else ()
    for keyword, step in (("minimum", -1), ("maximum", 1), ("exclusiveMinimum", 0), ("exclusiveMaximum", 0)):
        bound = schema.get(keyword)
        if isinstance(bound, int | float) and not isinstance(bound, bool):
            yield bound
            yield bound + (step or (1 if keyword == "exclusiveMinimum" else -1))
    for key in ("not", "allOf", "anyOf", "oneOf"):
        yield from _constants(schema.get(key))


def _same(one: object, other: object) -> bool:
    return one is other or (type(one) is type(other) and one == other)


def _value(level: Level) -> str:
    if level is None:
        return "null"
    if isinstance(level, bool):
        return str(level).lower()
    return f'"{level}"' if isinstance(level, str) else str(level)
