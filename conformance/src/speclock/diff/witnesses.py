"""Looking for the smallest value that one document allows and the other does not, where the two are known to differ."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from speclock.core.constraints import Part, Place, ShapeReader, named_constants
from speclock.core.documents import join
from speclock.core.patterns import patterns
from speclock.core.values import is_portable
from speclock.diff.alternatives import NOTHING
from speclock.diff.differences import Kind
from speclock.diff.making import UNDOCUMENTED, Maker
from speclock.diff.texts import lost_text
from speclock.diff.values import text_of, type_of
from speclock.generation.texts import matching
from speclock.generation.values import candidates

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speclock.core.documents import JsonValue
    from speclock.diff.alternatives import Alternative, Schema
    from speclock.diff.comparing import Comparing
    from speclock.diff.differences import Difference
    from speclock.diff.sides import Half

__all__ = ["Hunt"]

#: Values of a differing place that are put into whole ones.
_TRIED = 12
#: Characters beyond which a value is no witness that anybody reads.
_LONGEST = 50_000
#: Properties beyond which no object is made.
_MANY = 500
_SIMPLE = frozenset({Kind.TYPE, Kind.VALUES, Kind.RANGE, Kind.SIZE, Kind.FACT, Kind.UNIQUE, Kind.ALTERNATIVE})


class Hunt:
    """Looks for values of `own` that `other` does not allow."""

    def __init__(self, own: Half, other: Half, comparing: Comparing, *, is_forward: bool) -> None:
        """`is_forward`: `own` is the old document."""
        self._own, self._other, self._is_forward = own, other, is_forward
        self.maker = Maker(own.view, other.view, comparing)
        self._leaves: dict[tuple[object, ...], list[JsonValue]] = {}

    def loses(self, difference: Difference) -> bool:
        """Whether the difference may take a value away in this direction."""
        return difference.narrows if self._is_forward else difference.widens

    def values(self, difference: Difference, own: Schema, other: Schema) -> Iterator[JsonValue]:
        """Whole values of `own` with what tells at the place of the difference, the small ones first."""
        for leaf in self.telling(difference):
            yield from self.maker.with_value(own, other, difference.place, leaf)

    def shows(self, difference: Difference, own: Schema, other: Schema) -> Iterator[JsonValue]:
        """Whole values of `own` in which the difference is to be seen, whether or not `other` allows them."""
        here = difference.schemas[not self._is_forward]
        for leaf in sorted(self._made(difference, here), key=_size):
            yield from self.maker.with_value(own, other, difference.place, leaf)

    def telling(self, difference: Difference) -> list[JsonValue]:
        """Values of the place of the difference that only `own` allows there, the smallest first."""
        key = (difference.kind, difference.words, difference.schemas)
        if key not in self._leaves:
            self._leaves[key] = self._found(difference)
        return self._leaves[key]

    def _found(self, difference: Difference) -> list[JsonValue]:
        if difference.kind is Kind.UNREAD:
            return []
        here, there = difference.schemas if self._is_forward else difference.schemas[::-1]
        known: dict[str, JsonValue] = {}
        for value in self._made(difference, here):
            known.setdefault(text_of(value), value)
        if difference.kind in _SIMPLE:
            for half, schema in ((self._own, here), (self._other, there)):
                for value in _candidates(half, schema):
                    known.setdefault(text_of(value), value)
        listed = sorted(known.values(), key=_size)
        if difference.kind is Kind.TYPE:  # a value of the type that is spoken of, where one tells
            listed.sort(key=lambda value: type_of(value) != difference.type)
        theirs = self._other.view.meaning(there).alternatives.get(difference.type, ())
        return [
            value
            for value in listed
            if _is_beyond(difference, value, theirs)
            and _size(value)[1] <= _LONGEST
            and self._accepts(self._own, here, value)
            and not self._accepts(self._other, there, value)
        ][:_TRIED]

    def _made(self, difference: Difference, here: Schema) -> Iterator[JsonValue]:
        """Values made for the kind of difference."""
        alternatives = self._own.view.meaning(here).alternatives
        if difference.kind is Kind.VALUES:
            for text in difference.subject:
                yield json.loads(text)
        if difference.kind is Kind.FACT and difference.type == "string":
            yield from self._lost_texts(difference, here)
        for fact in difference.subject if difference.kind is Kind.FACT else ():
            yield from _named_in(fact)
        if difference.kind in (Kind.RANGE, Kind.SIZE) and difference.type in ("number", "string"):
            yield from self._around(difference, here)
        kinds = [difference.type] if difference.type else list(alternatives)
        for alternative in (item for name in kinds for item in alternatives.get(name, ())):
            value = self.maker.of(alternative, here)
            if isinstance(value, dict):
                yield from self._objects(difference, alternative, value)
            elif isinstance(value, list) and difference.kind is Kind.UNIQUE:
                member = self.maker.smallest(alternative.items, alternative.items)
                yield [member, member]
            elif isinstance(value, list):
                member = self.maker.smallest(alternative.items, alternative.items)
                yield value
                yield [member]
            else:
                yield value
            if difference.kind is Kind.ALTERNATIVE:
                yield self.maker.full(alternative, here)

    def _lost_texts(self, difference: Difference, here: Schema) -> Iterator[JsonValue]:
        there = difference.schemas[self._is_forward]
        for item in self._own.view.meaning(here).alternatives.get("string", ()):
            for other in self._other.view.meaning(there).alternatives.get("string", ()):
                text = lost_text(item, other)
                if text is not None:
                    yield text

    def _around(self, difference: Difference, here: Schema) -> Iterator[JsonValue]:
        """Numbers beside the bounds of both sides, and texts of the lengths of both sides."""
        there = difference.schemas[self._is_forward]
        mine = self._own.view.meaning(here).alternatives.get(difference.type, ())
        theirs = self._other.view.meaning(there).alternatives.get(difference.type, ())
        if difference.type == "number":
            bounds = [bound.value for item in (*mine, *theirs) for bound in (item.low, item.high) if bound is not None]
            yield from (bound + step for bound in bounds for step in (0, 1, -1, 0.5, -0.5))
            return
        lengths = {
            size + step
            for item in (*mine, *theirs)
            for size in (item.shortest, item.longest)
            if size is not None and size < _LONGEST
            for step in (0, 1, -1)
        }
        for item in mine:
            text = self.maker.of(item, here)
            if isinstance(text, str) and text:
                for length in sorted(lengths):
                    more = length - len(text)
                    yield from (text[:length],) if more <= 0 else (text + "a" * more, text + text[-1] * more)

    def _objects(
        self, difference: Difference, alternative: Alternative, value: dict[str, JsonValue]
    ) -> Iterator[JsonValue]:
        match difference.kind:
            case Kind.REQUIRED:
                yield {name: item for name, item in value.items() if name not in difference.subject}
            case Kind.PROPERTY:
                name = difference.subject[0]
                for item in self.maker.values(alternative.child(name), alternative.child(name)):
                    yield {**value, name: item}
            case Kind.ADDITIONAL:
                yield {**value, UNDOCUMENTED: self.maker.smallest(alternative.additional, alternative.additional)}
            case Kind.SIZE:
                yield value
                full = self.maker.full(alternative, ())
                assert isinstance(full, dict)
                for size in range(len(full) + 1):
                    yield dict(list(full.items())[:size])
                for bound in (alternative.longest, alternative.shortest):
                    if bound is not None and bound < _MANY:
                        extra = {f"{UNDOCUMENTED}{index}": "a" for index in range(max(0, bound - len(value)))}
                        yield {**value, **extra}
            case Kind.FACT:
                yield value
                for name, item in self._of_rules(difference):
                    yield {**value, name: item}
            case _:
                yield value

    def _of_rules(self, difference: Difference) -> Iterator[tuple[str, JsonValue]]:
        """Properties that rules about names may speak of."""
        plain: tuple[JsonValue, ...] = ("a", 1, None, {})
        for name in (UNDOCUMENTED, "", "A b!", *_named_by(difference.subject)):
            yield from ((name, item) for item in plain)
        for half, fact, pointer in self._told_by(difference):
            for pattern in _table(fact):
                named = matching(pattern)
                if named is not None:
                    yield from ((named, item) for item in _candidates(half, (join(pointer, pattern),)))

    def _told_by(self, difference: Difference) -> Iterator[tuple[Half, str, str]]:
        """The facts that a difference is about, each with the document that has it and its pointer there."""
        halves = (self._own, self._other) if self._is_forward else (self._other, self._own)
        for half, schema in zip(halves, difference.schemas, strict=True):
            for item in half.view.meaning(schema).alternatives.get(difference.type, ()):
                yield from ((half, fact, item.facts[fact]) for fact in difference.subject if fact in item.facts)

    @staticmethod
    def _accepts(half: Half, schema: Schema, value: JsonValue) -> bool:
        return NOTHING[0] not in schema and is_portable(value) and half.schemas.accepts(schema, value)


def _named_in(fact: str) -> Iterator[JsonValue]:
    """The values that a `not` of single values speaks of."""
    keyword, _, rest = fact.partition(":")
    if keyword == "not":
        yield from named_constants(json.loads(rest))


def _named_by(facts: tuple[str, ...]) -> Iterator[str]:
    """Names that the patterns of `patternProperties` and `propertyNames` speak of."""
    for fact in facts:
        keyword, _, rest = fact.partition(":")
        if keyword in ("patternProperties", "propertyNames"):
            names = _table(fact) or list(patterns(json.JSONDecoder().raw_decode(rest)[0]))
            yield from (name for pattern in names if (name := matching(pattern)) is not None)


def _table(fact: str) -> list[str]:
    """The patterns of `patternProperties`."""
    keyword, _, rest = fact.partition(":")
    said = json.JSONDecoder().raw_decode(rest)[0] if keyword == "patternProperties" else None
    table = said.get("patternProperties") if isinstance(said, dict) else None
    return list(table) if isinstance(table, dict) else []


def _candidates(half: Half, schema: Schema) -> Iterator[JsonValue]:
    """The values at both sides of each promise of the place: those that `speclock check` would try there."""
    if not schema or schema == NOTHING:
        return
    reader = ShapeReader(half.schemas.root, lambda _pointer, _why: None, lambda _pointer, _why: None)
    shape = reader.read(Place(Part.BODY), *schema)
    for candidate in candidates(shape, lambda value: half.schemas.accepts(schema, value)):
        yield candidate.value


def _is_beyond(difference: Difference, value: JsonValue, theirs: Sequence[Alternative]) -> bool:
    """Whether a value is at the side of the bound that is spoken of: another bound may refuse it too."""
    if difference.kind not in (Kind.RANGE, Kind.SIZE) or not difference.subject or len(theirs) != 1:
        return True
    keyword, item = difference.subject[0], theirs[0]
    if difference.kind is Kind.RANGE:
        bound = item.low if keyword == "minimum" else item.high
        if bound is None or isinstance(value, bool) or not isinstance(value, int | float):
            return True
        return value <= bound.value if keyword == "minimum" else value >= bound.value
    size = len(value) if isinstance(value, str | list | dict) else 0
    if keyword.startswith("min"):
        return size < item.shortest
    return item.longest is None or size > item.longest


def _size(value: JsonValue) -> tuple[bool, int, int, str]:
    """Plain texts before odd ones of the same length: a witness is read by people."""
    text = json.dumps(value, ensure_ascii=False)
    odd = sum(not (mark.isascii() and mark.isalnum()) for mark in text)
    return not text.isprintable(), len(text), odd, text
