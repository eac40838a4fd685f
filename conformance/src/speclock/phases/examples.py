"""The examples phase: what the contract itself shows, sent as it stands.

Named examples must be accepted. Each value under `x-invalid-examples` breaks the one rule that it names, and must be
refused.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from speclock.core.cases import Case, CaseKind
from speclock.core.findings import HarnessError
from speclock.generation.examples import examples, invalid_examples
from speclock.phases.base import Desk, Work

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speclock.core.contract import Operation

__all__ = ["Examples"]

_NAME = "examples"


class Examples:
    """Sends the contract's examples."""

    def works(self, desk: Desk, operations: Sequence[Operation], turn: int) -> Iterator[Work]:  # noqa: ARG002
        """See Phase."""
        for operation in operations:
            count = len(desk.oracle.analysis(operation).constraints)
            yield Work(_NAME, operation.id, partial(_send, operation), (operation,), promises=count, cost=6)


def _send(operation: Operation, desk: Desk) -> None:
    plain = desk.plan(operation).plain
    if plain is None:
        return  # told where the plan is made
    for example in examples(desk.contract, desk.schemas.root, operation, plain):
        found = desk.oracle.broken(operation, example.draft)
        if found:
            _complain(desk, operation, example.pointer, f"the example {example.name!r} breaks {', '.join(found)}")
            continue
        case = Case(operation, _NAME, CaseKind.POSITIVE, f"the example {example.name!r}", draft=example.draft)
        desk.take(desk.maker.finish(case))
    for wrong in invalid_examples(desk.contract, operation, plain):
        found = desk.oracle.broken(operation, wrong.draft) or {}
        if list(found) != [wrong.rule]:
            breaks = f"breaks {', '.join(found)}" if found else "breaks nothing"
            text = f"the invalid example {wrong.name!r} {breaks}, not {wrong.rule} alone"
            _complain(desk, operation, wrong.pointer, text)
            continue
        words = f"the invalid example {wrong.name!r}"
        case = Case(
            operation, _NAME, CaseKind.NEGATIVE, words, wrong.rule, keyword=found[wrong.rule], draft=wrong.draft
        )
        desk.take(desk.maker.finish(case))


def _complain(desk: Desk, operation: Operation, pointer: str, text: str) -> None:
    desk.complain(HarnessError(operation.id, _NAME, "contract", f"{desk.contract.locate(pointer)}: {text}"))
