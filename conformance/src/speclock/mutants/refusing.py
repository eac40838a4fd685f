"""Mutants that refuse what they must accept: one class of legal values, or one legal shape of a rule."""

from __future__ import annotations

import itertools
import json
from functools import partial
from typing import TYPE_CHECKING

from speclock.core.cases import ABSENT
from speclock.core.constraints import ANY_NAME, Part
from speclock.generation.values import plain
from speclock.mutants.classes import is_set, legal_classes, listed
from speclock.mutants.deviations import Instead
from speclock.mutants.model import Mutant, MutantKind
from speclock.mutants.places import instances, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.core.cases import Absent
    from speclock.core.constraints import Constraint, Place, Shape
    from speclock.core.contract import Operation
    from speclock.core.documents import JsonValue
    from speclock.mutants.classes import ValueClass
    from speclock.mutants.kit import Kit
    from speclock.mutants.model import Seen

__all__ = ["holds_somewhere", "refusing", "request_shapes"]

#: Legal combinations of one rule's values that are tried, and values of each.
_COMBINATIONS = 200
_SET = "set"
_UNSET = "not set"


def refusing(kit: Kit, operation: Operation) -> Iterator[Mutant]:
    """One for each class of legal values of each place, and for each legal shape of each rule."""
    refusal = kit.refuser.of_data(operation)
    if refusal is None:
        return
    analysis = kit.oracle.analysis(operation)
    for shape in request_shapes(kit, operation):
        name = name_of(shape.place)
        for item in legal_classes(shape, kit.oracle.accepts(shape), is_bound=kit.is_bound(operation, shape.place)):
            yield Mutant(
                id=f"{operation.id} refuses {name} that {item.words}",
                kind=MutantKind.REFUSES,
                operation=operation,
                words=f"{operation.id} refuses a legal request when {name} {item.words}",
                location=kit.contract.locate(shape.pointers[0]),
                deviation=Instead(partial(_is_of_class, shape, item), lambda _seen: refusal),
                places=(shape.place,),
            )
    for constraint in analysis.constraints:
        for legal in _legal_shapes(kit, operation, constraint) if constraint.is_rule else ():
            words = " and ".join(f"{name_of(place)} is {value}" for place, value in legal.items())
            yield Mutant(
                id=f"{operation.id} refuses {words}",
                kind=MutantKind.REFUSES,
                operation=operation,
                words=f"{operation.id} refuses a request that keeps {constraint.id}, when {words}",
                location=constraint.location,
                deviation=Instead(partial(_is_of_shape, tuple(legal.items())), lambda _seen: refusal),
                places=tuple(legal),
            )


def request_shapes(kit: Kit, operation: Operation) -> Iterator[Shape]:
    """The places of an operation's requests that have names, those in arrays too."""
    for top in kit.oracle.analysis(operation).shapes.values():
        for shape in top.walk():
            if shape.place.steps and ANY_NAME not in shape.place.steps and shape.pointers:
                yield shape


def holds_somewhere(seen: Seen, shape: Shape, item: ValueClass) -> bool:
    """Whether any value at the place of a request is of a class."""
    return seen.tree is not None and any(map(item.holds, instances(seen.tree, shape.place, shape)))


def _legal_shapes(kit: Kit, operation: Operation, constraint: Constraint) -> Iterator[dict[Place, str]]:
    """Which of the tied places are set, and to what where few values are, in requests that keep all constraints."""
    analysis = kit.oracle.analysis(operation)
    levels: list[list[tuple[str, JsonValue | Absent]]] = []
    for place in constraint.ties:
        shape = analysis.shape(place)
        if shape is None or not place.steps:
            return
        values = [(json.dumps(value), value) for value in listed(shape)] or [(_SET, plain(shape))]
        levels.append([(_UNSET, ABSENT), *values])
    seen: list[dict[Place, str]] = []
    for chosen in itertools.islice(itertools.product(*levels), _COMBINATIONS):
        named = {place: name for place, (name, _) in zip(constraint.ties, chosen, strict=True)}
        values_of = {place: value for place, (_, value) in zip(constraint.ties, chosen, strict=True)}
        if named not in seen and any(not broken for _, broken in kit.plan(operation).with_levels(values_of)):
            seen.append(named)
            yield named


def _is_of_class(shape: Shape, item: ValueClass, seen: Seen) -> bool:
    return seen.answer.is_success and holds_somewhere(seen, shape, item)


def _is_of_shape(wanted: tuple[tuple[Place, str], ...], seen: Seen) -> bool:
    return seen.answer.is_success and all(name in _names(seen, place) for place, name in wanted)


def _names(seen: Seen, place: Place) -> set[str]:
    """What the values at a place are called in a legal shape."""
    shape = seen.oracle.analysis(seen.operation).shape(place)
    found = [] if seen.tree is None else list(instances(seen.tree, place, shape))
    values = [value for value in found if is_set(value)]
    names = {json.dumps(value) for value in values if place.part is not Part.PATH}
    names |= {_SET} if values else set()
    return names | ({_UNSET} if len(values) < len(found) or not found else set())
