"""The values at a place: one for each way through the arrays and maps above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speclock.core.cases import ABSENT
from speclock.core.constraints.model import ANY_NAME, ITEM

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speclock.core.cases import Absent
    from speclock.core.documents import JsonValue

__all__ = ["values_in"]


def values_in(value: JsonValue | Absent, steps: Sequence[str]) -> Iterator[JsonValue | Absent]:
    """The values where the steps lead to; ABSENT where all but the last step lead to an object without it."""
    if not steps:
        yield value
    elif isinstance(value, list) and steps[0] == ITEM:
        for item in value:
            yield from values_in(item, steps[1:])
    elif isinstance(value, dict) and steps[0] == ANY_NAME:
        for item in value.values():
            yield from values_in(item, steps[1:])
    elif isinstance(value, dict):
        if steps[0] in value:
            yield from values_in(value[steps[0]], steps[1:])
        elif len(steps) == 1:
            yield ABSENT
