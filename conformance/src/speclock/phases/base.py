"""What a phase has to work with, and what it gives back: pieces of work, each of which hands over cases one by one."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from speclock.core.cases import Case, Exchange
    from speclock.core.constraints import Oracle
    from speclock.core.contract import Contract, Operation
    from speclock.core.findings import HarnessError
    from speclock.core.profiles import Profile
    from speclock.core.refusals import Refusals
    from speclock.core.rules import Rule
    from speclock.core.schemas import Schemas
    from speclock.generation.planning import OperationPlan
    from speclock.phases.library import Library
    from speclock.phases.making import CaseMaker

__all__ = ["OPEN_PHASES", "PHASES", "Desk", "Phase", "Work", "seed_for"]

#: In the order in which they run: cheap and certain first.
PHASES = ("examples", "combinations", "auth", "robustness", "coverage", "fuzzing", "stateful")
#: Those that always have more to try.
OPEN_PHASES = ("fuzzing", "stateful")


@dataclass(frozen=True, slots=True)
class Desk:
    """The engine's side of a phase."""

    contract: Contract
    schemas: Schemas
    #: The contract as schemathesis has it; loaded on first use.
    library: Callable[[], Library]
    maker: CaseMaker
    oracle: Oracle
    profile: Profile
    rules: Sequence[Rule]
    #: What is promised of an operation's refusals.
    refusals: Callable[[Operation], Refusals | None]
    seed: int
    #: Cases of each operation in fuzzing, and scenarios in stateful.
    fuzzing: int
    stateful: int
    #: Things that may be made to bring a count to where a rule speaks of it; 0 on a server that others use.
    volume: int
    #: Sends and judges a case; None when there was no answer, or the case is another shard's.
    take: Callable[[Case], Exchange | None]
    #: Sends a case that only prepares others: it is not counted, and judged by nobody.
    prepare: Callable[[Case], Exchange | None]
    #: The plan of an operation, made on first use.
    plan: Callable[[Operation], OperationPlan]
    #: Every good credential, by security scheme.
    credentials: Mapping[str, Sequence[str]] = field(repr=False)
    #: Takes down what could not be done.
    complain: Callable[[HarnessError], None]


@dataclass(frozen=True, slots=True)
class Work:
    """A piece of a phase that can be done on its own."""

    phase: str
    #: Stable, and the only one of its phase.
    key: str
    run: Callable[[Desk], None] = field(repr=False)
    #: The operations whose requests it sends.
    operations: tuple[Operation, ...]
    #: How many promises it may show to be broken that nothing else has tried, for `cost` cases, roughly.
    promises: float = 1.0
    cost: float = 1.0
    #: Whether its cases build on each other, so that one shard has to send all of them.
    is_whole: bool = False


class Phase(Protocol):
    """One way to make cases."""

    def works(self, desk: Desk, operations: Sequence[Operation], turn: int) -> Iterable[Work]:
        """The work on `operations`; `turn` counts from 0, and only phases that are open have more than one."""


def seed_for(seed: int, *parts: str) -> int:
    """A seed of its own for each part of a run, the same on every machine."""
    return (seed << 32) + zlib.crc32("\0".join(parts).encode())
