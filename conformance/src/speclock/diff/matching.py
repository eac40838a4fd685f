"""Which operation of one document is which of the other: by method and path, and by id where the path has changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from speclock.core.contract import Operation

__all__ = ["Matching", "match"]

_PARAMETER = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True, slots=True)
class Matching:
    """The operations of two documents."""

    #: Same method and path, whatever the path's parameters are called.
    shared: tuple[tuple[Operation, Operation], ...]
    #: Same id, another method or path.
    moved: tuple[tuple[Operation, Operation], ...]
    gone: tuple[Operation, ...]
    come: tuple[Operation, ...]


def match(old: Sequence[Operation], new: Sequence[Operation]) -> Matching:
    """Pair the operations."""
    by_route = {_route(operation): operation for operation in new}
    shared = [(operation, by_route[_route(operation)]) for operation in old if _route(operation) in by_route]
    taken = {other.id for _, other in shared}
    left = [operation for operation in old if _route(operation) not in by_route]
    by_id = {operation.id: operation for operation in new if operation.id not in taken}
    moved = [(operation, by_id[operation.id]) for operation in left if operation.id in by_id]
    found = {operation.id for operation, _ in moved}
    return Matching(
        tuple(shared),
        tuple(moved),
        tuple(operation for operation in left if operation.id not in found),
        tuple(operation for operation in by_id.values() if operation.id not in found),
    )


def _route(operation: Operation) -> tuple[str, str]:
    return operation.method, _PARAMETER.sub("{}", operation.path)
