"""The stateful phase: operations chained by the contract's links, with what earlier answers gave.

Each operation that has links is walked on its own, with the operations that its links name: in one machine for all,
schemathesis starts only where an operation needs no id that nobody produces, and most links would never be followed.
Longer chains come last, all in one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import hypothesis
from hypothesis.errors import HypothesisException
from hypothesis.stateful import run_state_machine_as_test
from schemathesis.core.errors import SchemathesisError
from schemathesis.core.transport import Response
from schemathesis.generation.hypothesis.reporting import ignore_hypothesis_output

from speclock.core.documents import join
from speclock.core.findings import HarnessError
from speclock.phases.base import Desk, seed_for
from speclock.phases.fuzzing import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis.generation.case import Case as NativeCase
    from schemathesis.generation.stateful.state_machine import APIStateMachine

    from speclock.core.contract import Contract, Operation

__all__ = ["Stateful", "links"]

#: Steps of one scenario: the longest chain of links here is three, so that each can be walked more than once.
STEPS = 6


class Stateful:
    """Walks the links."""

    name = "stateful"
    by_operation = False

    def run(self, desk: Desk, operations: list[Operation]) -> None:
        by_id = {operation.id: operation for operation in operations}
        graph = {name: links(desk.contract, operation) & by_id.keys() for name, operation in by_id.items()}
        walks = [(name, {name, *targets}) for name, targets in graph.items() if targets]
        if any(graph[target] - {target} for name, targets in graph.items() for target in targets - {name}):
            walks.append(("chains", {name for name, chain in walks for name in chain}))
        for name, chain in walks:
            chosen = [operation for operation in operations if operation.id in chain]
            self._walk(desk, name, chosen, max(1, desk.stateful // len(walks)))

    def _walk(self, desk: Desk, name: str, chain: list[Operation], scenarios: int) -> None:
        by_route = {(operation.method, operation.path): operation for operation in chain}
        phase = self.name
        try:
            machine: type[APIStateMachine] = desk.library.only(chain).as_state_machine()
        except SchemathesisError as error:
            desk.complain(HarnessError(None, phase, "generation", " ".join(str(error).split())))
            return

        class Workflow(machine):  # type: ignore[valid-type, misc]
            def call(self, case: NativeCase[Any], **_: object) -> Response:
                operation = by_route[(case.operation.method.upper(), case.operation.path)]
                exchange = desk.take(desk.maker.make(case, operation, phase))
                if exchange is None or not isinstance(exchange.answer.native, Response):
                    hypothesis.reject()
                return exchange.answer.native

            def validate_response(self, response: Response, case: NativeCase[Any], **_: object) -> None:
                """Judged when it was taken."""

        seeded = hypothesis.seed(seed_for(desk.seed, phase, name))(Workflow)
        try:
            with ignore_hypothesis_output():
                run_state_machine_as_test(seeded, settings=settings(scenarios, steps=STEPS), _min_steps=2)
        except HypothesisException as error:
            text = " ".join(str(error).split()) or type(error).__name__
            desk.complain(HarnessError(None, phase, "generation", f"the walk of {name} ended early: {text}"))
        except Exception as error:  # noqa: BLE001 - a generator that fails is no verdict on the subject
            desk.complain(
                HarnessError(None, phase, "generation", f"the walk of {name} ended early ({type(error).__name__})")
            )


def links(contract: Contract, operation: Operation) -> set[str]:
    """The ids of the operations that the responses of `operation` link to."""
    return set(_targets(contract, operation))


def _targets(contract: Contract, operation: Operation) -> Iterator[str]:
    for status in operation.statuses:
        pointer, response = contract.document.resolve(join(operation.pointer, "responses", status))
        listed = response.get("links") if isinstance(response, dict) else None
        for name in listed if isinstance(listed, dict) else ():
            _, link = contract.document.resolve(join(pointer, "links", name))
            if not isinstance(link, dict):
                continue
            if isinstance(link.get("operationId"), str):
                yield str(link["operationId"])
            elif isinstance(link.get("operationRef"), str):
                reference = str(link["operationRef"])
                for target in contract.operations:
                    if reference == f"#{target.pointer}":
                        yield target.id
