"""What the requests of a contract promise, constraint by constraint, and which of them a request breaks."""

from speclock.core.constraints.instances import values_in
from speclock.core.constraints.model import (
    ANY_NAME,
    ITEM,
    Analysis,
    Constraint,
    ConstraintKind,
    Dependency,
    Keyword,
    Part,
    Place,
    Shape,
    Unsupported,
)
from speclock.core.constraints.oracle import Oracle, readings
from speclock.core.constraints.shapes import ShapeReader
from speclock.core.constraints.tying import named_constants, named_values

__all__ = [
    "ANY_NAME",
    "ITEM",
    "Analysis",
    "Constraint",
    "ConstraintKind",
    "Dependency",
    "Keyword",
    "Oracle",
    "Part",
    "Place",
    "Shape",
    "ShapeReader",
    "Unsupported",
    "named_constants",
    "named_values",
    "readings",
    "values_in",
]
