"""The fuzzing phase: random requests from the schema, half of them valid and half of them not."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import hypothesis
from hypothesis.errors import HypothesisException, Unsatisfiable
from schemathesis.generation import GenerationMode

from speclock.core.findings import HarnessError
from speclock.generation.drawing import by_seed_alone, settings
from speclock.phases.base import Desk, Work, seed_for
from speclock.phases.library import NO_FEEDBACK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from schemathesis.generation.case import Case as NativeCase

    from speclock.core.contract import Operation

__all__ = ["Fuzzing"]

_NAME = "fuzzing"


class Fuzzing:
    """Sends random cases."""

    def works(self, desk: Desk, operations: Sequence[Operation], turn: int) -> Iterator[Work]:
        """See Phase."""
        half = max(1, desk.fuzzing // 2)
        for operation in operations:
            takes_values = bool(desk.oracle.analysis(operation).shapes) or operation.has_body
            for mode, examples in (
                (GenerationMode.POSITIVE, desk.fuzzing - half or 1),
                (GenerationMode.NEGATIVE, half),
            ):
                if mode is GenerationMode.POSITIVE or takes_values:
                    run = partial(_send, operation, mode, examples, turn)
                    key = f"{operation.id} {mode.value} {turn}"
                    yield Work(_NAME, key, run, (operation,), promises=1 / (1 + turn), cost=examples)


def _send(operation: Operation, mode: GenerationMode, examples: int, turn: int, desk: Desk) -> None:
    native = desk.library().find(operation)
    if native is None:
        return  # the engine has said why

    @hypothesis.seed(seed_for(desk.seed, _NAME, mode.value, operation.id, *([str(turn)] if turn else [])))
    @settings(examples)
    @hypothesis.given(native.as_strategy(generation_mode=mode, feedback=NO_FEEDBACK))
    def send(case: NativeCase[Any]) -> None:
        desk.take(desk.maker.make(case, operation, _NAME))

    try:
        with by_seed_alone():
            send()
    except Unsatisfiable:
        # Of some operations nothing can be wrong, such as one with a free text in its path and no more.
        if mode is GenerationMode.POSITIVE:
            desk.complain(HarnessError(operation.id, _NAME, "generation", "no positive cases were found"))
    except HypothesisException as error:
        text = " ".join(str(error).split()) or type(error).__name__
        desk.complain(HarnessError(operation.id, _NAME, "generation", f"no {mode.value} cases: {text}"))
    except Exception as error:  # noqa: BLE001 - a generator that fails is no verdict on the subject
        desk.complain(
            HarnessError(operation.id, _NAME, "generation", f"no {mode.value} cases ({type(error).__name__})")
        )
