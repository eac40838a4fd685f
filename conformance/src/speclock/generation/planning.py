"""The plan of one operation: for each constraint the requests that break it alone, and those just at its legal side."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from speclock.core.cases import CaseKind
from speclock.core.constraints import ANY_NAME, ConstraintKind, Part
from speclock.generation.bases import Bases
from speclock.generation.combining import Combining
from speclock.generation.isolation import Isolation, PlannedCase
from speclock.generation.levels import Levels
from speclock.generation.requests import draft_of, get, tree_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from speclock.core.cases import Draft
    from speclock.core.constraints import Analysis, Constraint, Oracle, Place
    from speclock.core.rules import Rule
    from speclock.generation.levels import Level
    from speclock.generation.requests import Tree

__all__ = ["ConstraintPlan", "OperationPlan", "PlannedCase"]

_PARTS = ("rules", "values", "beside", "combined")
_NO_START = "no legal request was found to start from"


@dataclass(frozen=True, slots=True)
class ConstraintPlan:
    """What is planned for one constraint."""

    id: str
    #: Requests that break it and nothing else, and legal ones just beside it.
    isolated: int
    boundary: int
    #: Why nothing breaks it alone; None when something does.
    reason: str | None = None


@dataclass
class OperationPlan:
    """The requests of one operation, the most telling first; each part is made when it is first asked for."""

    analysis: Analysis
    oracle: Oracle
    #: The contract's rules; those about answers ask for combinations.
    contract_rules: Iterable[Rule] = ()
    seed: int = 1
    #: Properties that are combined at a time.
    strength: int = 2
    _isolation: Isolation = field(init=False)
    _combining: Combining = field(init=False)

    def __post_init__(self) -> None:
        """Find plain legal requests to start from."""
        bases = Bases(self.analysis, self.oracle)
        self._isolation = Isolation(bases, Levels(bases), self.strength)
        self._combining = Combining(self._isolation, self.seed, self.strength)

    @property
    def plain(self) -> Draft | None:
        """A legal request with as little as the contract allows; None when none was found."""
        found = self._isolation.bases.found
        return draft_of(found[0]) if found else None

    @cached_property
    def rules(self) -> tuple[PlannedCase, ...]:
        """Each rule that ties several values, broken alone and kept just so."""
        return tuple(self._isolation.rules()) if self.plain is not None else ()

    @cached_property
    def doubles(self) -> tuple[PlannedCase, ...]:
        """For each two rules, a request that breaks both of them and nothing else."""
        doubles = tuple(self._isolation.doubles()) if self.rules else ()
        return (*doubles, *self._combining.doubles_beside(doubles))

    @cached_property
    def values(self) -> tuple[PlannedCase, ...]:
        """Each value wrong in every way alone, and right in every way."""
        _ = self.rules  # what breaks a rule is planned as that, and not again as a wrong value
        return tuple(self._isolation.values()) if self.plain is not None else ()

    @cached_property
    def beside(self) -> tuple[PlannedCase, ...]:
        """The violations again, beside other properties."""
        return tuple(self._combining.beside()) if self.values else ()

    @cached_property
    def combined(self) -> tuple[PlannedCase, ...]:
        """Legal values that stand together."""
        own = [rule for rule in self.contract_rules if rule.operation == self.analysis.operation.id]
        return tuple(self._combining.combined(own)) if self.values else ()

    @property
    def cases(self) -> tuple[PlannedCase, ...]:
        """All of them."""
        return (*self.rules, *self.values, *self.beside, *self.combined)

    def turns(self) -> tuple[Draft, ...]:
        """Legal requests in which all that may stand in the optional places does, the plain one first."""
        return tuple(map(draft_of, self._combining.turns())) if self.plain is not None else ()

    def around(self, place: Place) -> tuple[Draft, ...]:
        """Legal requests with a text at the place, beside all that may stand in the other places."""
        return tuple(map(draft_of, self._combining.around(place))) if self.plain is not None else ()

    def turns_with(self, text: str, is_free: Callable[[Place], bool]) -> tuple[Draft, ...]:
        """The same requests as `turns`, each with the text in one free place, which is another one in each."""
        return tuple(map(draft_of, self._combining.turns_with(text, is_free))) if self.plain is not None else ()

    def filled_with(self, text: str) -> tuple[Draft, ...]:
        """Legal requests that together have the text in every place of the body that may hold it, as few as will do."""
        return tuple(map(draft_of, self._combining.filled_with(text))) if self.plain is not None else ()

    def classes(self, place: Place) -> list[Level]:
        """A legal value of each class that may stand at the place, and that it is left out."""
        return self._isolation.levels.classes(place)

    def with_levels(self, levels: Mapping[Place, Level]) -> Iterator[tuple[Draft, frozenset[str]]]:
        """Plain requests with these levels put in, each with the constraints that it then breaks."""
        for base in self._isolation.bases.found:
            tree: Tree | None = base
            for place, level in levels.items():
                tree = None if tree is None else self._isolation.levels.set(tree, place, level)
            found = None if tree is None else self._isolation.bases.broken(tree)
            if tree is not None and found is not None:
                yield draft_of(tree), frozenset(found)

    def constraints(self, *, made: bool = False) -> Iterator[ConstraintPlan]:
        """What is planned for each constraint, in the order of the contract; with `made`, what was asked for so far."""
        parts = [part for part in _PARTS if not made or part in vars(self)]
        cases = [case for part in parts for case in getattr(self, part)]
        isolated = Counter(case.breaks for case in cases)
        boundary = Counter(case.borders for case in cases)
        if "values" not in parts:
            return  # of most constraints nothing is known yet
        legal = sum(case.kind is CaseKind.POSITIVE for case in cases)
        for constraint in self.analysis.constraints:
            count = isolated[constraint.id]
            reason = None if count else self._why_not(constraint)
            # Every legal request has what is required.
            beside = legal if constraint.kind is ConstraintKind.REQUIRED else boundary[constraint.id]
            yield ConstraintPlan(constraint.id, count, beside, reason)

    def gaps(self) -> Iterator[str]:
        """The places for which no legal value was found, in words."""
        if self.plain is None:
            yield self._no_start()
            return
        legal = [case for case in self.cases if case.kind is CaseKind.POSITIVE]
        bordered = {case.borders for case in legal}
        for constraint in self.analysis.constraints:
            is_value = constraint.kind is ConstraintKind.VALUE and constraint.id not in bordered
            if ANY_NAME in constraint.place.steps:
                continue  # tried as members of what holds them
            if is_value and not any(_has(case.draft, constraint.place) for case in legal):
                yield f"{constraint.id}: no legal request with a value there was found"

    def _no_start(self) -> str:
        stuck = self._isolation.bases.stuck
        places = [f"{item.id} ({item.location})" for item in self.analysis.constraints if item.id in stuck]
        return f"{_NO_START}: what was tried breaks {' and '.join(places)}" if places else _NO_START

    def _why_not(self, constraint: Constraint) -> str:
        if self.plain is None:
            return self._no_start()
        masks = list(self._isolation.masked.get(constraint.id, ()))
        if constraint.kind is ConstraintKind.REQUIRED and constraint.place.part is Part.PATH and masks:
            return masks[0]
        if masks:
            return "every request found that breaks it also breaks " + ", ".join(masks[:5])
        if constraint.kind is ConstraintKind.VALUE and constraint.place.part is not Part.BODY:
            return "every text that was tried is legal there: on the wire there are no other types"
        return "no value that was tried breaks it"


def _has(draft: Draft, place: Place) -> bool:
    try:
        get(tree_of(draft), place)
    except KeyError:
        return False
    return True
