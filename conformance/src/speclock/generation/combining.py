"""The same promises beside other properties: a server may keep one only until some other property is sent.

Each violation is repeated so that every value that code may branch on stands beside it, and legal requests are combined
so that every two values that can stand together do.
"""

from __future__ import annotations

import itertools
import re
import zlib
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from speclock.core.cases import ABSENT, Absent, CaseKind
from speclock.core.constraints import ANY_NAME, Part, Place
from speclock.generation.bases import optional_places
from speclock.generation.covering import covering_rows
from speclock.generation.isolation import Isolation, PlannedCase
from speclock.generation.requests import draft_of, get, remove, tree_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from speclock.core.constraints import Constraint
    from speclock.core.documents import JsonValue
    from speclock.core.rules import Rule
    from speclock.generation.isolation import Violation
    from speclock.generation.levels import Level
    from speclock.generation.requests import Tree

__all__ = ["Combining"]

#: Levels of all places of one operation together; with more, each place has fewer.
_LEVELS = 200
#: Violations of one keyword that are repeated, and combinations of what one response rule reads.
_REPEATED = 40
#: Legal combinations that are tried as a place for a pair that no row could have.
_STARTS = 8
#: Pairs of values that two places could not have together, after which the rest of their pairs is given up; and
#: the same for all places of one operation.
_FAILURES = 12
_ALL_FAILURES = 80
_ASSIGNMENTS = 60
_READS = re.compile(r"request\.(body|path|query)\.([A-Za-z_]\w*)")

#: Which level each factor has, by index; and the (factor, level) that a request has taken.
_Row: TypeAlias = "Sequence[int]"
_Cell: TypeAlias = "tuple[int, int]"


@dataclass(frozen=True, slots=True)
class _Factor:
    """A place with its levels, the first of which is that it is left out."""

    place: Place
    levels: Sequence[Level]
    #: The index of each level, by its text.
    _indices: dict[str, int] = field(init=False, default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        """Index the levels."""
        self._indices.update((repr(level), index) for index, level in enumerate(self.levels))

    def index(self, value: Level) -> int | None:
        """Which level the value is; None when it is none of them. Like JSON text, it tells 1, 1.0 and true apart."""
        return self._indices.get(repr(value))


@dataclass
class Combining:
    """Combines what `Isolation` has found with the other properties of the operation."""

    isolation: Isolation
    seed: int
    strength: int
    _optional: list[Place] = field(init=False)

    def __post_init__(self) -> None:
        """Note the places that can be left out."""
        self._optional = optional_places(self.isolation.bases.analysis)

    def beside(self) -> Iterator[PlannedCase]:
        """Every violation that was found, beside other properties."""
        for constraint in self.isolation.bases.analysis.constraints:
            factors = self._conditions(self._others(constraint.ties))
            for keyword, violations in self.isolation.violations.get(constraint.id, {}).items() if factors else ():
                for alike in self._groups(constraint, violations):
                    yield from self._repeated(constraint, keyword, alike, factors)

    def doubles_beside(self, doubles: Iterable[PlannedCase]) -> Iterator[PlannedCase]:
        """Requests that break two rules at once, beside other properties."""
        for double in doubles:
            rules = [self.isolation.bases.analysis.constraint(name) for name in double.names]
            factors = self._conditions(self._others([place for rule in rules for place in rule.ties]))
            tree = tree_of(double.draft)
            for row in self._turns(factors, 0) if factors else ():
                filled, _ = self._filled(tree, factors, row, double.names)
                if self.isolation.is_new(filled):
                    yield replace(double, draft=draft_of(filled), description=f"{double.description}, and more beside")

    def combined(self, rules: Iterable[Rule]) -> Iterator[PlannedCase]:
        """Legal requests in which values stand together: by twos, and all that one response rule reads."""
        places = self._optional
        most = max(3, _LEVELS // max(1, len(places)))
        factors = self._factors([(place, self.isolation.levels.classes(place)[:most]) for place in places])
        if len(factors) > 1:
            yield from self._covered(factors)
        for rule in rules:
            if not rule.kind.is_constraint:
                yield from self._for_response_rule(rule)

    def turns(self) -> Iterator[Tree]:
        """Legal requests, each level of each optional place in one of them."""
        bases = self.isolation.bases.found
        yield bases[0]
        factors = self._conditions(self._optional)
        left = {(factor.place, repr(level)): level for factor in factors for level in factor.levels}
        for row in self._turns(factors, 0) if factors else ():
            tree = self._filled(bases[0], factors, row)[0]
            for factor in factors:
                left.pop((factor.place, repr(self._value(tree, factor.place))), None)
            yield tree
        # What goes with none of that, such as the other one of two that exclude each other.
        for (place, _), level in left.items():
            for base in bases:
                alone = self.isolation.levels.set(base, place, level)
                if alone is not None and self._breaks_only(alone):
                    yield alone
                    break

    def turns_with(self, text: str, is_free: Callable[[Place], bool]) -> Iterator[Tree]:
        """Legal requests with the text in one free place of the body, each level of each other place in one of them."""
        places = [place for place in self._texts() if is_free(place)]
        for turn, tree in enumerate(self.turns()):
            turned = [*places[turn % max(1, len(places)) :], *places[: turn % max(1, len(places))]]
            for place in sorted(turned, key=lambda place: self._loss(tree, place)):
                further = self.isolation.levels.set(tree, place, text)
                if further is not None and self._breaks_only(further):
                    yield further
                    break

    def _loss(self, tree: Tree, place: Place) -> int:
        """What a text at the place would take the place of: nothing, a text, or a level of another sort."""
        value = self._value(tree, Place(place.part, place.steps[:1]))
        return 0 if value is ABSENT else 1 if isinstance(value, str) and value else 2

    def _texts(self) -> list[Place]:
        """The places of the body that may hold a text."""
        body = self.isolation.bases.analysis.shapes.get(Place(Part.BODY))
        places = [] if body is None else [shape.place for shape in body.walk() if "string" in shape.types]
        return [place for place in places if place.steps and ANY_NAME not in place.steps]

    def filled_with(self, text: str) -> Iterator[Tree]:
        """Legal requests that together have the text in every place of the body that may hold it."""
        left = self._texts()
        while left:
            tree, taken = self.isolation.bases.found[0], []
            for place in left:
                further = self.isolation.levels.set(tree, place, text)
                if further is not None and self._breaks_only(further):
                    tree = further
                    taken.append(place)
            if not taken:
                return
            yield tree
            left = [place for place in left if place not in taken]

    def around(self, place: Place) -> Iterator[Tree]:
        """Legal requests with a text at the place, each level of each other place in one of them."""
        start = self._with_text(place)
        if start is not None:
            yield start
            factors = self._conditions(self._others((place,)))
            for row in self._turns(factors, 0):
                yield self._filled(start, factors, row)[0]

    # Violations

    def _groups(self, constraint: Constraint, violations: Sequence[Violation]) -> Iterator[list[Violation]]:
        """Null apart from other wrong values, for code may have a way of its own for it."""
        groups: dict[bool, list[Violation]] = {}
        for violation in violations:
            groups.setdefault(self._value(violation.tree, constraint.place) is None, []).append(violation)
        yield from groups.values()

    def _repeated(
        self, constraint: Constraint, keyword: str, violations: Sequence[Violation], factors: list[_Factor]
    ) -> Iterator[PlannedCase]:
        if constraint.is_rule:
            rows: Iterable[_Row] = covering_rows(tuple(len(factor.levels) for factor in factors), self.strength)
        else:
            rows = self._turns(factors, min(len(violations), _REPEATED))
        filled: list[Tree] = []
        lacking = {(index, level) for index, factor in enumerate(factors) for level in range(len(factor.levels))}
        lacking -= {cell for violation in violations for cell in self._cells(violation.tree, factors)}
        for turn, row in enumerate(rows):
            violation = violations[turn % len(violations)]
            trees = (violation.tree, *violation.elsewhere)
            tree, taken = self._filled(trees[turn % len(trees)], factors, row, (constraint.id,))
            lacking -= taken
            filled.append(tree)
            yield from self._case(tree, f"{violation.words}, beside other properties", constraint.id, keyword)
        # What no row could have: alone, in another plain request, or where something else stands that it needs.
        starts = [tree for violation in violations for tree in (violation.tree, *violation.elsewhere)]
        for cell in sorted(lacking):
            for start in (*starts, *filled):
                tree, is_changed = self._changed(start, factors, cell, (constraint.id,))
                if is_changed:
                    words = f"{violations[0].words}, beside {factors[cell[0]].place}"
                    yield from self._case(tree, words, constraint.id, keyword)
                    break

    # Legal requests

    def _covered(self, factors: list[_Factor]) -> Iterator[PlannedCase]:
        bare = self._bare(factors)
        sizes = tuple(len(factor.levels) for factor in factors)
        lacking = {
            ((one, first), (other, second))
            for one, other in itertools.combinations(range(len(sizes)), 2)
            if not factors[one].place.holds(factors[other].place) and not factors[other].place.holds(factors[one].place)
            for first in range(sizes[one])
            for second in range(sizes[other])
        }
        filled: list[Tree] = []

        def legal(tree: Tree) -> Iterator[PlannedCase]:
            filled.append(tree)
            lacking.difference_update(itertools.combinations(sorted(self._cells(tree, factors)), 2))
            yield from self._case(tree, "a legal combination of properties")

        for row in covering_rows(sizes, self.strength):
            yield from legal(self._filled(bare, factors, row)[0])
        # What a rule has taken out of a row is asked for again, as far as it can stand in a legal request.
        failed: Counter[tuple[int, int]] = Counter()
        for one, other in sorted(lacking):
            is_hopeless = failed[one[0], other[0]] >= _FAILURES or failed.total() >= _ALL_FAILURES
            if (one, other) in lacking and not is_hopeless:
                failed[one[0], other[0]] += 1
                for start in (*self.isolation.bases.found, bare, *filled[:_STARTS]):
                    tree, has_one = self._changed(start, factors, one)
                    tree, has_both = self._changed(tree, factors, other) if has_one else (tree, False)
                    if has_both and self._has(tree, factors, one):
                        row = tuple((one[1] + other[1] + self._shift(f.place)) % len(f.levels) for f in factors)
                        spared = frozenset((one[0], other[0]))
                        more, _ = self._filled(tree, factors, row, (), spared)
                        has_more = self._has(more, factors, one) and self._has(more, factors, other)
                        yield from legal(more if has_more else tree)
                        failed[one[0], other[0]] = 0
                        break

    def _for_response_rule(self, rule: Rule) -> Iterator[PlannedCase]:
        """Every combination of what the rule reads of the request, each beside the levels of the other places."""
        analysis, levels = self.isolation.bases.analysis, self.isolation.levels
        source = rule.source
        read = dict.fromkeys(Place(Part(part), (name,)) for part, name in _READS.findall(source))
        ties = [place for place in read if analysis.shape(place) is not None]
        tied = [_Factor(place, levels.conditions(place)[0 if place in self._optional else 1 :]) for place in ties]
        if len(tied) < 2 or not all(factor.levels for factor in tied):
            return  # what one place alone decides stands beside each other already
        factors = self._conditions(self._others(ties))
        for row in covering_rows(tuple(len(factor.levels) for factor in tied), len(tied))[:_ASSIGNMENTS]:
            for base in self.isolation.bases.found:
                tree, taken = self._filled(base, tied, row)
                if len(taken) == len(tied):
                    for turn in self._turns(factors, 1):
                        yield from self._case(self._filled(tree, factors, turn)[0], f"a request for the rule {rule.id}")
                    break

    def _bare(self, factors: list[_Factor]) -> Tree:
        tree = self.isolation.bases.found[0]
        for factor in factors:
            less = remove(tree, factor.place)
            tree = less if self._breaks_only(less) else tree
        return tree

    def _with_text(self, place: Place) -> Tree | None:
        texts = [level for level in self.isolation.levels.conditions(place) if isinstance(level, str)]
        for base in self.isolation.bases.found:
            if isinstance(self._value(base, place), str):
                return base
            for text in texts:
                tree = self.isolation.levels.set(base, place, text)
                if tree is not None and self._breaks_only(tree):
                    return tree
        return None

    # Rows

    def _others(self, ties: Sequence[Place]) -> list[Place]:
        """The optional places that are not tied, and neither hold nor stand in one that is."""
        return [place for place in self._optional if not any(place.holds(tie) or tie.holds(place) for tie in ties)]

    def _conditions(self, places: Iterable[Place]) -> list[_Factor]:
        return self._factors([(place, self.isolation.levels.conditions(place)) for place in places])

    def _factors(self, listed: Iterable[tuple[Place, Sequence[Level]]]) -> list[_Factor]:
        return [_Factor(place, levels) for place, levels in listed if len(levels) > 1]

    def _turns(self, factors: list[_Factor], least: int) -> Iterator[_Row]:
        """Rows in which each level of each factor occurs; at least so many."""
        sizes = [len(factor.levels) for factor in factors]
        turns = max(sizes, default=1)
        for turn in range(turns):
            yield [(turn + self._shift(factor.place)) % len(factor.levels) for factor in factors]
        if least > turns:
            yield from covering_rows(tuple(sizes))[: least - turns]

    def _filled(
        self,
        tree: Tree,
        factors: list[_Factor],
        row: _Row,
        names: tuple[str, ...] = (),
        spared: frozenset[int] = frozenset(),
    ) -> tuple[Tree, set[_Cell]]:
        """The request with the row's levels as far as it then breaks `names` and nothing else, and those it has."""
        cells = [(index, level) for index, level in enumerate(row) if index not in spared]
        whole = self._put(tree, factors, cells)
        if not self._breaks_only(whole, names):
            whole = tree
            for cell in cells:
                further = self._put(whole, factors, [cell])
                if further is not whole and self._breaks_only(further, names):
                    whole = further
        return whole, {cell for cell in cells if self._has(whole, factors, cell)}

    def _changed(
        self, tree: Tree, factors: list[_Factor], cell: _Cell, names: tuple[str, ...] = ()
    ) -> tuple[Tree, bool]:
        """The request with one level, and whether it could be put in."""
        factor = factors[cell[0]]
        further = self.isolation.levels.set(tree, factor.place, factor.levels[cell[1]])
        if further is None or not self._has(further, factors, cell) or not self._breaks_only(further, names):
            return tree, False
        return further, True

    def _put(self, tree: Tree, factors: list[_Factor], cells: Iterable[_Cell]) -> Tree:
        """The request with all of these levels, whatever it breaks then.

        What stands inside of a place that has got a value of its own is put in only where that value has room for it.
        """
        owned: dict[str, dict[str, JsonValue]] = {}
        result: dict[str, JsonValue] | None = None
        closed: list[Place] = []
        for index, chosen in cells:
            place, level = factors[index].place, factors[index].levels[chosen]
            if isinstance(level, Absent) or any(holder.holds(place) for holder in closed):
                continue
            result = dict(tree) if result is None else result
            holder = owned.get(place.part)
            if holder is None and len(place.steps) == 1 and isinstance(known := result.get(place.part), dict):
                holder = result[place.part] = owned[place.part] = dict(known)
            if len(place.steps) == 1 and holder is not None:  # the most of them: no copy for each
                holder[place.steps[0]] = level
            elif (further := self.isolation.levels.set(result, place, level)) is not None:
                owned.pop(place.part, None)
                result = dict(further)
            if not isinstance(level, dict | list) or not level:
                closed.append(place)
        return tree if result is None else result

    def _cells(self, tree: Tree, factors: list[_Factor]) -> set[_Cell]:
        """The level that each factor has in a request, where it is one of its levels."""
        listed = ((index, factor.index(self._value(tree, factor.place))) for index, factor in enumerate(factors))
        return {(index, chosen) for index, chosen in listed if chosen is not None}

    def _has(self, tree: Tree, factors: list[_Factor], cell: _Cell) -> bool:
        """Whether the request has that level."""
        factor, value = factors[cell[0]], self._value(tree, factors[cell[0]].place)
        return value is factor.levels[cell[1]] or factor.index(value) == cell[1]

    def _value(self, tree: Tree, place: Place) -> Level:
        try:
            return get(tree, place)
        except KeyError:
            return ABSENT

    def _breaks_only(self, tree: Tree, names: tuple[str, ...] = ()) -> bool:
        found = self.isolation.bases.broken(tree)
        return found is not None and found.keys() == set(names)

    def _case(
        self, tree: Tree, words: str, name: str | None = None, keyword: str | None = None
    ) -> Iterator[PlannedCase]:
        if self.isolation.is_new(tree):
            kind = CaseKind.POSITIVE if name is None else CaseKind.NEGATIVE
            yield PlannedCase(draft_of(tree), kind, words, name, keyword or None)

    def _shift(self, place: Place) -> int:
        return zlib.crc32(f"{self.seed} {place}".encode())
