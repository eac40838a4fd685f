"""The coverage phase: schemathesis's enumeration of each keyword's boundaries, valid and invalid."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from schemathesis.generation import GenerationMode
from schemathesis.generation.coverage import GenerationSession
from schemathesis.generation.drivers import CoverageGenerator
from schemathesis.generation.overrides import Override

from speclock.core.findings import HarnessError
from speclock.generation.drawing import by_seed_alone
from speclock.phases.base import Desk, Work
from speclock.phases.library import NO_FEEDBACK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from schemathesis.generation.case import Case as NativeCase

    from speclock.core.contract import Operation

__all__ = ["Coverage"]

_NAME = "coverage"
#: Of what this phase can find, how much the combinations have not looked at.
_NEW = 0.2


class Coverage:
    """Sends schemathesis's coverage cases."""

    def works(self, desk: Desk, operations: Sequence[Operation], turn: int) -> Iterator[Work]:  # noqa: ARG002
        """See Phase."""
        for operation in operations:
            count = len(desk.oracle.analysis(operation).constraints)
            yield Work(_NAME, operation.id, partial(_send, operation), (operation,), _NEW * count, 10 * count)


def _send(operation: Operation, desk: Desk) -> None:
    native = desk.library().find(operation)
    if native is None:
        return  # the engine has said why
    generator = CoverageGenerator(
        operation=native,
        generation_modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE],
        generation_config=native.schema.config.generation_for(operation=native, phase=_NAME),
        auth_storage=None,
        override=Override(),
        feedback=NO_FEEDBACK,
        session=GenerationSession(),
    )
    with by_seed_alone():
        for case in _cases(generator, operation, desk):
            if case.method.upper() == operation.method:  # the methods that it does not have are phases.methods' to try
                desk.take(desk.maker.make(case, operation, _NAME))
    for error in generator.controller.deferred_errors:
        desk.complain(HarnessError(operation.id, _NAME, "generation", " ".join(str(error).split())))


def _cases(generator: Iterable[NativeCase[Any]], operation: Operation, desk: Desk) -> Iterator[NativeCase[Any]]:
    """What the generator makes, until a part of the contract is of no use to it."""
    try:
        yield from generator
    except Exception as error:  # noqa: BLE001 - a generator that fails is no verdict on the subject
        text = " ".join(str(error).split())
        desk.complain(
            HarnessError(operation.id, _NAME, "generation", f"no more cases ({type(error).__name__}): {text}")
        )
