"""The books of a run: findings by cause, errors by reason, rules by verdict. Safe to use from several workers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from speclock.core.cases import CaseKind, Exchange
from speclock.core.constraints import ConstraintKind
from speclock.core.findings import Failure, Finding, HarnessError, fingerprint
from speclock.core.rules import Rule, RuleKind
from speclock.engine.events import Coverage, RuleTally
from speclock.engine.truth import TruthTables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from speclock.checks.response_rules import RuleVerdict
    from speclock.core.cases import Case
    from speclock.core.constraints import Analysis, Constraint
    from speclock.core.contract import Contract, Operation
    from speclock.core.profiles import Expectation, Profile
    from speclock.generation.planning import ConstraintPlan

__all__ = ["Ledger"]


@dataclass
class Ledger:
    """Counts and keeps what a run has seen."""

    contract: Contract
    profile: Profile
    findings: dict[str, Finding] = field(default_factory=dict)
    errors: Counter[HarnessError] = field(default_factory=Counter)
    cases: int = 0
    judged: int = 0
    #: Positive cases of each operation: how many were sent, judged, and answered 401.
    positive: Counter[str] = field(default_factory=Counter)
    positive_judged: Counter[str] = field(default_factory=Counter)
    refused_credential: Counter[str] = field(default_factory=Counter)
    _held: Counter[tuple[str, str]] = field(default_factory=Counter)
    _tried: Counter[tuple[str, str]] = field(default_factory=Counter)
    _sent: Counter[tuple[str, str]] = field(default_factory=Counter)
    _refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    #: Those with a request at their legal side, whichever shard sends it.
    _bordered: set[tuple[str, str]] = field(default_factory=set)
    _beside: Counter[tuple[str, str]] = field(default_factory=Counter)
    _accepted: Counter[tuple[str, str]] = field(default_factory=Counter)
    #: By operation and dotted name: legal requests that held an id that exists there, and those that were accepted.
    _with_id: Counter[tuple[str, str]] = field(default_factory=Counter)
    _with_id_accepted: Counter[tuple[str, str]] = field(default_factory=Counter)
    _kept: Counter[str] = field(default_factory=Counter)
    _constraints: list[tuple[str, Constraint]] = field(default_factory=list)
    _rules: list[Rule] = field(default_factory=list)
    _plans: dict[tuple[str, str], ConstraintPlan] = field(default_factory=dict)
    _broken: set[tuple[str, str]] = field(default_factory=set)
    _raised: set[tuple[str, str]] = field(default_factory=set)
    _truth: TruthTables = field(default_factory=TruthTables)
    _lock: Lock = field(default_factory=Lock)

    def failure(self, failure: Failure, exchange: Exchange | None, operation: str, phase: str) -> Finding | None:
        """Count a failure; the finding when it is the first of its cause. Nobody is blamed for a rule that is off."""
        if self.profile.is_off(operation, failure.rule):
            return None
        name = fingerprint(operation, failure.check, failure.rule)
        with self._lock:
            known = self.findings.get(name)
            if known is not None:
                known.count += 1
                if exchange is not None and _size(exchange) < _size(known.exchange):
                    known.exchange, known.message, known.phase = exchange, failure.message, phase
                return None
            finding = Finding(
                id=name,
                check=failure.check,
                kind=failure.kind,
                rule=failure.rule,
                operation=operation,
                title=failure.title,
                message=failure.message,
                location=self.contract.locate(failure.pointer),
                exchange=exchange,
                phase=phase,
            )
            finding.expected = next((item.reason for item in self.profile.expected if item.covers(finding)), None)
            self.findings[name] = finding
            return finding

    def error(self, error: HarnessError) -> bool:
        """Count an error; whether it is the first of its reason."""
        with self._lock:
            self.errors[error] += 1
            return self.errors[error] == 1

    def promise(self, analysis: Analysis, rules: Sequence[Rule]) -> None:
        """Take down what an operation promises: its constraints, and its rules about answers."""
        self._constraints += [(analysis.operation.id, constraint) for constraint in analysis.constraints]
        self._truth.promise(analysis)
        self._rules += [rule for rule in rules if not rule.kind.is_constraint]

    @property
    def promises(self) -> int:
        """How many constraints and rules there are."""
        return len(self._constraints) + len(self._rules)

    def planned(self, operation: Operation, plans: Sequence[ConstraintPlan]) -> None:
        """Take down what is planned for each constraint."""
        with self._lock:
            for plan in plans:
                self._plans[operation.id, plan.id] = plan

    def offered(self, case: Case) -> None:
        """Take down what a case is for, whichever shard sends it."""
        if case.kind is CaseKind.POSITIVE and case.borders is not None:
            with self._lock:
                self._bordered.add((case.operation.id, case.borders))

    def case(self, exchange: Exchange, *, judged: bool, refused: bool) -> None:
        """Count an answered case; `refused` tells a violation that was refused for what is wrong with it."""
        case = exchange.case
        with self._lock:
            self.cases += 1
            self.judged += judged
            if judged:
                self._truth.note(exchange, refused=refused)
            if case.kind is CaseKind.POSITIVE and exchange.answer.is_success and judged:
                self._kept[case.operation.id] += 1
            if case.kind is CaseKind.POSITIVE:
                self.positive[case.operation.id] += 1
                self.positive_judged[case.operation.id] += judged
                self.refused_credential[case.operation.id] += exchange.answer.status == 401
            if case.kind is CaseKind.NEGATIVE and case.breaks is not None and case.demand is None:
                key = (case.operation.id, case.breaks)
                self._sent[key] += 1
                self._tried[key] += refused or exchange.answer.is_success
                self._refused[key] += refused
            if case.kind is CaseKind.POSITIVE and case.borders is not None:
                key = (case.operation.id, case.borders)
                self._beside[key] += 1
                self._accepted[key] += exchange.answer.is_success
            if case.kind is CaseKind.POSITIVE:
                for name in (*case.known, *case.linked, *case.guessed):
                    self._with_id[case.operation.id, name] += 1
                    self._with_id_accepted[case.operation.id, name] += exchange.answer.is_success

    def verdict(self, verdict: RuleVerdict) -> None:
        """Count what a rule said of an answer."""
        key = (verdict.rule.operation, verdict.rule.id)
        with self._lock:
            if verdict.error is not None:
                self._raised.add(key)
            else:
                self._held[key] += 1

    def accepted(self, operation: str, rule: str) -> None:
        """Note that a rule was found broken."""
        with self._lock:
            self._broken.add((operation, rule))

    def tallies(self) -> tuple[RuleTally, ...]:
        """The verdict on each constraint and rule."""
        return (*(self._constraint(name, item) for name, item in self._constraints), *map(self._tally, self._rules))

    def absent(self) -> tuple[Expectation, ...]:
        """The profile's expectations that nothing met."""
        return tuple(
            item for item in self.profile.expected if not any(item.covers(found) for found in self.findings.values())
        )

    def _constraint(self, operation: str, constraint: Constraint) -> RuleTally:
        key = (operation, constraint.id)
        plan = self._plans.get(key)
        tried = self._tried[key]
        off = self.profile.is_off(operation, constraint.id)
        verdict = "off" if off else "broken" if key in self._broken else "held" if tried else "unjudged"
        return RuleTally(
            constraint.id,
            operation,
            RuleKind(constraint.kind.value),
            self._kept[operation],
            tried,
            verdict,
            constraint.location,
            constraint.words,
            constraint.dependency,
            tuple(map(str, constraint.ties)),
            tuple(keyword.name for keyword in constraint.keywords),
            Coverage(plan.isolated if plan else 0, self._sent[key], self._refused[key]),
            Coverage(plan.boundary if plan else 0, *self._boundary(operation, constraint)),
            plan.reason if plan and not self._sent[key] else None,
            self._truth.rows(operation, constraint) if constraint.is_rule else None,
        )

    def _boundary(self, operation: str, constraint: Constraint) -> tuple[int, int]:
        """How many requests stood at its legal side, and were accepted."""
        if constraint.kind is ConstraintKind.REQUIRED:  # every legal request has what is required
            return self.positive_judged[operation], self._kept[operation]
        key = (operation, constraint.id)
        if key in self._bordered or constraint.is_rule:
            return self._beside[key], self._accepted[key]
        name = (operation, constraint.place.name)  # where only ids that exist are accepted, each of them stands there
        return self._with_id[name], self._with_id_accepted[name]

    def _tally(self, rule: Rule) -> RuleTally:
        key = (rule.operation, rule.id)
        held = self._held[key]
        if self.profile.why_off(rule):
            verdict = "off"
        elif key in self._broken:
            verdict = "broken"
        elif key in self._raised and not held:
            verdict = "error"
        else:
            verdict = "held" if held else "unjudged"
        return RuleTally(rule.id, rule.operation, rule.kind, held, 0, verdict, rule.location, rule.words)


def _size(exchange: Exchange | None) -> tuple[bool, int, int]:
    """How large a request is; one of our own is smaller than any that a generator made, because it can be shrunk."""
    if exchange is None:
        return (True, 1 << 62, 0)
    request = exchange.request
    return exchange.case.native is not None, len(request.body) + len(request.url), len(exchange.answer.body)
