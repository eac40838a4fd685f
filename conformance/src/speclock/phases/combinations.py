"""The combinations phase: each constraint broken alone, on purpose, and its legal side right beside it.

Rules first, of all operations; then single values, ids that nobody has or that somebody has already, and last the same
again beside other properties.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Literal

from speclock.core.cases import Case
from speclock.phases.base import Desk, Work
from speclock.phases.chains import chain_works
from speclock.phases.deletions import deletion_works
from speclock.phases.ids import id_works
from speclock.phases.refusals import refusal_works
from speclock.phases.undocumented import undocumented_works

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speclock.core.contract import Operation
    from speclock.generation.planning import PlannedCase

__all__ = ["Combinations"]

_NAME = "combinations"
#: Parts of a plan, with how much each can show that the ones before it have not.
_Part = Literal["rules", "values", "beside", "combined"]
_FIRST: tuple[tuple[_Part, float], ...] = (("rules", 1.0), ("values", 1.0))
_THEN: tuple[tuple[_Part, float], ...] = (("beside", 0.2), ("combined", 0.2))
#: Cases that a constraint brings about, roughly.
_COST = 25


@dataclass
class Combinations:
    """Sends the plan."""

    #: The requests that were sent already, by operation: binding can make two of them one.
    _sent: dict[str, set[object]] = field(default_factory=dict)

    def works(self, desk: Desk, operations: Sequence[Operation], turn: int) -> Iterator[Work]:  # noqa: ARG002
        """See Phase."""
        yield from self._parts(desk, operations, _FIRST)
        yield from id_works(desk, operations)
        yield from deletion_works(desk, operations)
        yield from refusal_works(desk, operations)
        yield from chain_works(desk, operations)
        yield from undocumented_works(desk, operations)
        yield from self._parts(desk, operations, _THEN)

    def _parts(
        self, desk: Desk, operations: Sequence[Operation], parts: Sequence[tuple[_Part, float]]
    ) -> Iterator[Work]:
        for part, weight in parts:
            for operation in operations:
                constraints = desk.oracle.analysis(operation).constraints
                count = len([item for item in constraints if item.is_rule is (part == "rules") or weight < 1])
                if count:
                    run = partial(self._send, operation, part)
                    key = f"{operation.id} {part}"
                    yield Work(_NAME, key, run, (operation,), weight * count, _COST * count)

    def _send(self, operation: Operation, part: _Part, desk: Desk) -> None:
        planned: tuple[PlannedCase, ...] = getattr(desk.plan(operation), part)
        sent = self._sent.setdefault(operation.id, set())
        for item in planned:
            case = desk.maker.finish(
                Case(
                    operation,
                    _NAME,
                    item.kind,
                    item.description,
                    item.breaks,
                    keyword=item.keyword,
                    borders=item.borders,
                    draft=item.draft,
                )
            )
            if case.known or case.linked or case.guessed:
                key = repr((case.draft, case.breaks))
                if key in sent and not case.fresh:
                    continue
                sent.add(key)
            desk.take(case)
