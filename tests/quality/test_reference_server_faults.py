"""Edit the real server, one promise at a time, and `speclock check` with default settings says which one is broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.quality.further_faults import FURTHER_FAULTS
from tests.quality.server_faults import FAULTS
from tests.support.edited_server import check_edited_server, check_server, run_speclock, start_edited_server

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.untraced

ALL = {**FAULTS, **FURTHER_FAULTS}
#: Of each kind of fault, one or two; the others take the better part of an hour.
SAMPLE = (
    "production with a test case is accepted when request.metadata is not None",
    "the test case's context is forgotten",
)


def _sampled(name: str) -> object:
    return pytest.param(name, marks=() if name in SAMPLE else pytest.mark.full)


def test_the_sample_is_of_faults_that_exist() -> None:
    assert set(SAMPLE) <= ALL.keys()
    assert FAULTS.keys().isdisjoint(FURTHER_FAULTS)


@pytest.mark.parametrize("name", [_sampled(name) for name in ALL])
def test_the_fault_is_named(name: str, tmp_path: Path) -> None:
    fault = ALL[name]
    status, report = check_edited_server(tmp_path, fault)
    shown = {(found["operation"], found["check"], found["rule"]) for found in report["findings"]}
    assert status == 1
    assert any((fault.operation, fault.check) == found[:2] and fault.rule in {None, found[2]} for found in shown), (
        f"not named; found {sorted(map(str, shown))}"
    )


def test_the_unedited_copy_shows_nothing_and_each_constraint_was_broken_alone(tmp_path: Path) -> None:
    status, report = check_edited_server(tmp_path, None)
    assert report["findings"] == []
    assert report["errors"] == []
    assert status == 0
    constraints = [item for item in report["rules"] if item["kind"] not in {"response", "run"}]
    lacking = [item for item in constraints if not item["isolated"]["right"] or not item["boundary"]["right"]]
    assert len(constraints) > len(lacking)
    assert {f"{item['operation']}.{item['id']}": item["reason"] for item in lacking} == {
        "createProjectSession.path.project_id:required": "a path without it is another path"
    }


def test_a_finding_about_what_an_answer_must_name_shows_again(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    with start_edited_server(tmp_path, ALL["an unknown session is dropped"]) as server:
        brief = ("--phases=combinations", "--include=createEvaluationsFromSessions")
        _, told = check_server(server, report, *brief)
        (finding,) = [item for item in told["findings"] if item["check"] == "unknown_id_conformance"]
        again = run_speclock(server, "replay", str(report), finding["id"])
    assert again.returncode == 1, again.stderr
    assert "the finding still shows" in again.stdout


@pytest.mark.full
@pytest.mark.parametrize("seed", range(10))
def test_no_seed_shows_anything(seed: int, tmp_path: Path) -> None:
    status, report = check_edited_server(tmp_path, None, f"--seed={seed}")
    assert (status, report["findings"], report["errors"]) == (0, [], [])
