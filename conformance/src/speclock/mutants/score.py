"""What the hunt amounts to: the fate of each mutant, and the score, in all and by kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from speclock.core.documents import Location
    from speclock.mutants.model import Mutant

__all__ = ["Kill", "Result", "Score", "State", "Suggestion", "Tally", "Unguarded"]


class State(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    NEVER = "never exercised"
    EQUIVALENT = "equivalent"


@dataclass(frozen=True, slots=True)
class Kill:
    """Who noticed a mutant."""

    phase: str
    check: str
    rule: str
    title: str
    #: The case, in words.
    case: str


@dataclass(frozen=True, slots=True)
class Result:
    """The fate of one mutant."""

    mutant: Mutant
    state: State
    #: How many answers it changed, of how many that it met until one showed it; of a survivor, of all.
    acted: int
    requests: int
    seconds: float
    kill: Kill | None = None
    #: Why it is equivalent, or why the profile accepts that it lives.
    reason: str | None = None
    #: The entry of the profile that accounts for it.
    pattern: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it lives and nobody has said why."""
        return self.state in (State.SURVIVED, State.NEVER) and self.reason is None

    def accounted(self, pattern: str, reason: str) -> Result:
        """The same, accounted for by an entry of the profile."""
        return replace(self, pattern=pattern, reason=reason)


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of some mutants; those that are equivalent break nothing, and do not count as made."""

    killed: int
    survived: int
    never: int
    equivalent: int

    @classmethod
    def of(cls, results: Iterable[Result]) -> Tally:
        """Count."""
        states = Counter(result.state for result in results)
        return cls(states[State.KILLED], states[State.SURVIVED], states[State.NEVER], states[State.EQUIVALENT])

    @property
    def made(self) -> int:
        return self.killed + self.survived + self.never

    @property
    def score(self) -> float | None:
        """Killed / made; None when none was made."""
        return self.killed / self.made if self.made else None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A rule for `x-contract-rules`."""

    id: str
    description: str
    when: str | None
    rule: str
    #: Answers that show it.
    seen: int


@dataclass(frozen=True, slots=True)
class Unguarded:
    """A property of an answer that nobody guards."""

    operation: str
    status: str
    pointer: str
    location: Location
    mutants: tuple[str, ...]
    reason: str | None
    suggested: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """All results."""

    results: tuple[Result, ...]
    unguarded: tuple[Unguarded, ...]
    #: Entries of the profile that account for nothing, with their reasons.
    idle: tuple[tuple[str, str], ...]
    seconds: float

    @property
    def tally(self) -> Tally:
        """Of all mutants."""
        return Tally.of(self.results)

    def by_kind(self) -> dict[str, Tally]:
        """Of each kind of mutants."""
        kinds = dict.fromkeys(result.mutant.kind for result in self.results)
        return {kind.value: Tally.of(r for r in self.results if r.mutant.kind is kind) for kind in kinds}

    @property
    def open(self) -> tuple[Result, ...]:
        """Those that live and that nobody accounts for."""
        return tuple(result for result in self.results if result.is_open)
