"""The catalogue decides what exists and for whom; the open world lets everything exist."""

from __future__ import annotations

import hashlib
import json
import subprocess
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from evalsessions_server.catalog import Catalog, CatalogError
from evalsessions_server.seed import seeds
from tests.reference_server.calls import PROJECT, Sandbox
from tests.support.server_process import server_command, start_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.reference_server.conftest import WriteCatalog

MINE, THEIRS = "gsk_mine", "gsk_theirs"
CATALOG = f"""
versions:
  - id: ver_all
    specifications: [spec_all]
  - id: ver_mine
    keys: [{MINE}]
  - id: "ver \\0 odd"
  - id: ver_spec
    specifications: [spec_mine]
  - id: ver_metric
    specifications: [spec_links]
tests:
  - id: test_mine
    keys: ["sha256:{hashlib.sha256(MINE.encode()).hexdigest()}"]
metrics:
  - id: m1
  - id: m2
  - id: m_mine
    keys: [{MINE}]
specifications:
  - id: spec_all
    metrics: [m1, m2]
  - id: spec_mine
    metrics: [m1]
    keys: [{MINE}]
  - id: spec_links
    metrics: [m1, m_mine]
projects:
  - id: {PROJECT.upper()}
    name: mine
    keys: [galileo-mine]
testCases:
  - id: tc_mine
    testId: test_mine
    input: hello
sessions:
  - id: ses_mine
    versionId: ver_mine
  - id: ses_all
    versionId: ver_all
    customId: seeded
  - id: ses_spec
    versionId: ver_spec
  - id: ses_metric
    versionId: ver_metric
"""


@pytest.fixture
def granted(database: str, write_catalog: WriteCatalog) -> Iterator[Sandbox]:
    """A server with two keys of each vendor, of which one may use everything."""
    path = write_catalog(CATALOG)
    args = ["--catalog", str(path), "--galtea-key", MINE, "--galtea-key", THEIRS]
    args += ["--galileo-key", "galileo-mine", "--galileo-key", "galileo-theirs"]
    with start_server(database=database, args=args) as server:
        sandbox = Sandbox(server)
        yield sandbox
        sandbox.close()


def test_an_entry_with_keys_is_for_these_keys_only(granted: Sandbox) -> None:
    def status(path: str, body: dict[str, Any], key: str) -> int:
        return granted.post(path, body, Authorization=f"Bearer {key}").status_code

    batch = "/evaluations/fromSessions"
    for path, body, good in (
        ("/sessions", {"versionId": "ver_mine"}, 201),
        ("/sessions", {"versionId": "ver_all", "testCaseId": "tc_mine"}, 201),
        ("/testCases", {"testId": "test_mine"}, 201),
        (batch, {"versionId": "ver_mine"}, 200),
        (batch, {"sessionIds": ["ses_all"], "metrics": [{"id": "m_mine"}]}, 200),
        (batch, {"sessionIds": ["ses_all"], "specificationIds": ["spec_mine"]}, 200),
        (batch, {"sessionIds": ["ses_all"], "specificationIds": ["spec_links"]}, 200),
        (batch, {"versionId": "ver_spec"}, 200),
        (batch, {"versionId": "ver_metric"}, 200),
    ):
        assert status(path, body, MINE) == good
        assert status(path, body, THEIRS) == 403
        assert status(path, body, granted.server.galtea_key) == 401
    project = f"/v2/projects/{PROJECT}/sessions"
    assert granted.post(project, {}, **{"Galileo-API-Key": "galileo-mine"}).json()["project_name"] == "mine"
    refused = granted.post(project, {}, **{"Galileo-API-Key": "galileo-theirs"})
    assert refused.status_code == 403
    assert isinstance(refused.json()["detail"], str)


def test_403_goes_before_404_and_after_400(granted: Sandbox) -> None:
    theirs = {"Authorization": f"Bearer {THEIRS}"}
    body = {"versionId": "ver_mine", "testCaseId": "tc_nobody"}
    assert granted.post("/sessions", body, **theirs).status_code == 403
    assert granted.post("/sessions", {**body, "status": 1}, **theirs).status_code == 400
    other = {"versionId": "ver_nobody", "testCaseId": "tc_mine"}
    assert granted.post("/sessions", other, **theirs).status_code == 403


def test_a_session_of_a_version_without_right_is_a_failure_of_the_batch(granted: Sandbox) -> None:
    batch = granted.post(
        "/evaluations/fromSessions",
        {"sessionIds": ["ses_mine", "ses_all"], "metrics": [{"name": "a"}]},
        Authorization=f"Bearer {THEIRS}",
    ).json()
    assert (batch["sessionsEvaluated"], batch["sessionsFailed"]) == (1, 1)
    assert batch["failures"][0]["sessionId"] == "ses_mine"


def test_links_give_no_right_that_a_key_does_not_have(granted: Sandbox) -> None:
    def evaluate(key: str, **body: Any) -> Any:
        return granted.post("/evaluations/fromSessions", body, Authorization=f"Bearer {key}").json()

    for session in ("ses_spec", "ses_metric"):
        refused = evaluate(THEIRS, sessionIds=[session, "ses_all"])
        assert [failure["sessionId"] for failure in refused["failures"]] == [session]
        assert "no right" in refused["failures"][0]["error"]
        assert (refused["sessionsEvaluated"], refused["evaluationsCreated"]) == (1, 2)
        assert evaluate(MINE, sessionIds=[session])["sessionsEvaluated"] == 1
        # The links do not matter when the request says what to evaluate.
        assert evaluate(THEIRS, sessionIds=[session], metrics=[{"id": "m1"}])["evaluationsCreated"] == 1
    assert evaluate(THEIRS, versionId="ver_metric", metrics=[{"id": "m1"}])["evaluationsCreated"] == 1


def test_a_version_brings_its_specifications_when_nothing_was_asked_for(granted: Sandbox) -> None:
    headers = {"Authorization": f"Bearer {MINE}"}
    both = {"sessionIds": ["ses_mine", "ses_all"]}
    batch = granted.post("/evaluations/fromSessions", both, **headers).json()
    assert (batch["sessionsEvaluated"], batch["evaluationsCreated"]) == (1, 2)
    assert "skipped" in batch["message"]
    asked = granted.post("/evaluations/fromSessions", {**both, "metrics": [{"name": "a"}]}, **headers).json()
    assert (asked["sessionsEvaluated"], asked["evaluationsCreated"]) == (2, 2)


def test_ids_of_the_catalogue_may_be_any_text_and_seeds_count_for_uniqueness(granted: Sandbox) -> None:
    headers = {"Authorization": f"Bearer {MINE}"}
    assert granted.post("/sessions", {"versionId": "ver \0 odd"}, **headers).json()["versionId"] == "ver \0 odd"
    assert granted.post("/sessions", {"versionId": "ver_all", "customId": "seeded"}, **headers).status_code == 409


def test_in_an_open_world_every_id_exists(database: str) -> None:
    with start_server(database=database, args=["--open-world"]) as server:
        sandbox = Sandbox(server)
        long = "v" * 100_000 + "\0"
        assert sandbox.session(versionId=long, customId=long).status_code == 201
        assert sandbox.session(versionId=long, customId=long).status_code == 409
        assert sandbox.session(versionId="any", testCaseId="any").status_code == 201
        assert sandbox.session(testCaseId="tc_123").json()["context"] == {"value": "Geography question"}
        assert sandbox.test_case(testId=long).json()["testId"] == long
        batch = sandbox.evaluate(sessionIds=["a", "\0"], metrics=[{"id": "b"}], specificationIds=["c"]).json()
        assert (batch["sessionsEvaluated"], batch["evaluationsCreated"]) == (2, 2)
        assert sandbox.evaluate(versionId=long, metrics=[{"id": "b"}]).json()["sessionsEvaluated"] == 1
        other = sandbox.project_session(project=str(uuid.uuid4()), previous_session_id=str(uuid.uuid4()))
        assert other.status_code == 200
        assert sandbox.session(versionId="").status_code == 400
        sandbox.close()


CASE = "tests: [{id: y}]\ntestCases: [{id: x, testId: y, "


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("versions: [", "line 1"),
        ("versions:\n\t- id: x", "line 2"),
        ("- id: x", "expected a mapping"),
        ("", "expected a mapping"),
        ("models: []", "/models: unknown list"),
        ("versions: {id: x}", "/versions: expected an array"),
        ("versions: [{}]", "/versions/0/id: required"),
        ("versions: [{id: 5}]", "/versions/0/id: expected"),
        ("versions: [{id: x, key: y}]", "/versions/0/key: unknown property"),
        ("versions: [{id: x}, {id: x}]", "/versions/1/id: the id 'x' is used twice"),
        ("versions: [{id: x, specifications: [y]}]", "refers to 'y'"),
        ("versions: [{id: x, keys: ['sha256:zz']}]", "/versions/0/keys/0"),
        ("versions: [{id: x}]\nversions: []", "duplicate key"),
        ("projects: [{id: x}]", "UUID of version 4"),
        ("specifications: [{id: x, metrics: [y]}]", "refers to 'y'"),
        ("testCases: [{id: x, testId: y}]", "refers to 'y'"),
        ("tests: [{id: y}]\ntestCases: [{id: x, testId: y, goal: 5}]", "/testCases/0/goal: expected"),
        ("tests: [{id: y}]\ntestCases: [{id: x, testId: y, goal: 2020-01-01}]", "put quotes around it"),
        ("versions: [{id: y}]\nsessions: [{id: x, versionId: y, testCaseId: z}]", "refers to 'z'"),
        ("versions: [{id: !!python/object/apply:os.system [ls]}]", "no YAML"),
        ("versions: &a [*a]", "in versions: nested more than"),
        ("[" * 100_000, "no YAML"),
        ("? [a]\n: b", "line 1, column 3: a key must be a text"),
        ("tests:\n  ? {a: b}\n  : c", "line 2, column 5: a key must be a text"),
        (CASE + "confidence: .nan}]", "at testCases/0/confidence: nan is no JSON number"),
        (CASE + "confidence: -.inf}]", "at testCases/0/confidence: -inf is no JSON number"),
        (CASE + "input: {a: [.inf]}}]", "at testCases/0/input/a/0: inf is no JSON number"),
        (CASE + "userScore: 1" + "0" * 400 + "}]", "at testCases/0/userScore: a number that no double can hold"),
        (CASE + 'goal: "\\ud800"}]', "at testCases/0/goal: a lone surrogate"),
        (CASE + 'input: {"\\udc00": 1}}]', "at testCases/0/input: a lone surrogate"),
        ('versions: [{id: "\\ud800"}]', "at versions/0/id: a lone surrogate"),
        (CASE + "gaol: x}]", "at /testCases/0/gaol: unknown property"),
        ("versions: [{id: y}]\nsessions: [{id: x, versionId: y, statos: FAILED}]", "at /sessions/0/statos: unknown"),
        (
            "versions: [{id: y}]\nsessions: [{id: a, versionId: y, customId: c}, {id: b, versionId: y, customId: c}]",
            "at /sessions/1/customId: 'c' is used by another session of this version",
        ),
    ],
)
def test_a_mistake_in_the_catalogue_is_one_line_that_says_where(
    write_catalog: WriteCatalog, text: Any, says: str
) -> None:
    with pytest.raises(CatalogError) as caught:
        seeds(Catalog.load(write_catalog(text)))
    assert says in str(caught.value)
    assert "catalog.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_properties_of_a_row_are_those_of_the_request_and_an_id(write_catalog: WriteCatalog) -> None:
    schemas = yaml.safe_load(Path("openapi.yaml").read_text("utf-8"))["components"]["schemas"]
    session, case = (dict.fromkeys(schemas[name]["properties"]) for name in ("NewSession", "NewTestCase"))
    session |= {"id": "s", "versionId": "v"}
    case |= {"id": "c", "testId": "t"}
    world = {"versions": [{"id": "v"}], "tests": [{"id": "t"}], "sessions": [session], "testCases": [case]}
    cases, sessions = seeds(Catalog.load(write_catalog(json.dumps(world))))
    assert ([record.id for record in cases], [record.id for record in sessions]) == (["c"], ["s"])


def test_one_custom_id_serves_in_two_versions(write_catalog: WriteCatalog) -> None:
    rows = "{id: a, versionId: v, customId: c}, {id: b, versionId: w, customId: c}, {id: d, versionId: w}"
    text = "versions: [{id: v}, {id: w}]\nsessions: [" + rows + "]"
    assert len(seeds(Catalog.load(write_catalog(text)))[1]) == 3


def test_the_command_line_tells_such_a_mistake_in_one_line(write_catalog: WriteCatalog) -> None:
    command = [*server_command(), "serve", "--port", "0", "--catalog", str(write_catalog("versions: [{id: 5}]"))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "/versions/0/id: expected a non-empty text, got the number 5" in done.stderr
