"""The ground of a hunt: the correct subject after a run on it, where one mutant after another meets what can show it.

A mutant that no case shows has *survived* when it acted, and was *never exercised* when nothing that was sent made it
act. It is *equivalent* when no request can make it act that does not break something else as well.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from speclock.core.cases import Answer, Exchange, Request
from speclock.core.errors import SubjectError
from speclock.core.findings import Failure, fingerprint
from speclock.mutants.equivalence import why_equivalent
from speclock.mutants.model import MutantKind
from speclock.mutants.proxy import MutantTransport
from speclock.mutants.score import Kill, Result, State
from speclock.phases.transport import NoAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from speclock.engine.events import Outcome
    from speclock.engine.run import Run
    from speclock.mutants.kit import Kit
    from speclock.mutants.model import Deviation, Mutant, Seen

__all__ = ["Ground"]

#: Acted cases after which what the run as a whole shows is asked; again when no case is left.
_FEW = 2
#: Cases that one mutant meets at the most, and those that one meets of which the answers of the run showed nothing.
_MOST = 2000
_SENT = 12
#: Cases after which a mutant that has changed nothing is given up.
_IDLE = 60
#: Failures of the subject itself after which it counts as correct no more.
_TOO_MANY = 5


@dataclass
class Ground:
    """The correct subject after a run on it, and what was seen; mutants are tried on it one after another."""

    run: Run = field(repr=False)
    kit: Kit = field(repr=False)
    outcome: Outcome = field(repr=False)
    mutants: list[Mutant]
    #: What a server saw of each answered case.
    seen: list[Seen] = field(repr=False)
    #: Failures that are not listened to.
    ignored: Callable[[Failure], bool] = lambda _failure: False
    #: The cases of an operation, in the order in which they are tried.
    _ordered: dict[tuple[str, MutantKind], list[Seen]] = field(default_factory=dict, repr=False)
    #: The last deviation, and on which of those cases it may act, whatever the condition.
    _last: tuple[Deviation | None, dict[int, bool]] = field(default=(None, {}), repr=False)
    #: Failures that the subject has shown by itself.
    _own: int = 0

    def hunt(self, mutant: Mutant) -> Result:
        """Send what can show it, until something does.

        Where that needs no request, what a mutant would make of the answers of the run is judged first: so the first
        case that is sent is one that shows it, and of a mutant that nothing shows a few are sent all the same.
        """
        started = time.perf_counter()
        transport = MutantTransport(self.run.transport, self.kit.reader, mutant)
        memory = self.run.memory.size
        judged, kill = 0, None
        telling: Iterable[Exchange] = (view.exchange for view in self._telling(mutant))
        if not mutant.deviation.asks:
            judged, shown, kill = self._rehearsed(mutant)
            self.run.memory.forget(memory)
            telling = shown
        try:
            seen, requests = self._sent(mutant, transport, telling)
        finally:
            self.run.memory.forget(memory)
        # A subject that has moved on since, so that the mutant finds nothing to change: what it was told then counts.
        kill = seen if seen is not None or transport.acted else kill
        seconds, acted = time.perf_counter() - started, max(transport.acted, judged)
        if kill is not None:
            return Result(mutant, State.KILLED, max(acted, 1), max(requests, judged), seconds, kill)
        if acted:
            return Result(mutant, State.SURVIVED, acted, max(requests, judged), seconds)
        reason = why_equivalent(self.kit, mutant, self.seen)
        state = State.NEVER if reason is None else State.EQUIVALENT
        return Result(mutant, state, 0, requests, seconds, reason=reason)

    def _rehearsed(self, mutant: Mutant) -> tuple[int, list[Exchange], Kill | None]:
        """What the answers of the run are judged as if the mutant had given them: how many, some, and who notices.

        What only answers together show is not asked: these answers were given before.
        """
        acted: list[Exchange] = []
        for view in self._telling(mutant):
            exchange = view.exchange
            try:
                answer = mutant.answer(view, _nobody)
            except NoAnswer:
                return 1, [exchange], None
            if answer is None:
                continue
            acted.append(exchange)
            altered = Exchange(exchange.case, exchange.request, replace(answer, native=exchange.answer.native))
            failure = self._new(self.run.judged(altered), mutant)
            if failure is not None:
                return len(acted), [exchange], _kill(exchange, failure)
        return len(acted), acted[:: max(1, len(acted) // _SENT)][:_SENT], None

    def _sent(self, mutant: Mutant, transport: MutantTransport, telling: Iterable[Exchange]) -> tuple[Kill | None, int]:
        """Who noticed the mutant, and after how many requests."""
        asked, requests = 0, 0
        for exchange in telling:
            requests += 1
            before, silences = transport.acted, transport.silences
            failure = self._new(self.run.again(exchange.case, transport), mutant)
            if transport.silences > silences:
                self._see_alive(mutant)
                continue
            if failure is not None and transport.acted == before and self._is_own(exchange, failure):
                failure = None  # the subject shows it by itself, now
            if failure is None and transport.acted > before and transport.acted == _FEW:
                asked = transport.acted
                failure = self._new(self.run.at_end(), mutant)
            if failure is not None and transport.acted:
                return _kill(exchange, failure), requests
            if requests == _MOST or (requests == _IDLE and not transport.acted):
                break
        if transport.acted > asked:
            failure = self._new(self.run.at_end(), mutant)
            if failure is not None:
                words = "all answers together"
                return Kill("run", failure.check, failure.rule, failure.title, words), requests
        return None, requests

    def _is_own(self, exchange: Exchange, failure: Failure) -> bool:
        """Whether the subject shows a failure without the mutant.

        Raises:
            SubjectError: it has done so too often.
        """
        again = self.run.again(exchange.case, self.run.transport)
        is_own = any((item.check, item.rule) == (failure.check, failure.rule) for item in again)
        self._own += is_own
        if self._own == _TOO_MANY:
            raise SubjectError(f"the subject is not correct any more ({failure.title}); there is no score")
        return is_own

    def _see_alive(self, mutant: Mutant) -> None:
        """Go on only with a subject that answers.

        Raises:
            SubjectError: it does not any more.
        """
        if not self.run.is_alive(mutant.operation):
            raise SubjectError("the subject stopped to answer while mutants of it were tried; there is no score")

    def _telling(self, mutant: Mutant) -> Iterator[Seen]:
        """The cases on whose answers it may act, the most telling first."""
        key = (mutant.operation.id, mutant.kind)
        if key not in self._ordered:
            listed = [view for view in self.seen if view.operation.id == mutant.operation.id]
            self._ordered[key] = sorted(listed, key=lambda view: _rank(view.exchange, mutant.kind))
        if self._last[0] is not mutant.deviation:
            self._last = (mutant.deviation, {})
        known, condition = self._last[1], mutant.condition
        for index, view in enumerate(self._ordered[key]):
            if condition is not None and not condition.holds(view):
                continue
            if index not in known:
                known[index] = mutant.deviation.acts(view)
            if known[index]:
                yield view

    @cached_property
    def _known(self) -> frozenset[str]:
        """The findings on the correct subject."""
        return frozenset(item.id for item in (*self.outcome.findings, *self.outcome.expected))

    def _new(self, failures: Sequence[Failure], mutant: Mutant) -> Failure | None:
        """The first failure that the correct subject does not show."""
        for failure in failures:
            name = fingerprint(mutant.operation.id, failure.check, failure.rule)
            if name not in self._known and not self.ignored(failure):
                return failure
        return None


def _rank(exchange: Exchange, kind: MutantKind) -> tuple[bool, bool, bool]:
    """Cases of our own before those of generators; what is to be refused, and for one reason, where that is taken."""
    case, takes = exchange.case, kind in (MutantKind.ACCEPTS, MutantKind.AUTHENTICATION)
    return case.native is not None, takes and case.demand is None, exchange.answer.is_success is takes


def _kill(exchange: Exchange, failure: Failure) -> Kill:
    case = exchange.case
    return Kill(case.phase, failure.check, failure.rule, failure.title, case.description)


def _nobody(request: Request) -> Answer:
    """Who is asked in a rehearsal, by those that ask nobody."""
    raise NoAnswer(f"nobody is asked {request.method} here")
