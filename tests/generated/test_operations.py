"""The generated client against the real server: each operation, sync and async, by answers and by errors."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from types import ModuleType
from typing import Any
from uuid import UUID, uuid4

import pytest

from evalsessions_client import AuthenticatedClient, models
from evalsessions_client.api.galileo import create_project_session
from evalsessions_client.api.galtea import create_evaluations_from_sessions, create_session, create_test_case
from evalsessions_client.models import (
    BatchEvaluation,
    BatchEvaluationRequest,
    GalileoError,
    GalileoValidationError,
    GalteaError,
    JsonObject,
    LoggingMethod,
    MetricSelection,
    NewProjectSession,
    NewSession,
    NewTestCase,
    ProjectSession,
    Session,
    SessionStatus,
)
from evalsessions_client.types import Response
from tests.support.server_process import ServerProcess, start_server

SANDBOX = UUID("6f1e2d3c-4b5a-4978-8a6b-0c1d2e3f4a5b")

Call = Callable[..., Response[Any]]


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with start_server() as process:
        yield process


@pytest.fixture
def galtea(server: ServerProcess) -> AuthenticatedClient:
    return AuthenticatedClient(base_url=server.url, token=server.galtea_key)


@pytest.fixture
def galileo(server: ServerProcess) -> AuthenticatedClient:
    return AuthenticatedClient(
        base_url=server.url, token=server.galileo_key, prefix="", auth_header_name="Galileo-API-Key"
    )


def call_sync(operation: ModuleType, client: AuthenticatedClient, **arguments: Any) -> Response[Any]:
    with client:
        answer: Response[Any] = operation.sync_detailed(client=client, **arguments)
    return answer


def call_async(operation: ModuleType, client: AuthenticatedClient, **arguments: Any) -> Response[Any]:
    async def run() -> Response[Any]:
        async with client:
            answer: Response[Any] = await operation.asyncio_detailed(client=client, **arguments)
        return answer

    return asyncio.run(run())


@pytest.fixture(params=[call_sync, call_async], ids=["sync", "async"])
def call(request: pytest.FixtureRequest) -> Call:
    chosen: Call = request.param
    return chosen


def json_object(**members: object) -> JsonObject:
    return JsonObject.from_dict(members)


def test_a_session_of_defaults_is_created(call: Call, galtea: AuthenticatedClient) -> None:
    answer = call(create_session, galtea, body=NewSession(version_id="ver_123"))
    assert answer.status_code == HTTPStatus.CREATED
    session = answer.parsed
    assert isinstance(session, Session)
    assert session.id
    assert (session.version_id, session.status, session.is_production) == ("ver_123", SessionStatus.COMPLETED, True)
    assert abs(datetime.now(UTC) - session.created_at) < timedelta(minutes=5)
    assert not session.custom_id
    assert not session.test_case_id
    assert not session.context


def test_a_session_comes_back_with_everything_that_was_set(call: Call, galtea: AuthenticatedClient) -> None:
    sent = NewSession(
        version_id="ver_123",
        custom_id=f"mine-{uuid4()}",
        is_production=False,
        context="Asked from the mobile app",
        metadata=json_object(channel="mobile", turns=[1, 2.5, None]),
        status=SessionStatus.PENDING,
    )
    session = call(create_session, galtea, body=sent).parsed
    assert isinstance(session, Session)
    assert (session.custom_id, session.is_production, session.status) == (sent.custom_id, False, "PENDING")
    assert session.context == json_object(value="Asked from the mobile app")
    assert session.metadata == sent.metadata


def test_a_custom_id_is_used_once(call: Call, galtea: AuthenticatedClient, server: ServerProcess) -> None:
    body = NewSession(version_id="ver_123", custom_id=f"mine-{uuid4()}")
    assert call(create_session, galtea, body=body).status_code == HTTPStatus.CREATED
    again = AuthenticatedClient(base_url=server.url, token=server.galtea_legacy_key)
    answer = call(create_session, again, body=body)
    assert answer.status_code == HTTPStatus.CONFLICT
    assert isinstance(answer.parsed, GalteaError)
    assert "customId" in answer.parsed.message


@pytest.mark.parametrize(
    ("body", "rule", "pointer"),
    [
        (
            NewSession(version_id="ver_123", test_case_id="tc_123", is_production=True),
            "test-case-session-is-not-production",
            "/isProduction",
        ),
        (
            NewSession(version_id="ver_123", test_case_id="tc_123", context=json_object()),
            "test-case-provides-context",
            "/context",
        ),
        (
            NewSession(version_id="ver_123", test_case_id="tc_123", is_production=True, context=""),
            "test-case-session-is-not-production",
            "/isProduction",
        ),
    ],
    ids=["production", "context", "both"],
)
def test_a_broken_session_rule_is_named(
    call: Call, galtea: AuthenticatedClient, body: NewSession, rule: str, pointer: str
) -> None:
    answer = call(create_session, galtea, body=body)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert isinstance(answer.parsed, GalteaError)
    assert (answer.parsed.rule, answer.parsed.pointer) == (rule, pointer)


def test_a_test_case_comes_back_and_gives_its_session_the_context(
    call: Call, galtea: AuthenticatedClient, server: ServerProcess
) -> None:
    sent = NewTestCase(
        test_id="test_123",
        input_="What is the capital of France?",
        context=json_object(value="Geography question", grade=7),
        expected_output="Paris",
        expected_tools=["search", "calculator"],
        confidence=0.95,
        stopping_criterias=[],
        max_iterations=10,
        is_augmented=False,
        user_score=5,
    )
    answer = call(create_test_case, galtea, body=sent)
    assert answer.status_code == HTTPStatus.CREATED
    test_case = answer.parsed
    assert isinstance(test_case, models.TestCase)
    assert test_case.input_ == json_object(user_message="What is the capital of France?")
    assert test_case.context == sent.context
    assert (test_case.expected_tools, test_case.stopping_criterias) == (["search", "calculator"], [])
    assert (test_case.confidence, test_case.max_iterations) == (0.95, 10)
    assert (test_case.is_augmented, test_case.user_score) == (False, 5)

    again = AuthenticatedClient(base_url=server.url, token=server.galtea_key)
    session = call(create_session, again, body=NewSession(version_id="ver_123", test_case_id=test_case.id)).parsed
    assert isinstance(session, Session)
    assert (session.test_case_id, session.is_production) == (test_case.id, False)
    assert session.context == sent.context


def test_an_unknown_test_is_not_found(call: Call, galtea: AuthenticatedClient) -> None:
    answer = call(create_test_case, galtea, body=NewTestCase(test_id="test_999"))
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert isinstance(answer.parsed, GalteaError)
    assert "test_999" in answer.parsed.message


def test_listed_sessions_are_evaluated_and_unknown_ones_are_failures(call: Call, galtea: AuthenticatedClient) -> None:
    metrics = [MetricSelection(id="metric_123"), MetricSelection(id="metric_123", score=0.5)]
    body = BatchEvaluationRequest(session_ids=["ses_123", "ses_456", "ses_123", "ses_999"], metrics=metrics)
    answer = call(create_evaluations_from_sessions, galtea, body=body)
    assert answer.status_code == HTTPStatus.OK
    batch = answer.parsed
    assert isinstance(batch, BatchEvaluation)
    assert (batch.sessions_evaluated, batch.sessions_failed, batch.evaluations_created) == (2, 1, 2)
    assert [failure.session_id for failure in batch.failures] == ["ses_999"]
    assert (batch.total_sessions_available, batch.truncated) == (None, False)


def test_the_sessions_of_a_version_are_evaluated(call: Call, galtea: AuthenticatedClient) -> None:
    body = BatchEvaluationRequest(version_id="ver_123", specification_ids=["spec_123"])
    batch = call(create_evaluations_from_sessions, galtea, body=body).parsed
    assert isinstance(batch, BatchEvaluation)
    assert isinstance(batch.total_sessions_available, int)
    assert batch.sessions_evaluated == batch.total_sessions_available >= 2
    assert batch.truncated is False


@pytest.mark.parametrize(
    ("body", "rule", "pointer"),
    [
        (BatchEvaluationRequest(), "exactly-one-selection", ""),
        (BatchEvaluationRequest(session_ids=["ses_123"], version_id="ver_123"), "exactly-one-selection", ""),
        (
            BatchEvaluationRequest(version_id="ver_123", metrics=[MetricSelection(name="x"), MetricSelection(score=1)]),
            "metric-has-id-or-name",
            "/metrics/1",
        ),
    ],
    ids=["neither", "both", "metric"],
)
def test_a_broken_batch_rule_is_named(
    call: Call, galtea: AuthenticatedClient, body: BatchEvaluationRequest, rule: str, pointer: str
) -> None:
    answer = call(create_evaluations_from_sessions, galtea, body=body)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert isinstance(answer.parsed, GalteaError)
    assert (answer.parsed.rule, answer.parsed.pointer) == (rule, pointer)


def test_a_project_session_continues_another(call: Call, galileo: AuthenticatedClient, server: ServerProcess) -> None:
    answer = call(create_project_session, galileo, project_id=SANDBOX, body=NewProjectSession())
    assert answer.status_code == HTTPStatus.OK
    first = answer.parsed
    assert isinstance(first, ProjectSession)
    assert (first.project_id, first.project_name) == (SANDBOX, "sandbox")
    assert first.id.version == 4

    body = NewProjectSession(
        previous_session_id=first.id,
        logging_method=LoggingMethod.PYTHON_CLIENT,
        reliable=False,
        name="Support chat",
        external_id="chat-42",
    )
    again = AuthenticatedClient(
        base_url=server.url, token=server.galileo_key, prefix="", auth_header_name="Galileo-API-Key"
    )
    second = call(create_project_session, again, project_id=SANDBOX, body=body).parsed
    assert isinstance(second, ProjectSession)
    assert (second.previous_session_id, second.name, second.external_id) == (first.id, "Support chat", "chat-42")
    assert second.id != first.id


def test_an_unknown_project_is_not_found(call: Call, galileo: AuthenticatedClient) -> None:
    answer = call(create_project_session, galileo, project_id=uuid4(), body=NewProjectSession())
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert isinstance(answer.parsed, GalileoError)


def test_galileo_tells_the_issues_of_an_invalid_request(call: Call, galileo: AuthenticatedClient) -> None:
    body = NewProjectSession(logging_method=LoggingMethod("rust_client"))
    answer = call(create_project_session, galileo, project_id=SANDBOX, body=body)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert isinstance(answer.parsed, GalileoValidationError)
    assert not isinstance(answer.parsed.detail, str)
    assert [issue.loc for issue in answer.parsed.detail] == [["body", "logging_method"]]


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        (create_session, {"body": NewSession(version_id="ver_123")}),
        (create_test_case, {"body": NewTestCase(test_id="test_123")}),
        (create_evaluations_from_sessions, {"body": BatchEvaluationRequest(session_ids=["ses_123"])}),
        (create_project_session, {"project_id": SANDBOX, "body": NewProjectSession()}),
    ],
    ids=["createSession", "createTestCase", "createEvaluationsFromSessions", "createProjectSession"],
)
def test_a_wrong_key_is_refused(
    call: Call, server: ServerProcess, operation: ModuleType, arguments: dict[str, Any]
) -> None:
    client = AuthenticatedClient(base_url=server.url, token="gsk_wrong")
    answer = call(operation, client, **arguments)
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert isinstance(answer.parsed, GalteaError | GalileoError)
    assert "gsk_wrong" not in answer.content.decode()
