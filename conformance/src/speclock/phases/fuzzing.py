"""The fuzzing phase: random requests from the schema, half of them valid and half of them not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import hypothesis
from hypothesis.errors import HypothesisException, Unsatisfiable
from schemathesis.generation import GenerationMode

from speclock.core.findings import HarnessError
from speclock.phases.base import Desk, seed_for
from speclock.phases.library import NO_FEEDBACK, NativeOperation

if TYPE_CHECKING:
    from schemathesis.generation.case import Case as NativeCase

    from speclock.core.contract import Operation

__all__ = ["Fuzzing", "settings"]


def settings(examples: int, *, steps: int = 50) -> hypothesis.settings:
    """Generation alone: nothing is stored between runs, nothing is shrunk here, no deadline."""
    return hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
        print_blob=False,
        stateful_step_count=steps,
    )


class Fuzzing:
    """Sends random cases."""

    name = "fuzzing"
    by_operation = True

    def run(self, desk: Desk, operations: list[Operation]) -> None:
        for operation in operations:
            native = desk.library.find(operation)
            if native is None:
                continue
            half = max(1, desk.fuzzing // 2)
            self._mode(desk, operation, native, GenerationMode.POSITIVE, desk.fuzzing - half or 1)
            if operation.body is not None or operation.path_parameters or any(True for _ in native.iter_parameters()):
                self._mode(desk, operation, native, GenerationMode.NEGATIVE, half)

    def _mode(
        self, desk: Desk, operation: Operation, native: NativeOperation, mode: GenerationMode, examples: int
    ) -> None:
        @hypothesis.seed(seed_for(desk.seed, self.name, mode.value, operation.id))
        @settings(examples)
        @hypothesis.given(native.as_strategy(generation_mode=mode, feedback=NO_FEEDBACK))
        def send(case: NativeCase[Any]) -> None:
            desk.take(desk.maker.make(case, operation, self.name))

        try:
            send()
        except Unsatisfiable:
            # Of some operations nothing can be wrong, such as one with a free text in its path and no more.
            if mode is GenerationMode.POSITIVE:
                desk.complain(HarnessError(operation.id, self.name, "generation", "no positive cases were found"))
        except HypothesisException as error:
            text = " ".join(str(error).split()) or type(error).__name__
            desk.complain(HarnessError(operation.id, self.name, "generation", f"no {mode.value} cases: {text}"))
        except Exception as error:  # noqa: BLE001 - a generator that fails is no verdict on the subject
            desk.complain(
                HarnessError(operation.id, self.name, "generation", f"no {mode.value} cases ({type(error).__name__})")
            )
