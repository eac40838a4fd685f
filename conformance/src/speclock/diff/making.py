"""The smallest values of a schema, and values that have a given one at a given place.

Nothing here decides what is legal; those who ask do, with a validator. Values are made by the meaning of one document,
and have what the other one requires besides, so that they are legal in both wherever that is easy.
"""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING

from speclock.core.constraints import ANY_NAME, ITEM
from speclock.diff.alternatives import NOTHING
from speclock.diff.likeness import paired
from speclock.generation.texts import FORMATS, UNCHECKED, matching

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speclock.core.documents import JsonValue
    from speclock.diff.alternatives import Alternative, Schema
    from speclock.diff.comparing import Comparing
    from speclock.diff.meaning import View

__all__ = ["UNDOCUMENTED", "Maker"]

#: A name that no contract has.
UNDOCUMENTED = "speclock_undocumented"
_DEEPEST = 12
#: Members or characters beyond which no value is made.
_LONGEST = 20_000
#: The order in which types are tried for a plain value: the first ones are small and say what they are.
_FIRST = ("string", "number", "boolean", "array", "object", "null")
#: Ways through alternatives that are tried for one place.
_WAYS = 6


class Maker:
    """Makes values of one view beside another."""

    def __init__(self, own: View, other: View, comparing: Comparing) -> None:
        self._own, self._other, self._comparing = own, other, comparing

    def smallest(self, schema: Schema, beside: Schema, depth: int = 0) -> JsonValue:
        """A small value of `schema`, with what `beside` asks for in the other view; None where nothing is found."""
        return next(iter(self.values(schema, beside, depth)), None)

    def values(self, schema: Schema, beside: Schema, depth: int = 0) -> Iterator[JsonValue]:
        """A small value of each alternative."""
        found = self._own.meaning(schema).alternatives
        names = [name for name in _FIRST if name in found]
        if depth > 3 and "null" in names:
            names = ["null", *(name for name in names if name != "null")]
        others = self._other.meaning(beside).alternatives if beside != NOTHING else {}
        names.sort(key=lambda name: name not in others)
        for name in names:
            for alternative in found[name]:
                twin = self._twin(alternative, others.get(name, ()))
                yield self._value(alternative, twin, schema, depth)

    def of(self, alternative: Alternative, schema: Schema, depth: int = 0) -> JsonValue:
        """A small value of one alternative."""
        return self._value(alternative, None, schema, depth)

    def full(self, alternative: Alternative, schema: Schema) -> JsonValue:
        """A value of one alternative with everything that it names."""
        value = self._value(alternative, None, schema, 0)
        if isinstance(value, dict):
            for name, child in alternative.properties.items():
                if child != NOTHING and name not in value:
                    value[name] = self.smallest(child, child, 2)
        return value

    def with_value(self, schema: Schema, beside: Schema, steps: Sequence[str], leaf: JsonValue) -> Iterator[JsonValue]:
        """Small values of `schema` that have `leaf` at the place that `steps` lead to."""
        return itertools.islice(self._embedded(schema, beside, tuple(steps), leaf, 0), _WAYS)

    def _embedded(
        self, schema: Schema, beside: Schema, steps: tuple[str, ...], leaf: JsonValue, depth: int
    ) -> Iterator[JsonValue]:
        if not steps:
            yield leaf
            return
        step, rest = steps[0], steps[1:]
        others = self._other.meaning(beside).alternatives if beside != NOTHING else {}
        found = self._own.meaning(schema).alternatives
        is_array = step == ITEM or (step.isdigit() and "array" in found)
        for alternative in found.get("array" if is_array else "object", ()):
            twin = self._twin(alternative, others.get(alternative.type, ()))
            if is_array:
                yield from self._in_array(alternative, twin, step, rest, leaf, depth)
                continue
            child = alternative.additional if step == ANY_NAME else alternative.child(step)
            if child == NOTHING or (
                step != ANY_NAME and step not in alternative.properties and not alternative.takes_any_name
            ):
                continue
            base = self._value(alternative, twin, schema, depth)
            below = child if twin is None else twin.additional if step == ANY_NAME else twin.child(step)
            for value in self._embedded(child, below, rest, leaf, depth + 1):
                yield {**(base if isinstance(base, dict) else {}), (UNDOCUMENTED if step == ANY_NAME else step): value}

    def _in_array(  # noqa: PLR0917
        self,
        alternative: Alternative,
        twin: Alternative | None,
        step: str,
        rest: tuple[str, ...],
        leaf: JsonValue,
        depth: int,
    ) -> Iterator[JsonValue]:
        index = 0 if step == ITEM else int(step)
        child = alternative.items if step == ITEM or index >= len(alternative.prefix) else alternative.prefix[index]
        below = (
            child if twin is None else twin.items if step == ITEM or index >= len(twin.prefix) else twin.prefix[index]
        )
        for value in self._embedded(child, below, rest, leaf, depth + 1):
            before = [self.smallest(item, item, depth + 1) for item in alternative.prefix[:index]]
            yield [*before, value, *self._members(alternative, max(0, alternative.shortest - index - 1), depth)]

    def _twin(self, alternative: Alternative, others: Sequence[Alternative]) -> Alternative | None:
        if len(others) <= 1:
            return others[0] if others else None
        pairs, _, _ = paired(self._comparing.old, self._comparing.new, (alternative,), tuple(others))
        return pairs[0][1] if pairs else None

    def _value(self, alternative: Alternative, twin: Alternative | None, schema: Schema, depth: int) -> JsonValue:
        if alternative.values is not None:
            shared = alternative.values & twin.values if twin is not None and twin.values is not None else None
            value: JsonValue = json.loads(
                min(shared or alternative.values or {"null"}, key=lambda text: (len(text), text))
            )
            return value
        match alternative.type:
            case "string":
                return self._text(alternative, twin, schema)
            case "number":
                return _number(alternative, twin)
            case "array":
                size = max(alternative.shortest, 0 if twin is None or twin.shortest > _LONGEST else twin.shortest)
                prefix = [self.smallest(item, item, depth + 1) for item in alternative.prefix[:size]]
                return [*prefix, *self._members(alternative, size - len(prefix), depth)]
            case "object":
                return self._object(alternative, twin, depth)
        return None

    def _members(self, alternative: Alternative, count: int, depth: int) -> list[JsonValue]:
        if count <= 0 or depth > _DEEPEST or count > _LONGEST:
            return []
        found = list(itertools.islice(self.values(alternative.items, alternative.items, depth + 1), count))
        if alternative.is_unique:
            own = self._own.meaning(alternative.items).alternatives
            listed = [
                json.loads(text) for items in own.values() for item in items for text in sorted(item.values or ())
            ]
            first = found[0] if found else None
            if isinstance(first, str) and not listed:
                listed = [f"{first}{index}" for index in range(count)]
            if isinstance(first, int | float) and not listed:
                listed = [first + index for index in range(count)]
            return [*listed, *found][:count]
        return (found[:1] * count)[:count]

    def _object(self, alternative: Alternative, twin: Alternative | None, depth: int) -> JsonValue:
        if depth > _DEEPEST:
            return {}
        value: dict[str, JsonValue] = {}
        wanted = dict.fromkeys(alternative.required)
        if twin is not None:
            allowed = [name for name in twin.required if name in alternative.properties or alternative.takes_any_name]
            wanted |= dict.fromkeys(allowed)
        for name in wanted:
            child = alternative.child(name)
            if child != NOTHING:
                value[name] = self.smallest(child, child if twin is None else twin.child(name), depth + 1)
        for name, child in alternative.properties.items():
            if len(value) >= alternative.shortest:
                break
            if name not in value and child != NOTHING:
                value[name] = self.smallest(child, child, depth + 1)
        for index in range(min(alternative.shortest, _LONGEST) - len(value)):
            value[f"{UNDOCUMENTED}{index}"] = self.smallest(alternative.additional, alternative.additional, depth + 1)
        return value

    def _text(self, alternative: Alternative, twin: Alternative | None, schema: Schema) -> JsonValue:
        shown = self._shown(schema)
        if shown is not None and alternative.facts:
            return shown
        facts = [*alternative.facts, *(() if twin is None else twin.facts)]
        for fact in facts:
            keyword, _, rest = fact.partition(":")
            name = str(json.loads(rest)) if keyword in ("format", "pattern") else ""
            if keyword == "format" and (known := FORMATS.get(name) or UNCHECKED.get(name)):
                return known
            if keyword == "pattern" and (found := matching(name)) is not None:
                return found
        wanted = max(alternative.shortest, 1, 0 if twin is None else twin.shortest)
        longest = min(
            (item.longest for item in (alternative, twin) if item is not None and item.longest is not None),
            default=wanted,
        )
        return "a" * min(max(alternative.shortest, min(wanted, longest)), _LONGEST)

    def _shown(self, schema: Schema) -> str | None:
        for pointer in schema:
            found = self._own.at(self._own.target(pointer))
            if not isinstance(found, dict):
                continue
            for keyword in ("example", "examples", "default"):
                value = found.get(keyword)
                value = value[0] if isinstance(value, list) and value else value
                if isinstance(value, str):
                    return value
        return None


def _number(alternative: Alternative, twin: Alternative | None) -> JsonValue:
    """Zero, or the nearest to it that the bounds of both allow."""
    lows = [item.low for item in (alternative, twin) if item is not None and item.low is not None]
    highs = [item.high for item in (alternative, twin) if item is not None and item.high is not None]
    low = max(lows, key=lambda bound: bound.value, default=None)
    high = min(highs, key=lambda bound: bound.value, default=None)
    if low is not None and high is not None and low.value > high.value:
        low, high = alternative.low, alternative.high
    step = max(alternative.steps, default=1 if alternative.is_whole else 0.5)
    value: float = 0
    if low is not None and value <= low.value:
        value = low.value + (step if low.is_exclusive else 0)
    if high is not None and value >= high.value:
        value = high.value - (step if high.is_exclusive else 0)
    if alternative.steps and value % step:
        value = (value // step + 1) * step
    return int(value) if float(value).is_integer() else value
