"""The robustness phase: hostile input that upsets a server is found, and so is odd legal input that it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from tests.conformance.harness import HERE
from tests.conformance.hostile_server import CHOICES, FAULTS, NO_ALLOW, hostile_app
from tests.conformance.recording import Recorder, check_with

if TYPE_CHECKING:
    from pathlib import Path

    from speclock.engine.events import Outcome
    from speclock.phases.asgi import AsgiApp

CONTRACT = HERE / "hostile.yaml"


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "hostile.toml"
    path.write_text("[bindings]\nshelf = 'top'\n")
    return path


@pytest.fixture
def reading_only(tmp_path: Path) -> Path:
    """The contract without the operation that has a body."""
    document = yaml.safe_load(CONTRACT.read_text())
    del document["paths"]["/notes"]
    path = tmp_path / "reading.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


def check(app: AsgiApp, profile: Path, *, contract: Path = CONTRACT, phases: str = "robustness") -> Outcome:
    return check_with(app, contract=contract, profile=profile, phases=phases)


def assert_faultless(outcome: Outcome) -> None:
    assert [(finding.operation, finding.check, finding.rule) for finding in outcome.findings] == []
    assert outcome.errors == ()
    assert outcome.status(strict=True) == 0


def test_a_server_that_bears_everything_has_no_findings(profile: Path) -> None:
    outcome = check(hostile_app(), profile)

    assert_faultless(outcome)
    assert outcome.judged > 90


@pytest.mark.parametrize("choice", CHOICES)
def test_what_a_server_may_rightly_refuse_is_no_finding_either(choice: str, profile: Path) -> None:
    server = Recorder(hostile_app(refused=choice))

    assert_faultless(check(server, profile))
    assert any(CHOICES[choice] in asked.body for asked in server.asked)


@pytest.mark.parametrize("name", FAULTS)
def test_one_fault_is_found_and_named(name: str, profile: Path) -> None:
    fault = FAULTS[name]

    outcome = check(hostile_app(name), profile)

    assert outcome.status() == 1
    assert {finding.check for finding in outcome.findings} == {fault.check}
    found = {(finding.operation, finding.rule): finding for finding in outcome.findings}
    assert (fault.operation, fault.rule) in found
    exchange = found[fault.operation, fault.rule].exchange
    assert exchange is not None
    assert exchange.case.description == fault.shown


def test_a_contract_without_any_body_is_tried_too(profile: Path, reading_only: Path) -> None:
    outcome = check(hostile_app(), profile, contract=reading_only)

    assert_faultless(outcome)
    assert outcome.judged > 40


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault.operation == "findNotes"])
def test_a_fault_of_an_operation_without_a_body_is_found_in_such_a_contract(
    name: str, profile: Path, reading_only: Path
) -> None:
    outcome = check(hostile_app(name), profile, contract=reading_only)

    assert [(finding.check, finding.rule) for finding in outcome.findings] == [(FAULTS[name].check, FAULTS[name].rule)]


def test_a_405_without_the_header_allow_is_found_on_every_path(profile: Path) -> None:
    outcome = check(hostile_app(NO_ALLOW), profile)

    assert {(finding.operation, finding.check, finding.rule) for finding in outcome.findings} == {
        ("createNote", "method_rejection", "Allow beside 405"),
        ("findNotes", "method_rejection", "Allow beside 405"),
    }
