"""Conformance as pytest items: suites that a team could have, run by pytest itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

# Imported here once: pytester forgets what a suite imports, and compiled modules cannot be imported twice.
import speclock.cli.preparing
import speclock.phases.auth
import speclock.phases.combinations
import speclock.phases.examples
import speclock.reporting.curl  # noqa: F401
from speclock.core.constraints import Oracle
from speclock.core.reading import Reading
from speclock.core.rules import RuleKind
from tests.conformance.harness import CONTRACT, PROFILE, SECRET
from tests.conformance.loans_server import KEY

if TYPE_CHECKING:
    from pathlib import Path

SUITE = """
from pathlib import Path
from speclock.pytest_plugin import conformance
from tests.conformance.loans_server import app_with

loans = app_with({fault!r})

async def server(scope, receive, send):
    if scope["type"] == "http":
        with Path("seen.txt").open("a") as seen:
            print("key" if b"authorization" in dict(scope["headers"]) else "none", file=seen)
    await loans(scope, receive, send)

@conformance(contract={contract!r}, profile={profile!r}, {more})
def test_loans():
    return server
"""
FORBIDDEN_PAIR = "held-loan-is-not-renewable"
OF_ANSWERS = {"loan-id-is-new", "loan-is-of-the-book", "loan-days-by-default"}


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, SECRET)


def suite(
    pytester: pytest.Pytester,
    fault: str | None = None,
    more: str = "phases=['examples', 'combinations']",
    *,
    contract: Path = CONTRACT,
    profile: Path = PROFILE,
) -> None:
    source = SUITE.format(fault=fault, contract=str(contract), profile=str(profile), more=more)
    pytester.makepyfile(test_loans=source)


def collected(pytester: pytest.Pytester, *arguments: str) -> list[str]:
    ran = pytester.runpytest("--collect-only", "-q", *arguments)
    assert ran.ret == 0
    return [line for line in ran.outlines if line.startswith("test_loans.py::")]


def failed_items(ran: pytest.RunResult) -> set[str]:
    return set(re.findall(r"^FAILED test_loans\.py::test_loans\[(.+?)\]", ran.stdout.str(), re.MULTILINE))


def names(items: list[str]) -> list[str]:
    return [item.partition("[")[2].removesuffix("]") for item in items]


def test_each_operation_phase_and_rule_is_an_item(pytester: pytest.Pytester) -> None:
    suite(pytester, more="phases=['examples', 'combinations', 'auth']")
    reading = Reading.of(CONTRACT)
    oracle = Oracle(reading.contract, reading.schemas, reading.rules)
    expected: set[str] = set()
    for operation in reading.contract.operations:
        answers = {
            rule.id
            for rule in reading.rules
            if rule.operation == operation.id and rule.kind in (RuleKind.RESPONSE, RuleKind.RUN)
        }
        constraints = {constraint.id for constraint in oracle.analysis(operation).constraints}
        expected |= {f"{operation.id}-examples-{name}" for name in answers | {"examples"}}
        expected |= {f"{operation.id}-combinations-{name}" for name in answers | constraints | {"answers"}}
        expected |= {f"{operation.id}-auth-{name}" for name in answers | {"credentials"}}

    found = names(collected(pytester))

    assert len(found) == len(set(found))
    assert set(found) == expected
    assert f"createLoan-combinations-{FORBIDDEN_PAIR}" in found
    assert {f"createLoan-combinations-{name}" for name in OF_ANSWERS} < set(found)


def test_a_correct_server_passes_every_item_but_those_that_nothing_can_break_alone(pytester: pytest.Pytester) -> None:
    suite(pytester, more="phases=['combinations']")
    count = len(collected(pytester))

    ran = pytester.runpytest("-rs")

    ran.assert_outcomes(passed=count - 1, skipped=1)
    ran.stdout.fnmatch_lines(["SKIPPED*a path without it is another path"])


def test_a_broken_promise_fails_its_own_item_alone_with_the_finding_and_a_request_to_repeat(
    pytester: pytest.Pytester,
) -> None:
    suite(pytester, "accepts the forbidden pair", "phases=['combinations']")

    ran = pytester.runpytest("-rf")

    assert ran.parseoutcomes()["failed"] == 1
    ran.stdout.fnmatch_lines(
        [
            f"createLoan accepts a request that breaks the rule {FORBIDDEN_PAIR}",
            "expected a documented refusal*got 201",
            "promised at *loans.yaml:*:* (/components/schemas/NewLoan/allOf/0*)",
            f"curl *${{{KEY}}}*",
            f"FAILED test_loans.py::test_loans[[]createLoan-combinations-{FORBIDDEN_PAIR}]*",
        ]
    )
    assert SECRET not in ran.stdout.str()
    assert "pytest_plugin.py" not in ran.stdout.str(), "a verdict on the server is no traceback of the harness"


def test_a_rule_about_answers_fails_its_own_item(pytester: pytest.Pytester) -> None:
    suite(pytester, "lends another book", "phases=['examples']")

    ran = pytester.runpytest("-rf")

    assert failed_items(ran) == {"createLoan-examples-loan-is-of-the-book"}


def test_what_is_no_rule_fails_the_last_item_of_its_phase(pytester: pytest.Pytester) -> None:
    suite(pytester, "does not check the key", "phases=['auth']")

    ran = pytester.runpytest("-rf")

    operations = ("createLoan", "createReturn", "getShelf")
    assert failed_items(ran) == {f"{operation}-auth-credentials" for operation in operations}


@pytest.mark.parametrize(("chosen", "sends"), [("createLoan-examples", {"key"}), ("createLoan-auth", {"key", "none"})])
def test_a_selected_item_runs_its_phase_alone(chosen: str, sends: set[str], pytester: pytest.Pytester) -> None:
    suite(pytester, more="phases=['examples', 'auth']")

    ran = pytester.runpytest("-k", chosen)

    assert ran.ret == 0
    assert set((pytester.path / "seen.txt").read_text().split()) == sends


def test_the_items_of_one_phase_share_one_run_of_it(pytester: pytest.Pytester) -> None:
    suite(pytester, more="phases=['examples']")
    pytester.runpytest("-k", "createReturn")
    of_some = len((pytester.path / "seen.txt").read_text().split())

    ran = pytester.runpytest()

    assert ran.ret == 0
    assert len((pytester.path / "seen.txt").read_text().split()) == 2 * of_some


def test_what_was_not_judged_is_skipped_with_the_reason(pytester: pytest.Pytester) -> None:
    profile = pytester.path / "profile.toml"
    profile.write_text(PROFILE.read_text() + "\n[rules.off]\nloan-is-of-the-book = 'the old server differs'\n")
    suite(pytester, "lends another book", "phases=['examples']", profile=profile)

    ran = pytester.runpytest("-rs")

    assert ran.parseoutcomes().get("failed") is None
    ran.stdout.fnmatch_lines(["SKIPPED*the old server differs*"])


def test_an_operation_that_is_left_out_has_no_items(pytester: pytest.Pytester) -> None:
    suite(pytester, more="include=['Loans', 'getShelf'], exclude=['/loans'], phases=['examples']")

    assert names(collected(pytester)) == ["getShelf-examples-examples"]


BAD = {
    "a contract that is not there": ("no.yaml", str(PROFILE), "no.yaml: no such file"),
    "a contract that is none": ("test_loans.py", str(PROFILE), "test_loans.py"),
    "a contract that is wrong": ("wrong.yaml", str(PROFILE), "wrong.yaml:2:1: not parsable"),
    "a phase that is none": (str(CONTRACT), str(PROFILE), "unknown phase 'luck'"),
    "an operation that is not there": (str(CONTRACT), str(PROFILE), "--include nope: no operation"),
}


@pytest.mark.parametrize("name", BAD)
def test_wrong_use_is_one_clear_error_at_collection(name: str, pytester: pytest.Pytester) -> None:
    contract, profile, said = BAD[name]
    more = {"a phase that is none": "phases=['luck']", "an operation that is not there": "include=['nope']"}
    source = SUITE.format(fault=None, contract=contract, profile=profile, more=more.get(name, ""))
    pytester.makepyfile(test_loans=source)
    (pytester.path / "wrong.yaml").write_text("openapi: [\n")

    ran = pytester.runpytest()

    text = ran.stdout.str() + ran.stderr.str()
    assert ran.ret not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
    assert said in text
    assert "Traceback" not in text
    assert "pytest_plugin.py" not in text
    assert not (pytester.path / "seen.txt").exists()


def test_a_missing_credential_fails_the_items_in_one_line_and_asks_nothing(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY)
    suite(pytester, more="phases=['examples'], include=['getShelf']")

    ran = pytester.runpytest()

    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines([f"could not be judged: *{KEY} is not set*"])
    assert "pytest_plugin.py" not in ran.stdout.str()
    assert not (pytester.path / "seen.txt").exists()


@pytest.mark.parametrize("strict", [False, True])
def test_what_could_not_be_judged_fails_the_last_item_of_its_phase_only_with_strict(
    strict: bool, pytester: pytest.Pytester
) -> None:
    contract = pytester.path / "loans.yaml"
    contract.write_text(CONTRACT.read_text().replace("renewable: false}", "renewable: 7}"))
    suite(pytester, more=f"phases=['examples'], strict={strict}", contract=contract)

    ran = pytester.runpytest("-rf")

    assert failed_items(ran) == ({"createLoan-examples-examples"} if strict else set())
    assert ("loans.yaml:" in ran.stdout.str()) is strict, "the place of the example that breaks the contract"


def test_every_worker_of_xdist_collects_the_same_items_and_runs_them(pytester: pytest.Pytester) -> None:
    suite(pytester, "accepts the forbidden pair", "phases=['examples', 'auth'], include=['createLoan']")
    count = len(collected(pytester))

    ran = pytester.runpytest("-n2", "--dist=loadgroup", "-rf")

    found = ran.parseoutcomes()
    assert found["passed"] + found["failed"] == count
    assert failed_items(ran) == {"createLoan-examples-examples"}
