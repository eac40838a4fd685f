"""A mock is a server too: `python -m tools.conformance` judges Prism by `mock.toml`, and says what Prism gets wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.harness import ROOT
from tests.conformance.recording import recording
from tests.support.prism_process import start_prism
from tests.support.uncovered import uncovered
from tools.conformance import KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CONTRACT = ROOT / "openapi.yaml"
PROFILE = ROOT / "conformance" / "profiles" / "mock.toml"


@pytest.fixture(scope="module")
def prism() -> Iterator[str]:
    with start_prism(CONTRACT) as url:
        yield url


class Mocked:
    """One run of `python -m tools.conformance`."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        path = folder / "mock.json"
        done = subprocess.run(
            [sys.executable, "-m", "tools.conformance", *arguments, f"--report=json={path}"],
            cwd=ROOT,
            env={name: value for name, value in uncovered().items() if name not in KEYS},
            capture_output=True,
            text=True,
            check=False,
        )
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr
        self.report: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}

    @property
    def findings(self) -> set[tuple[str, str]]:
        """The check and the rule of each finding that is not expected."""
        return {(finding["check"], finding["rule"]) for finding in self.report["findings"]}

    @property
    def expected(self) -> set[str]:
        """What the findings that are expected say."""
        return {finding["title"] for finding in self.report["expected"]}


def profile_with(folder: Path, old: str, new: str) -> Path:
    """A copy of the mock's profile with one change."""
    text = PROFILE.read_text()
    assert text.count(old) == 1
    path = folder / "mock.toml"
    path.write_text(text.replace(old, new))
    return path


BRIEF = ("--include=createEvaluationsFromSessions", "--phases=examples,combinations")


def test_a_mock_has_no_findings_by_its_profile(prism: str, tmp_path: Path) -> None:
    ran = Mocked(tmp_path, f"--url={prism}", *BRIEF)

    assert (ran.status, ran.err) == (0, "")
    assert (ran.report["findings"], ran.report["errors"]) == ([], [])
    assert "0 findings, " in ran.out
    assert [rule for rule in ran.report["rules"] if rule["verdict"] == "held"]


def test_what_the_mock_gets_wrong_is_listed_as_expected_and_what_is_not_on_the_list_is_a_finding(
    prism: str, tmp_path: Path
) -> None:
    profile = profile_with(tmp_path, 'rule = "bytes that are no UTF-8"', 'rule = "another one"')

    ran = Mocked(tmp_path, f"--url={prism}", f"--profile={profile}", "--include=createSession", "--phases=robustness")

    assert ran.status == 1
    assert ran.findings == {("malformed_body_rejection", "bytes that are no UTF-8")}
    assert ran.expected == {
        "/sessions answers 405 without the header Allow",
        "createSession answers 500",
        "createSession does not answer",
        "createSession does not refuse JSON sent as application/vnd.speclock+json",
        "createSession does not refuse a body of 1048577 bytes",
        "createSession does not refuse a body of 1048577 bytes whose length is not announced",
        "createSession does not refuse a surrogate written as UTF-8",
    }
    assert all("Prism" in finding["reason"] for finding in ran.report["expected"])
    assert "no longer occurs: malformed_body_rejection another one of *" in ran.out


def test_a_mock_that_is_judged_as_if_it_had_a_memory_has_findings(prism: str, tmp_path: Path) -> None:
    profile = profile_with(tmp_path, "stateless = true", "stateless = false")

    ran = Mocked(tmp_path, f"--url={prism}", f"--profile={profile}", *BRIEF)

    assert ran.status == 1
    assert "rule_conformance" in {check for check, _ in ran.findings}


@pytest.mark.full
def test_a_whole_run_starts_its_own_mock_and_finds_nothing_new(tmp_path: Path) -> None:
    ran = Mocked(tmp_path)

    assert (ran.status, ran.report["findings"], ran.report["errors"], ran.report["absent"]) == (0, [], [], [])
    operations = {"createSession", "createTestCase", "createEvaluationsFromSessions", "createProjectSession"}
    assert {title.partition(" ")[0] for title in ran.expected} >= operations


def test_the_url_that_is_given_is_the_one_that_is_judged(tmp_path: Path) -> None:
    with recording() as (url, asked):
        ran = Mocked(tmp_path, "--url", url, "--include=createSession", "--phases=examples")

    assert ran.status == 2
    assert "no valid request to createSession could be judged" in ran.err
    assert {one.path for one in asked} >= {"/sessions"}
    sent = {one.headers["Authorization"] for one in asked if one.method == "POST"}
    assert sent == {f"Bearer {KEYS['GALTEA_API_KEY']}"}


def test_a_wrong_option_ends_with_its_own_line_and_status_2(tmp_path: Path) -> None:
    ran = Mocked(tmp_path, "--url=http://127.0.0.1:1", "--phases=luck")

    assert ran.status == 2
    assert "unknown phase 'luck'" in ran.err
    assert ran.report == {}
