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
from speclock.core.constraints.parameters import Parameter, parameters
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
    "Parameter",
    "Part",
    "Place",
    "Shape",
    "ShapeReader",
    "Unsupported",
    "named_constants",
    "named_values",
    "parameters",
    "readings",
    "values_in",
]
