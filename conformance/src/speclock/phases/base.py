"""What a phase has to work with, and what it gives back: cases, handed over one by one."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from speclock.core.cases import Case, Exchange
    from speclock.core.contract import Contract, Operation
    from speclock.core.findings import HarnessError
    from speclock.phases.library import Library
    from speclock.phases.making import CaseMaker

__all__ = ["PHASES", "Desk", "Phase", "seed_for"]

#: In the order in which they run: cheap and certain first.
PHASES = ("examples", "coverage", "fuzzing", "stateful")


@dataclass(frozen=True, slots=True)
class Desk:
    """The engine's side of a phase."""

    contract: Contract
    library: Library
    maker: CaseMaker
    seed: int
    #: Cases of each operation in fuzzing, and scenarios in stateful.
    fuzzing: int
    stateful: int
    #: Sends and judges a case; None when there was no answer.
    take: Callable[[Case], Exchange | None]
    #: Takes down what could not be done.
    complain: Callable[[HarnessError], None]


class Phase(Protocol):
    """One way to make cases."""

    name: str
    #: Whether it works through operations one by one; the others take all of them together.
    by_operation: bool

    def run(self, desk: Desk, operations: list[Operation]) -> None:
        """Make the cases of `operations` and hand them to the desk."""


def seed_for(seed: int, *parts: str) -> int:
    """A seed of its own for each part of a run, the same on every machine."""
    return (seed << 32) + zlib.crc32("\0".join(parts).encode())
