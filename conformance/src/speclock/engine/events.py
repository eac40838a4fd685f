"""What the engine tells its listeners, in order. Reporters know these and nothing else of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speclock.core.cases import Exchange
    from speclock.core.contract import Contract
    from speclock.core.documents import Location
    from speclock.core.findings import Finding, HarnessError
    from speclock.core.profiles import Expectation
    from speclock.core.rules import RuleKind

__all__ = [
    "CaseJudged",
    "Coverage",
    "ErrorNoted",
    "Event",
    "FindingNoted",
    "Listener",
    "Outcome",
    "PhaseFinished",
    "PhaseStarted",
    "RuleTally",
    "RunFinished",
    "RunStarted",
    "TruthRow",
]


@dataclass(frozen=True, slots=True)
class RunStarted:
    """Everything is read and the subject can be reached."""

    contract: Contract
    subject: str
    seed: int
    phases: tuple[str, ...]
    operations: int
    rules: int


@dataclass(frozen=True, slots=True)
class PhaseStarted:
    """A phase begins."""

    phase: str


@dataclass(frozen=True, slots=True)
class CaseJudged:
    """One case was answered and judged."""

    phase: str
    operation: str
    status: int
    exchange: Exchange = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class FindingNoted:
    """A cause was seen for the first time."""

    finding: Finding


@dataclass(frozen=True, slots=True)
class ErrorNoted:
    """Something could not be judged, for a reason not met before."""

    error: HarnessError


@dataclass(frozen=True, slots=True)
class PhaseFinished:
    """A phase is over."""

    phase: str
    cases: int
    seconds: float
    #: Why it ended before its end; None when it ran to its end.
    cut_short: str | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many requests of one sort there were."""

    planned: int = 0
    sent: int = 0
    #: Refused, of those that break the constraint; accepted, of those beside it.
    right: int = 0


@dataclass(frozen=True, slots=True)
class TruthRow:
    """The requests of one shape, as a rule sees it."""

    #: The sort of value at each place that the rule ties.
    shape: Mapping[str, str]
    #: accepted or refused.
    expected: str
    #: How many were answered with which status.
    got: Mapping[str, int] = field(default_factory=dict)
    right: int = 0
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class RuleTally:
    """How often a constraint or rule was tried, and whether it held."""

    id: str
    operation: str
    kind: RuleKind
    positive: int
    negative: int
    #: held, broken, unjudged (never tried), error (could not be evaluated) or off (by the profile).
    verdict: str
    location: Location
    #: What it says, in words.
    words: str = ""
    #: The dependency pattern of a rule that ties several values.
    dependency: str | None = None
    ties: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    #: Requests that break it alone, and legal ones just beside: planned, sent, and answered rightly.
    isolated: Coverage = field(default_factory=Coverage)
    boundary: Coverage = field(default_factory=Coverage)
    #: Why nothing breaks it alone; None when something does, or when nobody planned.
    reason: str | None = None
    #: Of a rule about requests; None for all else, and when nothing was run.
    table: tuple[TruthRow, ...] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run, complete."""

    contract: Contract
    subject: str
    seed: int
    phases: tuple[str, ...]
    #: `I/N` when it is one of several shards.
    shard: str | None
    cases: int
    judged: int
    seconds: float
    findings: tuple[Finding, ...]
    expected: tuple[Finding, ...]
    #: Expected findings that did not occur.
    absent: tuple[Expectation, ...]
    rules: tuple[RuleTally, ...]
    errors: tuple[tuple[HarnessError, int], ...]
    #: Why the run as a whole could not judge; None when it could.
    fatal: str | None

    def status(self, *, strict: bool = False) -> int:
        """The exit status: 0 no findings, 1 findings, 2 could not judge; 1 wins over 2."""
        if self.findings:
            return 1
        if self.fatal is not None or (strict and self.errors):
            return 2
        return 0


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run is over."""

    outcome: Outcome


Event: TypeAlias = RunStarted | PhaseStarted | CaseJudged | FindingNoted | ErrorNoted | PhaseFinished | RunFinished
Listener: TypeAlias = Callable[[Event], None]
