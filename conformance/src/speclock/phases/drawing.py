"""Legal requests that hypothesis draws, as drafts: for subjects that schemathesis cannot send to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import hypothesis
from hypothesis.errors import HypothesisException
from schemathesis.core.errors import SchemathesisError
from schemathesis.generation import GenerationMode

from speclock.core.errors import ContractError
from speclock.generation.drawing import by_seed_alone, settings
from speclock.phases.base import seed_for
from speclock.phases.library import NO_FEEDBACK
from speclock.phases.making import draft_of_native

if TYPE_CHECKING:
    from schemathesis.generation.case import Case as NativeCase

    from speclock.core.cases import Draft
    from speclock.core.contract import Operation
    from speclock.phases.library import Library

__all__ = ["drawn_requests"]


def drawn_requests(library: Library, operation: Operation, seed: int, count: int) -> list[Draft]:
    """So many requests, some of which the oracle may not take for legal.

    Raises:
        ContractError: none can be drawn.
    """
    native = library.find(operation)
    if native is None:
        raise ContractError(f"the generators can make no request: {library.why_not(operation)}")
    drafts: list[Draft] = []

    @hypothesis.seed(seed_for(seed, "requests", operation.id))
    @settings(count)
    @hypothesis.given(native.as_strategy(generation_mode=GenerationMode.POSITIVE, feedback=NO_FEEDBACK))
    def draw(case: NativeCase[Any]) -> None:
        drafts.append(draft_of_native(case))

    try:
        with by_seed_alone():
            draw()
    except (HypothesisException, SchemathesisError) as error:
        raise ContractError(f"no requests could be drawn: {' '.join(str(error).split())}") from None
    return drafts
