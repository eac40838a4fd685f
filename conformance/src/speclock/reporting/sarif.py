"""The report as SARIF 2.1.0: each finding on the line of the contract whose promise is broken.

What a code-scanning service shows beside a change of the contract, and follows from run to run by the fingerprint.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import PurePath
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from speclock.reporting.report import Report

__all__ = ["document", "location", "render", "tool"]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(report: Report) -> str:
    """The JSON text."""
    rules: dict[str, Report] = {}
    for finding in report["findings"]:
        name = _rule_id(finding)
        words = next((rule.get("words") for rule in report["rules"] if _names(rule, finding)), None)
        rules.setdefault(
            name,
            {
                "id": name,
                "name": finding["check"],
                "shortDescription": {"text": words or finding["title"]},
                "defaultConfiguration": {"level": "error"},
            },
        )
    errors = [error for error in report["errors"] if error["kind"] == "fatal"]
    run = {
        "tool": tool(list(rules.values())),
        "results": [_result(finding, list(rules)) for finding in report["findings"]],
        "invocations": [
            {
                "executionSuccessful": not errors,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": error["message"]}} for error in errors
                ],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "properties": {"run": report["run"], "contract": report["contract"]},
    }
    return document(run)


def document(run: Report) -> str:
    """The JSON text of a document with one run."""
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def tool(rules: list[Report]) -> Report:
    """The tool as a run names it, with the rules that its results refer to."""
    return {"driver": {"name": "speclock", "version": version("speclock"), "rules": rules}}


def location(place: Report) -> Report:
    """A place in a contract."""
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(place["file"])},
            "region": {"startLine": place["line"], "startColumn": place["column"]},
        },
        "logicalLocations": [{"fullyQualifiedName": place["pointer"], "kind": "member"}],
    }


def _result(finding: Report, rules: list[str]) -> Report:
    place = finding["location"]
    name = _rule_id(finding)
    text = finding["message"] if finding["curl"] is None else f"{finding['message']}\n\n{finding['curl']}"
    return {
        "ruleId": name,
        "ruleIndex": rules.index(name),
        "level": "error",
        "message": {"text": f"{finding['title']}: {text}"},
        "locations": [location(place)],
        "partialFingerprints": {"speclock/v1": finding["id"]},
        "occurrenceCount": finding.get("count", 1),
        "properties": {key: finding[key] for key in ("operation", "case", "response")},
    }


def _rule_id(finding: Report) -> str:
    return f"{finding['check']}/{finding['operation']}/{finding['rule']}"


def _names(rule: Report, finding: Report) -> bool:
    return bool(rule["id"] == finding["rule"] and rule["operation"] == finding["operation"])


def _uri(file: str) -> str:
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
