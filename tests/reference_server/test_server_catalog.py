"""The catalogue decides what exists and for whom; the open world lets everything exist."""

from __future__ import annotations

import hashlib
import subprocess
import uuid
from typing import TYPE_CHECKING, Any

import pytest

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
    ],
)
def test_a_mistake_in_the_catalogue_is_one_line_that_says_where(
    write_catalog: WriteCatalog, text: Any, says: str
) -> None:
    with pytest.raises(CatalogError) as caught:
        seeds(Catalog.load(write_catalog(text)))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_command_line_tells_such_a_mistake_in_one_line(write_catalog: WriteCatalog) -> None:
    command = [*server_command(), "serve", "--port", "0", "--catalog", str(write_catalog("versions: [{id: 5}]"))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "/versions/0/id: expected a non-empty text, got the number 5" in done.stderr
