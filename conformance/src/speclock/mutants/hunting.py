"""The hunt: the run on the correct subject, then each mutant that is wanted, and what the profile says of survivors."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from speclock.engine.events import CaseJudged
from speclock.engine.run import Run
from speclock.mutants.ground import Ground
from speclock.mutants.kit import kit_of
from speclock.mutants.making import TURNS, make_mutants
from speclock.mutants.score import Result, Score
from speclock.mutants.unguarded import unguarded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from speclock.core.cases import Exchange
    from speclock.engine.events import Event, Listener, Outcome
    from speclock.engine.run import Plan

__all__ = ["Hunt", "Listening", "fits"]


def fits(name: str, pattern: str) -> bool:
    """Whether an id fits a pattern, in which `*` and `?` stand for other text and nothing else does."""
    return fnmatchcase(name, pattern.replace("[", "[[]"))


@dataclass
class Listening:
    """Keeps what a run sends, to be sent again."""

    exchanges: list[Exchange] = field(default_factory=list, repr=False)

    def __call__(self, event: Event) -> None:
        """Take one event."""
        if isinstance(event, CaseJudged):
            self.exchanges.append(event.exchange)


@dataclass(frozen=True, slots=True)
class Hunt:
    """What is asked of a hunt."""

    plan: Plan
    #: By pattern of ids, why mutants may live.
    accepted: Mapping[str, str] = field(default_factory=dict)
    #: Conditions of each mutant that the contract does not relate to its promise.
    turns: int = TURNS
    #: Which mutants are wanted, by their ids; and of those every so many-th.
    wanted: Callable[[str], bool] = lambda _name: True
    every: int = 1
    #: Whether all mutants of the contract are tried, so that an entry that none needs is needed by none.
    is_whole: bool = True
    #: Told how many mutants are done, of how many.
    progress: Callable[[int, int], None] = lambda _done, _count: None

    def score(self, listeners: Sequence[Listener]) -> tuple[Outcome, Score]:
        """Run all of it.

        Raises:
            ContractError: the contract cannot be used by a phase.
            SubjectError: the subject cannot be reached at all.
        """
        with self.ground(listeners) as ground:
            return ground.outcome, self.on(ground)

    @contextmanager
    def ground(self, listeners: Sequence[Listener]) -> Iterator[Ground]:
        """Run on the correct subject, which stays at hand until the block ends."""
        record = Listening()
        with Run(self.plan, [*listeners, record]) as run:
            outcome = run.run()
            kit = kit_of(run, record.exchanges)
            made = make_mutants(kit, self.plan.operations, self.turns) if outcome.fatal is None else []
            mutants = [item for item in made if self.wanted(item.id)][:: self.every]
            seen = [kit.reader.seen(exchange) for exchange in record.exchanges if exchange.answer.status]
            yield Ground(run, kit, outcome, mutants, seen)

    def on(self, ground: Ground) -> Score:
        """Hunt each mutant."""
        started = time.monotonic()
        results: list[Result] = []
        for index, mutant in enumerate(ground.mutants):
            result = ground.hunt(mutant)
            pattern = next((name for name in self.accepted if result.is_open and fits(mutant.id, name)), None)
            results.append(result if pattern is None else result.accounted(pattern, self.accepted[pattern]))
            self.progress(index + 1, len(ground.mutants))
        legal = [view for view in ground.seen if view.answer.is_success and view.broken == {}]
        used = {result.pattern for result in results}
        idle = tuple((name, reason) for name, reason in self.accepted.items() if name not in used)
        promises = unguarded(ground.kit, results, legal)
        return Score(tuple(results), promises, idle if self.is_whole else (), time.monotonic() - started)
