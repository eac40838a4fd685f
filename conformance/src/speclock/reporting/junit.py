"""The report as JUnit XML: a test case for each rule and constraint, so that a CI server lists what was promised.

The format is the one that Jenkins's xUnit plugin has written down (`jenkins-junit.xsd`): a rule that was never tried is
skipped, what could not be judged at all is an error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from speclock.reporting.report import Report

__all__ = ["render"]

#: Characters that XML 1.0 cannot hold (section 2.2).
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """The XML text."""
    suites = ET.Element("testsuites", name="speclock")
    rules = report["rules"]
    for operation in dict.fromkeys(item["operation"] for item in (*rules, *report["findings"])):
        own = [finding for finding in report["findings"] if finding["operation"] == operation]
        suite = ET.SubElement(suites, "testsuite", name=operation)
        named = [rule for rule in rules if rule["operation"] == operation]
        for rule in named:
            found = [finding for finding in own if finding["rule"] == rule["id"]]
            _case(suite, operation, rule["id"], found, rule)
        names = {rule["id"] for rule in named}
        for finding in own:
            if finding["rule"] not in names:
                _case(suite, operation, f"{finding['check']}: {finding['rule']}", [finding], None)
        _count(suite)
    for error in report["errors"]:
        if error["kind"] == "fatal":
            suite = ET.SubElement(suites, "testsuite", name="run")
            case = ET.SubElement(suite, "testcase", classname="speclock.run", name="the run as a whole")
            ET.SubElement(case, "error", type="fatal", message=_text(error["message"]))
            _count(suite)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _case(suite: ET.Element, operation: str, name: str, findings: list[Report], rule: Report | None) -> None:
    case = ET.SubElement(suite, "testcase", classname=f"speclock.{_text(operation)}", name=_text(name), time="0")
    for finding in findings[:1]:
        failure = ET.SubElement(case, "failure", type=finding["check"], message=_text(finding["title"]))
        place = finding["location"]
        lines = [item["message"] for item in findings]
        lines += [f"promised at {place['file']}:{place['line']}:{place['column']}", finding["curl"] or ""]
        failure.text = _text("\n".join(lines))
    if not findings and rule is not None and rule["verdict"] == "error":
        message = "the expression could not be judged for any answer: see the errors of the report"
        ET.SubElement(case, "error", type="rule", message=message)
    elif not findings and rule is not None and rule["verdict"] in ("unjudged", "off"):
        reason = rule.get("reason") or f"the rule is {rule['verdict']}"
        ET.SubElement(case, "skipped", message=_text(reason))


def _count(suite: ET.Element) -> None:
    cases = list(suite)
    suite.set("tests", str(len(cases)))
    for kind, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(kind) is not None for case in cases)))


def _text(text: str) -> str:
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
