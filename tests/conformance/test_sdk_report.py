"""What `speclock sdk` tells: the three verdicts on each rule and the score of its mutants, in every format."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest

from speclock.reporting.report import report_schema
from tests.conformance.harness import ROOT, Ran, speclock
from tests.support.chromium import DESKTOP, PHONE, chromium, chromium_process, watch

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

__all__ = ["chromium", "chromium_process"]

FORMATS = ("json", "html", "markdown", "junit", "sarif", "ndjson")
BARE = "client:evalsessions_client"


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ran, Path]:
    """A run on the bare client and a handful of its mutants, and the folder of its reports."""
    folder = tmp_path_factory.mktemp("sdk")
    reports = [f"--report={name}={folder / name}" for name in FORMATS]
    asked = (
        "--mutants=evalsessions_client",
        "--only=models/session_failure.py *.to_dict: *",
        "--include=createSession",
    )
    return speclock("sdk", f"--contract={ROOT / 'openapi.yaml'}", f"--subject={BARE}", *asked, *reports), folder


@pytest.fixture(scope="module")
def report(judged: tuple[Ran, Path]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((judged[1] / "json").read_text("utf-8"))
    return found


def test_the_json_report_has_the_shape_that_its_schema_documents(report: dict[str, Any]) -> None:
    assert list(jsonschema_rs.Draft202012Validator(report_schema()).iter_errors(report)) == []
    assert report["sdk"]["subject"].startswith("evalsessions_client ")
    assert report["sdk"]["refuses"] is False
    assert report["sdk"]["server"] is None


def test_the_rules_on_which_they_differ_come_first_and_are_counted(
    judged: tuple[Ran, Path], report: dict[str, Any]
) -> None:
    rows = report["sdk"]["verdicts"]
    agree = [row["agree"] for row in rows]
    assert agree == sorted(agree)
    assert agree.count(False) == report["sdk"]["differ"] > 0
    first = next(row for row in rows if row["rule"] == "test-case-session-is-not-production")
    assert (first["document"], first["server"], first["sdk"]) == ("refuses", "not asked", "accepts")
    assert f"{report['sdk']['differ']} of {len(rows)} rules on which document, server and SDK differ" in judged[0].out
    assert {row["sdk"] for row in rows if row["kind"] == "response"} == {"does not judge"}


def test_mutants_that_no_case_can_show_live_and_make_the_status_1(
    judged: tuple[Ran, Path], report: dict[str, Any]
) -> None:
    # A failure of a batch is in no answer to createSession, the one operation that was asked for.
    told = report["sdk"]["mutants"]
    assert told["made"] == len(told["list"]) > 5
    assert (told["killed"], told["open"], told["score"]) == (0, told["made"], 0)
    assert {item["state"] for item in told["list"]} == {"survived"}
    assert judged[0].status == 1
    assert f"0.0% of {told['made']} mutants killed" in judged[0].out
    assert f"survived models/session_failure.py {told['list'][0]['id'].split(' ', 1)[1]}" in judged[0].out


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_page_has_each_verdict_and_each_survivor(
    size: tuple[int, int], judged: tuple[Ran, Path], report: dict[str, Any], chromium: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "sdk.html"
    path.write_bytes((judged[1] / "html").read_bytes())
    watched = watch(chromium, path, size=size)
    page = watched.page
    assert page.locator("#verdicts table").first.locator("tbody tr").count() == len(report["sdk"]["verdicts"])
    assert page.locator("#verdicts table").nth(1).locator("tbody tr").count() == report["sdk"]["mutants"]["made"]
    first = page.locator("#verdicts table").first.locator("tbody tr").first.text_content() or ""
    assert report["sdk"]["verdicts"][0]["rule"] in first
    assert page.locator("header .kicker").text_content() == "speclock sdk"
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert page.locator("th:not([scope])").count() == 0
    assert (watched.complaints, [address for address in watched.asked if not address.startswith("file:")]) == ([], [])


def test_markdown_tells_where_they_differ(judged: tuple[Ran, Path], report: dict[str, Any]) -> None:
    text = (judged[1] / "markdown").read_text("utf-8")
    assert f"Document, server and SDK differ on {report['sdk']['differ']} of {len(report['sdk']['verdicts'])}" in text
    assert "| `createSession` | `test-case-session-is-not-production` | refuses | not asked | accepts |" in text


def test_every_other_format_has_the_findings(judged: tuple[Ran, Path], report: dict[str, Any]) -> None:
    for name in ("sarif", "ndjson"):
        text = (judged[1] / name).read_text("utf-8")
        assert all(finding["id"] in text for finding in report["findings"]), name
    names = {
        case.get("name") for case in ET.parse(judged[1] / "junit").iter("testcase") if case.find("failure") is not None
    }
    assert names == {f"{finding['check']}: {finding['rule']}" for finding in report["findings"]}
