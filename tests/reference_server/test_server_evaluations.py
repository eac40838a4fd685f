"""POST /evaluations/fromSessions counts and stores what it says."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from evalsessions_server.auth import Caller
from evalsessions_server.catalog import Catalog
from evalsessions_server.operations import Call, Services, create_evaluations_from_sessions
from evalsessions_server.operations.create_evaluations import Metric
from evalsessions_server.operations.create_session import read_session, session_record
from evalsessions_server.storage import open_store
from tests.reference_server.database import rows

if TYPE_CHECKING:
    from pathlib import Path
    from types import FrameType

    from tests.reference_server.calls import Sandbox
    from tests.reference_server.conftest import ManySessions


def test_each_session_is_evaluated_by_each_distinct_metric(sandbox: Sandbox) -> None:
    metrics = [
        {"id": "metric_123", "name": "a", "score": 0},
        {"id": "metric_123", "name": "b"},
        {"name": "metric_123", "score": 1},
        {"name": "metric_123"},
        {"name": ""},
    ]
    batch = sandbox.evaluate(sessionIds=["ses_123", "ses_456", "ses_123"], metrics=metrics).json()
    assert (batch["sessionsEvaluated"], batch["sessionsFailed"], batch["evaluationsCreated"]) == (2, 0, 6)
    assert (batch["totalSessionsAvailable"], batch["truncated"], batch["failures"]) == (None, False, [])


def test_an_unknown_session_is_a_failure_and_not_a_status(sandbox: Sandbox) -> None:
    answer = sandbox.evaluate(sessionIds=["nobody", "ses_123", "\0", "nobody"], metrics=[{"name": "a"}])
    assert answer.status_code == 200
    batch = answer.json()
    assert (batch["sessionsEvaluated"], batch["sessionsFailed"], batch["evaluationsCreated"]) == (1, 2, 1)
    assert [failure["sessionId"] for failure in batch["failures"]] == ["nobody", "\0"]


def test_metrics_of_specifications_are_merged_with_those_asked_for(sandbox: Sandbox) -> None:
    one = sandbox.evaluate(sessionIds=["ses_123"], specificationIds=["spec_123", "spec_123"]).json()
    assert one["evaluationsCreated"] == 1
    both = sandbox.evaluate(
        sessionIds=["ses_123"], specificationIds=["spec_123"], metrics=[{"id": "metric_123"}, {"name": "mine"}]
    ).json()
    assert both["evaluationsCreated"] == 2


@pytest.mark.parametrize("metrics", [{}, {"metrics": None}, {"metrics": []}, {"specificationIds": []}])
def test_with_no_metric_nothing_is_created_and_the_message_says_so(sandbox: Sandbox, metrics: Any) -> None:
    answer = sandbox.evaluate(sessionIds=["ses_123"], **metrics)
    assert answer.status_code == 200
    assert answer.json()["evaluationsCreated"] == 0
    assert answer.json()["sessionsEvaluated"] == 0
    assert "no evaluation was created" in answer.json()["message"]


def test_a_version_is_evaluated_up_to_1000_sessions(many_sessions: ManySessions) -> None:
    sandbox, sessions, _ = many_sessions
    batch = sandbox.evaluate(versionId="ver_many", metrics=[{"name": "a"}, {"name": "b"}]).json()
    assert batch["totalSessionsAvailable"] == len(sessions) == 1003
    assert (batch["sessionsEvaluated"], batch["evaluationsCreated"], batch["truncated"]) == (1000, 2000, True)
    explicit = sandbox.evaluate(sessionIds=sessions, metrics=[{"name": "a"}]).json()
    assert (explicit["sessionsEvaluated"], explicit["truncated"]) == (1003, False)


def test_the_first_sessions_of_a_version_are_the_oldest(many_sessions: ManySessions) -> None:
    sandbox, sessions, database = many_sessions
    sandbox.evaluate(versionId="ver_many", metrics=[{"name": "oldest"}])
    stored = rows(database, "SELECT session_id FROM evaluations WHERE metric LIKE '%oldest%'")
    assert {row[0] for row in stored} == set(sessions[:1000])


@pytest.mark.parametrize(
    ("body", "rule", "pointer"),
    [
        ({}, "exactly-one-selection", ""),
        ({"sessionIds": None, "versionId": None}, "exactly-one-selection", ""),
        ({"sessionIds": ["ses_123"], "versionId": "ver_123"}, "exactly-one-selection", ""),
        ({"versionId": "ver_123", "metrics": [{"name": "a"}, {}]}, "metric-has-id-or-name", "/metrics/1"),
        ({"versionId": "ver_123", "metrics": [{"id": None, "name": None}]}, "metric-has-id-or-name", "/metrics/0"),
        ({"versionId": "ver_123", "metrics": [{"score": 1}]}, "metric-has-id-or-name", "/metrics/0"),
        ({"metrics": [{}]}, "exactly-one-selection", ""),
    ],
)
def test_a_broken_rule_is_named(sandbox: Sandbox, body: Any, rule: str, pointer: str) -> None:
    answer = sandbox.evaluate(**body)
    assert answer.status_code == 400
    assert (answer.json()["rule"], answer.json()["pointer"]) == (rule, pointer)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"sessionIds": []}, "/sessionIds"),
        ({"sessionIds": "ses_123"}, "/sessionIds"),
        ({"sessionIds": [""]}, "/sessionIds/0"),
        ({"sessionIds": ["a", None]}, "/sessionIds/1"),
        ({"versionId": ""}, "/versionId"),
        ({"versionId": "ver_123", "metrics": {}}, "/metrics"),
        ({"versionId": "ver_123", "metrics": ["a"]}, "/metrics/0"),
        ({"versionId": "ver_123", "metrics": [None]}, "/metrics/0"),
        ({"versionId": "ver_123", "metrics": [{"id": ""}]}, "/metrics/0/id"),
        ({"versionId": "ver_123", "metrics": [{"name": 1}]}, "/metrics/0/name"),
        ({"versionId": "ver_123", "metrics": [{"name": "a", "score": 1.01}]}, "/metrics/0/score"),
        ({"versionId": "ver_123", "metrics": [{"name": "a", "score": -0.1}]}, "/metrics/0/score"),
        ({"versionId": "ver_123", "metrics": [{"name": "a", "score": True}]}, "/metrics/0/score"),
        ({"versionId": "ver_123", "specificationIds": [""]}, "/specificationIds/0"),
        ({"versionId": "ver_123", "specificationIds": "a"}, "/specificationIds"),
    ],
)
def test_a_wrong_property_is_named(sandbox: Sandbox, body: Any, pointer: str) -> None:
    answer = sandbox.evaluate(**body)
    assert answer.status_code == 400
    assert answer.json()["pointer"] == pointer


@pytest.mark.parametrize(
    "body",
    [
        {"versionId": "ver_nobody"},
        {"sessionIds": ["ses_123"], "metrics": [{"id": "metric_nobody"}]},
        {"sessionIds": ["ses_123"], "specificationIds": ["spec_nobody"]},
    ],
)
def test_unknown_ids_are_404(sandbox: Sandbox, body: Any) -> None:
    assert sandbox.evaluate(**body).status_code == 404


def test_a_body_that_asks_for_hundreds_of_millions_of_evaluations_is_answered(sandbox: Sandbox) -> None:
    sessions = ["ses_123", *(f"{number}" for number in range(60_000))]
    metrics = [{"name": f"{number}"} for number in range(25_000)]
    batch = sandbox.evaluate(sessionIds=sessions, metrics=metrics).json()
    assert (batch["evaluationsCreated"], batch["sessionsFailed"]) == (25_000, 60_000)


def test_what_was_asked_for_is_worked_out_once_for_all_versions(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'server.db'}")
    store.open()
    sessions = []
    for number in range(200):
        request, _ = read_session({"versionId": f"ver_{number}"})
        sessions.append(session_record(f"ses_{number}", request, None))
    store.seed([], sessions)
    body: Any = {"sessionIds": [session.id for session in sessions], "metrics": [{"name": f"{n}"} for n in range(50)]}
    call = Call(Caller(b""), body, {})
    made: list[object] = []

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and frame.f_code.co_name == "document" and frame.f_globals["__name__"] == Metric.__module__:
            made.append(frame)

    sys.setprofile(note)
    try:
        services = Services(Catalog.load(None, open_world=True), store)
        answer = asyncio.run(create_evaluations_from_sessions(call, services))
    finally:
        sys.setprofile(None)
        store.close()
    assert json.loads(answer.document)["evaluationsCreated"] == 10_000
    assert len(made) == 50


def test_the_message_counts_in_good_grammar_and_tells_of_truncation(
    sandbox: Sandbox, many_sessions: ManySessions
) -> None:
    one = sandbox.evaluate(sessionIds=["ses_123", "nobody"], metrics=[{"name": "a"}]).json()
    assert one["message"] == "1 evaluation created for 1 session; 1 session failed: see failures"
    two = sandbox.evaluate(sessionIds=["ses_123", "ses_456"], metrics=[{"name": "a"}]).json()
    assert two["message"] == "2 evaluations created for 2 sessions"
    skipped = sandbox.evaluate(sessionIds=["ses_123"]).json()["message"]
    assert "1 session skipped" in skipped or "no evaluation was created" in skipped
    cut = many_sessions[0].evaluate(versionId="ver_many", metrics=[{"name": "a"}]).json()
    assert "truncated: the first 1000 of 1003 sessions" in cut["message"]
