"""A document that was not written for speclock, and no profile: what can be judged is, and the rest is said."""

import json
from pathlib import Path

import jsonschema_rs
import pytest

from speclock.core.profiles import Binding, Profile
from speclock.engine.events import Outcome
from speclock.phases.asgi import AsgiApp
from speclock.reporting.report import report_schema
from tests.conformance.harness import HERE, check_app, speclock
from tests.conformance.petstore_server import everything_is_text, petstore

pytestmark = pytest.mark.untraced

PETSTORE = HERE / "petstore.yaml"


def check(app: AsgiApp, profile: Profile | None = None, seed: int = 1) -> Outcome:
    return check_app(None, app=app, contract=PETSTORE, profile=profile or Profile(), credentials={}, seed=seed)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_correct_server_is_judged_without_profile_credentials_and_bindings(seed: int) -> None:
    outcome = check(petstore(), seed=seed)

    assert [(finding.title, finding.message) for finding in outcome.findings] == []
    assert outcome.status() == 0
    assert outcome.judged > 100
    # `petId` is what `GET /pets` lists.
    assert outcome.errors == ()


def test_a_known_id_is_all_that_it_takes_to_judge_the_rest() -> None:
    outcome = check(petstore(), Profile(bindings={"": {"petId": Binding(values=(1,))}}))

    assert outcome.errors == ()
    assert outcome.status(strict=True) == 0


def test_a_server_that_answers_something_else_to_everything_is_found_out() -> None:
    outcome = check(everything_is_text)

    assert {finding.operation for finding in outcome.findings} >= {"listPets", "GET /pets/{petId}"}
    assert "media_type_conformance" in {finding.check for finding in outcome.findings}


def test_an_application_is_asked_below_the_path_of_the_first_server() -> None:
    elsewhere = check(petstore(prefix="/v2"))

    assert elsewhere.fatal is not None
    assert elsewhere.fatal.startswith("no valid request to listPets could be judged")


@pytest.mark.parametrize("name", ["keeperId", "keeper"])
def test_a_refusal_for_want_of_data_is_a_finding_only_when_every_id_of_the_request_is_bound(
    name: str, tmp_path: Path
) -> None:
    contract = tmp_path / "petstore.yaml"
    parameter = f"{{name: {name}, in: query, required: true, schema: {{type: string}}}}"
    contract.write_text(PETSTORE.read_text().replace("- name: petId", f"- {parameter}\n        - name: petId"))

    outcome = check_app(
        None,
        app=petstore(),
        contract=contract,
        profile=Profile(bindings={"": {"petId": Binding(values=("no-such-pet",))}}),
        credentials={},
        phases=("fuzzing",),
    )

    assert {finding.rule for finding in outcome.findings} == ({"status 404"} if name == "keeper" else set())
    assert [error.message.rpartition(": ")[2] for error, _ in outcome.errors] == (
        ["keeperId"] if name == "keeperId" else []
    )


def test_the_rules_command_writes_a_report_of_the_documented_shape(tmp_path: Path) -> None:
    path = tmp_path / "rules.json"

    ran = speclock("rules", "--contract", PETSTORE, "--report", f"json={path}")

    assert (ran.status, ran.err) == (0, "")
    assert "3 operations, 10 constraints and rules" in ran.out
    assert "not supported:" not in ran.out
    report = json.loads(path.read_text())
    jsonschema_rs.Draft202012Validator(report_schema()).validate(report)
    assert report["run"] is None


def test_the_rules_command_names_what_it_does_not_support(tmp_path: Path) -> None:
    path = tmp_path / "form.yaml"
    path.write_text(
        PETSTORE.read_text().replace(
            "application/json:\n            schema: {$ref", "text/csv:\n            schema: {$ref"
        )
    )

    ran = speclock("rules", "--contract", path)

    assert ran.status == 0
    assert "the request body is not JSON" in ran.out
    assert "1 parts not supported" in ran.out
