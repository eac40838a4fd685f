"""A check run: which work is done, what each answer says, and what the whole amounts to."""

from __future__ import annotations

import importlib
import secrets
import threading
import time
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Generic, Self, TypeVar
from urllib.parse import urlsplit

from speclock.checks.acceptance import no_answer
from speclock.checks.judge import Judge
from speclock.checks.response_rules import Memory, RuleJudge
from speclock.core.cases import SILENCE, Case, CaseKind, Exchange
from speclock.core.constraints import Oracle
from speclock.core.constraints.parameters import parameters
from speclock.core.findings import HarnessError
from speclock.core.producers import Producer, Producers
from speclock.core.reading import request_flaws
from speclock.engine.alarm import alarm
from speclock.engine.conclusion import why_nothing_follows
from speclock.engine.events import (
    CaseJudged,
    ErrorNoted,
    FindingNoted,
    Outcome,
    RunFinished,
    RunStarted,
)
from speclock.engine.ledger import Ledger
from speclock.engine.schedule import Schedule
from speclock.engine.sharding import Shard
from speclock.engine.shrinking import Shrinker
from speclock.engine.supplying import Supplier
from speclock.engine.working import Workers
from speclock.generation.bindings import Binder
from speclock.generation.planning import OperationPlan
from speclock.phases.asgi import APP_HOST, AppTransport
from speclock.phases.base import OPEN_PHASES, PHASES, Desk, Phase, Work
from speclock.phases.making import CaseMaker
from speclock.phases.reach import is_loopback
from speclock.phases.sending import BudgetSpent, Courier
from speclock.phases.transport import NoAnswer, TooSlow, Transport, Unwritable, UrlTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from speclock.checks.judge import Judgement
    from speclock.core.cases import Draft
    from speclock.core.constraints import Place
    from speclock.core.contract import Contract, Flaw, Operation
    from speclock.core.findings import Failure
    from speclock.core.profiles import Profile
    from speclock.core.refusals import Refusals
    from speclock.core.rules import Rule
    from speclock.core.schemas import Schemas
    from speclock.engine.events import Event, Listener
    from speclock.phases.asgi import AsgiApp
    from speclock.phases.library import Library

__all__ = ["Plan", "Run", "run_check"]

#: Cases of each operation in the fuzzing phase, half of them valid; more find little that the others have not found.
FUZZING = 24
#: Scenarios of the stateful phase, shared by the operations that have links.
STATEFUL = 10
#: Things that may be made to bring a count to where a rule speaks of it, on a server that nobody else uses.
VOLUME = 2000
#: Requests without an answer in a row after which the subject counts as gone, and as one that was never there.
_SILENCE = 5
_SILENCE_FROM_THE_START = 2
#: How often a legal request is sent with other new values, because one of its own is taken (409).
_TAKEN = 5
#: Of the budget: how much is kept for making findings small, and how much may be overrun by what is under way.
_KEPT = 0.05
_GRACE = 0.03

#: Where each phase is; some bring schemathesis, which takes a second to import.
_PHASES = {
    "examples": ("speclock.phases.examples", "Examples"),
    "combinations": ("speclock.phases.combinations", "Combinations"),
    "auth": ("speclock.phases.auth", "Auth"),
    "robustness": ("speclock.phases.robustness", "Robustness"),
    "coverage": ("speclock.phases.coverage", "Coverage"),
    "fuzzing": ("speclock.phases.fuzzing", "Fuzzing"),
    "stateful": ("speclock.phases.stateful", "Stateful"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run, fully decided: nothing here is read from the outside any more."""

    contract: Contract
    schemas: Schemas
    rules: tuple[Rule, ...]
    operations: tuple[Operation, ...]
    profile: Profile
    subject: str
    #: Where the server is; None for `app`.
    url: str | None
    #: By operation id, where another server has the operation.
    urls: Mapping[str, str] = field(default_factory=dict)
    app: AsgiApp | None = None
    #: Credential by security scheme.
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: Further good credentials by security scheme.
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    phases: tuple[str, ...] = PHASES
    seed: int = 1
    workers: int = 1
    #: Seconds from `started` (`time.monotonic()`; None: from now on).
    budget: float | None = None
    started: float | None = None
    rate: float | None = None
    strength: int = 2
    shard: tuple[int, int] = (1, 1)
    #: What is promised of refusals, by operation.
    refusals: Mapping[str, Refusals] = field(default_factory=dict)
    #: What is wrong with the contract beside its requests.
    flaws: tuple[Flaw, ...] = ()


def run_check(plan: Plan, listeners: Sequence[Listener]) -> Outcome:
    """Run the plan's phases on its subject.

    Raises:
        ContractError: the contract cannot be used by a phase.
        SubjectError: the subject cannot be reached at all.
    """
    with Run(plan, listeners) as run:
        return run.run()


class _Gone(BaseException):
    """The subject does not answer; the text says in what way."""


class Run:
    """One run of a plan; after it, its cases can be sent again until it is closed."""

    def __init__(self, plan: Plan, listeners: Sequence[Listener]) -> None:
        """Make all that the run needs; nothing is sent yet."""
        self.plan, self._listeners = plan, listeners
        self._started = time.monotonic() if plan.started is None else plan.started
        self._shard = Shard.of(*plan.shard, plan.contract, plan.rules)
        self._ledger = Ledger(plan.contract, plan.profile)
        active = self.rules()
        self.memory = Memory()
        self.oracle = Oracle(plan.contract, plan.schemas, active)
        # A mock knows no rules, so that it can name none.
        self._refusals: Mapping[str, Refusals] = {} if plan.profile.stateless else plan.refusals
        self._judge = Judge(plan.contract, plan.schemas, self.oracle, RuleJudge(active, self.memory), self._refusals)
        self._producers = Producers(plan.contract)
        self._plans: dict[str, OperationPlan] = {}
        self._loaded: Library | None = None
        self.transport: Transport = UrlTransport() if plan.app is None else AppTransport(plan.app)
        base = plan.url or f"http://{APP_HOST}{_base_path(plan.contract)}"
        self._courier = Courier(
            plan.contract,
            self.transport,
            _Cached(lambda operation: parameters(plan.contract, plan.schemas.root, operation)),
            lambda operation: plan.urls.get(operation.id) or base,
            plan.credentials,
            rate=plan.rate,
            deadline=None if plan.budget is None else self._started + plan.budget * (1 - _KEPT),
        )
        self._supplier = Supplier(
            plan.contract,
            lambda name: self.plan_of(plan.contract.operation(name)),
            self._finish,
            self._send_quietly,
            self.memory.note,
            self._may_prepare,
        )
        binder = Binder(
            plan.profile,
            secrets.token_hex(4),
            made=self._supplier.ids,
            created=lambda name, count: self._supplier.ids(Producer(name, "/id"), count),
            knows=self.memory.knows,
            producers=_Cached(self._producers_of),
        )
        self._maker = CaseMaker(plan.schemas, binder, self.oracle)
        self._silent = 0
        #: Held by the worker that generates: neither hypothesis nor Python 3.11's parser, which it calls, can be
        #: entered by two threads at once.
        self._turn = threading.Lock()
        self._cut: str | None = None
        self._gone: str | None = None

    def __enter__(self) -> Self:
        """The run itself; leaving it lets go of the subject."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the subject."""
        self.transport.close()

    def run(self) -> Outcome:
        """Run all phases."""
        plan = self.plan
        for operation in plan.operations:
            own = [rule for rule in plan.rules if rule.operation == operation.id]
            self._ledger.promise(self.oracle.analysis(operation), own)
        count = self._ledger.promises
        self._emit(RunStarted(plan.contract, plan.subject, plan.seed, plan.phases, len(plan.operations), count))
        self._tell_flaws()
        self._work()
        self._judge_run()
        if self._gone is None:
            self._shrink()
        for operation_plan in self._plans.values():
            operation = operation_plan.analysis.operation
            self._ledger.planned(operation, tuple(operation_plan.constraints(made=True)))
            is_done = "combinations" in plan.phases and self._cut is None
            for gap in operation_plan.gaps() if is_done and operation_plan.plain is not None else ():
                self._complain(HarnessError(operation.id, "combinations", "generation", gap))
        fatal = self._gone or why_nothing_follows(
            self._ledger,
            plan.profile,
            plan.operations,
            complete=self._cut is None,
            is_shard=plan.shard[1] > 1,
        )
        outcome = self._outcome(fatal)
        self._emit(RunFinished(outcome))
        return outcome

    # The work

    def _work(self) -> None:
        plan, desk = self.plan, self._desk()
        phases: dict[str, Phase] = {}

        def works(turn: int) -> list[Work]:
            found: list[Work] = []
            for name in plan.phases:
                if turn == 0 or name in OPEN_PHASES:
                    if name not in phases:
                        phases[name] = _phase(name)
                    found += phases[name].works(desk, plan.operations, turn)
            return [work for work in found if self._shard.has_work(work)]

        def do(work: Work) -> int:
            turn = _Turn(work)
            work.run(replace(desk, take=partial(self._take, turn)))
            return turn.sent

        schedule = Schedule(works, is_shared=plan.budget is not None)
        workers = Workers(schedule, plan.phases, self._emit, do, self._courier.is_over, self._courier.stop, self._turn)
        left = None if plan.budget is None else self._started + plan.budget * (1 + _GRACE) - time.monotonic()
        try:
            with alarm(left, BudgetSpent):
                self._cut = None if workers.run(plan.workers) else "budget"
        except BudgetSpent:
            self._cut = "budget"
        except _Gone as error:
            self._cut = "gone"
            self._gone = f"{plan.subject} {error}; the run was cut short in the {workers.current()} phase"
        workers.close(self._cut)

    def _desk(self) -> Desk:
        plan = self.plan
        is_private = plan.url is None or all(map(is_loopback, (plan.url, *plan.urls.values())))
        return Desk(
            contract=plan.contract,
            schemas=plan.schemas,
            library=self._library,
            maker=self._maker,
            oracle=self.oracle,
            profile=plan.profile,
            rules=self.rules(),
            refusals=lambda operation: self._refusals.get(operation.id),
            seed=plan.seed,
            fuzzing=plan.profile.budgets.fuzzing or FUZZING,
            stateful=plan.profile.budgets.stateful or STATEFUL,
            volume=VOLUME if is_private and not plan.profile.stateless else 0,
            take=lambda _case: None,  # each piece of work has its own
            prepare=self._prepare,
            plan=self.plan_of,
            credentials={name: (value, *plan.also.get(name, ())) for name, value in plan.credentials.items()},
            complain=self._complain,
        )

    def _library(self) -> Library:
        if self._loaded is None:
            from speclock.phases.library import Library  # noqa: PLC0415 - brings schemathesis

            self._loaded = Library(self.plan.contract)
            for operation in self.plan.operations:
                reason = self._loaded.why_not(operation)
                if reason is not None:
                    text = f"the generators can make no case: {reason}"
                    self._complain(HarnessError(operation.id, "run", "generation", text))
        return self._loaded

    # Cases

    def _take(self, turn: _Turn, case: Case) -> Exchange | None:
        index, turn.offered = turn.offered, turn.offered + 1
        self._ledger.offered(case)
        if not self._shard.has_case(turn.work, index, case):
            return None
        turn.sent += 1
        try:
            exchange = self._send(case)
        except NoAnswer as error:
            self._unanswered(case, error)
            return None
        self._silent = 0
        exchange, stray = self._placed(exchange)
        judgement = self._judge.judge(exchange)
        self._book(exchange, judgement, stray=stray)
        if exchange.request.method == "DELETE" and exchange.answer.is_success:
            self._supplier.lose(exchange)
            self.memory.lose(exchange.request.path_parameters.values())
        self._emit(CaseJudged(case.phase, case.operation.id, exchange.answer.status, exchange))
        return exchange

    def _placed(self, exchange: Exchange) -> tuple[Exchange, bool]:
        """As a probe, and true, where the request went to another path: only a 5xx says something then."""
        if self._courier.reaches(exchange):
            return exchange, False
        case = replace(exchange.case, kind=CaseKind.PROBE, demand=None)
        return Exchange(case, exchange.request, exchange.answer), True

    def _unanswered(self, case: Case, error: NoAnswer) -> None:
        """Hostile input that nothing comes back for is a finding, and so is a connection that is cut.

        A legal request may take its time.
        """
        is_at_fault = not isinstance(error, TooSlow) or case.kind is not CaseKind.POSITIVE
        if error.request is not None and self._ledger.cases and is_at_fault and self._courier.is_alive(case.operation):
            self._silent = 0
            exchange = Exchange(case, error.request, SILENCE)
            self._ledger.case(exchange, judged=True, refused=False)
            is_hurried = isinstance(error, TooSlow) and case.operation.id in self._courier.hurried
            known = ", which is less than others like it had" if is_hurried else ""
            self._fail(no_answer(case, f"{error}{known}"), exchange, case.operation.id, case.phase)
            self._courier.hurried.add(case.operation.id)
            self._emit(CaseJudged(case.phase, case.operation.id, SILENCE.status, exchange))
            return
        self._complain(HarnessError(case.operation.id, case.phase, "no-answer", str(error)))
        if not isinstance(error, Unwritable):
            self._silent += 1
            self._give_up_on_silence(case, str(error))

    def _send(self, case: Case) -> Exchange:
        if not self._turn.locked():
            return self._sent(self._courier, case)
        self._turn.release()  # another worker generates while this one waits for its answer
        try:
            return self._sent(self._courier, case)
        finally:
            self._turn.acquire()

    def _sent(self, courier: Courier, case: Case) -> Exchange:
        """Send a case; with other new values, where one is taken: the shortest texts are few, and others run here."""
        exchange = courier.send(case)
        for _ in range(_TAKEN if case.fresh and case.kind is CaseKind.POSITIVE else 0):
            if exchange.answer.status != 409:
                break
            exchange = courier.send(self._maker.renewed(case))
        return exchange

    def _prepare(self, case: Case) -> Exchange | None:
        exchange = self._send_quietly(case)
        if exchange is not None:
            self.memory.note(exchange)
        return exchange

    def _may_prepare(self, operation: Operation) -> bool:
        """Whether an operation may be asked to prepare others: none that writes, where those are to be named."""
        plan = self.plan
        return plan.profile.writes or operation.is_safe or operation in plan.operations

    def _finish(self, case: Case) -> Case:
        return self._maker.finish(case)

    def _send_quietly(self, case: Case) -> Exchange | None:
        try:
            return self._courier.send(case)
        except NoAnswer:
            return None

    def _give_up_on_silence(self, case: Case, reason: str) -> None:
        if not self._ledger.cases and self._silent >= _SILENCE_FROM_THE_START:
            raise _Gone(f"never answered ({reason})")
        if self._silent >= _SILENCE:
            raise _Gone(f"stopped to answer ({reason}; asked last: {case.operation.id}, {case.description})")

    # Verdicts

    def _book(self, exchange: Exchange, judgement: Judgement, *, stray: bool) -> None:
        case = exchange.case
        judged = judgement.unjudged is None and not stray
        self._ledger.case(exchange, judged=judged, refused=judgement.refused)
        for failure in judgement.failures:
            self._fail(failure, exchange, case.operation.id, case.phase)
        if judgement.unjudged is not None:
            self._complain(HarnessError(case.operation.id, case.phase, "unjudged", judgement.unjudged))
        for verdict in judgement.verdicts:
            self._ledger.verdict(verdict)
            if verdict.error is not None and not judgement.malformed:  # a malformed answer is a finding already
                text = f"{verdict.rule.id}: {verdict.error}"
                self._complain(HarnessError(case.operation.id, case.phase, "rule", text))

    def _judge_run(self) -> None:
        for verdict in self._judge.rules.judge_run():
            self._ledger.verdict(verdict)
            if verdict.failure is not None:
                self._fail(verdict.failure, verdict.exchange, verdict.rule.operation, "run")
            elif verdict.error is not None:
                text = f"{verdict.rule.id}: {verdict.error}"
                self._complain(HarnessError(verdict.rule.operation, "run", "rule", text))

    def _shrink(self) -> None:
        if self.plan.budget is not None:
            self._courier.deadline = self._started + self.plan.budget
        shrinker = Shrinker(self.oracle, self._maker.renewed, self._ask)
        try:
            with alarm(
                None if self._courier.deadline is None else self._courier.deadline - time.monotonic(), BudgetSpent
            ):
                for finding in list(self._ledger.findings.values()):
                    shrinker.shrink(finding)
        except BudgetSpent:
            pass  # the findings stay as small as they were seen

    def _ask(self, case: Case) -> tuple[Exchange, tuple[Failure, ...]] | None:
        exchange = self._send_quietly(case)
        return None if exchange is None else (exchange, self._judge.judge(exchange).failures)

    def _fail(self, failure: Failure, exchange: Exchange | None, operation: str, phase: str) -> None:
        self._ledger.accepted(operation, failure.rule)
        finding = self._ledger.failure(failure, exchange, operation, phase)
        if finding is not None:
            self._emit(FindingNoted(finding))

    def _complain(self, error: HarnessError) -> None:
        if self._ledger.error(error):
            self._emit(ErrorNoted(error))

    def _tell_flaws(self) -> None:
        analyses = map(self.oracle.analysis, self.plan.operations)
        for flaw in (*self.plan.flaws, *request_flaws(analyses)):
            self._complain(HarnessError(flaw.operation, "run", "contract", flaw.text))

    # After the run

    def url(self, operation: Operation) -> str:
        """What stands before the path of an operation."""
        return self._courier.url(operation)

    def is_alive(self, operation: Operation) -> bool:
        """Whether the server of an operation answers anything."""
        return self._courier.is_alive(operation)

    def again(self, case: Case, transport: Transport) -> tuple[Failure, ...]:
        """What a case shows when it is sent again, over another transport; what is created is remembered."""
        courier = replace(self._courier, transport=transport, deadline=None, hurried=set())
        try:
            exchange, _ = self._placed(self._sent(courier, self._maker.renewed(case)))
        except NoAnswer as error:
            return (no_answer(case, str(error)),)
        return self._judge.judge(exchange).failures

    def judged(self, exchange: Exchange) -> tuple[Failure, ...]:
        """What an answer shows, whoever gave it; what is created is remembered."""
        return self._judge.judge(self._placed(exchange)[0]).failures

    def legal(self, operation: Operation) -> Draft | None:
        """A plain request whose ids exist, accepted just now; None where it cannot be sent a second time like that."""
        plain = self.plan_of(operation).plain
        if plain is None or operation.method == "DELETE" or not self._may_prepare(operation):
            return None
        case = self._finish(Case(operation, "preparation", CaseKind.POSITIVE, "a plain request", draft=plain))
        exchange = None if case.fresh else self._send_quietly(case)
        return case.draft if exchange is not None and exchange.answer.is_success else None

    def at_end(self) -> tuple[Failure, ...]:
        """What all answers so far show together."""
        return tuple(verdict.failure for verdict in self._judge.rules.judge_run() if verdict.failure is not None)

    # What is made once

    def plan_of(self, operation: Operation) -> OperationPlan:
        """The plan of an operation, made on first use."""
        known = self._plans.get(operation.id)
        if known is None:
            plan = self.plan
            analysis = self.oracle.analysis(operation)
            known = OperationPlan(analysis, self.oracle, self.rules(), plan.seed, plan.strength)
            self._plans[operation.id] = known
            if known.plain is None:
                text = f"no case of our own can be made: {' and '.join(known.gaps())}"
                self._complain(HarnessError(operation.id, "run", "generation", text))
        return known

    def rules(self) -> list[Rule]:
        """Those that are judged."""
        return [rule for rule in self.plan.rules if self.plan.profile.why_off(rule) is None]

    def _producers_of(self, operation: Operation) -> Mapping[Place, Producer]:
        return self._producers.of(self.oracle.analysis(operation))

    def _emit(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)

    def _outcome(self, fatal: str | None) -> Outcome:
        ledger, plan = self._ledger, self.plan
        ordered = sorted(ledger.findings.values(), key=lambda item: (item.location.line, item.check, item.rule))
        return Outcome(
            contract=plan.contract,
            subject=plan.subject,
            seed=plan.seed,
            phases=plan.phases,
            shard=None if plan.shard[1] == 1 else str(self._shard),
            cases=ledger.cases,
            judged=ledger.judged,
            seconds=time.monotonic() - self._started,
            findings=tuple(finding for finding in ordered if finding.expected is None),
            expected=tuple(finding for finding in ordered if finding.expected is not None),
            absent=ledger.absent(),
            rules=ledger.tallies(),
            errors=tuple(ledger.errors.items()),
            fatal=fatal,
        )


@dataclass
class _Turn:
    """One piece of work, as it goes: how many cases it has offered, and how many of them were sent."""

    work: Work
    offered: int = 0
    sent: int = 0


_T = TypeVar("_T")


class _Cached(Generic[_T]):
    """What is asked of each operation, worked out once."""

    def __init__(self, make: Callable[[Operation], _T]) -> None:
        self._make = make
        self._known: dict[str, _T] = {}

    def __call__(self, operation: Operation) -> _T:
        if operation.id not in self._known:
            self._known[operation.id] = self._make(operation)
        return self._known[operation.id]


def _phase(name: str) -> Phase:
    module, attribute = _PHASES[name]
    phase: Phase = getattr(importlib.import_module(module), attribute)()
    return phase


def _base_path(contract: Contract) -> str:
    """The path under which an application in this process is asked: that of the document's first server."""
    servers = contract.document.value.get("servers")
    first = servers[0] if isinstance(servers, list) and servers else None
    url = first.get("url") if isinstance(first, dict) else None
    if not isinstance(first, dict) or not isinstance(url, str):
        return ""
    variables = first.get("variables")
    for name, variable in variables.items() if isinstance(variables, dict) else ():
        if isinstance(variable, dict):
            url = url.replace("{" + name + "}", str(variable.get("default", "")))
    return urlsplit(url).path.rstrip("/")
