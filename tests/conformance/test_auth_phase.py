"""The auth phase: what is no credential is found where a server takes it, and a good one where it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conformance.harness import HERE, speclock
from tests.conformance.keys_server import FAULTS, GOOD, LEGACY, REFUSALS, keys_app
from tests.conformance.recording import Recorder, check_with

if TYPE_CHECKING:
    from pathlib import Path

    from speclock.engine.events import Outcome
    from speclock.phases.asgi import AsgiApp

#: The rules whose findings show a request with a good credential in it.
WITH_GOOD_ONES = (
    "bearer: without scheme",
    "bearer: good under Basic",
    "bearer: longer",
    "header: of bearer",
    "header: missing",
)
CONTRACT = HERE / "keys.yaml"
ENVIRONMENT = {**{f"KEYS_{name.upper()}": key for name, key in GOOD.items()}, "KEYS_LEGACY": LEGACY}


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "keys.toml"
    tables = [f"[credentials.{name}]\nenv = 'KEYS_{name.upper()}'\n" for name in GOOD]
    path.write_text("".join(tables).replace("'KEYS_BEARER'\n", "'KEYS_BEARER'\nalso = ['KEYS_LEGACY']\n"))
    return path


def check(app: AsgiApp, profile: Path, **more: object) -> Outcome:
    return check_with(app, contract=CONTRACT, environ=ENVIRONMENT, profile=profile, phases="auth", **more)


def test_a_server_that_knows_good_from_bad_has_no_findings(profile: Path) -> None:
    outcome = check(keys_app(), profile)

    assert [(finding.operation, finding.title) for finding in outcome.findings] == []
    assert outcome.status(strict=True) == 0
    assert outcome.judged > 40


@pytest.mark.parametrize("fault", FAULTS)
def test_a_credential_that_is_none_is_found_where_a_server_takes_it(fault: str, profile: Path) -> None:
    operation, rule = FAULTS[fault]

    outcome = check(keys_app(fault), profile)

    found = {(finding.operation, finding.rule) for finding in outcome.findings}
    assert (operation, rule) in found
    assert {finding.check for finding in outcome.findings} == {"credential_rejection"}
    (finding,) = [item for item in outcome.findings if (item.operation, item.rule) == (operation, rule)]
    assert finding.message == "expected 401 or 403, got 200"
    assert finding.location.pointer.endswith("/security")


@pytest.mark.parametrize("fault", REFUSALS)
def test_a_good_credential_is_found_where_a_server_refuses_one_of_its_forms(fault: str, profile: Path) -> None:
    operation, rule = REFUSALS[fault]

    outcome = check(keys_app(fault), profile)

    named = [item for item in outcome.findings if (item.operation, item.rule) == (operation, rule)]
    assert [item.check for item in named] == ["credential_conformance"]
    assert named[0].message == "expected a success, got 401"


def test_each_scheme_is_asked_with_nothing_something_wrong_anothers_and_its_own(profile: Path) -> None:
    server = Recorder(keys_app())

    check(server, profile)

    of_header = {asked.headers.get("x-key") for asked in server.of("/header")}
    assert of_header >= {None, "", *(GOOD[name] for name in ("header", "bearer", "query", "cookie"))}
    of_bearer = {asked.headers.get("authorization") for asked in server.of("/bearer")}
    assert of_bearer >= {None, "Bearer", *(f"Bearer {key}" for key in (GOOD["bearer"], LEGACY, GOOD["header"]))}
    assert {asked.headers.get("authorization") for asked in server.of("/basic")} >= {None, f"Basic {GOOD['basic']}"}
    assert "key=" + GOOD["cookie"] in {asked.headers.get("cookie") for asked in server.of("/cookie")}


def test_an_operation_that_asks_for_no_credential_is_left_alone(profile: Path) -> None:
    server = Recorder(keys_app())

    check(server, profile)

    assert server.of("/open") == []


def test_a_form_whose_variable_is_not_set_is_not_tried(profile: Path) -> None:
    server = Recorder(keys_app("refuses the old form"))
    environment = {name: value for name, value in ENVIRONMENT.items() if name != "KEYS_LEGACY"}

    outcome = check_with(server, contract=CONTRACT, environ=environment, profile=profile, phases="auth")

    assert outcome.findings == ()
    assert f"Bearer {LEGACY}" not in {asked.headers.get("authorization") for asked in server.asked}


def test_without_a_profile_a_server_that_asks_for_nothing_is_found_all_the_same() -> None:
    outcome = check_with(keys_app("asks for no bearer key"), contract=CONTRACT, phases="auth")

    assert ("byBearer", "credential: none") in {(finding.operation, finding.rule) for finding in outcome.findings}


@pytest.mark.parametrize(
    "fault", [*REFUSALS, *(fault for fault, (_, rule) in FAULTS.items() if rule in WITH_GOOD_ONES)]
)
def test_no_credential_in_any_form_is_in_any_report(
    fault: str, profile: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    module = f"echo_{abs(hash(fault))}"
    (tmp_path / f"{module}.py").write_text(
        f"from tests.conformance.keys_server import keys_app\napp = keys_app({fault!r}, echo=True)\n"
    )
    paths = {kind: tmp_path / f"report.{kind}" for kind in ("json", "junit", "sarif", "markdown", "ndjson")}

    ran = speclock(
        *("check", "--contract", CONTRACT, "--profile", profile, "--app", f"{module}:app", "--phases", "auth"),
        *(f"--report={kind}={path}" for kind, path in paths.items()),
        cwd=tmp_path,
    )

    assert ran.status == 1
    everything = ran.out + ran.err + "".join(path.read_text() for path in paths.values())
    assert "${KEYS_" in everything
    assert [name for name, value in ENVIRONMENT.items() if value in everything] == []
