"""The mutation score in the JSON report: what became of each mutant, and the promises that nobody guards."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from speclock.reporting.report import Report, build_report, cleaned, location_of

if TYPE_CHECKING:
    from speclock.core.secrets import Secrets
    from speclock.engine.events import Outcome
    from speclock.mutants.score import Kill, Result, Score, Tally, Unguarded

__all__ = ["mutants_report"]

#: Digits behind the point of a score.
_DIGITS = 4


def mutants_report(outcome: Outcome, score: Score, secrets: Secrets) -> Report:
    """The report of a run and of the mutants of its subject, free of credentials."""
    report = build_report(outcome, secrets)
    added: Report = {
        "unguarded": [_unguarded(item) for item in score.unguarded],
        "mutants": {
            **_tally(score.tally),
            "kinds": [{"kind": kind, **_tally(tally)} for kind, tally in score.by_kind().items()],
            "matrix": _matrix(score),
            "list": [_result(result) for result in score.results],
            "unmatched": [{"pattern": pattern, "reason": reason} for pattern, reason in score.idle],
        },
    }
    result = cleaned(added, secrets)
    assert isinstance(result, dict)
    return {**report, **result}


def _tally(tally: Tally) -> Report:
    return {
        "score": None if tally.score is None else round(tally.score, _DIGITS),
        "made": tally.made,
        "killed": tally.killed,
        "survived": tally.survived,
        "never_exercised": tally.never,
        "equivalent": tally.equivalent,
    }


def _matrix(score: Score) -> list[Report]:
    """Who killed how many."""
    cells = Counter(
        (result.mutant.kind.value, result.kill.phase, result.kill.check) for result in score.results if result.kill
    )
    return [
        {"kind": kind, "phase": phase, "check": check, "killed": count}
        for (kind, phase, check), count in sorted(cells.items())
    ]


def _result(result: Result) -> Report:
    mutant = result.mutant
    return {
        "id": mutant.id,
        "kind": mutant.kind.value,
        "operation": mutant.operation.id,
        "words": mutant.words,
        "location": location_of(mutant.location),
        "condition": None if mutant.condition is None else mutant.condition.words,
        "state": result.state.value,
        "acted": result.acted,
        "requests": result.requests,
        "milliseconds": round(result.seconds * 1000, 1),
        "killed_by": None if result.kill is None else _kill(result.kill),
        "reason": result.reason,
    }


def _kill(kill: Kill) -> Report:
    return {"phase": kill.phase, "check": kill.check, "rule": kill.rule, "title": kill.title, "case": kill.case}


def _unguarded(item: Unguarded) -> Report:
    return {
        "operation": item.operation,
        "status": item.status,
        "pointer": item.pointer,
        "location": location_of(item.location),
        "mutants": list(item.mutants),
        "reason": item.reason,
        "suggested": [
            {
                "id": rule.id,
                "description": rule.description,
                "when": rule.when,
                "rule": rule.rule,
                "seen": rule.seen,
            }
            for rule in item.suggested
        ],
    }
