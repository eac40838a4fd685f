"""Reports read again: shards made one, and findings that a team has accepted so far."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import jsonschema_rs

from speclock.core.errors import UsageError
from speclock.reporting.report import report_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from speclock.reporting.report import Report

__all__ = ["merge_reports", "read_report"]

#: Errors that each shard meets for itself, because they are about the contract and not about a case.
_OF_THE_CONTRACT = ("contract", "generation")
#: Of two verdicts on one rule, the one that counts for both.
_RANK = ("broken", "held", "error", "unjudged", "off")


def read_report(path: Path) -> Report:
    """A JSON report that speclock has written.

    Raises:
        UsageError: it cannot be read, or is no such report.
    """
    try:
        report = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file; give a report that speclock wrote as json") from None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror or error})") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{path}: not JSON; give a report that speclock wrote as json") from None
    for flaw in jsonschema_rs.Draft202012Validator(report_schema()).iter_errors(report):
        where = "/" + "/".join(map(str, flaw.instance_path))
        raise UsageError(f"{path}: no report of this version of speclock: at {where}: {flaw.message}")
    result: Report = report
    return result


def merge_reports(reports: Sequence[tuple[str, Report]]) -> Report:
    """One report of the shards of one run, each given with the name of its file.

    Raises:
        UsageError: they are not all the shards of one run.
    """
    _check(reports)
    first = reports[0][1]
    listed = [report for _, report in reports]
    runs = [report["run"] for report in listed]
    expected = _by_id(item for report in listed for item in report.get("expected", ()))
    return {
        "speclock": first["speclock"],
        "contract": first["contract"],
        "run": {
            **runs[0],
            "cases": sum(run["cases"] for run in runs),
            "seconds": max(run["seconds"] for run in runs),
            "shard": None,
        },
        "findings": sorted(
            _by_id(finding for report in listed for finding in report["findings"]),
            key=lambda item: (item["location"]["line"], item["check"], item["rule"]),
        ),
        "rules": _rules(listed),
        "errors": _errors(listed),
        "unguarded": [item for report in listed for item in report["unguarded"]],
        "expected": expected,
        "absent": [
            item for item in first.get("absent", ()) if all(item in report.get("absent", ()) for report in listed)
        ],
    }


def _check(reports: Sequence[tuple[str, Report]]) -> None:
    first_name, first = reports[0]
    seen: dict[str, str] = {}
    for name, report in reports:
        if report["run"] is None:
            raise UsageError(f"{name}: the report of a contract that was not run; give reports of `speclock check`")
        if report["contract"]["sha256"] != first["contract"]["sha256"]:
            raise UsageError(f"{name}: of another contract than {first_name}; merge the shards of one run")
        for key in ("seed", "phases"):
            if report["run"][key] != first["run"][key]:
                raise UsageError(
                    f"{name}: run with {key} {report['run'][key]}, and {first_name} with {first['run'][key]}; "
                    "merge the shards of one run"
                )
        if _promises(report) != _promises(first):
            raise UsageError(f"{name}: of other operations than {first_name}; merge the shards of one run")
        shard = report["run"]["shard"]
        if shard is None:
            raise UsageError(f"{name}: the report of a whole run; give those of `speclock check --shard I/N`")
        if shard in seen:
            raise UsageError(f"{name}: the shard {shard} is in {seen[shard]} already")
        seen[shard] = name
    count = int(first["run"]["shard"].partition("/")[2])
    missing = [f"{number}/{count}" for number in range(1, count + 1) if f"{number}/{count}" not in seen]
    if missing or len(seen) != count:
        told = f"missing: {', '.join(missing)}" if missing else f"of other counts: {', '.join(sorted(seen))}"
        raise UsageError(f"the reports are not all {count} shards of one run ({told})")


def _promises(report: Report) -> list[tuple[str, str]]:
    return [(rule["operation"], rule["id"]) for rule in report["rules"]]


def _by_id(items: Iterable[Report]) -> list[Report]:
    """Findings of one cause as one, shown by the smallest request."""
    found: dict[str, Report] = {}
    for item in items:
        known = found.get(item["id"])
        if known is None:
            found[item["id"]] = dict(item)
            continue
        smaller = item if _size(item) < _size(known) else known
        found[item["id"]] = {**smaller, "count": known["count"] + item["count"]}
    return list(found.values())


def _size(finding: Report) -> int:
    return len(finding.get("curl") or "")


def _rules(reports: Sequence[Report]) -> list[Report]:
    merged: list[Report] = []
    for rows in zip(*(report["rules"] for report in reports), strict=True):
        rule = dict(rows[0])
        rule["positive"] = sum(row["positive"] for row in rows)
        rule["negative"] = sum(row["negative"] for row in rows)
        rule["verdict"] = min((row["verdict"] for row in rows), key=_RANK.index)
        for name in ("isolated", "boundary"):
            parts = [row[name] for row in rows]
            rule[name] = {
                "planned": max(part["planned"] for part in parts),
                "sent": sum(part["sent"] for part in parts),
                "right": sum(part["right"] for part in parts),
            }
        if "table" in rule:
            rule["table"] = _table(line for row in rows for line in row.get("table", ()))
        merged.append(rule)
    return merged


def _table(lines: Iterable[Report]) -> list[Report]:
    """The lines of several truth tables of one rule, in the order that one run has them in."""
    found: dict[tuple[bool, tuple[str, ...]], Report] = {}
    for line in lines:
        key = (line["expected"] == "accepted", tuple(line["shape"].values()))
        known = found.get(key, {"got": {}, "right": 0, "wrong": 0})
        found[key] = {
            **line,
            "got": dict(sorted((Counter(known["got"]) + Counter(line["got"])).items())),
            "right": known["right"] + line["right"],
            "wrong": known["wrong"] + line["wrong"],
        }
    return [found[key] for key in sorted(found)]


def _errors(reports: Sequence[Report]) -> list[Report]:
    found: dict[tuple[str, ...], Report] = {}
    for report in reports:
        for error in report["errors"]:
            key = tuple(str(error[name]) for name in ("operation", "phase", "kind", "message"))
            known = found.get(key)
            if known is None:
                found[key] = dict(error)
            elif error["kind"] not in _OF_THE_CONTRACT:
                known["count"] += error["count"]
    return list(found.values())
