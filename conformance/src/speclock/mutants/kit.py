"""What mutants are made of: one contract, read and planned, and what is known of the subject."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from speclock.core.constraints import Part, Place
from speclock.mutants.answering import Refuser
from speclock.mutants.credentials import Keys
from speclock.mutants.reading import Reader
from speclock.mutants.repairing import Repairer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from speclock.checks.response_rules import Memory
    from speclock.core.cases import Draft, Exchange
    from speclock.core.constraints import Oracle
    from speclock.core.contract import Contract, Operation
    from speclock.core.profiles import Profile
    from speclock.core.refusals import Refusals
    from speclock.core.rules import Rule
    from speclock.core.schemas import Schemas
    from speclock.engine.run import Run
    from speclock.generation.planning import OperationPlan

__all__ = ["Kit", "kit_of"]


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


def kit_of(run: Run, exchanges: Sequence[Exchange]) -> Kit:
    """What mutants are made of, after a run."""
    plan = run.plan
    reader = Reader(plan.contract, plan.schemas, run.oracle, run.url)
    credentials = {name: (value, *plan.also.get(name, ())) for name, value in plan.credentials.items()}
    keys = Keys(plan.contract, credentials)
    accepted: dict[str, Draft | None] = {**_accepted(exchanges)}

    def good(operation: Operation) -> Draft | None:
        if operation.id not in accepted:
            accepted[operation.id] = run.legal(operation)  # what the run has read, it may have deleted since
        return accepted[operation.id]

    repairer = Repairer(
        reader,
        run.oracle,
        keys,
        good,
        lambda op, place: run.plan_of(op).classes(place),
    )
    return Kit(
        contract=plan.contract,
        schemas=plan.schemas,
        oracle=run.oracle,
        rules=run.rules(),
        refusals=plan.refusals,
        plan=run.plan_of,
        memory=run.memory,
        reader=reader,
        repairer=repairer,
        refuser=Refuser(plan.contract, plan.schemas),
        keys=keys,
        is_bound=lambda operation, place: _is_bound(plan.profile, operation, place),
    )


def _is_bound(profile: Profile, operation: Operation, place: Place) -> bool:
    binding = profile.binding(operation, place.name)
    return binding is not None and not binding.unique


def _accepted(exchanges: Sequence[Exchange]) -> dict[str, Draft]:
    """By operation, the smallest request that was accepted, and that can be accepted again."""
    gone = {
        value
        for exchange in exchanges
        if exchange.request.method == "DELETE" and exchange.answer.is_success
        for value in exchange.request.path_parameters.values()
    }
    found: dict[str, Draft] = {}
    for exchange in exchanges:
        case, draft = exchange.case, exchange.case.draft
        if draft is None or draft.raw is not None or case.fresh or case.credentials is not None:
            continue
        known = found.get(case.operation.id)
        is_there = gone.isdisjoint(exchange.request.path_parameters.values())
        if exchange.answer.is_success and is_there and (known is None or len(repr(draft)) < len(repr(known))):
            found[case.operation.id] = draft
    return found
