"""Where two schemas differ: pairs of places walked in step, and at each what the one allows and the other does not.

A pair of schemas is looked at once, however often it is referred to. What is found tells in which direction values are
lost: a difference *narrows* when the old schema may allow a value that the new one does not, and *widens* the other way
round. "May": a witness decides (`speclock.diff.witnesses`); a difference that does neither is proved harmless.

Properties that a schema does not name are not used by those who keep to it, unless it invites names: so a new optional
property narrows nothing, and a property that is gone is ignored.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from speclock.core.constraints import ANY_NAME, ITEM
from speclock.core.documents import join, split
from speclock.diff.alternatives import ANY, NOTHING, TYPES, Alternative, Bound
from speclock.diff.differences import Difference, Kind
from speclock.diff.facts import keyword_of, rest_of
from speclock.diff.implication import Condition, condition_of, implies
from speclock.diff.likeness import paired
from speclock.diff.multiples import divide, step_of
from speclock.diff.texts import lost_text, told_apart
from speclock.diff.values import text_of
from speclock.diff.words import TYPE_NAMES, alternative_words, bound_words, fact_words, listed, number_name, or_none

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from speclock.core.documents import JsonValue
    from speclock.diff.alternatives import Meaning, Schema
    from speclock.diff.meaning import View

__all__ = ["Comparing"]

#: Makes of a part of a document the question whether a value keeps it.
Ask: TypeAlias = "Callable[[JsonValue], Callable[[JsonValue], bool] | None]"


@dataclass(slots=True)
class _Pair:
    differences: list[Difference] = field(default_factory=list)
    #: Alternatives that only one side has, with those of the other side.
    alternatives: list[tuple[Difference, Alternative, tuple[Alternative, ...]]] = field(default_factory=list)
    #: Facts of one keyword with schemas of their own, of both sides.
    facts: list[Difference] = field(default_factory=list)
    #: The step, and the pair that it leads to.
    below: list[tuple[str, tuple[Schema, Schema]]] = field(default_factory=list)

    @property
    def is_different(self) -> bool:
        return bool(self.differences or self.alternatives or self.facts)


class Comparing:
    """Compares the schemas of two views."""

    def __init__(self, old: View, new: View, asks: tuple[Ask, Ask] | None = None) -> None:
        """`asks` make validators of parts of each document; without them, no rule is settled."""
        self.old, self.new, self._asks = old, new, asks
        self._pairs: dict[tuple[Schema, Schema], _Pair] = {}
        self._dirty: dict[tuple[Schema, Schema], bool] = {}
        self._within: dict[tuple[bool, Schema, Schema], bool] = {}
        self._inner: dict[tuple[str, str], tuple[bool, bool]] = {}

    def differences(self, old: Schema, new: Schema) -> list[Difference]:
        """The differences of two schemas and of all that is below them, the outermost first."""
        start = (old, new)
        if not self._is_dirty(start):
            return []
        found: dict[tuple[object, ...], Difference] = {}
        seen = {start}
        queue: deque[tuple[tuple[Schema, Schema], tuple[str, ...]]] = deque([(start, ())])
        while queue:
            pair, place = queue.popleft()
            looked = self._pair(pair)
            for item in (*looked.differences, *self._settled(looked)):
                found.setdefault((item.old, item.new, item.words), _placed(item, place))
            for step, below in looked.below:
                if below not in seen and self._is_dirty(below):
                    seen.add(below)
                    queue.append((below, (*place, step)))
        return list(found.values())

    def _is_dirty(self, start: tuple[Schema, Schema]) -> bool:
        """Whether anything differs in or below the pair; works all of them out that can be reached."""
        if start in self._dirty:
            return self._dirty[start]
        order: list[tuple[Schema, Schema]] = []
        above: dict[tuple[Schema, Schema], list[tuple[Schema, Schema]]] = {}
        stack = [start]
        reached = {start}
        while stack:
            pair = stack.pop()
            order.append(pair)
            if pair in self._dirty:
                continue
            for _, below in self._pair(pair).below:
                above.setdefault(below, []).append(pair)
                if below not in reached:
                    reached.add(below)
                    stack.append(below)
        dirty = [pair for pair in order if self._dirty.get(pair) or self._pair(pair).is_different]
        marked = set(dirty)
        while dirty:
            for pair in above.get(dirty.pop(), ()):
                if pair not in marked:
                    marked.add(pair)
                    dirty.append(pair)
        self._dirty |= {pair: pair in marked for pair in order}
        return self._dirty[start]

    def _pair(self, pair: tuple[Schema, Schema]) -> _Pair:
        known = self._pairs.get(pair)
        if known is None:
            known = self._pairs[pair] = _Pair()
            if pair[0] != pair[1] or self.old is not self.new:
                self._look(pair, self.old.meaning(pair[0]), self.new.meaning(pair[1]), known)
        return known

    def _look(self, pair: tuple[Schema, Schema], old: Meaning, new: Meaning, found: _Pair) -> None:
        if NOTHING in pair:
            return  # told where it is: a name that may not be there
        lost, others = self.old.unread(pair[0]), self.new.unread(pair[1])
        if lost != others:
            # What stands there is not known: nothing that a validator says of it would be true.
            words = f"{listed(lost ^ others)} cannot be followed"
            here, there = (schema[0] if schema else None for schema in pair)
            found.differences.append(Difference(Kind.UNREAD, words, True, True, here, there, pair, ""))
            return
        before, after = old.default, new.default
        if (before and before[0]) != (after and after[0]):
            words = (
                f"the default {before[0]} is gone"
                if before and not after
                else f"the default is {after[0]}, and there was none"
                if after and not before
                else f"the default is {after[0]} instead of {before[0]}"
                if before and after
                else ""
            )
            found.differences.append(
                Difference(
                    Kind.DEFAULT,
                    words,
                    False,
                    False,
                    before[1] if before else old.pointer,
                    after[1] if after else new.pointer,
                    pair,
                    "",
                )
            )
        self._tags(pair, old, new, found)
        for name in TYPES:
            a, b = old.alternatives.get(name, ()), new.alternatives.get(name, ())
            if a and b:
                self._alternatives(pair, name, a, b, found)
            elif a or b:
                verb = "may no longer be" if a else "may now be"
                words = f"{verb} {TYPE_NAMES[name] if name != 'number' else number_name((a or b)[0])}"
                found.differences.append(
                    Difference(
                        Kind.TYPE,
                        words,
                        bool(a),
                        bool(b),
                        _place(a[0], "type") if a else _type_place(old),
                        _place(b[0], "type") if b else _type_place(new),
                        pair,
                        name,
                    )
                )

    def _tags(self, pair: tuple[Schema, Schema], old: Meaning, new: Meaning, found: _Pair) -> None:
        """What a discriminator says beyond the schemas: no validator asks it, and readers go by it."""
        one, other = self.old.tags(pair[0]), self.new.tags(pair[1])
        kept = {key for key in one.keys() & other.keys() if self._is_one(one[key], other[key])}
        gone, come = one.keys() - kept, other.keys() - kept
        if not gone and not come:
            return
        values = ", ".join(sorted({value for _, value in gone | come}))
        words = f"the discriminator says something else of {values}"
        # Without a discriminator, no value leads to anything in particular: more may come than with one.
        narrows, widens = (bool(gone), bool(come)) if one and other else (bool(other), bool(one))
        found.differences.append(Difference(Kind.TAG, words, narrows, widens, old.pointer, new.pointer, pair, ""))

    def _is_one(self, old: str, new: str) -> bool:
        """Whether two schemas are the same one: by name, or by what they say."""
        return old == new or self.old.texts((old,)) == self.new.texts((new,))

    def _alternatives(
        self,
        pair: tuple[Schema, Schema],
        name: str,
        a: tuple[Alternative, ...],
        b: tuple[Alternative, ...],
        found: _Pair,
    ) -> None:
        pairs, gone, come = paired(self.old, self.new, a, b)
        for one, other in pairs:
            self._fields(pair, one, other, found)
        for item in gone:
            words = f"one alternative is gone: {alternative_words(item)}"
            there = self.new.meaning(pair[1]).pointer
            found.alternatives.append(
                (Difference(Kind.ALTERNATIVE, words, True, False, _first(item), there, pair, name), item, b)
            )
        for item in come:
            words = f"one more alternative: {alternative_words(item)}"
            here = self.old.meaning(pair[0]).pointer
            found.alternatives.append(
                (Difference(Kind.ALTERNATIVE, words, False, True, here, _first(item), pair, name), item, a)
            )

    def _settled(self, looked: _Pair) -> Iterator[Difference]:
        """The alternatives that only one side has; one that another of the other side includes loses nothing."""
        for difference, item, others in looked.alternatives:
            is_within = any(self._is_within(difference, item, other) for other in others)
            if not is_within:
                yield difference
            elif item.type in ("array", "object"):  # what it names is told; of other values nothing has changed
                yield replace(difference, narrows=False, widens=False)
        for difference in looked.facts:
            narrows, widens = self._of_facts(difference)
            if narrows or widens:
                yield replace(difference, narrows=narrows, widens=widens)

    def _of_facts(self, difference: Difference) -> tuple[bool, bool]:
        """Whether a rule with schemas of its own may lose values, and whether it may win some."""
        assert difference.old is not None
        assert difference.new is not None
        key = (difference.old, difference.new)
        if key not in self._inner:
            self._inner[key] = (True, True)  # a schema that contains itself: not proved
            self._inner[key] = self._compared(keyword_of(difference.subject[0]), *key)
        return self._inner[key]

    def _compared(self, keyword: str, old: str, new: str) -> tuple[bool, bool]:
        one, other = self.old.at(old), self.new.at(new)
        holders = self.old.at(old.rpartition("/")[0]), self.new.at(new.rpartition("/")[0])
        pairs = [((old,), (new,))]
        if keyword == "patternProperties":
            if not isinstance(one, dict) or not isinstance(other, dict) or one.keys() != other.keys():
                return True, True
            if _beside_patterns(holders[0]) != _beside_patterns(holders[1]):
                return True, True
            pairs = [((join(old, name),), (join(new, name),)) for name in one]
        found = [item for pair in pairs for item in self.differences(*pair)]
        narrows, widens = any(item.narrows for item in found), any(item.widens for item in found)
        if keyword == "not":
            return widens, narrows
        if keyword != "contains":
            return narrows, widens
        (low, high), (least, most) = map(_counts, holders)
        # With a most, more that counts is less that is allowed.
        loses = narrows or least > low or most < high or (widens and most != float("inf"))
        wins = widens or least < low or most > high or (narrows and high != float("inf"))
        return loses, wins

    def _is_within(self, difference: Difference, item: Alternative, other: Alternative) -> bool:
        """Whether every value of one alternative is one of another alternative of the other side."""
        if other.is_free:
            return True
        key = (difference.narrows, item.pointers, other.pointers)
        if key in self._within:
            return self._within[key]
        self._within[key] = False  # a schema that contains itself: not proved
        looked = _Pair()
        self._fields(difference.schemas, *((item, other) if difference.narrows else (other, item)), looked)
        below = [found for _, pair in looked.below for found in self.differences(*pair)]
        self._within[key] = not any(
            found.narrows if difference.narrows else found.widens for found in (*looked.differences, *below)
        )
        return self._within[key]

    # The fields of two alternatives

    def _fields(self, pair: tuple[Schema, Schema], a: Alternative, b: Alternative, found: _Pair) -> None:
        add = found.differences.append
        start = len(found.differences)

        def told(
            kind: Kind, keyword: str, words: str, *, narrows: bool, widens: bool, subject: tuple[str, ...] = ()
        ) -> None:
            add(Difference(kind, words, narrows, widens, _place(a, keyword), _place(b, keyword), pair, a.type, subject))

        if a.values is not None or b.values is not None:
            self._values(pair, a, b, found)
        if a.values is None and b.values is None:
            for sign, keyword, before, after in ((1, "minimum", a.low, b.low), (-1, "maximum", a.high, b.high)):
                if before != after:
                    order = _order(before, sign) - _order(after, sign) or (
                        (before is not None and before.is_exclusive) - (after is not None and after.is_exclusive)
                    )
                    words = f"the {keyword} is {bound_words(after)} instead of {bound_words(before)}"
                    told(Kind.RANGE, keyword, words, narrows=order < 0, widens=order > 0, subject=(keyword,))
            if a.is_whole != b.is_whole:
                words = "must be a whole number" if b.is_whole else "need not be a whole number"
                told(Kind.RANGE, "type", words, narrows=b.is_whole, widens=a.is_whole)
            if a.steps != b.steps and step_of(a) != step_of(b):
                words = f"must be a multiple of {listed(b.steps)} instead of {listed(a.steps)}"
                told(
                    Kind.RANGE,
                    "multipleOf",
                    words,
                    narrows=not divide(b.steps, a),
                    widens=not divide(a.steps, b),
                )
            what = {"string": ("minLength", "maxLength"), "array": ("minItems", "maxItems")}.get(
                a.type, ("minProperties", "maxProperties")
            )
            low, least = _least(a), _least(b)
            if low != least and a.shortest != b.shortest:
                words = f"{what[0]} is {b.shortest} instead of {a.shortest}"
                told(Kind.SIZE, what[0], words, narrows=least > low, widens=least < low, subject=(what[0],))
            if a.longest != b.longest:
                shrinks = b.longest is not None and (a.longest is None or b.longest < a.longest)
                words = f"{what[1]} is {or_none(b.longest)} instead of {or_none(a.longest)}"
                told(Kind.SIZE, what[1], words, narrows=shrinks, widens=not shrinks, subject=(what[1],))
            if a.is_unique != b.is_unique:
                words = "no member may stand twice" if b.is_unique else "a member may stand twice"
                told(Kind.UNIQUE, "uniqueItems", words, narrows=b.is_unique, widens=a.is_unique)
        self._facts(pair, a, b, found)
        if a.type == "string":
            found.differences[start:] = told_apart(a, b, found.differences[start:])
        if a.type == "array":
            self._items(a, b, found)
        if a.type == "object":
            self._object(pair, a, b, found)

    def _values(self, pair: tuple[Schema, Schema], a: Alternative, b: Alternative, found: _Pair) -> None:
        add = found.differences.append
        old, new = _place(a, "enum", "const"), _place(b, "enum", "const")
        if a.values is not None and b.values is not None:
            for text in sorted(a.values - b.values):
                add(
                    Difference(
                        Kind.VALUES, f"{text} is no longer allowed", True, False, old, new, pair, a.type, (text,)
                    )
                )
            for text in sorted(b.values - a.values):
                add(Difference(Kind.VALUES, f"{text} is allowed now", False, True, old, new, pair, a.type, (text,)))
        elif b.values is not None:
            words = f"only {listed(b.values)} may stand here"
            add(Difference(Kind.VALUES, words, True, not a.is_free, old, new, pair, a.type, tuple(sorted(b.values))))
        elif a.values is not None:
            words = f"other values than {listed(a.values)} may stand here"
            add(Difference(Kind.VALUES, words, not b.is_free, True, old, new, pair, a.type, tuple(sorted(a.values))))

    def _facts(self, pair: tuple[Schema, Schema], a: Alternative, b: Alternative, found: _Pair) -> None:
        gone = [fact for fact in a.facts if fact not in b.facts]
        come = [fact for fact in b.facts if fact not in a.facts]
        if a.type == "object" and (gone or come):
            gone, come = self._unsettled(a, b, gone, come)
        for fact in list(gone):
            twin = next((other for other in come if keyword_of(other) == keyword_of(fact)), None)
            if twin is not None and _is_comparable(keyword_of(fact), a, fact, b, twin):
                gone.remove(fact)
                come.remove(twin)
                words = f"{fact_words(twin)} stands instead of {fact_words(fact)}"
                places = a.facts[fact], b.facts[twin]
                found.facts.append(Difference(Kind.FACT, words, True, True, *places, pair, a.type, (fact, twin)))
                continue
            if twin is not None and keyword_of(fact) in ("pattern", "format", "contentEncoding", "contentMediaType"):
                gone.remove(fact)
                come.remove(twin)
                narrows, widens = True, True
                if keyword_of(fact) == "pattern":
                    narrows, widens = lost_text(a, b) is not None, lost_text(b, a) is not None
                if not (narrows or widens):
                    continue
                words = f"the {keyword_of(fact)} is {rest_of(twin)} instead of {rest_of(fact)}"
                found.differences.append(
                    Difference(
                        Kind.FACT, words, narrows, widens, a.facts[fact], b.facts[twin], pair, a.type, (fact, twin)
                    )
                )
        for fact in gone:
            found.differences.append(
                Difference(
                    Kind.FACT,
                    f"{fact_words(fact)} is gone",
                    False,
                    True,
                    a.facts[fact],
                    _first(b),
                    pair,
                    a.type,
                    (fact,),
                )
            )
        for fact in come:
            found.differences.append(
                Difference(
                    Kind.FACT,
                    f"{fact_words(fact)} is new",
                    True,
                    False,
                    _first(a),
                    b.facts[fact],
                    pair,
                    a.type,
                    (fact,),
                )
            )

    def _unsettled(
        self, a: Alternative, b: Alternative, gone: list[str], come: list[str]
    ) -> tuple[list[str], list[str]]:
        """Without the rules that follow from those of the other side: the same in other words, or a wider one."""
        if self._asks is None:
            return gone, come
        before = {fact: condition_of(fact, a.facts[fact], self.old, self._asks[0]) for fact in a.facts}
        after = {fact: condition_of(fact, b.facts[fact], self.new, self._asks[1]) for fact in b.facts}
        sides = ((gone, before, after, b, self.new), (come, after, before, a, self.old))
        left = []
        for facts, own, other, alternative, view in sides:
            premises = [item for item in other.values() if item is not None]
            if alternative.required:
                premises.append(_all_of(frozenset(alternative.required)))
            kept = []
            for fact in facts:
                item = own[fact]
                if item is None or not implies(premises, item, alternative.sent, view):
                    kept.append(fact)
            left.append(kept)
        return left[0], left[1]

    def _items(self, a: Alternative, b: Alternative, found: _Pair) -> None:
        if a.items != ANY or b.items != ANY:
            found.below.append((ITEM, (a.items, b.items)))
        # Where one side has no member, nothing is to be compared: the sizes are.
        ends = [len(a.prefix) + len(b.prefix), *(size for size in (a.longest, b.longest) if size is not None)]
        for index in range(min(max(len(a.prefix), len(b.prefix)), *ends)):
            pair = (
                a.prefix[index] if index < len(a.prefix) else a.items,
                b.prefix[index] if index < len(b.prefix) else b.items,
            )
            found.below.append((str(index), pair))

    def _object(self, pair: tuple[Schema, Schema], a: Alternative, b: Alternative, found: _Pair) -> None:
        add = found.differences.append
        for name in dict.fromkeys((*a.properties, *b.properties)):
            self._property(pair, name, a, b, found)
        for name in a.required:
            if name not in b.required:
                words = f"`{name}` may be left out"
                add(
                    Difference(
                        Kind.REQUIRED,
                        words,
                        False,
                        True,
                        a.required[name],
                        b.places.get("required") or _first(b),
                        pair,
                        "object",
                        (name,),
                    )
                )
        for name in b.required:
            if name not in a.required:
                words = f"`{name}` must be there"
                add(
                    Difference(
                        Kind.REQUIRED,
                        words,
                        True,
                        False,
                        a.places.get("required") or _first(a),
                        b.required[name],
                        pair,
                        "object",
                        (name,),
                    )
                )
        old, new = _place(a, "additionalProperties"), _place(b, "additionalProperties")
        if (a.additional == NOTHING) is not (b.additional == NOTHING):
            closes = b.additional == NOTHING
            words = "undocumented properties are refused" if closes else "undocumented properties may be there"
            add(Difference(Kind.ADDITIONAL, words, closes, not closes, old, new, pair, "object", ()))
        elif a.additional != ANY or b.additional != ANY:
            found.below.append((ANY_NAME, (a.additional, b.additional)))

    def _property(self, pair: tuple[Schema, Schema], name: str, a: Alternative, b: Alternative, found: _Pair) -> None:
        before, after = a.properties.get(name), b.properties.get(name)
        if before is not None and after is not None:
            if NOTHING in (before, after) and before != after:
                closes = after == NOTHING
                words = f"`{name}` may not be there" if closes else f"`{name}` may be there"
                found.differences.append(
                    Difference(
                        Kind.PROPERTY,
                        words,
                        closes,
                        not closes,
                        _first_of(before) or _first(a),
                        _first_of(after) or _first(b),
                        pair,
                        "object",
                        (name,),
                    )
                )
            else:
                found.below.append((name, (before, after)))
        elif before is not None:
            self._one_sided(pair, name, before, b, found, is_gone=True)
        elif after is not None:
            self._one_sided(pair, name, after, a, found, is_gone=False)

    def _one_sided(
        self,
        pair: tuple[Schema, Schema],
        name: str,
        schema: Schema,
        other: Alternative,
        found: _Pair,
        *,
        is_gone: bool,
    ) -> None:
        """A property that one side declares; on the other it is any, one more of a map, or not allowed at all."""
        if schema == NOTHING:
            return
        # Where more counts as evaluated than is known here, the witness tells.
        is_shut = any(keyword_of(fact) == "unevaluatedProperties" for fact in other.facts)
        lost = other.additional == NOTHING or is_shut
        words = f"the property `{name}` is {'gone' if is_gone else 'new'}"
        here, there = _first_of(schema), _place(other, *(("additionalProperties",) if lost else ()), "properties")
        found.differences.append(
            Difference(
                Kind.PROPERTY,
                words,
                is_gone and lost,
                not is_gone and lost,
                here if is_gone else there,
                there if is_gone else here,
                pair,
                "object",
                (name,),
            )
        )
        if lost or not (other.additional != ANY or other.takes_any_name):
            return
        # Names of the senders' own were invited there, and this one may have been among them.
        found.below.append((name, (schema, other.additional) if is_gone else (other.additional, schema)))


def _all_of(names: frozenset[str]) -> Condition:
    """That properties are required."""
    return Condition(names, frozenset(), lambda value: names <= value.keys())


def _placed(item: Difference, place: tuple[str, ...]) -> Difference:
    return replace(item, place=place)


def _place(item: Alternative, *keywords: str) -> str | None:
    return next((item.places[keyword] for keyword in keywords if keyword in item.places), _first(item))


def _type_place(meaning: Meaning) -> str | None:
    """Where the types are listed that another one is none of."""
    listed = (item.places["type"] for items in meaning.alternatives.values() for item in items if "type" in item.places)
    return next(listed, meaning.pointer)


def _first(item: Alternative) -> str | None:
    return item.pointers[0] if item.pointers else None


def _first_of(schema: Schema) -> str | None:
    return schema[0] if schema and schema != NOTHING else None


def _order(bound: Bound | None, sign: int) -> float:
    return float("-inf") if bound is None else sign * bound.value


def _least(item: Alternative) -> int:
    """The least size: required properties count."""
    return max(item.shortest, len(item.required))


def _counts(holder: JsonValue) -> tuple[float, float]:
    """How many members are to keep `contains`."""
    said = holder if isinstance(holder, dict) else {}
    low, high = said.get("minContains", 1), said.get("maxContains", float("inf"))
    return (
        low if isinstance(low, int | float) else 1,
        high if isinstance(high, int | float) else float("inf"),
    )


def _is_comparable(keyword: str, a: Alternative, fact: str, b: Alternative, twin: str) -> bool:
    """Whether two facts of one keyword say what their schemas say."""
    if keyword == "not":  # of objects, what is ignored where it is not listed would count the other way round
        return a.type != "object"
    if keyword == "dependentSchemas":
        return split(a.facts[fact])[-1] == split(b.facts[twin])[-1]
    return keyword in ("contains", "propertyNames", "patternProperties")


def _beside_patterns(holder: JsonValue) -> tuple[str, tuple[str, ...]]:
    """What is said of names that keep no pattern, and which names are no matter of patterns there."""
    said = holder if isinstance(holder, dict) else {}
    additional, properties = said.get("additionalProperties", True), said.get("properties")
    if additional in (True, {}):
        return "", ()
    return text_of(additional), tuple(sorted(properties) if isinstance(properties, dict) else ())
