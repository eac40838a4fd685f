"""The truth table of each rule about requests: which sort of value stood at each tied place, and what came back.

A row is one shape of requests, legal or breaking the rule alone. A sort is chosen for a reader: `absent`, `null`, each
value that the contract lists or the rule compares with, and for all others their type. Where the members of an array
differ, all their sorts are named: which of them breaks the rule, only the request shows.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from speclock.core.cases import ABSENT, Absent, CaseKind
from speclock.core.constraints import ANY_NAME, ITEM, Dependency, Part, named_values
from speclock.engine.events import TruthRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from speclock.core.cases import Draft, Exchange
    from speclock.core.constraints import Analysis, Constraint, Place
    from speclock.core.documents import JsonValue

__all__ = ["TruthTables"]

#: Values of an enumeration that are told apart; of a longer one a table would be a list.
_LISTED = 12
#: Members of an array that are looked at.
_MEMBERS = 8
_NOTHING_CAME = "no answer"


class _Nowhere(Enum):
    """There is not even an object that the value could be missing in."""

    NO_OBJECT = "no object"


_Found: TypeAlias = "JsonValue | Absent | _Nowhere"


@dataclass
class TruthTables:
    """Those of one run; whoever uses them from several workers sees to it that they take turns."""

    _readers: dict[str, list[_Reader]] = field(default_factory=dict)
    #: By operation and rule, how often: shape, whether it is legal, status, whether that is right.
    _seen: dict[tuple[str, str], Counter[tuple[tuple[str, ...], bool, int, bool]]] = field(default_factory=dict)

    def promise(self, analysis: Analysis) -> None:
        """Take down the rules of an operation."""
        operation = analysis.operation.id
        self._readers[operation] = [_reader(item, analysis) for item in analysis.constraints if item.is_rule]
        self._seen |= {(operation, reader.rule): Counter() for reader in self._readers[operation]}

    def note(self, exchange: Exchange, *, refused: bool) -> None:
        """Count a judged answer to a request of our own that is legal, or breaks a rule alone."""
        case, answer = exchange.case, exchange.answer
        if case.draft is None or case.demand is not None or case.kind is CaseKind.PROBE:
            return
        is_legal = case.kind is CaseKind.POSITIVE
        is_right = answer.is_success if is_legal else refused
        for reader in self._readers.get(case.operation.id, ()):
            if is_legal or reader.rule == case.breaks:
                row = (reader.shape(case.draft), is_legal, answer.status, is_right)
                self._seen[case.operation.id, reader.rule][row] += 1

    def rows(self, operation: str, constraint: Constraint) -> tuple[TruthRow, ...]:
        """The table of a rule: first what must be refused."""
        names = tuple(map(str, constraint.ties))
        rows: dict[tuple[bool, tuple[str, ...]], list[tuple[str, bool, int]]] = {}
        for (shape, is_legal, status, is_right), count in self._seen.get((operation, constraint.id), {}).items():
            rows.setdefault((is_legal, shape), []).append((str(status or _NOTHING_CAME), is_right, count))
        return tuple(_row(names, *key, sorted(rows[key])) for key in sorted(rows))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the shape of a request as one rule sees it."""

    rule: str
    places: tuple[Place, ...]
    #: For each place, the values that are told apart, and how they are written.
    listed: tuple[Mapping[str | int | float, str], ...]
    #: Whether the rule speaks of sizes, as one that reads a single place does, or compares two values.
    is_of_size: bool
    is_of_order: bool

    def shape(self, draft: Draft) -> tuple[str, ...]:
        found = [list(_values(draft, place)) for place in self.places]
        if self.is_of_order and all(len(values) == 1 for values in found):
            order = _order(found[0][0], found[1][0])
            if order is not None:
                return order
        return tuple(
            self._sort(values[0], listed)
            if len(values) == 1
            else " and ".join(sorted({self._sort(value, listed) for value in values}))
            for values, listed in zip(found, self.listed, strict=True)
        )

    def _sort(self, value: _Found, listed: Mapping[str | int | float, str]) -> str:
        if isinstance(value, Absent | _Nowhere):
            return "absent" if value is ABSENT else _Nowhere.NO_OBJECT.value
        if value is None or isinstance(value, bool):
            return json.dumps(value)
        if isinstance(value, list | dict):
            name = "array" if isinstance(value, list) else "object"
            return f"empty {name}" if not value else f"{name} of {len(value)}" if self.is_of_size else name
        return listed.get(value) or ("number" if not isinstance(value, str) else "text" if value else "empty text")


def _reader(constraint: Constraint, analysis: Analysis) -> _Reader:
    return _Reader(
        constraint.id,
        constraint.ties,
        tuple(
            {value: json.dumps(value) for value in _listed(constraint, place, analysis)} for place in constraint.ties
        ),
        is_of_size=len(constraint.ties) == 1,
        is_of_order=constraint.dependency is Dependency.RELATIONAL and len(constraint.ties) == 2,
    )


def _listed(constraint: Constraint, place: Place, analysis: Analysis) -> Iterator[str | int | float]:
    shape = analysis.shape(place)
    for holder in () if shape is None else shape.holders:
        for name in ("enum", "const"):
            for keyword in holder.keywords.get(name, ()):
                values = keyword.value if name == "enum" and isinstance(keyword.value, list) else [keyword.value]
                yield from _scalars(values if len(values) <= _LISTED else ())
    yield from _scalars(named_values(constraint, place))


def _scalars(values: Sequence[JsonValue]) -> Iterator[str | int | float]:
    for value in values:
        if isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
            yield value


def _values(draft: Draft, place: Place) -> Iterator[_Found]:
    """What stands at a place, or that nothing does; that of each member where the way leads through an array."""
    if place.part is Part.BODY:
        return _below(draft.body, place.steps)
    return _below(dict(draft.parameters(place.part)), place.steps)


def _below(value: _Found, steps: tuple[str, ...]) -> Iterator[_Found]:
    for position, step in enumerate(steps):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif value and ((step == ITEM and isinstance(value, list)) or (step == ANY_NAME and isinstance(value, dict))):
            for member in list(value.values() if isinstance(value, dict) else value)[:_MEMBERS]:
                yield from _below(member, steps[position + 1 :])
            return
        else:
            is_missing = isinstance(value, dict) and position == len(steps) - 1
            value = ABSENT if is_missing else _Nowhere.NO_OBJECT
            break
    yield value


def _order(one: _Found, other: _Found) -> tuple[str, str] | None:
    """How two values compare, which is what a rule that relates them speaks of."""
    if isinstance(one, bool) or isinstance(other, bool):
        return None
    if isinstance(one, int | float) and isinstance(other, int | float):
        sort, is_more = "number", one > other
    elif isinstance(one, str) and isinstance(other, str):
        sort, is_more = "text", one > other
    else:
        return None
    if one == other:
        return f"equal {sort}", f"equal {sort}"
    return (f"higher {sort}", f"lower {sort}") if is_more else (f"lower {sort}", f"higher {sort}")


def _row(names: tuple[str, ...], is_legal: bool, shape: tuple[str, ...], seen: list[tuple[str, bool, int]]) -> TruthRow:
    got: Counter[str] = Counter()
    for status, _, count in seen:
        got[status] += count
    right = sum(count for _, is_right, count in seen if is_right)
    return TruthRow(
        shape=dict(zip(names, shape, strict=True)),
        expected="accepted" if is_legal else "refused",
        got=got,
        right=right,
        wrong=got.total() - right,
    )
