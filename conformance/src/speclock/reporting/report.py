"""The JSON report, from which all other reports are made.

Its fields are fixed by `report.schema.json` beside this module.
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

from speclock.core.errors import UsageError
from speclock.core.findings import HarnessError
from speclock.reporting.curl import curl_line

if TYPE_CHECKING:
    from pathlib import Path

    from speclock.core.cases import Answer, Exchange, Request
    from speclock.core.contract import Contract
    from speclock.core.documents import JsonValue
    from speclock.core.findings import Finding
    from speclock.core.secrets import Secrets
    from speclock.engine.events import Outcome, RuleTally

__all__ = ["FORMAT_VERSION", "build_report", "report_schema", "rules_report", "write_json"]

#: Raised when a field changes its meaning or goes.
FORMAT_VERSION = 1


def build_report(outcome: Outcome, secrets: Secrets) -> dict[str, JsonValue]:
    """The report of one run, free of credentials."""
    report: dict[str, JsonValue] = {
        "speclock": FORMAT_VERSION,
        "contract": _contract(outcome.contract),
        "run": {
            "subject": outcome.subject,
            "seed": outcome.seed,
            "phases": list(outcome.phases),
            "cases": outcome.cases,
            "seconds": round(outcome.seconds, 3),
            "shard": None,
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
    return _hidden(report, secrets)


def rules_report(
    contract: Contract, tallies: tuple[RuleTally, ...], errors: tuple[HarnessError, ...]
) -> dict[str, JsonValue]:
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


def _contract(contract: Contract) -> JsonValue:
    return {"title": contract.title, "version": contract.version, "sha256": contract.document.sha256}


def _errors(outcome: Outcome) -> list[JsonValue]:
    rows = [_error(error, count) for error, count in outcome.errors]
    if outcome.fatal is not None:
        rows.append(_error(HarnessError(None, "run", "fatal", outcome.fatal), 1))
    return rows


def _error(error: HarnessError, count: int) -> JsonValue:
    return {
        "operation": error.operation,
        "phase": error.phase,
        "kind": error.kind,
        "message": error.message,
        "count": count,
    }


def _rules(tallies: tuple[RuleTally, ...]) -> list[JsonValue]:
    return [
        {
            "id": tally.id,
            "operation": tally.operation,
            "kind": tally.kind.value,
            "positive": tally.positive,
            "negative": tally.negative,
            "verdict": tally.verdict,
        }
        for tally in tallies
    ]


def report_schema() -> dict[str, JsonValue]:
    """The JSON Schema of the report."""
    schema: dict[str, JsonValue] = json.loads(files("speclock.reporting").joinpath("report.schema.json").read_text())
    return schema


def write_json(path: Path, report: dict[str, JsonValue]) -> None:
    """Write a report, replacing the file as a whole.

    Raises:
        UsageError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # ASCII alone: an answer may hold a lone surrogate, which no encoding of text can carry.
        path.write_text(json.dumps(report, indent=2) + "\n", encoding="ascii")
    except OSError as error:
        raise UsageError(f"--report json={path}: cannot be written ({error.strerror or error})") from None


def _finding(finding: Finding, secrets: Secrets) -> dict[str, JsonValue]:
    place = finding.location
    exchange: Exchange | None = finding.exchange
    return {
        "id": finding.id,
        "check": finding.check,
        "rule": finding.rule,
        "operation": finding.operation,
        "title": finding.title,
        "message": finding.message,
        "location": {"file": place.file, "line": place.line, "column": place.column, "pointer": place.pointer},
        "case": None if exchange is None else _request(exchange.request, exchange.request_json),
        "response": None if exchange is None else _answer(exchange.answer, exchange.answer_json),
        "curl": None if exchange is None else curl_line(exchange.request, secrets),
        "kind": finding.kind,
        "phase": finding.phase,
        "count": finding.count,
    }


def _request(request: Request, body: object) -> dict[str, JsonValue]:
    return {
        "method": request.method,
        "path": request.path,
        "headers": dict(request.headers),
        "body": _body(request.body, body),
    }


def _answer(answer: Answer, body: object) -> dict[str, JsonValue]:
    return {"status": answer.status, "headers": dict(answer.headers), "body": _body(answer.body, body)}


def _body(raw: bytes, parsed: object) -> JsonValue:
    if not raw:
        return None
    if isinstance(parsed, dict | list | str | int | float | bool) or parsed is None:
        return parsed
    return raw.decode("utf-8", errors="replace")


def _hidden(value: JsonValue, secrets: Secrets) -> dict[str, JsonValue]:
    cleaned = _clean(value, secrets)
    return cleaned if isinstance(cleaned, dict) else {}


def _clean(value: JsonValue, secrets: Secrets) -> JsonValue:
    if isinstance(value, str):
        return secrets.hide(value)
    if isinstance(value, list):
        return [_clean(item, secrets) for item in value]
    if isinstance(value, dict):
        return {secrets.hide(key): _clean(item, secrets) for key, item in value.items()}
    return value
