"""What mutants are made of: one contract, read and planned, and what is known of the subject."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from speclock.core.constraints import Part, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from speclock.checks.response_rules import Memory
    from speclock.core.constraints import Oracle
    from speclock.core.contract import Contract, Operation
    from speclock.core.refusals import Refusals
    from speclock.core.rules import Rule
    from speclock.core.schemas import Schemas
    from speclock.generation.planning import OperationPlan
    from speclock.mutants.answering import Refuser
    from speclock.mutants.credentials import Keys
    from speclock.mutants.reading import Reader
    from speclock.mutants.repairing import Repairer

__all__ = ["Kit"]


@dataclass(frozen=True, slots=True)
class Kit:
    """Everything that a maker of mutants may use."""

    contract: Contract
    schemas: Schemas
    oracle: Oracle
    #: Those that are judged.
    rules: Sequence[Rule]
    refusals: Mapping[str, Refusals]
    plan: Callable[[Operation], OperationPlan]
    #: What the correct subject has created so far.
    memory: Memory = field(repr=False)
    reader: Reader
    repairer: Repairer
    refuser: Refuser
    keys: Keys
    #: Whether a place holds ids of existing things, which the profile knows.
    is_bound: Callable[[Operation, Place], bool]

    def asked(self, operation: Operation) -> dict[str, Place]:
        """The properties and parameters of a request, by name."""
        tops = self.oracle.analysis(operation).shapes
        body = tops.get(Place(Part.BODY))
        named = {place.steps[0]: place for place in tops if place.steps}
        return named | {name: Place(Part.BODY, (name,)) for name in (body.names if body is not None else ())}
