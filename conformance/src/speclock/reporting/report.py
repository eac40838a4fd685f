"""The JSON report, from which all other reports are made.

Its fields are fixed by `report.schema.json` beside this module.
"""

from __future__ import annotations

import base64
import json
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeAlias

from speclock.core.cases import SILENCE
from speclock.core.findings import HarnessError
from speclock.reporting.curl import curl_line

if TYPE_CHECKING:
    from speclock.core.cases import Exchange
    from speclock.core.contract import Contract
    from speclock.core.documents import JsonValue, Location
    from speclock.core.findings import Finding
    from speclock.core.secrets import Secrets
    from speclock.engine.events import Coverage, Outcome, RuleTally, TruthRow

__all__ = ["FORMAT_VERSION", "Report", "build_report", "cleaned", "location_of", "report_schema", "rules_report"]

#: Raised when a field changes its meaning or goes.
FORMAT_VERSION = 1
#: A report as JSON has it.
Report: TypeAlias = "dict[str, Any]"


def build_report(outcome: Outcome, secrets: Secrets) -> Report:
    """The report of one run, free of credentials."""
    report: Report = {
        "speclock": FORMAT_VERSION,
        "contract": _contract(outcome.contract),
        "run": {
            "subject": outcome.subject,
            "seed": outcome.seed,
            "phases": list(outcome.phases),
            "cases": outcome.cases,
            "seconds": round(outcome.seconds, 3),
            "shard": outcome.shard,
        },
        "findings": [_finding(finding, secrets) for finding in outcome.findings],
        "rules": _rules(outcome.rules),
        "errors": _errors(outcome),
        "unguarded": [],
        "expected": [
            {"id": finding.id, "title": finding.title, "reason": finding.expected, "count": finding.count}
            for finding in outcome.expected
        ],
        "absent": [
            {"operation": item.operation, "check": item.check, "rule": item.rule, "reason": item.reason}
            for item in outcome.absent
        ],
    }
    result = cleaned(report, secrets)
    assert isinstance(result, dict)
    return result


def rules_report(contract: Contract, tallies: tuple[RuleTally, ...], errors: tuple[HarnessError, ...]) -> Report:
    """The report of a contract that was read and not run."""
    return {
        "speclock": FORMAT_VERSION,
        "contract": _contract(contract),
        "run": None,
        "findings": [],
        "rules": _rules(tallies),
        "errors": [_error(error, 1) for error in errors],
        "unguarded": [],
    }


def report_schema() -> dict[str, JsonValue]:
    """The JSON Schema of the report."""
    schema: dict[str, JsonValue] = json.loads(files("speclock.reporting").joinpath("report.schema.json").read_text())
    return schema


def _contract(contract: Contract) -> Report:
    return {
        "title": contract.title,
        "version": contract.version,
        "sha256": contract.document.sha256,
        "file": contract.document.file,
    }


def _errors(outcome: Outcome) -> list[Report]:
    rows = [_error(error, count) for error, count in outcome.errors]
    if outcome.fatal is not None:
        rows.append(_error(HarnessError(None, "run", "fatal", outcome.fatal), 1))
    return rows


def _error(error: HarnessError, count: int) -> Report:
    return {
        "operation": error.operation,
        "phase": error.phase,
        "kind": error.kind,
        "message": error.message,
        "count": count,
    }


def _rules(tallies: tuple[RuleTally, ...]) -> list[Report]:
    return [
        {
            "id": tally.id,
            "operation": tally.operation,
            "kind": tally.kind.value,
            "positive": tally.positive,
            "negative": tally.negative,
            "verdict": tally.verdict,
            "words": tally.words,
            "location": location_of(tally.location),
            "dependency": tally.dependency,
            "ties": list(tally.ties),
            "keywords": list(tally.keywords),
            "isolated": _coverage(tally.isolated),
            "boundary": _coverage(tally.boundary),
            "reason": tally.reason,
            **({} if tally.table is None else {"table": [_row(row) for row in tally.table]}),
        }
        for tally in tallies
    ]


def _coverage(coverage: Coverage) -> Report:
    return {"planned": coverage.planned, "sent": coverage.sent, "right": coverage.right}


def _row(row: TruthRow) -> Report:
    return {
        "shape": dict(row.shape),
        "expected": row.expected,
        "got": dict(row.got),
        "right": row.right,
        "wrong": row.wrong,
    }


def location_of(place: Location) -> Report:
    """A place in the contract."""
    return {"file": place.file, "line": place.line, "column": place.column, "pointer": place.pointer}


def _finding(finding: Finding, secrets: Secrets) -> Report:
    exchange = finding.exchange
    return {
        "id": finding.id,
        "check": finding.check,
        "rule": finding.rule,
        "operation": finding.operation,
        "title": finding.title,
        "message": finding.message,
        "location": location_of(finding.location),
        "case": None if exchange is None else _case(exchange),
        "response": None if exchange is None or exchange.answer is SILENCE else _answer(exchange),
        "curl": None if exchange is None else curl_line(exchange.request, secrets),
        "kind": finding.kind,
        "phase": finding.phase,
        "count": finding.count,
    }


def _case(exchange: Exchange) -> Report:
    request, case = exchange.request, exchange.case
    return {
        "method": request.method,
        "server": request.url.removesuffix(request.target),
        "path": request.target,
        "headers": dict(request.headers),
        "body": _body(request.body, exchange.request_json),
        "raw": None if _is_rewritable(request.body) else base64.b64encode(request.body).decode(),
        "fresh": list(case.fresh),
        "kind": case.kind.value,
        "breaks": case.breaks,
        "together": list(case.names),
        "borders": case.borders,
        "demand": None if case.demand is None else sorted(case.demand.statuses),
        "echoes": [] if case.demand is None else list(case.demand.echoes),
        "description": case.description,
    }


def _is_rewritable(raw: bytes) -> bool:
    """Whether the JSON that the report shows says all that the bytes said."""
    if not raw:
        return True
    try:
        return json.dumps(json.loads(raw), ensure_ascii=False, separators=(",", ":")).encode() == raw
    except (ValueError, RecursionError):
        return False


def _answer(exchange: Exchange) -> Report:
    answer = exchange.answer
    return {
        "status": answer.status,
        "headers": dict(answer.headers),
        "body": _body(answer.body, exchange.answer_json),
    }


def _body(raw: bytes, parsed: object) -> JsonValue:
    if not raw:
        return None
    if parsed is None or (isinstance(parsed, dict | list | str | int | float | bool) and _is_finite(parsed)):
        return parsed
    return raw.decode("utf-8", errors="replace")


def _is_finite(value: JsonValue) -> bool:
    """Whether JSON can hold it: Python reads NaN, and numbers beyond a double as infinity, which no JSON has."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


def cleaned(value: JsonValue, secrets: Secrets) -> JsonValue:
    """The value without any credential in its texts."""
    if isinstance(value, str):
        return secrets.hide(value)
    if isinstance(value, list):
        return [cleaned(item, secrets) for item in value]
    if isinstance(value, dict):
        return {secrets.hide(key): cleaned(item, secrets) for key, item in value.items()}
    return value
