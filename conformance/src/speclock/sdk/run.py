"""A run on an SDK: the requests of the plan, then the answers of the contract's whole range."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from speclock.core.cases import SILENCE, CaseKind, Exchange, Request
from speclock.core.findings import Failure, HarnessError
from speclock.core.profiles import Profile
from speclock.core.reading import request_flaws
from speclock.engine.events import (
    CaseJudged,
    ErrorNoted,
    FindingNoted,
    Outcome,
    PhaseFinished,
    PhaseStarted,
    RunFinished,
    RunStarted,
)
from speclock.engine.ledger import Ledger
from speclock.phases.writing import write
from speclock.sdk.calling import Hung, call
from speclock.sdk.comparing import place_of, short
from speclock.sdk.hiding import hidden
from speclock.sdk.reading import misread
from speclock.sdk.sending import differences
from speclock.sdk.wire import Received, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from speclock.core.cases import Answer, Case
    from speclock.core.contract import Operation
    from speclock.engine.events import Event, Listener
    from speclock.phases.writing import Written
    from speclock.sdk.calling import Did
    from speclock.sdk.making import SdkCases
    from speclock.sdk.subject import Subject

__all__ = ["PATIENCE", "PHASES", "SdkRun"]

PHASES = ("requests", "answers")
#: Seconds that an SDK may take for one call.
PATIENCE = 60.0


class _Enough(BaseException):
    """Whoever listens has heard enough."""


@dataclass
class SdkRun:
    """One run of the cases on a subject."""

    subject: Subject
    cases: SdkCases
    operations: Sequence[Operation]
    listeners: Sequence[Listener] = ()
    #: Only every so many-th case.
    every: int = 1
    #: Asked after each failure: whether the run may end.
    is_enough: Callable[[Failure, Exchange], bool] = lambda _failure, _exchange: False
    #: Seconds until the SDK must have come back from a call; the run ends where it has not.
    patience: float = PATIENCE
    _ledger: Ledger = field(init=False)
    #: Why it ended too early.
    _end: str | None = None

    def __post_init__(self) -> None:
        """Open the books."""
        self._ledger = Ledger(self.cases.reading.contract, Profile())

    def run(self) -> Outcome:
        """Run both phases.

        Raises:
            SubjectError: the SDK cannot be set up.
        """
        started, contract = time.monotonic(), self.cases.reading.contract
        for operation in self.operations:
            own = [rule for rule in self.cases.reading.rules if rule.operation == operation.id]
            self._ledger.promise(self.cases.oracle.analysis(operation), own)
        count = self._ledger.promises
        self._emit(RunStarted(contract, self.subject.name, self.cases.seed, PHASES, len(self.operations), count))
        for flaw in (*self.cases.reading.flaws, *request_flaws(map(self.cases.oracle.analysis, self.operations))):
            self._complain(HarnessError(flaw.operation, "requests", "contract", flaw.text))
        try:
            for name, phase in zip(PHASES, (self._requests, self._answers), strict=True):
                self._phase(name, phase)
        except (_Enough, Hung):
            pass
        outcome = self._outcome(time.monotonic() - started)
        self._emit(RunFinished(outcome))
        return outcome

    def _outcome(self, seconds: float) -> Outcome:
        ledger = self._ledger
        for operation in self.operations:
            ledger.planned(operation, self.cases.constraints(operation))
        findings = sorted(ledger.findings.values(), key=lambda item: (item.location.line, item.check, item.rule))
        return Outcome(
            contract=self.cases.reading.contract,
            subject=self.subject.name,
            seed=self.cases.seed,
            phases=PHASES,
            shard=None,
            cases=ledger.cases,
            judged=ledger.judged,
            seconds=seconds,
            findings=tuple(findings),
            expected=(),
            absent=(),
            rules=ledger.tallies(),
            errors=tuple(ledger.errors.items()),
            fatal=self._end or (None if ledger.judged else f"nothing that {self.subject.name} did could be judged"),
        )

    def _phase(self, name: str, phase: Callable[[Wire, Operation], None]) -> None:
        self._emit(PhaseStarted(name))
        started, cases = time.monotonic(), self._ledger.cases
        with Wire(self.subject) as wire:
            for operation in self.operations:
                phase(wire, operation)
        if wire.flaw is not None:
            self._complain(HarnessError(None, name, "subject", wire.flaw))
        self._emit(PhaseFinished(name, self._ledger.cases - cases, time.monotonic() - started))

    # Requests

    def _requests(self, wire: Wire, operation: Operation) -> None:
        for problem in self.cases.gaps(operation):
            self._complain(HarnessError(operation.id, "requests", "generation", problem))
        success = self.cases.success(operation)
        for case in self.cases.requests(operation)[:: self.every]:
            assert case.draft is not None
            self._ledger.offered(case)
            meant = write(operation, case.draft, self.cases.parameters(operation))
            did = self._call(wire, case, meant, success)
            answer = success if did.sent else SILENCE
            exchange = Exchange(case, _as_sent(wire, case, meant, did), answer)
            for failure in self._of_request(case, meant, did):
                self._fail(failure, exchange)
            if did.cannot_say and case.kind is CaseKind.NEGATIVE:  # proves nothing of the rule that it would break
                exchange = replace(exchange, case=replace(case, kind=CaseKind.PROBE))
            self._book(exchange, refused=did.refused and exchange.case.kind is CaseKind.NEGATIVE)

    def _call(self, wire: Wire, case: Case, meant: Written, answer: Answer) -> Did:
        """Have the SDK send a request, and answer it so; what it adds of its own is not told from here on."""
        try:
            did = call(wire, self.cases.reading.contract, case, answer, self.patience)
        except Hung:
            self._end = (
                f"{self.subject.name} has not come back from {case.operation.id} within {self.patience:g} s, for "
                f"{case.description} and an answer of status {answer.status}; requests that it has sent: "
                f"{len(wire.received)}. A subject is to repeat none by itself, and to wait for nothing else"
            )
            raise
        known = self.cases.schemes(case.operation)
        return replace(did, sent=tuple(hidden(known, meant, sent) for sent in did.sent))

    def _of_request(self, case: Case, meant: Written, did: Did) -> Iterator[Failure]:
        operation, errors, draft = case.operation, self.subject.errors, case.draft
        assert draft is not None
        if case.kind is CaseKind.NEGATIVE:
            if self.subject.refuses and not did.refused:
                yield self._accepted(case, did)
            elif self.subject.refuses and not did.cannot_say:
                yield from self._refusal(case, did)
            if did.sent:
                self._ledger.accepted(operation.id, case.breaks or "")
            return
        if case.kind is CaseKind.PROBE and did.refused:
            return
        if did.cannot_say:
            yield self._unsayable(case, did)
            return
        if not did.sent:
            yield self._unsent(case, did)
            return
        if len(did.sent) > 1:
            yield self._unlike(case, "", f"expected one request, got {len(did.sent)}")
        yield from (
            self._unlike(case, where, text)
            for where, text in differences(
                operation,
                draft,
                meant,
                did.sent[0],
                known=self.cases.schemes(operation),
                parameters=self.cases.parameters(operation),
                forms=self.cases.forms(operation),
            )
        )
        if did.error is not None and not isinstance(did.error, errors):
            yield Failure(
                check="reading_conformance",
                kind="BareError",
                rule="the answer to a legal request: BareError",
                pointer=operation.pointer,
                title=f"{operation.id} raises a bare error on the answer to a legal request",
                message=f"after {case.description} and a legal answer it {did.words}",
            )

    def _unsent(self, case: Case, did: Did, after: str = "") -> Failure:
        return Failure(
            check="acceptance_conformance",
            kind="LegalRequestRefused",
            rule=case.borders or "a legal request",
            pointer=self._place(case, case.borders),
            title=f"{case.operation.id} does not send a legal request",
            message=f"{after}expected {case.description} to be sent, it {did.words}",
        )

    def _unsayable(self, case: Case, did: Did) -> Failure:
        return Failure(
            check="acceptance_conformance",
            kind="CannotSay",
            rule=f"a legal request that cannot be said: {did.error}",
            pointer=self._place(case, case.borders),
            title=f"{case.operation.id} has no way to say a legal request",
            message=f"expected {case.description} to be sent, it has no way to say it: {did.error}",
        )

    def _accepted(self, case: Case, did: Did) -> Failure:
        rule = case.breaks or " and ".join(case.names) or "a wrong request"
        verb, instead = ("sends", "was sent") if did.sent else ("says nothing of", f"sent nothing and {did.words}")
        return Failure(
            check="rule_rejection" if self._is_rule(case) else "data_rejection",
            kind="ViolationSent" if did.sent else "SilentlyDropped",
            rule=rule,
            pointer=case.keyword or self._place(case, case.breaks),
            title=f"{case.operation.id} {verb} a request that breaks {rule}",
            message=f"expected {case.description} to be refused before it is sent, it {instead}",
        )

    def _refusal(self, case: Case, did: Did) -> Iterator[Failure]:
        """What is wrong with how a wrong request was refused: the error, or the rule that it names."""
        error = did.error
        if not isinstance(error, self.subject.errors):
            title, message = "by a bare error", f"expected one of the SDK's documented errors, it {did.words}"
        elif did.unreadable is not None:
            title, message = (
                "by an error that cannot be read",
                f"expected what it says to be read, not {did.unreadable}",
            )
        elif hasattr(error, "rule") and self._names_another(case, did.told("rule")):
            title = "for another rule"
            message = f"expected the error to tell of {case.breaks}, got {short(did.told('rule'))}"
        else:
            return
        yield Failure(
            check="refusal_conformance",
            kind="WrongRefusal",
            rule=f"{case.breaks or ' and '.join(case.names)}: {title}",
            pointer=case.keyword or self._place(case, case.breaks),
            title=f"{case.operation.id} refuses a request that breaks {case.breaks} {title}",
            message=f"for {case.description}: {message}",
        )

    def _names_another(self, case: Case, named: object) -> bool:
        """Whether an error names a rule of the contract that is not broken, or not the one that is."""
        if self._is_rule(case):
            return named != case.breaks
        if case.breaks in (None, named):
            return False
        constraints = self.cases.oracle.analysis(case.operation).constraints
        return any(item.is_rule and item.id == named for item in constraints)

    def _unlike(self, case: Case, where: str, text: str) -> Failure:
        place = place_of(where, self.cases.named)
        return Failure(
            check="wire_conformance",
            kind="AnotherRequest",
            rule=f"the request on the wire: {place or 'count'}",
            pointer=case.operation.pointer,
            title=f"{case.operation.id} sends another request than it was asked to",
            message=f"for {case.description}, {where or 'requests'}: {text}",
        )

    def _is_rule(self, case: Case) -> bool:
        if case.breaks is None:
            return False
        return self.cases.oracle.analysis(case.operation).constraint(case.breaks).is_rule

    def _place(self, case: Case, constraint: str | None) -> str:
        if constraint is None:
            return case.operation.pointer
        known = self.cases.oracle.analysis(case.operation).constraints
        return next((item.location.pointer for item in known if item.id == constraint), case.operation.pointer)

    # Answers

    def _answers(self, wire: Wire, operation: Operation) -> None:
        case = self.cases.legal(operation)
        if case is None:
            return  # said where the requests were
        assert case.draft is not None
        meant = write(operation, case.draft, self.cases.parameters(operation))
        before = "any answer"
        for served in self.cases.answers(operation)[:: self.every]:
            did = self._call(wire, case, meant, served.answer)
            if not did.sent:
                failure = self._unsayable(case, did) if did.cannot_say else self._unsent(case, did, f"after {before}: ")
                self._fail(failure, Exchange(case, _as_sent(wire, case, meant, did), SILENCE))
                return
            before = f"the answer {served.words}"
            told = replace(case, kind=CaseKind.PROBE, description=f"the answer {served.words}")
            exchange = Exchange(told, _as_sent(wire, case, meant, did), served.answer)
            wrong = misread(served, did, self.subject.errors, self.cases.named)
            if wrong is not None:
                self._fail(wrong, exchange)
            self._book(exchange, refused=False)

    # Books

    def _book(self, exchange: Exchange, *, refused: bool) -> None:
        self._ledger.case(exchange, judged=True, refused=refused)
        self._emit(CaseJudged(exchange.case.phase, exchange.case.operation.id, exchange.answer.status, exchange))

    def _fail(self, failure: Failure, exchange: Exchange) -> None:
        case = exchange.case
        finding = self._ledger.failure(failure, exchange, case.operation.id, case.phase)
        if finding is not None:
            self._emit(FindingNoted(finding))
        if self.is_enough(failure, exchange):
            raise _Enough

    def _complain(self, error: HarnessError) -> None:
        if self._ledger.error(error):
            self._emit(ErrorNoted(error))

    def _emit(self, event: Event) -> None:
        for listener in self.listeners:
            listener(event)


def _as_sent(wire: Wire, case: Case, meant: Written, did: Did) -> Request:
    """The request as it went over the wire; of one that did not, as it would have."""
    assert case.draft is not None
    sent = did.sent[0] if did.sent else Received(meant.method, meant.target, tuple(meant.headers.items()), meant.body)
    path = sent.target.partition("?")[0]
    values = {name: str(value) for name, value in case.draft.path.items()}
    return Request(sent.method, wire.base_url + sent.target, path, sent.target, dict(sent.headers), sent.body, values)
