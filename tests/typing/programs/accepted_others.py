"""Batch evaluations, test cases and project sessions, as their users call them."""

from collections.abc import Mapping, Sequence
from typing import assert_type
from uuid import UUID

from evalsessions import (
    AsyncGalileo,
    AsyncGaltea,
    BatchEvaluation,
    Galileo,
    Galtea,
    LoggingMethod,
    Metric,
    MetricById,
    MetricByName,
    Outcome,
    ProjectSession,
    RawResponse,
    Session,
    TestCase,
)


def evaluations_by_ids(galtea: Galtea, sessions: list[Session], known: tuple[str, ...]) -> None:
    create = galtea.evaluations.create_from_sessions
    assert_type(create(session_ids=["ses_1", "ses_2"]), BatchEvaluation)
    assert_type(create(session_ids=known), BatchEvaluation)
    assert_type(create(session_ids={"ses_1"}), BatchEvaluation)
    assert_type(create(session_ids=(session.id for session in sessions)), BatchEvaluation)
    assert_type(create(session_ids=["ses_1"], version_id=None, metrics=None, specification_ids=None), BatchEvaluation)
    assert_type(create(session_ids=["ses_1"], specification_ids=("spec_1", "spec_2")), BatchEvaluation)


def evaluations_of_a_version(galtea: Galtea, version_id: str) -> None:
    create = galtea.evaluations.create_from_sessions
    assert_type(create(version_id=version_id), BatchEvaluation)
    assert_type(create(version_id=version_id, session_ids=None, specification_ids=["spec_1"]), BatchEvaluation)
    assert_type(create(version_id=version_id, metrics=[{"name": "accuracy"}], timeout=300), BatchEvaluation)


def metrics(galtea: Galtea, given: list[Metric], by_id: list[MetricById], by_name: Sequence[MetricByName]) -> None:
    create = galtea.evaluations.create_from_sessions
    create(version_id="ver_123", metrics=[{"id": "metric_1"}, {"name": "accuracy", "score": 0.5}])
    create(version_id="ver_123", metrics=[{"id": "metric_1", "name": "accuracy", "score": 1}])
    create(version_id="ver_123", metrics=[{"id": None, "name": "accuracy", "score": None}])
    create(version_id="ver_123", metrics=({"id": "metric_1"},))
    create(version_id="ver_123", metrics=[{"id": name} for name in ("metric_1", "metric_2")])
    create(version_id="ver_123", metrics=given)
    create(session_ids=["ses_1"], metrics=by_id)
    create(session_ids=["ses_1"], metrics=by_name)


def many_evaluations(galtea: Galtea, sessions: list[Session], given: list[Metric]) -> None:
    parts = galtea.evaluations.create_many_from_sessions(
        (session.id for session in sessions), metrics=given, concurrency=4, stop_on_error=True, max_retries=0
    )
    for outcome in parts:
        assert_type(outcome, Outcome[Sequence[str], BatchEvaluation])
        assert_type(outcome.result, BatchEvaluation | None)


def raw_evaluation(galtea: Galtea) -> None:
    answer = galtea.evaluations.with_raw_response.create_from_sessions(session_ids=["ses_1"])
    assert_type(answer, RawResponse[BatchEvaluation])
    assert_type(answer.parse(), BatchEvaluation)


async def evaluations_by_coroutines(galtea: AsyncGaltea, sessions: list[Session]) -> None:
    create = galtea.evaluations.create_from_sessions
    assert_type(await create(session_ids=[session.id for session in sessions]), BatchEvaluation)
    assert_type(await create(session_ids=(session.id for session in sessions)), BatchEvaluation)
    assert_type(await create(version_id="ver_123", metrics=[{"id": "metric_1"}, {"name": "tone"}]), BatchEvaluation)
    answer = await galtea.evaluations.with_raw_response.create_from_sessions(version_id="ver_123")
    assert_type(answer.parse(), BatchEvaluation)
    async for outcome in galtea.evaluations.create_many_from_sessions(["ses_1"], specification_ids=["spec_1"]):
        assert_type(outcome, Outcome[Sequence[str], BatchEvaluation])


def test_cases(galtea: Galtea, context: Mapping[str, object], tools: tuple[str, ...]) -> None:
    create = galtea.test_cases.create
    assert_type(create(test_id="test_123"), TestCase)
    assert_type(create(test_id="test_123", input="What is it?", expected_output="An answer"), TestCase)
    assert_type(create(test_id="test_123", input={"user_message": "What?"}, context=context), TestCase)
    assert_type(create(test_id="test_123", expected_tools=tools, stopping_criterias=["enough"]), TestCase)
    assert_type(create(test_id="test_123", confidence=1, max_iterations=3, is_augmented=True, user_score=5), TestCase)
    assert_type(create(test_id="test_123", input=None, context=None, expected_tools=None, confidence=None), TestCase)
    assert_type(galtea.test_cases.with_raw_response.create(test_id="test_123").parse(), TestCase)


async def test_cases_by_coroutines(galtea: AsyncGaltea) -> None:
    assert_type(await galtea.test_cases.create(test_id="test_123", language_code="en", goal="to know"), TestCase)
    assert_type(await galtea.test_cases.with_raw_response.create(test_id="test_123"), RawResponse[TestCase])


def project_sessions(galileo: Galileo, project_id: UUID, stream: str | UUID | None) -> None:
    create = galileo.project_sessions.create
    assert_type(create(project_id=project_id), ProjectSession)
    assert_type(create(project_id=str(project_id), name="Support chat", external_id="chat-1"), ProjectSession)
    assert_type(create(project_id=project_id, log_stream_id=stream, logging_method="python_client"), ProjectSession)
    assert_type(create(project_id=project_id, logging_method=LoggingMethod.PLAYGROUND), ProjectSession)
    assert_type(create(project_id=project_id, logging_method=None, reliable=False, name=None), ProjectSession)
    assert_type(galileo.project_sessions.with_raw_response.create(project_id=project_id).parse(), ProjectSession)


async def project_sessions_by_coroutines(galileo: AsyncGalileo, project_id: UUID) -> None:
    assert_type(await galileo.project_sessions.create(project_id=project_id, name="Support chat"), ProjectSession)
    answer = await galileo.project_sessions.with_raw_response.create(project_id=project_id)
    assert_type(answer.parse(), ProjectSession)
