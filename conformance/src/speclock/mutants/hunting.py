"""The hunt: the run on the correct subject, and then each mutant against the cases that can show it, until one does.

A mutant that no case shows has *survived* when it acted, and was *never exercised* when nothing that was sent made it
act. It is *equivalent* when no request can make it act that does not break something else as well.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from speclock.core.cases import Answer, Exchange, Request
from speclock.core.errors import SubjectError
from speclock.core.findings import Failure, fingerprint
from speclock.engine.events import CaseJudged
from speclock.engine.run import Run
from speclock.mutants.answering import Refuser
from speclock.mutants.credentials import Keys
from speclock.mutants.equivalence import why_equivalent
from speclock.mutants.kit import Kit
from speclock.mutants.making import TURNS, make_mutants
from speclock.mutants.model import MutantKind
from speclock.mutants.proxy import MutantTransport
from speclock.mutants.reading import Reader
from speclock.mutants.repairing import Repairer
from speclock.mutants.score import Kill, Result, Score, State
from speclock.mutants.unguarded import unguarded
from speclock.phases.transport import NoAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from speclock.core.cases import Draft
    from speclock.core.constraints import Place
    from speclock.core.contract import Operation
    from speclock.core.profiles import Profile
    from speclock.engine.events import Event, Listener, Outcome
    from speclock.engine.run import Plan
    from speclock.mutants.model import Deviation, Mutant, Seen

__all__ = ["Ground", "Hunt", "Listening", "fits", "kit_of"]

#: Acted cases after which what the run as a whole shows is asked; again when no case is left.
_FEW = 2
#: Cases that one mutant meets at the most, and those that one meets of which the answers of the run showed nothing.
_MOST = 2000
_SENT = 12
#: Cases after which a mutant that has changed nothing is given up.
_IDLE = 60
#: Failures of the subject itself after which it counts as correct no more.
_TOO_MANY = 5


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
            if outcome.fatal is not None:
                yield Ground(run, kit_of(run, ()), outcome, [], [])
                return
            kit = kit_of(run, record.exchanges)
            made = make_mutants(kit, self.plan.operations, self.turns)
            mutants = [item for item in made if self.wanted(item.id)][:: self.every]
            seen = [
                (exchange, kit.reader.seen(exchange.case.operation, exchange.request, exchange.answer))
                for exchange in record.exchanges
                if exchange.answer.status
            ]
            yield Ground(run, kit, outcome, mutants, seen)

    def on(self, ground: Ground) -> Score:
        """Hunt each mutant."""
        started = time.monotonic()
        results: list[Result] = []
        for index, mutant in enumerate(ground.mutants):
            result = ground.hunt(mutant)
            pattern = next((name for name in self.accepted if fits(mutant.id, name)), None)
            is_open = result.is_open and pattern is not None
            results.append(result.accounted(pattern, self.accepted[pattern]) if pattern and is_open else result)
            self.progress(index + 1, len(ground.mutants))
        legal = [view for _, view in ground.seen if view.answer.is_success and view.broken == {}]
        used = {result.pattern for result in results}
        idle = tuple((name, reason) for name, reason in self.accepted.items() if name not in used)
        promises = unguarded(ground.kit, results, legal)
        return Score(tuple(results), promises, idle if self.is_whole else (), time.monotonic() - started)


def kit_of(run: Run, exchanges: Iterable[Exchange]) -> Kit:
    """What mutants are made of, after a run."""
    plan = run.plan
    reader = Reader(plan.contract, plan.schemas, run.oracle, run.url)
    good = {name: (value, *plan.also.get(name, ())) for name, value in plan.credentials.items()}
    keys = Keys(plan.contract, good)
    accepted = _accepted(exchanges)
    repairer = Repairer(
        reader,
        run.oracle,
        keys,
        lambda operation: accepted.get(operation.id),
        lambda op, place: run.plan_of(op).classes(place),
    )
    return Kit(
        plan.contract,
        plan.schemas,
        run.oracle,
        run.rules(),
        plan.refusals,
        run.plan_of,
        run.memory,
        reader,
        repairer,
        Refuser(plan.contract, plan.schemas),
        keys,
        lambda operation, place: _is_bound(plan.profile, operation, place),
    )


def _is_bound(profile: Profile, operation: Operation, place: Place) -> bool:
    binding = profile.binding(operation, place.name)
    return binding is not None and not binding.unique


def _accepted(exchanges: Iterable[Exchange]) -> dict[str, Draft]:
    """By operation, the smallest request that was accepted, and that can be accepted again."""
    listed = list(exchanges)
    gone = {
        value
        for exchange in listed
        if exchange.request.method == "DELETE" and exchange.answer.is_success
        for value in exchange.request.path_parameters.values()
    }
    found: dict[str, Draft] = {}
    for exchange in listed:
        case, draft = exchange.case, exchange.case.draft
        if draft is None or draft.raw is not None or case.fresh or case.credentials is not None:
            continue
        known = found.get(case.operation.id)
        is_there = gone.isdisjoint(exchange.request.path_parameters.values())
        if exchange.answer.is_success and is_there and (known is None or len(repr(draft)) < len(repr(known))):
            found[case.operation.id] = draft
    return found


@dataclass
class Ground:
    """The correct subject after a run on it, and what was seen; mutants are tried on it one after another."""

    run: Run = field(repr=False)
    kit: Kit = field(repr=False)
    outcome: Outcome = field(repr=False)
    mutants: list[Mutant]
    #: Each answered case, and what a server saw of it.
    seen: list[tuple[Exchange, Seen]] = field(repr=False)
    #: Failures that are not listened to.
    ignored: Callable[[Failure], bool] = lambda _failure: False
    #: The cases of an operation, in the order in which they are tried.
    _ordered: dict[tuple[str, MutantKind], list[tuple[Exchange, Seen]]] = field(default_factory=dict, repr=False)
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
        telling: Iterable[Exchange] = (exchange for exchange, _ in self._telling(mutant))
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
        reason = why_equivalent(self.kit, mutant, [view for _, view in self.seen])
        state = State.NEVER if reason is None else State.EQUIVALENT
        return Result(mutant, state, 0, requests, seconds, reason=reason)

    def _rehearsed(self, mutant: Mutant) -> tuple[int, list[Exchange], Kill | None]:
        """What the answers of the run are judged as if the mutant had given them: how many, some, and who notices.

        What only answers together show is not asked: these answers were given before.
        """
        acted: list[Exchange] = []
        for exchange, view in self._telling(mutant):
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

    def _telling(self, mutant: Mutant) -> Iterator[tuple[Exchange, Seen]]:
        """The cases on whose answers it may act, the most telling first."""
        key = (mutant.operation.id, mutant.kind)
        if key not in self._ordered:
            listed = [pair for pair in self.seen if pair[0].case.operation.id == mutant.operation.id]
            self._ordered[key] = sorted(listed, key=lambda pair: _rank(pair[0], mutant.kind))
        if self._last[0] is not mutant.deviation:
            self._last = (mutant.deviation, {})
        known, condition = self._last[1], mutant.condition
        for index, pair in enumerate(self._ordered[key]):
            if condition is not None and not condition.holds(pair[1]):
                continue
            if index not in known:
                known[index] = mutant.deviation.acts(pair[1])
            if known[index]:
                yield pair

    def _new(self, failures: Sequence[Failure], mutant: Mutant) -> Failure | None:
        """The first failure that the correct subject does not show."""
        known = {item.id for item in (*self.outcome.findings, *self.outcome.expected)}
        for failure in failures:
            name = fingerprint(mutant.operation.id, failure.check, failure.rule)
            if name not in known and not self.ignored(failure):
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
