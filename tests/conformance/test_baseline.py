"""`--baseline`: findings that a team has accepted so far do not fail, new ones alone do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.command_runs import BRIEF, app_of, check_loans
from tests.conformance.harness import CONTRACT, PROFILE, speclock

if TYPE_CHECKING:
    from pathlib import Path

FAULT = "lends another book"


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a server with one fault, which shows as two findings."""
    path = tmp_path_factory.mktemp("baseline") / "baseline.json"
    ran, report = check_loans(FAULT, path, *BRIEF)
    assert ran.status == 1
    assert {finding["rule"] for finding in report["findings"]} == {"loan-is-of-the-book", "return-is-of-the-loan"}
    return path


def findings_of(path: Path) -> dict[str, dict[str, Any]]:
    return {finding["id"]: finding for finding in json.loads(path.read_text())["findings"]}


def test_accepted_findings_do_not_fail_and_are_named_as_expected(baseline: Path, tmp_path: Path) -> None:
    ran, report = check_loans(FAULT, tmp_path / "report.json", *BRIEF, "--baseline", baseline)

    assert (ran.status, ran.err) == (0, "")
    assert (report["findings"], report["absent"]) == ([], [])
    accepted = findings_of(baseline)
    assert {item["id"] for item in report["expected"]} == accepted.keys()
    for item in report["expected"]:
        assert item["count"] == accepted[item["id"]]["count"]
        assert item["reason"] == f"accepted in {baseline}"
        assert f"expected: {item['title']} (accepted in {baseline})" in ran.out
    assert "0 findings" in ran.out


def test_a_new_finding_alone_fails(baseline: Path, tmp_path: Path) -> None:
    report = json.loads(baseline.read_text())
    old, new = sorted(report["findings"], key=lambda finding: str(finding["rule"]))
    report["findings"] = [old]
    known = tmp_path / "known.json"
    known.write_text(json.dumps(report))

    ran, report = check_loans(FAULT, tmp_path / "report.json", *BRIEF, "--baseline", known)

    assert ran.status == 1
    assert [finding["id"] for finding in report["findings"]] == [new["id"]]
    assert [item["id"] for item in report["expected"]] == [old["id"]]


def test_accepting_one_rule_accepts_no_other_of_the_same_check_and_operation(tmp_path: Path) -> None:
    known = tmp_path / "known.json"
    check_loans("lends for 21 days by default", known, *BRIEF)

    ran, report = check_loans(FAULT, tmp_path / "report.json", *BRIEF, "--baseline", known)

    assert ran.status == 1
    assert {finding["rule"] for finding in report["findings"]} == {"loan-is-of-the-book", "return-is-of-the-loan"}


def test_an_accepted_finding_that_no_longer_shows_is_said(baseline: Path, tmp_path: Path) -> None:
    ran, report = check_loans(None, tmp_path / "report.json", *BRIEF, "--baseline", baseline)

    assert ran.status == 0
    assert sorted((item["operation"], item["check"], item["rule"]) for item in report["absent"]) == [
        ("createLoan", "rule_conformance", "loan-is-of-the-book"),
        ("createReturn", "rule_conformance", "return-is-of-the-loan"),
    ]
    for rule in ("loan-is-of-the-book of createLoan", "return-is-of-the-loan of createReturn"):
        assert f"no longer occurs: rule_conformance {rule} (accepted in {baseline})" in ran.out


def test_of_an_operation_that_was_left_out_nothing_is_said(baseline: Path, tmp_path: Path) -> None:
    _, report = check_loans(None, tmp_path / "report.json", *BRIEF, "--baseline", baseline, "--exclude", "createReturn")

    assert [item["rule"] for item in report["absent"]] == ["loan-is-of-the-book"]


BAD = {
    "no file": (None, "no such file"),
    "no JSON": ("findings: none", "not JSON"),
    "another JSON": ("{}", "no report of this version of speclock"),
    "a report of another version": ('{"speclock": 2}', "no report of this version of speclock"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_baseline_is_one_clear_line_and_status_2(name: str, tmp_path: Path) -> None:
    text, said = BAD[name]
    path = tmp_path / "baseline.json"
    if text is not None:
        path.write_text(text)

    ran = speclock(
        *("check", "--contract", CONTRACT, "--app", app_of(None), "--profile", PROFILE, "--baseline", path, *BRIEF)
    )

    assert (ran.status, ran.err.count("\n"), ran.out) == (2, 1, "")
    assert ran.err.startswith(f"speclock: {path}: ")
    assert said in ran.err
