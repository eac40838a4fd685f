"""The books of a run: findings by cause, errors by reason, rules by verdict. Safe to use from several workers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from speclock.core.cases import CaseKind, Exchange
from speclock.core.findings import Failure, Finding, HarnessError, fingerprint
from speclock.core.rules import Rule, RuleKind
from speclock.engine.events import RuleTally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from speclock.checks.response_rules import RuleVerdict
    from speclock.core.contract import Contract
    from speclock.core.profiles import Expectation, Profile

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
    _broken: set[tuple[str, str]] = field(default_factory=set)
    _raised: set[tuple[str, str]] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def failure(self, failure: Failure, exchange: Exchange | None, operation: str, phase: str) -> Finding | None:
        """Count a failure; the finding when it is the first of its cause."""
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

    def case(self, exchange: Exchange, *, judged: bool) -> None:
        """Count an answered case."""
        case = exchange.case
        with self._lock:
            self.cases += 1
            self.judged += judged
            if case.kind is CaseKind.POSITIVE:
                self.positive[case.operation.id] += 1
                self.positive_judged[case.operation.id] += judged
                self.refused_credential[case.operation.id] += exchange.answer.status == 401
            if case.kind is CaseKind.NEGATIVE and case.breaks is not None and exchange.answer.status < 500:
                self._tried[case.operation.id, case.breaks] += 1

    def kept(self, exchange: Exchange, rules: Sequence[Rule]) -> None:
        """Count an accepted request for the request rules of its operation, all of which it keeps."""
        with self._lock:
            for rule in rules:
                if rule.operation == exchange.case.operation.id and rule.kind in (RuleKind.SCHEMA, RuleKind.REQUEST):
                    self._held[rule.operation, rule.id] += 1

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

    def tallies(self, rules: Sequence[Rule]) -> tuple[RuleTally, ...]:
        """The verdict on each rule."""
        return tuple(self._tally(rule) for rule in rules)

    def absent(self) -> tuple[Expectation, ...]:
        """The profile's expectations that nothing met."""
        return tuple(
            item for item in self.profile.expected if not any(item.covers(found) for found in self.findings.values())
        )

    def _tally(self, rule: Rule) -> RuleTally:
        key = (rule.operation, rule.id)
        held, tried = self._held[key], self._tried[key]
        if self.profile.why_off(rule):
            verdict = "off"
        elif key in self._broken:
            verdict = "broken"
        elif key in self._raised and not held:
            verdict = "error"
        elif tried or (held and rule.kind in (RuleKind.RESPONSE, RuleKind.RUN)):
            verdict = "held"
        else:
            verdict = "unjudged"
        return RuleTally(rule.id, rule.operation, rule.kind, held, tried, verdict)


def _size(exchange: Exchange | None) -> tuple[int, int]:
    if exchange is None:
        return (1 << 62, 0)
    return len(exchange.request.body) + len(exchange.request.url), len(exchange.answer.body)
