"""What users read: every property of every model, and every attribute of every error."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import assert_type

from evalsessions import (
    AmbiguousOutcomeError,
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    BatchEvaluation,
    BatchInterruptedError,
    ConfigurationError,
    ConflictError,
    ContentTooLargeError,
    ContractError,
    EvalSessionsError,
    Galtea,
    JsonObject,
    JsonValue,
    NotFoundError,
    PartialFailureError,
    PermissionDeniedError,
    ProjectSession,
    RateLimitError,
    Request,
    Response,
    ResponseValidationError,
    ServiceUnavailableError,
    Session,
    SessionFailure,
    SessionStatus,
    TestCase,
    UnprocessableContentError,
    UnreadableError,
    UnsupportedMediaTypeError,
    __version__,
)

version: str = __version__


def use(*_: object) -> None: ...


def session_properties(session: Session) -> None:
    assert_type(session.id, str)
    assert_type(session.version_id, str)
    assert_type(session.status, SessionStatus)
    assert_type(session.is_production, bool)
    assert_type(session.created_at, datetime)
    assert_type(session.custom_id, str | None)
    assert_type(session.user_id, str | None)
    assert_type(session.test_case_id, str | None)
    assert_type(session.stopping_reason, str | None)
    assert_type(session.error, str | None)
    assert_type(session.deleted_at, datetime | None)
    context: Mapping[str, object] | None = session.context
    metadata: JsonObject | None = session.metadata
    team: JsonValue = session.metadata and session.metadata["team"]
    assert metadata
    assert_type(session.status == "PENDING" or session.status is SessionStatus.FAILED, bool)
    use(context, team)
    if session.context is not None and isinstance(text := session.context["value"], str):
        assert_type(text, str)


def test_case_properties(case: TestCase) -> None:
    assert_type(case.id, str)
    assert_type(case.test_id, str)
    assert_type(case.created_at, datetime)
    assert_type(case.user_id, str | None)
    assert_type(case.expected_output, str | None)
    assert_type(case.expected_tools, Sequence[str] | None)
    assert_type(case.source, str | None)
    assert_type(case.source_file, str | None)
    assert_type(case.confidence, int | float | None)
    assert_type(case.confidence_reason, str | None)
    assert_type(case.variant, str | None)
    assert_type(case.strategy, str | None)
    assert_type(case.language_code, str | None)
    assert_type(case.user_persona, str | None)
    assert_type(case.scenario, str | None)
    assert_type(case.goal, str | None)
    assert_type(case.stopping_criterias, Sequence[str] | None)
    assert_type(case.max_iterations, int | None)
    assert_type(case.is_augmented, bool | None)
    assert_type(case.reviewed_by_id, str | None)
    assert_type(case.user_score, int | None)
    assert_type(case.user_score_reason, str | None)
    assert_type(case.credits_used, int | None)
    assert_type(case.source_test_case_id, str | None)
    assert_type(case.deleted_at, datetime | None)
    said: Mapping[str, object] | None = case.input
    context: Mapping[str, object] | None = case.context
    use(said, context)


def batch_evaluation_properties(outcome: BatchEvaluation) -> None:
    assert_type(outcome.sessions_evaluated, int)
    assert_type(outcome.sessions_failed, int)
    assert_type(outcome.evaluations_created, int)
    assert_type(outcome.failures, Sequence[SessionFailure])
    assert_type(outcome.message, str)
    assert_type(outcome.total_sessions_available, int | None)
    assert_type(outcome.truncated, bool)
    assert_type(outcome.raise_for_failures(), BatchEvaluation)
    assert_type([failure.session_id for failure in outcome.failures], list[str])
    assert_type({failure.error for failure in outcome.failures}, set[str])


def project_session_properties(session: ProjectSession) -> None:
    assert_type(session.id, str)
    assert_type(session.name, str | None)
    assert_type(session.project_id, str)
    assert_type(session.project_name, str)
    assert_type(session.previous_session_id, str | None)
    assert_type(session.external_id, str | None)


def whole_answers(session: Session, case: TestCase) -> None:
    said: Mapping[str, object] = session.to_dict()
    unknown: Mapping[str, object] = case.extra
    assert_type(Session.from_dict(said), Session)
    assert_type(TestCase.from_dict({"id": "tc_123", "testId": "test_123"}), TestCase)
    assert_type({session: 1}, dict[Session, int])
    assert_type(session == case, bool)
    use(unknown)


def refusals(galtea: Galtea) -> None:
    try:
        galtea.sessions.create(version_id="ver_123")
    except ContractError as error:
        assert_type(error.operation, str)
        assert_type(error.message, str)
        assert_type(error.rule, str | None)
        assert_type(error.pointer, str)
    except RateLimitError as error:
        assert_type(error.status_code, int)
        assert_type(error.response.headers.get("retry-after"), str | None)
    except (NotFoundError, ConflictError) as error:
        assert_type(error.message, str)
        assert_type(error.rule, str | None)
        assert_type(error.pointer, str | None)
    except APIStatusError as error:
        assert_type(error.response, Response)
        assert_type(error.request, Request)
        assert_type(error.request_id, str | None)
        use(error.body)
    except ResponseValidationError as error:
        assert_type(error.pointer, str)
        assert_type(error.response, Response)
        assert_type(error.response.text, str)
        assert_type(error.status_code, int)
    except AmbiguousOutcomeError as error:
        assert_type(error.response, Response | None)
        assert_type(error.attempts, int)
        assert_type(error.status_code, int | None)
        assert_type(error.request_id, str | None)
        assert_type(error.request.operation, str)
    except APIError as error:
        assert_type(error.request, Request)
    except (ConfigurationError, UnreadableError) as error:
        assert_type(str(error), str)
    except EvalSessionsError as error:
        assert_type(error.__cause__, BaseException | None)


def batches(galtea: Galtea) -> None:
    try:
        galtea.evaluations.create_from_sessions(version_id="ver_123").raise_for_failures()
    except PartialFailureError as error:
        assert_type(error.result, BatchEvaluation)
    except BatchInterruptedError as error:
        assert_type(error.result, BatchEvaluation)
        assert_type(error.in_doubt, tuple[str, ...])
        assert_type(error.not_done, tuple[str, ...])


def tree(
    statuses: tuple[
        BadRequestError,
        AuthenticationError,
        PermissionDeniedError,
        ContentTooLargeError,
        UnsupportedMediaTypeError,
        UnprocessableContentError,
        ServiceUnavailableError,
    ],
    late: APITimeoutError,
) -> list[APIError]:
    refused: list[APIStatusError] = [*statuses]
    unsent: APIConnectionError = late
    return [*refused, unsent]
