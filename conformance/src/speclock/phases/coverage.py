"""The coverage phase: schemathesis's enumeration of each keyword's boundaries, valid and invalid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemathesis.generation import GenerationMode
from schemathesis.generation.coverage import GenerationSession
from schemathesis.generation.drivers import CoverageGenerator
from schemathesis.generation.overrides import Override

from speclock.core.findings import HarnessError
from speclock.phases.library import NO_FEEDBACK

if TYPE_CHECKING:
    from speclock.core.contract import Operation
    from speclock.phases.base import Desk

__all__ = ["Coverage"]


class Coverage:
    """Sends schemathesis's coverage cases."""

    name = "coverage"
    by_operation = True

    def run(self, desk: Desk, operations: list[Operation]) -> None:
        for operation in operations:
            native = desk.library.find(operation)
            if native is None:
                continue  # the engine has said why
            generator = CoverageGenerator(
                operation=native,
                generation_modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE],
                generation_config=native.schema.config.generation_for(operation=native, phase=self.name),
                auth_storage=None,
                override=Override(),
                feedback=NO_FEEDBACK,
                session=GenerationSession(),
            )
            for case in generator:
                desk.take(desk.maker.make(case, operation, self.name))
            for error in generator.controller.deferred_errors:
                desk.complain(HarnessError(operation.id, self.name, "generation", " ".join(str(error).split())))
