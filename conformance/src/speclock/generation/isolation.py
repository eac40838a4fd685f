"""Requests that break one constraint and nothing else, and the legal ones right beside them.

The oracle decides what every request breaks; nothing is taken for broken or kept because of how it was made.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from speclock.core.cases import Absent, CaseKind, Draft
from speclock.core.constraints import ANY_NAME, ITEM, ConstraintKind, Part, Place, named_constants, named_values
from speclock.generation.covering import covering_rows
from speclock.generation.levels import is_same, is_writable
from speclock.generation.requests import draft_of, get, put, remove
from speclock.generation.values import Sort, full, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from speclock.core.constraints import Constraint, Shape
    from speclock.core.documents import JsonValue
    from speclock.generation.bases import Bases
    from speclock.generation.levels import Level, Levels
    from speclock.generation.requests import Tree

__all__ = ["Isolation", "PlannedCase", "Violation"]

#: Combinations of a rule's tied values beyond which a covering array stands in for the product.
_PRODUCT = 400
#: Tied places beyond which pairs of set ones are not all tried.
_PAIRED = 12
#: Names more than a `maxProperties` allows, and members more than a `maxContains`: none are made beyond.
_LONG = 500


@dataclass(frozen=True, slots=True)
class PlannedCase:
    """One request of the plan."""

    draft: Draft
    kind: CaseKind
    description: str
    #: The constraint that it breaks, alone, and the pointer of the keyword.
    breaks: str | None = None
    keyword: str | None = None
    #: The constraint at whose legal side it stands.
    borders: str | None = None
    #: The rules that it breaks, where it breaks several on purpose.
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Violation:
    """A request that breaks one constraint."""

    tree: Tree
    words: str
    #: The same violation in other plain requests.
    elsewhere: tuple[Tree, ...] = ()


@dataclass
class Isolation:
    """Finds the violations of one operation's constraints; what was found is kept for the combinations."""

    bases: Bases
    levels: Levels
    strength: int
    #: By constraint, then by the pointer of the keyword that breaks.
    violations: dict[str, dict[str, list[Violation]]] = field(default_factory=dict)
    #: For each constraint, what else was broken whenever it was.
    masked: dict[str, dict[str, None]] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _bordered: set[tuple[str, str]] = field(default_factory=set)

    def rules(self) -> Iterator[PlannedCase]:
        """Each rule broken alone, and its nearest legal neighbours."""
        for constraint in self.bases.analysis.constraints:
            if constraint.is_rule:
                yield from self._rule(constraint)

    def values(self) -> Iterator[PlannedCase]:
        """Each place without its value, with every wrong value and with every kind of legal one."""
        for base in self.bases.found:
            yield from self._positive(base, "a plain request")
        for constraint in self.bases.analysis.constraints:
            if constraint.kind is ConstraintKind.REQUIRED:
                yield from self._required(constraint)
        for shape in self._shapes():
            yield from self._place(shape)

    def doubles(self) -> Iterator[PlannedCase]:
        """For each two rules, a request that breaks both of them and nothing else; not where there is none."""
        rules = [item for item in self.bases.analysis.constraints if item.is_rule]
        for one, other in itertools.combinations(rules, 2):
            for violation in (item for listed in self.violations.get(one.id, {}).values() for item in listed):
                tree = self._broken_too(violation.tree, one, other)
                if tree is not None:
                    words = f"a request that breaks {one.id} and {other.id}"
                    yield PlannedCase(draft_of(tree), CaseKind.NEGATIVE, words, names=(one.id, other.id))
                    break

    def _broken_too(self, start: Tree, one: Constraint, other: Constraint) -> Tree | None:
        """The violation of one rule, changed so that another is broken as well."""
        ties = [place for place in other.ties if place != other.place]
        choices = self._choices(other, ties)
        for row in self._rows([len(listed) for listed in choices]) if ties else ():
            tree: Tree | None = start
            for place, listed, index in zip(ties, choices, row, strict=True):
                tree = None if tree is None else self.levels.set(tree, place, listed[index])
            found = None if tree is None else self.bases.broken(tree)
            if found is not None and set(found) == {one.id, other.id}:
                return tree
        return None

    def is_new(self, tree: Tree) -> bool:
        """Whether the request was not planned yet; from now on it counts as planned."""
        key = json.dumps(tree, sort_keys=True)
        if key in self._seen:
            return False
        self._seen.add(key)
        return True

    # Rules

    def _rule(self, constraint: Constraint) -> Iterator[PlannedCase]:
        ties = [place for place in constraint.ties if place != constraint.place]
        for base in self.bases.found if ties else ():
            yield from self._assignments(constraint, ties, base)
        shape = self.bases.analysis.shape(constraint.place)
        if shape is None or constraint.id in self.violations:
            return
        listed = [(candidate.value, candidate.words) for candidate in self.bases.candidates(constraint.place)]
        for value, words in (*_sized(constraint, shape), *listed):
            for base in self.bases.found:
                tree = self.bases.put(base, constraint.place, value)
                if tree is not None:
                    yield from self._judged(tree, f"a request with {words} at {constraint.place}", constraint.id)

    def _assignments(self, constraint: Constraint, ties: list[Place], base: Tree) -> Iterator[PlannedCase]:
        choices, base = self._choices(constraint, ties), self._with_owner(constraint, base)
        broken: dict[tuple[int, ...], Violation] = {}
        legal: dict[tuple[int, ...], Violation] = {}
        for row in self._rows([len(listed) for listed in choices]):
            chosen = [(place, listed[index]) for place, listed, index in zip(ties, choices, row, strict=True)]
            tree: Tree | None = base
            for place, level in chosen:
                tree = None if tree is None else self.levels.set(tree, place, level)
            found = None if tree is None else self.bases.broken(tree)
            if tree is None or found is None:
                continue
            words = "a request with " + ", ".join(f"{place.name} {_said(level)}" for place, level in chosen)
            if not found:
                legal[row] = Violation(tree, words)
            elif list(found) == [constraint.id]:
                broken[row] = Violation(tree, words)
            else:
                self._mask(constraint.id, found)
        for violation in broken.values():
            yield from self._negative(violation, constraint.id, None)
        for violation in [*broken.values()][:1]:
            for behind in self._behind_good_ones(violation.tree, self.bases.found[0], ties[0]):
                if list(self.bases.broken(behind) or ()) == [constraint.id]:
                    words = f"{violation.words}, behind good ones"
                    yield from self._negative(Violation(behind, words), constraint.id, None)
        near = dict.fromkeys(
            neighbour
            for row in broken
            for column, listed in enumerate(choices)
            for index in range(len(listed))
            if (neighbour := (*row[:column], index, *row[column + 1 :])) in legal
        )
        for row in near:
            yield from self._positive(legal[row].tree, legal[row].words, borders=constraint.id)

    def _with_owner(self, constraint: Constraint, base: Tree) -> Tree:
        """The request with a value where the rule stands: without one, leaving out its properties breaks nothing."""
        shape = self.bases.analysis.shape(constraint.place)
        try:
            get(base, constraint.place)
        except KeyError:
            return (self.bases.put(base, constraint.place, plain(shape)) if shape is not None else None) or base
        return base

    def _choices(self, constraint: Constraint, ties: list[Place]) -> list[list[Level]]:
        size = 1
        choices: list[list[Level]] = []
        for place in ties:
            levels = self.levels.classes(place)
            size *= len(levels)
            choices.append(levels)
        if size > _PRODUCT:
            choices = [self.levels.conditions(place) for place in ties]
        for place, listed in zip(ties, choices, strict=True):
            # What the rule itself compares with, and for a comparison in CEL the numbers beside each other.
            named = named_values(constraint, place)
            if constraint.kind is ConstraintKind.REQUEST:
                named += [item.value for item in self.bases.candidates(place) if item.sort is Sort.BOUND]
            for value in self.levels.listed(place, named):
                if not any(is_same(value, other) for other in listed):
                    listed.append(value)
        return choices

    def _rows(self, sizes: list[int]) -> Iterable[tuple[int, ...]]:
        count = 1
        for size in sizes:
            count *= size
        if count <= _PRODUCT:
            return itertools.product(*[range(size) for size in sizes])
        return dict.fromkeys((*_stars(sizes), *covering_rows(tuple(sizes), self.strength)))

    # Single values

    def _shapes(self) -> Iterator[Shape]:
        seen: set[Place] = set()
        for top in self.bases.analysis.shapes.values():
            for shape in top.walk():
                if shape.place not in seen and ANY_NAME not in shape.place.steps:
                    seen.add(shape.place)
                    yield shape

    def _required(self, constraint: Constraint) -> Iterator[PlannedCase]:
        place = constraint.place
        if place.part is Part.PATH and len(place.steps) == 1:
            self._mask(constraint.id, ["a path without it is another path"])
            return
        shape = self.bases.analysis.shape(place)
        for base in self.bases.found:
            tree: Tree | None = base
            if place.steps:
                tree = self.bases.put(base, place, "a" if shape is None else plain(shape))
            if tree is not None:
                words = f"a request without {place}"
                yield from self._judged(remove(tree, place), words, constraint.id)

    def _place(self, shape: Shape) -> Iterator[PlannedCase]:
        listed = self.bases.candidates(shape.place)
        if shape.place.part is Part.PATH and shape.types == {"string"} and shape.keywords.keys() <= {"type"}:
            listed = listed[:1]  # any text is legal there, and names a thing: one that exists, when it is bound
        for candidate in listed:
            if is_writable(shape.place, shape, candidate.value):
                words = f"a request with {candidate.words} at {shape.place}"
                yield from self._embedded(shape.place, candidate.value, words)

    def _embedded(self, place: Place, value: JsonValue, words: str) -> Iterator[PlannedCase]:
        """The value in the plain request in which it says most: a legal one, or one that it alone breaks."""
        masks: list[str] = []
        for base in self.bases.found:
            tree = self.bases.put(base, place, value)
            found = None if tree is None else self.bases.broken(tree)
            if tree is None or found is None:
                continue
            if not found:
                yield from self._positive(tree, words, borders=str(place))
                return
            if len(found) == 1 and not self._is_rule(next(iter(found))):
                ((name, keyword),) = found.items()
                elsewhere = self._elsewhere(base, place, value, name)
                yield from self._negative(Violation(tree, words, elsewhere), name, keyword)
                yield from self._last_member(base, place, value, words, name)
                return
            masks += found
        if str(place) in masks:
            self._mask(str(place), masks)

    def _elsewhere(self, base: Tree, place: Place, value: JsonValue, name: str) -> tuple[Tree, ...]:
        """The other plain requests in which the value breaks the same alone."""
        trees = [self.bases.put(other, place, value) for other in self.bases.found if other is not base]
        return tuple(tree for tree in trees if tree is not None and list(self.bases.broken(tree) or ()) == [name])

    def _last_member(self, base: Tree, place: Place, value: JsonValue, words: str, name: str) -> Iterator[PlannedCase]:
        """The same in the last of several members: a server may look at the first alone."""
        tree = self.bases.put(base, place, value)
        for behind in () if tree is None else self._behind_good_ones(tree, base, place):
            found = self.bases.broken(behind)
            if found is not None and list(found) == [name]:
                yield from self._negative(Violation(behind, f"{words}, behind good ones"), name, found[name])
                return

    def _behind_good_ones(self, tree: Tree, base: Tree, place: Place) -> Iterator[Tree]:
        """The request with what it has at the place in the last of several members, the others those of `base`."""
        if ITEM not in place.steps:
            return
        holder = Place(place.part, place.steps[: -place.steps[::-1].index(ITEM) - 1])
        member = holder.below(ITEM)
        shape = self.bases.analysis.shape(member)
        try:
            good = get(base, member)
        except KeyError:
            good = None if shape is None else plain(shape)
        wrong = get(tree, member)
        if isinstance(good, dict) and shape is not None:
            yield put(tree, holder, [full(shape), wrong])
        if isinstance(good, str):
            yield put(tree, holder, [good, f"{good}-b", f"{good}-c", wrong])
        yield put(tree, holder, [good, good, wrong])

    # Books

    def _judged(self, tree: Tree, words: str, name: str) -> Iterator[PlannedCase]:
        found = self.bases.broken(tree)
        if found is None:
            return
        if list(found) == [name]:
            yield from self._negative(Violation(tree, words), name, found[name])
        elif not found:
            yield from self._positive(tree, words, borders=name)
        else:
            self._mask(name, found)

    def _negative(self, violation: Violation, name: str, keyword: str | None) -> Iterator[PlannedCase]:
        if self.is_new(violation.tree):
            self.violations.setdefault(name, {}).setdefault(keyword or "", []).append(violation)
            yield PlannedCase(draft_of(violation.tree), CaseKind.NEGATIVE, violation.words, name, keyword)

    def _positive(self, tree: Tree, words: str, borders: str | None = None) -> Iterator[PlannedCase]:
        if self.is_new(tree):
            yield PlannedCase(draft_of(tree), CaseKind.POSITIVE, words, borders=borders)

    def _mask(self, name: str, found: Iterable[str]) -> None:
        listed = list(found)
        if name in listed or len(listed) == 1:
            self.masked.setdefault(name, {}).update(dict.fromkeys(item for item in listed if item != name))

    def _is_rule(self, name: str) -> bool:
        return any(item.id == name and item.is_rule for item in self.bases.analysis.constraints)


def _stars(sizes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Nothing set, each level of one place alone, and for few places each pair of first levels; all set."""
    bare = (0,) * len(sizes)
    yield bare
    yield tuple(min(1, size - 1) for size in sizes)
    for column, size in enumerate(sizes):
        for index in range(1, size):
            yield (*bare[:column], index, *bare[column + 1 :])
    if len(sizes) <= _PAIRED:
        for one, other in itertools.combinations(range(len(sizes)), 2):
            row = list(bare)
            row[one], row[other] = min(1, sizes[one] - 1), min(1, sizes[other] - 1)
            yield tuple(row)


def _sized(constraint: Constraint, shape: Shape) -> Iterator[tuple[JsonValue, str]]:
    """Objects and arrays of the sizes that `minProperties`, `maxProperties` and `contains` speak of."""
    keyword = constraint.keywords[0]
    schema = keyword.value if isinstance(keyword.value, dict) else {}
    bound = schema.get(keyword.name)
    if keyword.name in ("minProperties", "maxProperties") and isinstance(bound, int | float):
        value, wide = plain(shape), full(shape)
        if isinstance(value, dict) and isinstance(wide, dict):
            yield from _objects(value, wide, int(bound))
    if keyword.name == "contains":
        yield from _arrays(schema, shape)


def _objects(
    value: Mapping[str, JsonValue], wide: Mapping[str, JsonValue], bound: int
) -> Iterator[tuple[JsonValue, str]]:
    names = [*value, *(name for name in wide if name not in value)]
    for size in (bound - 1, bound, bound + 1):
        if 0 <= size <= _LONG:
            chosen = {name: value.get(name, wide.get(name)) for name in names[:size]}
            chosen |= {f"extra{index}": "x" for index in range(size - len(chosen))}
            yield chosen, f"an object of {size} properties"


def _arrays(schema: Mapping[str, JsonValue], shape: Shape) -> Iterator[tuple[JsonValue, str]]:
    wanted = named_constants(schema.get("contains")) or ([] if shape.items is None else [plain(shape.items)])
    least, most = schema.get("minContains", 1), schema.get("maxContains")
    other: JsonValue = "speclock-other" if shape.items is None else plain(shape.items)
    for value in wanted:
        for bound in (least, most):
            for count in (bound - 1, bound, bound + 1) if isinstance(bound, int) else ():
                if 0 <= count <= _LONG:
                    yield [value] * count, f"an array with {count} times {json.dumps(value)}"
                    yield (
                        [other, *[value] * count],
                        f"an array with another value and {count} times {json.dumps(value)}",
                    )


def _said(level: Level) -> str:
    text = "absent" if isinstance(level, Absent) else json.dumps(level, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:40]}..."
