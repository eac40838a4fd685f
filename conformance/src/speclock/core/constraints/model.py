"""The words of constraint analysis: places, what each may hold, and the constraints on them.

A *place* is where a value stands in a request. A *shape* is all that the contract says of the value of one place,
whatever schemas say it (references, `allOf`). A *constraint* is one promise that a request can break alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speclock.core.contract import Operation
    from speclock.core.documents import JsonValue, Location
    from speclock.core.rules import Rule

__all__ = [
    "ANY_NAME",
    "ITEM",
    "Analysis",
    "Constraint",
    "ConstraintKind",
    "Dependency",
    "Keyword",
    "Part",
    "Place",
    "Shape",
    "Unsupported",
]

#: The step into the members of an array, as it stands in a place.
ITEM = "[]"
#: The step to a property whose name the contract leaves open.
ANY_NAME = "*"


class Part(StrEnum):
    """The parts of a request that carry values."""

    PATH = "path"
    QUERY = "query"
    HEADER = "header"
    COOKIE = "cookie"
    BODY = "body"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a value stands: `body`, `body.metrics[].score`, `query.limit`."""

    part: Part
    #: Names of parameters and properties, and ITEM for every member of an array.
    steps: tuple[str, ...] = ()

    def __str__(self) -> str:
        text = self.part.value
        for step in self.steps:
            text += ITEM if step == ITEM else f".{step}"
        return text

    def below(self, step: str) -> Place:
        """The place one step down."""
        return Place(self.part, (*self.steps, step))

    @property
    def holder(self) -> Place:
        """The place one step up."""
        return Place(self.part, self.steps[:-1])

    @property
    def top(self) -> Place:
        """The whole body, or the whole parameter, that the place is in."""
        return Place(self.part, () if self.part is Part.BODY else self.steps[:1])

    @property
    def name(self) -> str:
        """The dotted name without the part and the steps into arrays: `metrics.score`."""
        return ".".join(step for step in self.steps if step != ITEM)

    def touches(self, other: Place) -> bool:
        """Whether one of the two is inside of the other."""
        return self.holds(other) or other.holds(self)

    def holds(self, other: Place) -> bool:
        """Whether `other` is this place or below it."""
        return self.part is other.part and other.steps[: len(self.steps)] == self.steps


@dataclass(frozen=True, slots=True)
class Keyword:
    """One keyword of a schema, as the contract has it."""

    name: str
    value: JsonValue
    #: Its JSON pointer in the document, references resolved.
    pointer: str


@dataclass(frozen=True, slots=True)
class Shape:
    """All that the contract says of the value of one place, beyond rules that tie it to others."""

    place: Place
    #: The JSON types that may stand here (`integer` is listed beside `number` only where both may).
    types: frozenset[str]
    #: Every keyword that applies here, by name; several schemas may bring the same one (`allOf`).
    keywords: Mapping[str, tuple[Keyword, ...]]
    #: The pointers of the schemas that apply here together, the outermost first.
    pointers: tuple[str, ...]
    #: Whether the enclosing object, or the operation for a parameter or a body, always wants it.
    required: bool = False
    properties: Mapping[str, Shape] = field(default_factory=dict)
    items: Shape | None = None
    #: The alternatives of a `oneOf` or `anyOf` here, each with what stands beside the union taken in. Empty: no union.
    branches: tuple[Shape, ...] = ()
    #: Values that the contract itself shows for this place: examples and the default.
    shown: tuple[JsonValue, ...] = ()
    #: A schema that contains itself is followed once; below, nothing is listed.
    recursive: bool = False

    @property
    def holders(self) -> tuple[Shape, ...]:
        """The shape itself and its alternatives: all that may describe what is below the place."""
        return (self, *self.branches)

    @property
    def names(self) -> tuple[str, ...]:
        """The properties that the contract names here, in document order."""
        return tuple(dict.fromkeys(name for holder in self.holders for name in holder.properties if name != ANY_NAME))

    def child(self, step: str) -> Shape | None:
        """The shape one step down (a property, or ITEM); None when no schema describes it."""
        for holder in self.holders:
            found = holder.items if step == ITEM else holder.properties.get(step)
            if found is not None:
                return found
        return None

    def walk(self) -> Iterator[Shape]:
        """The shape and all shapes below it, each place once, in document order."""
        seen: set[Place] = set()
        stack = [self]
        while stack:
            shape = stack.pop()
            if shape.place not in seen:
                seen.add(shape.place)
                yield shape
            listed = [
                child
                for holder in shape.holders
                for child in (*holder.properties.values(), *(() if holder.items is None else (holder.items,)))
            ]
            stack += reversed(listed)


class ConstraintKind(StrEnum):
    """What a constraint is about."""

    #: The value of one place: type, enum, bounds, length, pattern, format, additionalProperties ... together.
    VALUE = "value"
    #: A place that must be there.
    REQUIRED = "required"
    #: Several values tied together in JSON Schema.
    SCHEMA = "schema"
    #: Several values tied together in CEL.
    REQUEST = "request"


class Dependency(StrEnum):
    """The dependency patterns between parameters of the ICSOC 2019 catalogue (Martin-Lopez et al.)."""

    REQUIRES = "Requires"
    OR = "Or"
    ONLY_ONE = "OnlyOne"
    ALL_OR_NONE = "AllOrNone"
    ZERO_OR_ONE = "ZeroOrOne"
    RELATIONAL = "Arithmetic/Relational"
    COMPLEX = "Complex"


@dataclass(frozen=True, slots=True)
class Constraint:
    """One promise about requests; a request can break it and nothing else, or the plan says why not."""

    #: Stable, and the only one of its operation: a rule's name (title or id), `body.name` for the value of a place,
    #: `body.name:required`, `body:not` (and `body:not-2` ...) for a rule without a name.
    id: str
    operation: str
    kind: ConstraintKind
    #: The place of the value, or of the object (or parameters) that a rule ties together.
    place: Place
    keywords: tuple[Keyword, ...]
    location: Location
    #: In words, such as "`isProduction` may not be true when `testCaseId` is set".
    words: str
    #: The places that a rule reads, in document order; one for the other kinds.
    ties: tuple[Place, ...]
    dependency: Dependency | None = None
    rule: Rule | None = field(default=None, repr=False)
    #: Whether the name is the contract's own (a title, an id), and not made of the place.
    is_named: bool = False

    @property
    def is_rule(self) -> bool:
        """Whether it ties several values."""
        return self.kind in (ConstraintKind.SCHEMA, ConstraintKind.REQUEST)


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A part of the contract that the analysis cannot work with, and why."""

    operation: str | None
    location: Location
    reason: str
    #: Whether the contract is wrong there; else it is the analysis that goes no further.
    is_flaw: bool = True


@dataclass(frozen=True, slots=True)
class Analysis:
    """One operation, analysed."""

    operation: Operation
    #: The shapes of its parameters by place, and of its JSON body under `Place(Part.BODY)`.
    shapes: Mapping[Place, Shape]
    #: In document order.
    constraints: tuple[Constraint, ...]
    unsupported: tuple[Unsupported, ...] = ()

    def shape(self, place: Place) -> Shape | None:
        """The shape of a place; None for one that no schema describes."""
        top = place.top
        shape = self.shapes.get(top)
        for step in place.steps[len(top.steps) :]:
            shape = None if shape is None else shape.child(step)
        return shape

    def constraint(self, name: str) -> Constraint:
        """The constraint of that id; KeyError when there is none."""
        for constraint in self.constraints:
            if constraint.id == name:
                return constraint
        raise KeyError(name)
