"""A check run: the order of the phases, the judging of each answer, and what the whole amounts to."""

from __future__ import annotations

import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING

from speclock.checks.acceptance import check_acceptance, unjudged
from speclock.checks.adapter import check_with_schemathesis
from speclock.checks.answers import check_answer
from speclock.checks.credentials import check_refusal_of_credential
from speclock.checks.response_rules import Memory, RuleJudge
from speclock.core.cases import Case, CaseKind, Exchange
from speclock.core.findings import Failure, HarnessError
from speclock.engine.alarm import alarm
from speclock.engine.conclusion import why_nothing_follows
from speclock.engine.events import (
    CaseJudged,
    ErrorNoted,
    Event,
    FindingNoted,
    Listener,
    Outcome,
    PhaseFinished,
    PhaseStarted,
    RunFinished,
    RunStarted,
)
from speclock.engine.ledger import Ledger
from speclock.generation.bindings import Binder
from speclock.phases.base import PHASES, Desk, Phase
from speclock.phases.coverage import Coverage
from speclock.phases.credentials import ask_without_credential
from speclock.phases.examples import Examples
from speclock.phases.fuzzing import Fuzzing
from speclock.phases.library import AsgiApp, Library
from speclock.phases.making import CaseMaker
from speclock.phases.sending import BudgetSpent, Courier, NoAnswer, Unwritable
from speclock.phases.stateful import Stateful

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from speclock.core.contract import Contract, Operation
    from speclock.core.documents import JsonValue
    from speclock.core.profiles import Profile
    from speclock.core.rules import Rule
    from speclock.core.schemas import Schemas

__all__ = ["Plan", "run_check"]

#: Cases of each operation in the fuzzing phase. Half are valid; more find little that coverage has not found.
FUZZING = 60
#: Scenarios of the stateful phase, shared by the operations that have links.
STATEFUL = 24
#: Requests without an answer in a row after which the subject counts as gone, and as one that was never there.
_SILENCE = 5
_SILENCE_FROM_THE_START = 2
#: Of the budget, how much it may be overrun by what is under way, before that is broken off.
_GRACE = 0.05

_PHASES: dict[str, type[Phase]] = {
    "examples": Examples,
    "coverage": Coverage,
    "fuzzing": Fuzzing,
    "stateful": Stateful,
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
    app: AsgiApp | None = None
    #: Credential by security scheme, and the variable that each came from.
    credentials: dict[str, str] = field(default_factory=dict, repr=False)
    phases: tuple[str, ...] = PHASES
    seed: int = 1
    workers: int = 1
    budget: float | None = None
    rate: float | None = None


def run_check(plan: Plan, listeners: Sequence[Listener]) -> Outcome:
    """Run the plan's phases on its subject.

    Raises:
        ContractError: the contract cannot be used by a phase.
        SubjectError: the subject cannot be reached at all.
    """
    return _Run(plan, listeners).run()


class _Gone(BaseException):
    """The subject does not answer; the text says in what way."""


class _Run:
    def __init__(self, plan: Plan, listeners: Sequence[Listener]) -> None:
        self._plan, self._listeners = plan, listeners
        self._started = time.monotonic()
        self._library = Library(plan.contract, app=plan.app)
        deadline = None if plan.budget is None else self._started + plan.budget
        self._ledger = Ledger(plan.contract, plan.profile)
        self._memory = Memory()
        active = [rule for rule in plan.rules if plan.profile.why_off(rule) is None]
        self._active = active
        self._judge = RuleJudge(active, self._memory)
        self._courier = Courier(
            plan.contract, plan.url or self._library.app_url, plan.credentials, rate=plan.rate, deadline=deadline
        )
        self._binder = Binder(plan.profile, secrets.token_hex(4), self._memory.created, self._memory.knows)
        self._asked: set[str] = set()
        self._silent = 0
        #: Held by the worker that generates: neither hypothesis nor Python 3.11's parser, which it calls, can be
        #: entered by two threads at once.
        self._turn = Lock()
        self._cut: str | None = None
        self._gone: str | None = None

    def run(self) -> Outcome:
        plan = self._plan
        desk = Desk(
            contract=plan.contract,
            library=self._library,
            maker=CaseMaker(plan.schemas, self._binder, self._broken_rules),
            seed=plan.seed,
            fuzzing=plan.profile.budgets.fuzzing or FUZZING,
            stateful=plan.profile.budgets.stateful or STATEFUL,
            take=self._take,
            complain=self._complain,
        )
        rules = [rule for rule in plan.rules if any(rule.operation == item.id for item in plan.operations)]
        self._emit(RunStarted(plan.contract, plan.subject, plan.seed, plan.phases, len(plan.operations), len(rules)))
        for operation in plan.operations:
            reason = self._library.why_not(operation)
            if reason is not None:
                self._complain(HarnessError(operation.id, "run", "generation", f"no case can be made: {reason}"))
        for name in plan.phases:
            if self._gone is None:
                self._phase(_PHASES[name](), desk)
        for verdict in self._judge.judge_run():
            self._ledger.verdict(verdict)
            if verdict.failure is not None:
                self._fail(verdict.failure, verdict.exchange, verdict.rule.operation, "run")
            elif verdict.error is not None:
                self._complain(
                    HarnessError(verdict.rule.operation, "run", "rule", f"{verdict.rule.id}: {verdict.error}")
                )
        fatal = self._gone or why_nothing_follows(
            self._ledger, plan.profile, plan.operations, complete=self._cut is None
        )
        outcome = self._outcome(rules, fatal)
        self._emit(RunFinished(outcome))
        return outcome

    def _phase(self, phase: Phase, desk: Desk) -> None:
        started, before, cut = time.monotonic(), self._ledger.cases, None
        self._emit(PhaseStarted(phase.name))
        try:
            with alarm(self._left(), BudgetSpent):
                self._work(phase, desk)
        except BudgetSpent:
            self._cut = cut = "budget"
        except _Gone as error:
            self._cut = cut = "gone"
            self._gone = f"{self._plan.subject} {error}; the run was cut short in the {phase.name} phase"
        self._emit(PhaseFinished(phase.name, self._ledger.cases - before, time.monotonic() - started, cut))

    def _work(self, phase: Phase, desk: Desk) -> None:
        if self._courier.is_over():
            raise BudgetSpent
        operations = list(self._plan.operations)
        if not phase.by_operation or self._plan.workers == 1:
            phase.run(desk, operations)
            return
        with ThreadPoolExecutor(self._plan.workers) as pool:
            try:
                for future in [pool.submit(self._take_turn, phase, desk, operation) for operation in operations]:
                    future.result()
            except BaseException:
                self._courier.stop()  # else leaving the pool would wait for all that is still to come
                raise

    def _take_turn(self, phase: Phase, desk: Desk, operation: Operation) -> None:
        with self._turn:
            phase.run(desk, [operation])

    def _send(self, case: Case) -> Exchange:
        if not self._turn.locked():
            return self._courier.send(case)
        self._turn.release()  # another worker generates while this one waits for its answer
        try:
            return self._courier.send(case)
        finally:
            self._turn.acquire()

    def _left(self) -> float | None:
        budget = self._plan.budget
        return None if budget is None else self._started + budget * (1 + _GRACE) - time.monotonic()

    def _take(self, case: Case) -> Exchange | None:
        try:
            exchange = self._send(case)
        except NoAnswer as error:
            self._complain(HarnessError(case.operation.id, case.phase, "no-answer", str(error)))
            if not isinstance(error, Unwritable):
                self._silent += 1
                self._give_up_on_silence(str(error))
            return None
        self._silent = 0
        stray = not self._courier.reaches(exchange)
        if stray:
            # The request went to another path: nothing of this operation can be said, only that a 5xx is wrong.
            exchange = Exchange(_as_probe(case), exchange.request, exchange.answer)
        self._judge_exchange(exchange, stray=stray)
        self._emit(CaseJudged(case.phase, case.operation.id, exchange.answer.status))
        return exchange

    def _give_up_on_silence(self, reason: str) -> None:
        if not self._ledger.cases and self._silent >= _SILENCE_FROM_THE_START:
            raise _Gone(f"never answered ({reason})")
        if self._silent >= _SILENCE:
            raise _Gone(f"stopped to answer ({reason})")

    def _judge_exchange(self, exchange: Exchange, *, stray: bool) -> None:
        case = exchange.case
        malformed = False
        for failure in check_answer(exchange, self._plan.contract, self._plan.schemas):
            self._fail(failure, exchange, case.operation.id, case.phase)
            malformed = True
        reason = unjudged(exchange)
        self._ledger.case(exchange, judged=reason is None and not stray)
        if reason is not None:
            self._complain(HarnessError(case.operation.id, case.phase, "unjudged", reason))
            return
        for failure in check_acceptance(exchange):
            self._fail(failure, exchange, case.operation.id, case.phase)
        for failure in check_with_schemathesis(exchange, self._plan.contract, self._plan.schemas):
            self._fail(failure, exchange, case.operation.id, case.phase)
        if case.kind is not CaseKind.POSITIVE or not exchange.answer.is_success:
            return
        self._memory.note(exchange)
        self._ledger.kept(exchange, self._active)
        for verdict in self._judge.judge(exchange):
            self._ledger.verdict(verdict)
            if verdict.failure is not None:
                self._fail(verdict.failure, exchange, case.operation.id, case.phase)
            elif verdict.error is not None and not malformed:  # a malformed answer is a finding already
                text = f"{verdict.rule.id}: {verdict.error}"
                self._complain(HarnessError(case.operation.id, case.phase, "rule", text))
        if case.operation.security and case.operation.id not in self._asked:
            self._asked.add(case.operation.id)
            self._ask_without_credential(exchange)

    def _ask_without_credential(self, exchange: Exchange) -> None:
        case = exchange.case
        for given, again in ask_without_credential(self._courier, exchange):
            failures: list[Failure] = [
                *check_answer(again, self._plan.contract, self._plan.schemas),
                *check_refusal_of_credential(again, given=given),
                *check_with_schemathesis(_as_answered(again), self._plan.contract, self._plan.schemas),
            ]
            self._ledger.case(again, judged=True)
            for failure in failures:
                self._fail(failure, again, case.operation.id, case.phase)

    def _broken_rules(self, operation: str, variables: Mapping[str, JsonValue]) -> list[str]:
        return [rule.id for rule in self._judge.broken_requests(operation, variables)]

    def _fail(self, failure: Failure, exchange: Exchange | None, operation: str, phase: str) -> None:
        self._ledger.accepted(operation, failure.rule)
        finding = self._ledger.failure(failure, exchange, operation, phase)
        if finding is not None:
            self._emit(FindingNoted(finding))

    def _complain(self, error: HarnessError) -> None:
        if self._ledger.error(error):
            self._emit(ErrorNoted(error))

    def _emit(self, event: Event) -> None:
        for listener in self._listeners:
            listener(event)

    def _outcome(self, rules: list[Rule], fatal: str | None) -> Outcome:
        ledger, plan = self._ledger, self._plan
        ordered = sorted(ledger.findings.values(), key=lambda item: (item.location.line, item.check, item.rule))
        return Outcome(
            contract=plan.contract,
            subject=plan.subject,
            seed=plan.seed,
            phases=plan.phases,
            cases=ledger.cases,
            judged=ledger.judged,
            seconds=time.monotonic() - self._started,
            findings=tuple(finding for finding in ordered if finding.expected is None),
            expected=tuple(finding for finding in ordered if finding.expected is not None),
            absent=ledger.absent(),
            rules=ledger.tallies(rules),
            errors=tuple(ledger.errors.items()),
            fatal=fatal,
        )


def _as_probe(case: Case) -> Case:
    return replace(case, kind=CaseKind.PROBE)


def _as_answered(exchange: Exchange) -> Exchange:
    """The exchange for the checks of headers alone: its refusal has nothing to do with its data."""
    return Exchange(_as_probe(exchange.case), exchange.request, exchange.answer)
