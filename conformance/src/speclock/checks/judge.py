"""All checks on one exchange, and what together they say of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from speclock.checks.acceptance import check_acceptance, is_refused, unjudged
from speclock.checks.answers import check_answer
from speclock.checks.headers import check_headers
from speclock.checks.methods import check_methods
from speclock.checks.refusals import check_refusal
from speclock.core.cases import CaseKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speclock.checks.response_rules import RuleJudge, RuleVerdict
    from speclock.core.cases import Exchange
    from speclock.core.constraints import Oracle
    from speclock.core.contract import Contract
    from speclock.core.findings import Failure
    from speclock.core.refusals import Refusals
    from speclock.core.schemas import Schemas

__all__ = ["Judge", "Judgement"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one exchange says of the subject."""

    failures: tuple[Failure, ...] = ()
    #: What each rule of the contract says of the answer.
    verdicts: tuple[RuleVerdict, ...] = ()
    #: Why nothing follows; None when something does.
    unjudged: str | None = None
    #: Whether a violation was refused for what is wrong with it.
    refused: bool = False
    #: Whether the answer is not even what its schema says, so that rules about it need not be evaluable.
    malformed: bool = False


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges exchanges by one contract; what the rules remember of a run is theirs."""

    contract: Contract
    schemas: Schemas
    oracle: Oracle
    rules: RuleJudge
    #: What is promised of refusals, by operation.
    refusals: Mapping[str, Refusals] = field(default_factory=dict)

    def judge(self, exchange: Exchange) -> Judgement:
        """Judge one exchange; a legal request's success is what the run then knows to exist."""
        malformed = tuple(check_answer(exchange, self.contract, self.schemas))
        reason = unjudged(exchange)
        if reason is not None:
            return Judgement(malformed, unjudged=reason, malformed=bool(malformed))
        failures = (*malformed, *self._failures(exchange))
        verdicts: tuple[RuleVerdict, ...] = ()
        if exchange.case.kind is CaseKind.POSITIVE and exchange.answer.is_success:
            self.rules.memory.note(exchange)
            verdicts = tuple(self.rules.judge(exchange))
        broken = tuple(verdict.failure for verdict in verdicts if verdict.failure is not None)
        refused = is_refused(exchange, self.refusals.get(exchange.case.operation.id))
        return Judgement((*failures, *broken), verdicts, refused=refused, malformed=bool(malformed))

    def _failures(self, exchange: Exchange) -> Iterator[Failure]:
        case = exchange.case
        analysis, promised = self.oracle.analysis(case.operation), self.refusals.get(case.operation.id)
        yield from check_acceptance(exchange, analysis, promised)
        if case.kind is not CaseKind.PROBE or case.demand is not None:
            yield from check_headers(exchange, self.contract, self.schemas)
            yield from check_methods(exchange)
        if promised is not None:
            yield from check_refusal(exchange, self.oracle, promised)
        if case.native is not None:
            # Late: schemathesis takes a second to import, and only its own cases are judged by its checks.
            from speclock.checks.adapter import check_with_schemathesis  # noqa: PLC0415

            yield from check_with_schemathesis(exchange, self.contract, analysis)
