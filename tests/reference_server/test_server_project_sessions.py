"""POST /v2/projects/{project_id}/sessions answers as Galileo does."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.reference_server.calls import PROJECT, Sandbox


def test_an_empty_body_makes_a_session(sandbox: Sandbox) -> None:
    answer = sandbox.project_session()
    assert answer.status_code == 200
    session = answer.json()
    assert uuid.UUID(session["id"]).version == 4
    assert (session["name"], session["project_id"], session["project_name"]) == (None, PROJECT, "sandbox")


def test_what_was_sent_comes_back(sandbox: Sandbox) -> None:
    first = sandbox.project_session(name="", external_id="\0e").json()
    assert (first["name"], first["external_id"]) == ("", "\0e")
    second = sandbox.project_session(previous_session_id=first["id"].upper(), reliable=False).json()
    assert second["previous_session_id"] == first["id"].upper()


def test_the_project_id_may_be_in_upper_case(sandbox: Sandbox) -> None:
    assert sandbox.project_session(project=PROJECT.upper()).status_code == 200


def test_null_means_not_set_everywhere(sandbox: Sandbox) -> None:
    names = ["log_stream_id", "experiment_id", "metrics_testing_id", "previous_session_id", "logging_method"]
    names += ["client_version", "reliable", "name", "external_id"]
    assert sandbox.post(f"/v2/projects/{PROJECT}/sessions", dict.fromkeys(names)).status_code == 200


@pytest.mark.parametrize("project", ["6f1e2d3c-4b5a-4978-8a6b-0c1d2e3f4a5c", "00000000-0000-4000-8000-000000000000"])
def test_an_unknown_project_is_404(sandbox: Sandbox, project: str) -> None:
    answer = sandbox.project_session(project=project)
    assert answer.status_code == 404
    assert project in answer.json()["detail"]


def test_an_unknown_previous_session_is_404(sandbox: Sandbox) -> None:
    assert sandbox.project_session(previous_session_id=str(uuid.uuid4())).status_code == 404


@pytest.mark.parametrize(
    "project",
    [
        "x",
        PROJECT.replace("-", ""),
        "{" + PROJECT + "}",
        "urn:uuid:" + PROJECT,
        PROJECT + "%0A",
        "%00",
        "6f1e2d3c-4b5a-1978-8a6b-0c1d2e3f4a5b",
        "6f1e2d3c-4b5a-4978-0a6b-0c1d2e3f4a5b",
        "%EF%BC%96f1e2d3c-4b5a-4978-8a6b-0c1d2e3f4a5b",
        "%FF%FE",
    ],
)
def test_only_the_plain_form_of_a_uuid_4_is_a_project_id(sandbox: Sandbox, project: str) -> None:
    answer = sandbox.project_session(project=project)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["path", "project_id"]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"log_stream_id": "x"}, "log_stream_id"),
        ({"experiment_id": 1}, "experiment_id"),
        ({"metrics_testing_id": ""}, "metrics_testing_id"),
        ({"previous_session_id": PROJECT + "\n"}, "previous_session_id"),
        ({"logging_method": "carrier_pigeon"}, "logging_method"),
        ({"client_version": 1}, "client_version"),
        ({"reliable": "yes"}, "reliable"),
        ({"name": 5}, "name"),
        ({"external_id": ""}, "external_id"),
    ],
)
def test_a_wrong_property_is_located(sandbox: Sandbox, body: Any, name: str) -> None:
    answer = sandbox.project_session(**body)
    assert answer.status_code == 422
    (fault,) = answer.json()["detail"]
    assert fault["loc"] == ["body", name]
    assert fault["msg"]
    assert fault["type"]


def test_faults_of_path_and_body_are_told_together(sandbox: Sandbox) -> None:
    answer = sandbox.project_session(project="x", name=1)
    assert [fault["loc"][0] for fault in answer.json()["detail"]] == ["path", "body"]
