"""The stateful phase: operations chained by the contract's links, with what earlier answers gave.

Each operation that has links is walked on its own, with the operations that its links name: in one machine for all,
schemathesis starts only where an operation needs no id that nobody produces, and most links would never be followed.
Longer chains come last, all in one.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import hypothesis
from hypothesis.errors import HypothesisException
from hypothesis.stateful import run_state_machine_as_test
from schemathesis.core.errors import SchemathesisError
from schemathesis.core.transport import Response
from schemathesis.generation.hypothesis.reporting import ignore_hypothesis_output

from speclock.core.findings import HarnessError
from speclock.core.producers import linked_operations
from speclock.generation.drawing import by_seed_alone, settings
from speclock.phases.base import Desk, Work, seed_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemathesis.generation.case import Case as NativeCase
    from schemathesis.generation.stateful.state_machine import APIStateMachine

    from speclock.core.contract import Operation

__all__ = ["Stateful"]

_NAME = "stateful"
#: Steps of one scenario: the longest chain of links here is three, so that each can be walked more than once.
_STEPS = 6


class Stateful:
    """Walks the links."""

    def works(self, desk: Desk, operations: Sequence[Operation], turn: int) -> Iterator[Work]:
        """See Phase."""
        by_id = {operation.id: operation for operation in operations}
        graph = {name: linked_operations(desk.contract, op) & by_id.keys() for name, op in by_id.items()}
        walks = [(name, {name, *targets}) for name, targets in graph.items() if targets]
        if any(graph[target] - {target} for name, targets in graph.items() for target in targets - {name}):
            walks.append(("chains", {name for name, chain in walks for name in chain}))
        for name, chain in walks:
            chosen = tuple(operation for operation in operations if operation.id in chain)
            scenarios = max(1, desk.stateful // len(walks))
            run = partial(_walk, name, chosen, scenarios, turn)
            weight = len(chosen) / (1 + turn)
            yield Work(_NAME, f"{name} {turn}", run, chosen, weight, scenarios * _STEPS, is_whole=True)


def _walk(name: str, chain: Sequence[Operation], scenarios: int, turn: int, desk: Desk) -> None:
    by_route = {(operation.method, operation.path): operation for operation in chain}
    library = desk.library()
    known = [operation for operation in chain if library.find(operation) is not None]
    if not known:
        return  # the engine has said why
    try:
        machine: type[APIStateMachine] = library.only(known).as_state_machine()
    except SchemathesisError as error:
        desk.complain(HarnessError(None, _NAME, "generation", " ".join(str(error).split())))
        return

    class Workflow(machine):  # type: ignore[valid-type, misc]
        def call(self, case: NativeCase[Any], **_: object) -> Response:
            operation = by_route[(case.operation.method.upper(), case.operation.path)]
            exchange = desk.take(desk.maker.make(case, operation, _NAME))
            if exchange is None or not isinstance(exchange.answer.native, Response):
                hypothesis.reject()
            return exchange.answer.native

        def validate_response(self, response: Response, case: NativeCase[Any], **_: object) -> None:
            """Judged when it was taken."""

    seeded = hypothesis.seed(seed_for(desk.seed, _NAME, name, *([str(turn)] if turn else [])))(Workflow)
    try:
        with by_seed_alone(), ignore_hypothesis_output():
            run_state_machine_as_test(seeded, settings=settings(scenarios, steps=_STEPS), _min_steps=2)
    except HypothesisException as error:
        text = " ".join(str(error).split()) or type(error).__name__
        desk.complain(HarnessError(None, _NAME, "generation", f"the walk of {name} ended early: {text}"))
    except Exception as error:  # noqa: BLE001 - a generator that fails is no verdict on the subject
        desk.complain(
            HarnessError(None, _NAME, "generation", f"the walk of {name} ended early ({type(error).__name__})")
        )
