"""Plain legal requests to build cases on: as little as the contract allows, in each of its modes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from speclock.core.cases import ABSENT
from speclock.core.constraints import ANY_NAME, ITEM, ConstraintKind, Part, Place
from speclock.core.values import is_portable
from speclock.generation.requests import draft_of, get, put, remove
from speclock.generation.values import Candidate, candidates, full, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from speclock.core.constraints import Analysis, Oracle, Shape
    from speclock.core.documents import JsonValue
    from speclock.generation.requests import Tree

__all__ = ["Bases", "optional_places"]

#: Different plain requests of one operation that are worth having.
_MOST = 5
#: Steps in which a request is made legal, at the most.
_REPAIRS = 8
#: Candidates of one place that a repair tries.
_TRIED = 12
#: Optional places of one operation that are looked at; more combine into nothing that anybody reads.
_OPTIONAL = 40
_DEEPEST = 3


@dataclass
class Bases:
    """The plain legal requests of one operation, and what can be put into them."""

    analysis: Analysis
    oracle: Oracle
    found: list[Tree] = field(default_factory=list)
    #: What the last start broke that nothing could mend.
    stuck: tuple[str, ...] = ()
    _candidates: dict[Place, list[Candidate]] = field(default_factory=dict)
    _fillers: dict[tuple[Place, bool], JsonValue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find them: the contract's own examples first, then what its schemas ask for."""
        for start in self._starts():
            legal = self._repaired(start)
            if legal is None:
                continue
            least = self._reduced(legal)
            if least not in self.found:
                self.found.append(least)
            if len(self.found) == _MOST:
                break
        self.found.sort(key=lambda tree: len(repr(tree)))
        self.found += self._held_open()

    def _held_open(self) -> list[Tree]:
        """Plain requests with a place that can have a value only beside others, and with what it needs."""
        added: list[Tree] = []
        for place in optional_places(self.analysis) if self.found else ():
            if len(added) == _MOST:
                break
            listed = self.candidates(place)
            if not listed:
                continue
            trees = [self.put(base, place, listed[0].value) for base in (*self.found, *added)]
            if trees[0] is None or any(tree is not None and self.broken(tree) == {} for tree in trees):
                continue
            legal = self._repaired(trees[0], pinned=place)
            if legal is not None:
                added.append(self._reduced(legal, pinned=place))
        return added

    def broken(self, tree: Tree) -> Mapping[str, str] | None:
        """The constraints that a request breaks; None when it cannot be judged."""
        return self.oracle.broken(self.analysis.operation, draft_of(tree), is_portable=True)

    def candidates(self, place: Place) -> list[Candidate]:
        """Values around all that the contract says of a place; none for one that no schema describes."""
        known = self._candidates.get(place)
        if known is None:
            shape = self.analysis.shape(place)
            listed = () if shape is None else candidates(shape, self.oracle.accepts(shape))
            known = [candidate for candidate in listed if is_portable(candidate.value)]
            self._candidates[place] = known
        return known

    def put(self, tree: Tree, place: Place, value: JsonValue, *, member: int = 0) -> Tree | None:
        """`tree` with `value` at `place`, and what holds the place put in where it is missing; None: it cannot be."""
        for depth, step in enumerate(place.steps):
            holder = Place(place.part, place.steps[:depth])
            if place.part is not Part.BODY and not holder.steps:
                continue
            try:
                held = get(tree, holder)
            except KeyError:
                held = None
            if (isinstance(held, list) and bool(held)) if step == ITEM else isinstance(held, dict):
                continue
            if held is not None and not (step == ITEM and held == []):
                return None  # it holds something else, which is to stay
            filler = self._filler(holder, is_array=step == ITEM)
            if filler is None:
                return None
            try:
                tree = put(tree, holder, filler)
            except KeyError:
                return None
        try:
            return put(tree, place, value, member=member)
        except KeyError:
            return None

    def _filler(self, place: Place, *, is_array: bool) -> JsonValue:
        """A value of the place that has room for a step, legal where that is possible; None when there is none."""
        key = (place, is_array)
        if key not in self._fillers:
            self._fillers[key] = self._legal_filler(place, is_array=is_array)
        return self._fillers[key]

    def _legal_filler(self, place: Place, *, is_array: bool) -> JsonValue:
        shape = self.analysis.shape(place)
        if shape is None:
            return None
        first: JsonValue = None
        for value in _holding(shape, is_array=is_array):
            first = value if first is None else first
            for base in self.found:
                try:
                    tree = put(base, place, value)
                except KeyError:
                    continue
                legal = self._repaired(tree, within=place)
                if legal is not None:
                    return get(legal, place)
        return first

    def _starts(self) -> Iterator[Tree]:
        parameters = self._parameters(everything=False)
        body = self.analysis.shapes.get(Place(Part.BODY))
        if body is None:
            yield parameters
            yield self._parameters(everything=True)
            return
        for value in body.shown:
            yield {**parameters, Part.BODY: value}
        least: JsonValue = plain(body)
        if body.properties:
            least = {name: plain(child) for name, child in body.properties.items() if child.required}
        yield {**parameters, Part.BODY: least}
        yield {**self._parameters(everything=True), Part.BODY: full(body)}
        for branch in body.branches:
            yield {**parameters, Part.BODY: plain(branch)}

    def _parameters(self, *, everything: bool) -> Tree:
        tree: dict[str, dict[str, JsonValue]] = {part: {} for part in (Part.PATH, Part.QUERY, Part.HEADER, Part.COOKIE)}
        for place, shape in self.analysis.shapes.items():
            if place.part is not Part.BODY and (shape.required or everything):
                value = plain(shape)
                tree[place.part][place.steps[0]] = full(shape) if value == {} else value  # nothing is written of {}
        for constraint in self.analysis.constraints:  # required, and without a schema that could be read
            place = constraint.place
            if constraint.kind is ConstraintKind.REQUIRED and place.part is not Part.BODY and len(place.steps) == 1:
                tree[place.part].setdefault(place.steps[0], "a")
        return dict(tree)

    def _repaired(self, tree: Tree, within: Place | None = None, pinned: Place | None = None) -> Tree | None:
        """The request made legal, by leaving out or putting in what its broken constraints are about.

        With `within`, nothing outside of that place is touched; with `pinned`, that place keeps what it has.
        """
        for _ in range(_REPAIRS):
            broken = self.broken(tree)
            if broken is None:
                return None
            if not broken:
                return tree
            better = self._step(tree, list(broken), within, pinned)
            if better is None:
                self.stuck = tuple(broken)
                return None
            tree = better
        return None

    def _step(self, tree: Tree, names: list[str], within: Place | None, pinned: Place | None) -> Tree | None:
        elsewhere: Tree | None = None  # what it asks for is there, and asks for more in turn
        for constraint in self.analysis.constraints:
            if constraint.id not in names:
                continue
            ties = [place for place in constraint.ties if within is None or (within.holds(place) and place != within)]
            if pinned is not None:
                ties = [place for place in ties if not place.holds(pinned) and not pinned.holds(place)]
            for changed in self._changes(tree, ties):
                left = self.broken(changed)
                if left is not None and len(left) < len(names):
                    return changed
                if elsewhere is None and pinned is not None and left is not None and names[0] not in left:
                    elsewhere = changed
        return elsewhere

    def _changes(self, tree: Tree, ties: Iterable[Place]) -> Iterator[Tree]:
        for place in ties:
            yield remove(tree, place)
            shape = self.analysis.shape(place)
            for candidate in () if shape is None else self.candidates(place)[:_TRIED]:
                changed = self._put_bare(tree, place, candidate.value)
                if changed is not None:
                    yield changed

    def _put_bare(self, tree: Tree, place: Place, value: JsonValue) -> Tree | None:
        try:
            return put(tree, place, value)
        except KeyError:
            return None

    def _reduced(self, tree: Tree, pinned: Place | None = None) -> Tree:
        for place in optional_places(self.analysis, depth=1):
            if pinned is None or not place.holds(pinned):
                tree = self._without(tree, place)
        body = tree.get(Part.BODY, ABSENT)
        shape = self.analysis.shapes.get(Place(Part.BODY))
        if isinstance(body, dict) and shape is not None:
            for name in [name for name in body if name not in shape.properties]:
                tree = self._without(tree, Place(Part.BODY, (name,)))
        return tree

    def _without(self, tree: Tree, place: Place) -> Tree:
        less = remove(tree, place)
        return less if less is not tree and self.broken(less) == {} else tree


def optional_places(analysis: Analysis, *, depth: int = _DEEPEST) -> list[Place]:
    """The optional parameters, and the optional properties of the body down to `depth` levels."""
    found = [place for place, shape in analysis.shapes.items() if place.part is not Part.BODY and not shape.required]
    body = analysis.shapes.get(Place(Part.BODY))
    if body is not None:
        below = [
            shape.place
            for shape in body.walk()
            if not shape.required and shape.place.steps[-1:] not in ((), (ITEM,)) and ANY_NAME not in shape.place.steps
        ]
        found += sorted(below, key=lambda place: len(place.steps))
    return [place for place in found if _levels(place) <= depth][:_OPTIONAL]


def _levels(place: Place) -> int:
    return len([step for step in place.steps if step != ITEM])


def _holding(shape: Shape, *, is_array: bool) -> Iterator[JsonValue]:
    """Plain values that have room for a step: arrays of one, or objects; the simplest first."""
    value = plain(shape)
    for holder in shape.holders:
        if is_array and "array" in holder.types:
            if isinstance(value, list) and value:
                yield value
            if holder.items is not None:
                yield [plain(holder.items)]
                yield [full(holder.items)]
            else:
                yield ["a"]
        if not is_array and "object" in holder.types:
            if isinstance(value, dict):
                yield value
            yield {name: plain(child) for name, child in holder.properties.items() if child.required}
            wide = full(holder)
            if isinstance(wide, dict):
                yield wide
