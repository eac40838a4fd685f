"""`speclock mutants` as its users call it: the score, the reports, the exit status, one mutant served, bad input."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from speclock.reporting.report import report_schema
from tests.conformance.command_runs import app_of
from tests.conformance.harness import COMMAND, CONTRACT, PROFILE, ROOT, SECRET, speclock
from tests.conformance.loans_server import KEY

if TYPE_CHECKING:
    from pathlib import Path

BRIEF = ("--phases=examples,combinations,auth,robustness", "--include=createLoan")
LOANS = ("mutants", "--contract", CONTRACT, "--app", app_of(None), *BRIEF)


def report_of(path: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(path.read_text())
    jsonschema_rs.Draft202012Validator(report_schema()).validate(report)
    return report


def test_the_score_is_told_by_kind_and_a_mutant_that_lives_fails(tmp_path: Path) -> None:
    out = tmp_path / "mutants.json"
    ran = speclock(*LOANS, "--profile", PROFILE, "--sample=12", "--report", f"json={out}")
    report = report_of(out)
    told = report["mutants"]
    states = [item["state"] for item in told["list"]]
    assert ran.status == 1
    assert "mutation score" in ran.out
    assert {name: states.count(name.replace("_", " ")) for name in ("killed", "survived", "never_exercised")} == {
        name: told[name] for name in ("killed", "survived", "never_exercised")
    }
    assert told["made"] == told["killed"] + told["survived"] + told["never_exercised"]
    assert told["score"] == pytest.approx(told["killed"] / told["made"], abs=1e-4)
    assert sum(cell["killed"] for cell in told["matrix"]) == told["killed"] > 30
    assert all(item["killed_by"] for item in told["list"] if item["state"] == "killed")
    assert {kind["kind"] for kind in told["kinds"]} == {item["kind"] for item in told["list"]}
    assert SECRET not in out.read_text() + ran.out + ran.err


def test_survivors_with_a_reason_in_the_profile_are_accounted_for(tmp_path: Path) -> None:
    profile, out = tmp_path / "loans.toml", tmp_path / "mutants.json"
    accepted = '[mutants.accepted]\n"createLoan answers 201 with createdAt *" = "the server\'s own clock"\n'
    accepted += '"createLoan answers 201 with nothing *" = "never needed"\n'
    profile.write_text(PROFILE.read_text() + accepted)
    only = "--only=createLoan answers 201 with createdAt replaced by another value*"
    ran = speclock(*LOANS, "--profile", profile, only, "--report", f"json={out}")
    report = report_of(out)
    assert ran.status == 0
    assert {item["state"] for item in report["mutants"]["list"]} == {"survived"}
    assert {item["reason"] for item in report["mutants"]["list"]} == {"the server's own clock"}
    assert [item["reason"] for item in report["unguarded"]] == ["the server's own clock"]
    assert report["mutants"]["unmatched"] == []  # of some mutants alone, nobody can say that no other one needs it
    assert "accounts for nothing" not in ran.out


def test_a_subject_that_is_not_correct_is_told_with_its_findings(tmp_path: Path) -> None:
    only = "--only=createLoan accepts body.days"
    arguments = ("mutants", "--contract", CONTRACT, "--app", app_of("answers 202"), *BRIEF, only)
    ran = speclock(*arguments, "--profile", PROFILE)
    assert ran.status == 1
    assert "answers 202, which is not documented" in ran.out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--only=nobody *",), "--only nobody *: no mutant has such an id"),
        (("--sample=0",), "--sample 0: expected 1 or more"),
        (("--conditions=-1",), "--conditions -1: expected 0 or more"),
        (("--serve=nobody", "--port=70000"), "--port 70000: expected 0 to 65535"),
        (("--serve=nobody",), "--serve nobody: no mutant has this id"),
        (("--report=pdf=x.pdf",), "unknown format 'pdf'"),
    ],
)
def test_bad_input_is_one_clear_line(more: tuple[str, ...], said: str) -> None:
    ran = speclock(*LOANS, "--profile", PROFILE, *more)
    assert ran.status == 2
    assert said in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_an_entry_of_the_profile_without_a_reason_is_refused(tmp_path: Path) -> None:
    profile = tmp_path / "loans.toml"
    profile.write_text(PROFILE.read_text() + '[mutants.accepted]\n"createLoan *" = ""\n')
    ran = speclock(*LOANS, "--profile", profile)
    assert ran.status == 2
    assert "mutants.accepted.createLoan *: expected the reason, in words" in ran.err


def test_one_mutant_is_served_over_http_until_it_is_interrupted() -> None:
    serve = "--serve=createLoan accepts held-loan-is-not-renewable"
    process = subprocess.Popen(
        [*COMMAND, *map(str, (*LOANS, "--profile", PROFILE, serve))],
        env={**os.environ, "PYTHONPATH": str(ROOT), KEY: SECRET},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        said = process.stdout.readline() + process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", said)
        assert found is not None
        statuses = [
            asked(int(found[1]), {"bookId": "book_1", "holdId": "hold_1", "renewable": True}),
            asked(int(found[1]), {"bookId": "book_1", "days": 99}),
            asked(int(found[1]), {"bookId": "book_1"}),
        ]
    finally:
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=30)
    assert statuses == [201, 400, 201]
    assert "acted 1 times" in rest
    assert process.returncode == 0


def asked(port: int, body: dict[str, Any]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {SECRET}"}
    connection.request("POST", "/loans", json.dumps(body), headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status
