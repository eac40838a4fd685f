"""The report as markdown, for the summary of a CI job: the verdict, the findings, and what was tried."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from speclock.reporting.report import Report

__all__ = ["code", "plain", "render"]

#: Findings that are told in full, and characters of a curl line: a job summary has a limit (1 MiB at GitHub).
_FULL = 50
_LONGEST = 4000


def render(report: Report) -> str:
    """The markdown text."""
    contract, run, findings = report["contract"], report["run"], report["findings"]
    fatal = [error["message"] for error in report["errors"] if error["kind"] == "fatal"]
    lines = [f"# {plain(contract['title'])} {plain(str(contract['version']))}: {_verdict(findings, fatal)}", ""]
    lines += [f"> {plain(text)}\n" for text in fatal]
    if run is not None:
        shard = f", shard {run['shard']}" if run["shard"] else ""
        phases = ", ".join(run["phases"])
        count = f"{run['cases']} cases against {code(run['subject'])} in {run['seconds']:.1f} s"
        lines.append(f"{count}, seed {run['seed']}{shard} ({phases}).")
    for finding in findings[:_FULL]:
        lines += _finding(finding)
    if len(findings) > _FULL:
        lines += ["", f"... and {len(findings) - _FULL} more findings, in the JSON report."]
    lines += _rules(report["rules"])
    lines += _errors([error for error in report["errors"] if error["kind"] != "fatal"])
    if report.get("expected"):
        lines += ["", f"{len(report['expected'])} expected findings occurred:", ""]
        lines += [f"- {plain(item['title'])} ({plain(item['reason'])})" for item in report["expected"]]
    return "\n".join(lines) + "\n"


def _verdict(findings: list[Report], fatal: list[str]) -> str:
    if findings:
        return f"{len(findings)} finding{'s' if len(findings) > 1 else ''}"
    return "could not be judged" if fatal else "no findings"


def _finding(finding: Report) -> list[str]:
    place = finding["location"]
    where = f"{place['file']}:{place['line']}:{place['column']}"
    lines = [
        "",
        f"## {plain(finding['title'])}",
        "",
        plain(finding["message"]),
        "",
        f"Promised at {code(where)} ({code(place['pointer'])}).",
        "",
        f"{finding['check']}, seen {finding['count']} times, {code(finding['id'])}.",
    ]
    if finding["curl"] is not None:
        curl = finding["curl"] if len(finding["curl"]) <= _LONGEST else "(too long for here: see the JSON report)"
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", curl)), default=0))
        lines += ["", f"{fence}sh", curl, fence]
    return lines


def _rules(rules: list[Report]) -> list[str]:
    lines = ["", "| operation | held | broken | unjudged | off |", "| --- | ---: | ---: | ---: | ---: |"]
    for operation in dict.fromkeys(rule["operation"] for rule in rules):
        count = Counter(rule["verdict"] for rule in rules if rule["operation"] == operation)
        unjudged = count["unjudged"] + count["error"]
        lines.append(f"| {code(operation)} | {count['held']} | {count['broken']} | {unjudged} | {count['off']} |")
    return lines


def _errors(errors: list[Report]) -> list[str]:
    if not errors:
        return []
    lines = ["", f"{sum(error['count'] for error in errors)} cases could not be judged:", ""]
    for error in sorted(errors, key=lambda item: -item["count"])[:_FULL]:
        where = f"{code(error['operation'])}: " if error["operation"] else ""
        lines.append(f"- {where}{plain(error['message'])} ({error['count']}x, {error['phase']})")
    return lines


def plain(text: str) -> str:
    """Free of markup, and on one line."""
    return re.sub(r"([\\`*_{}\[\]<>#|])", r"\\\1", " ".join(text.split()))


def code(text: str) -> str:
    """As code, on one line."""
    return f"`{text.replace('`', ' ').replace('|', ' ')}`"
