"""Conditions under which a mutant acts: what a server may branch on by mistake.

For each mutant all places that the contract itself relates to its promise (the other places of a rule, the request
properties that rules about the same property of the answer read, the property of the same name), and of the rest a few,
which ones the mutant's own name decides, so that over all mutants of an operation every condition has its turn.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from speclock.core.constraints import ITEM
from speclock.mutants.altering import ANOTHER, names_read
from speclock.mutants.classes import conditions
from speclock.mutants.model import Condition, Mutant, MutantKind
from speclock.mutants.places import name_of
from speclock.mutants.refusing import holds_somewhere, request_shapes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.core.constraints import Place, Shape
    from speclock.core.contract import Operation
    from speclock.mutants.classes import ValueClass
    from speclock.mutants.kit import Kit
    from speclock.mutants.model import Seen

__all__ = ["conditional"]

_REQUEST_MEMBER = re.compile(r"request\.(body|path|query)\.(\w+)")
#: Refusals that say something of what stands in the request; the others come before anybody looks at it.
_OF_DATA = frozenset({"400", "422"})
#: Hostile input that stands in one value beside others.
_TEXTS = frozenset({"NUL in a text", "a character beyond the basic plane", "a long text"})


def conditional(kit: Kit, operation: Operation, mutants: list[Mutant], turns: int) -> Iterator[Mutant]:
    """The mutants again, each under conditions; `turns` of them that the contract does not relate to the promise."""
    known = _conditions(kit, operation)
    for mutant in mutants:
        if not _may_depend(mutant):
            continue
        related, own = _related(kit, mutant), _own(kit, mutant)
        near = [item for item in known if item.place in related]
        far = [item for item in known if item.place not in related and not any(map(item.place.touches, own))]
        start = zlib.crc32(mutant.id.encode()) % max(1, len(far))
        for condition in (*near, *(far[(start + turn) % len(far)] for turn in range(min(turns, len(far))))):
            yield replace(
                mutant,
                id=f"{mutant.id}, when {condition.words}",
                words=f"{mutant.words}, when {condition.words}",
                condition=condition,
            )


def _conditions(kit: Kit, operation: Operation) -> list[Condition]:
    found: list[Condition] = []
    for shape in request_shapes(kit, operation):
        if shape.place.steps[-1] == ITEM:
            continue
        found += [
            Condition(f"{name_of(shape.place)} {item.words}", shape.place, _Holding(shape, item))
            for item in conditions(shape, kit.oracle.accepts(shape))
        ]
    return found


@dataclass(frozen=True, slots=True)
class _Holding:
    shape: Shape
    item: ValueClass

    def __call__(self, seen: Seen) -> bool:
        return holds_somewhere(seen, self.shape, self.item)


def _may_depend(mutant: Mutant) -> bool:
    """Whether a server could do it only beside some value of the request."""
    if mutant.kind in (MutantKind.ACCEPTS, MutantKind.REFUSES):
        return bool(mutant.places)
    if mutant.kind in (MutantKind.SHAPE, MutantKind.MEANING):
        return mutant.status is not None and (mutant.status.startswith("2") or mutant.status in _OF_DATA)
    if mutant.kind is MutantKind.AUTHENTICATION:
        return mutant.deviation.asks  # it takes what is no good credential
    return mutant.way in _TEXTS


def _own(kit: Kit, mutant: Mutant) -> tuple[Place, ...]:
    """The places of the request with the very value that the mutant is about, which is no condition on another one."""
    if mutant.kind in (MutantKind.ACCEPTS, MutantKind.REFUSES):
        return mutant.places
    if mutant.kind is MutantKind.MEANING and mutant.places:
        return tuple(
            place for place in kit.asked(mutant.operation).values() if place.steps == mutant.places[0].steps[:1]
        )
    return ()


def _related(kit: Kit, mutant: Mutant) -> frozenset[Place]:
    """The places of the request that the contract relates to the mutant's promise."""
    if mutant.kind is MutantKind.ACCEPTS:
        ids = {item.id for item in kit.oracle.analysis(mutant.operation).constraints if item.is_rule}
        return frozenset(mutant.places) if mutant.constraint in ids else frozenset()
    is_whole = bool(mutant.places) and ITEM not in mutant.places[0].steps
    if mutant.kind is not MutantKind.MEANING or not is_whole or mutant.way != ANOTHER:
        return frozenset()
    name, asked = mutant.places[0].steps[0], kit.asked(mutant.operation)
    rules = [rule for rule in kit.rules if rule.operation == mutant.operation.id and name in names_read(rule)]
    read = {other for rule in rules for _, other in _REQUEST_MEMBER.findall(rule.source)}
    return frozenset(asked[other] for other in (*read, name) if other in asked)
