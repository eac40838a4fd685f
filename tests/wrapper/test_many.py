"""Many calls at once, and batches of any size: in order, bounded, and with the outcome of everything that was sent."""

from __future__ import annotations

import asyncio
import gc
import itertools
import json
import pickle
import threading
import time
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from evalsessions import (
    AmbiguousOutcomeError,
    APIStatusError,
    AsyncGaltea,
    BatchEvaluation,
    BatchInterruptedError,
    ConfigurationError,
    ConflictError,
    ContractError,
    EvalSessionsError,
    NotFoundError,
    Outcome,
    Progress,
    ResponseValidationError,
    Session,
)
from tests.wrapper.faces import GALTEA_KEY, SESSION, Caller, Made, answer_of
from tests.wrapper.scripted_server import Answer, Lost, Received, ScriptedServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator

    from tests.support.server_process import ServerProcess
    from tests.wrapper.scripted_server import Step

DONE = Answer(201, SESSION)


def wanted(count: int, **more: object) -> list[dict[str, object]]:
    return [{"version_id": f"ver_{number}", **more} for number in range(count)]


def version_of(request: Received) -> int:
    return int(request.json()["versionId"].removeprefix("ver_"))


def answer_with_its_version(request: Received) -> Answer:
    return Answer(201, {**SESSION, "versionId": request.json()["versionId"]})


@pytest.fixture
def many(caller: Caller, scripted: ScriptedServer) -> Callable[..., list[Outcome[Any, Session]]]:
    """Create many sessions at the scripted server, and return their outcomes."""

    def create(sessions: Any, *, at_most: int | None = None, **options: Any) -> list[Outcome[Any, Session]]:
        made = caller.galtea(scripted.url, max_retries=0)
        return caller.items(made.face.sessions.create_many(sessions, **options), at_most=at_most)

    return create


def nothing_runs() -> None:
    """See that no thread of a batch is left, a moment later at most; another test's server may have left its own."""
    deadline = time.monotonic() + 5
    while [thread for thread in threading.enumerate() if thread.name.startswith("evalsessions_")]:
        assert time.monotonic() < deadline, threading.enumerate()
        time.sleep(0.01)


# --- outcomes ---


def test_outcomes_come_in_the_order_of_the_input_whatever_is_done_first(
    many: Callable[..., Any], scripted: ScriptedServer
) -> None:
    def slower_first(request: Received) -> Answer:
        answer = answer_with_its_version(request)
        return Answer(201, answer.body, delay=0.1 if version_of(request) % 4 == 0 else 0.0)

    scripted.answers_by(slower_first)
    sessions = wanted(20)
    outcomes = many(sessions, concurrency=4)
    assert [outcome.index for outcome in outcomes] == list(range(20))
    assert [outcome.item for outcome in outcomes] == sessions
    assert [outcome.result.version_id for outcome in outcomes] == [f"ver_{number}" for number in range(20)]
    assert {outcome.error for outcome in outcomes} == {None}
    nothing_runs()


def test_every_outcome_has_its_result_or_its_error_and_the_others_go_on(
    many: Callable[..., Any], scripted: ScriptedServer
) -> None:
    steps: dict[int, Step] = {
        0: DONE,
        1: Answer(404, {"message": "no"}),
        2: Lost(),
        3: Answer(201, "<html>"),
        4: Answer(409),
        5: DONE,
    }
    scripted.answers_by(lambda request: steps[version_of(request)])
    outcomes = many(wanted(6), concurrency=3)
    kinds = [type(outcome.error or outcome.result) for outcome in outcomes]
    assert kinds == [Session, NotFoundError, AmbiguousOutcomeError, ResponseValidationError, ConflictError, Session]
    for outcome in outcomes:
        assert (outcome.result is None) != (outcome.error is None)
        if outcome.error is None:
            assert outcome.unwrap() is outcome.result
        else:
            with pytest.raises(type(outcome.error)) as raised:
                outcome.unwrap()
            assert raised.value is outcome.error


def test_a_bad_item_is_an_outcome_of_its_own_and_is_not_sent(
    many: Callable[..., Any], scripted: ScriptedServer
) -> None:
    scripted.answers(DONE)
    bad: list[Any] = [
        5,
        None,
        "ver_123",
        ["ver_123"],
        {},
        {"version_id": None},
        {"version_id": ""},
        {"version_id": 5},
        {"versionId": "ver_123"},
        {"version_id": "ver_123", "unknown": 1},
        {"version_id": "ver_123", 5: 1},
        {"version_id": "ver_123", "timeout": 5},
        {"version_id": "ver_123", "test_case_id": "tc_123", "is_production": True},
        {"version_id": "ver_123", "metadata": {"a": float("nan")}},
        {"version_id": "ver_123", "metadata": {1, 2}},
    ]
    good = {"version_id": "ver_123", "custom_id": None}
    outcomes = many([good, *itertools.chain.from_iterable((item, good) for item in bad)])
    assert len(outcomes) == 2 * len(bad) + 1
    for outcome in outcomes[1::2]:
        assert isinstance(outcome.error, ContractError), outcome
        assert outcome.error.operation == "createSession"
    assert [outcome.error for outcome in outcomes[::2]] == [None] * (len(bad) + 1)
    assert {request.body for request in scripted.requests} == {b'{"versionId":"ver_123"}'}
    assert len(scripted.requests) == len(bad) + 1


def test_the_real_server_has_what_the_outcomes_say(caller: Caller, server: ServerProcess) -> None:
    galtea = caller.galtea(server.url, api_key=server.galtea_key)
    run = uuid.uuid4()
    sessions = [{"version_id": "ver_123", "custom_id": f"{run}-{number % 150}"} for number in range(200)]
    outcomes = caller.items(galtea.face.sessions.create_many(sessions, concurrency=8))
    assert [outcome.item for outcome in outcomes] == sessions
    ids = {outcome.result.id for outcome in outcomes if outcome.result}
    assert len(ids) == 150
    errors = [outcome.error for outcome in outcomes if outcome.error]
    assert [type(error) for error in errors] == [ConflictError] * 50
    for outcome in outcomes:
        assert outcome.result is None or outcome.result.custom_id == outcome.item["custom_id"]


def test_retries_and_options_are_of_each_call(many: Callable[..., Any], scripted: ScriptedServer) -> None:
    seen: dict[int, int] = {}

    def once_more(request: Received) -> Answer:
        number = version_of(request)
        seen[number] = seen.get(number, 0) + 1
        return DONE if seen[number] == 2 else Answer(429, headers={"Retry-After": "0"})

    scripted.answers_by(once_more)
    outcomes = many(wanted(5), max_retries=1, extra_headers={"X-Trace": "1"}, extra_body={"status": "FAILED"})
    assert [outcome.error for outcome in outcomes] == [None] * 5
    assert seen == dict.fromkeys(range(5), 2)
    assert {request.header("X-Trace") for request in scripted.requests} == {"1"}
    assert {request.json()["status"] for request in scripted.requests} == {"FAILED"}


@pytest.mark.parametrize("sessions", [[], (), {}, iter(())])
def test_nothing_wanted_is_nothing_done(
    many: Callable[..., Any], scripted: ScriptedServer, sessions: Iterable[Any]
) -> None:
    assert many(sessions) == []
    assert scripted.requests == []


# --- how much at once ---


@pytest.mark.parametrize("concurrency", [1, 3])
def test_so_many_calls_are_in_flight_and_no_more(
    many: Callable[..., Any], scripted: ScriptedServer, concurrency: int
) -> None:
    lock, running, most = threading.Lock(), 0, 0

    def counted(request: Received) -> Answer:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return DONE

    scripted.answers_by(counted)
    assert len(many(wanted(12), concurrency=concurrency)) == 12
    assert most == concurrency


def test_an_endless_input_is_taken_as_the_outcomes_are(many: Callable[..., Any], scripted: ScriptedServer) -> None:
    scripted.answers(DONE)
    taken = 0

    def endless() -> Iterator[dict[str, object]]:
        nonlocal taken
        for number in itertools.count():
            taken += 1
            yield {"version_id": f"ver_{number}"}

    outcomes = many(endless(), concurrency=2, at_most=30)
    assert [outcome.index for outcome in outcomes] == list(range(30))
    assert taken <= 30 + 2 * 16 + 2
    assert len(scripted.requests) <= taken
    nothing_runs()


def test_a_slow_first_call_lets_a_bounded_number_of_others_wait(
    many: Callable[..., Any], scripted: ScriptedServer
) -> None:
    scripted.answers_by(lambda request: Answer(201, SESSION, delay=0.5 if version_of(request) == 0 else 0.0))
    taken = 0

    def endless() -> Iterator[dict[str, object]]:
        nonlocal taken
        for number in itertools.count():
            taken += 1
            yield {"version_id": f"ver_{number}"}

    (first,) = many(endless(), concurrency=2, at_most=1)
    assert first.index == 0
    assert 2 < taken <= 2 * 16 + 2


def test_nothing_is_taken_or_sent_before_the_first_outcome_is_asked_for(
    caller: Caller, scripted: ScriptedServer
) -> None:
    taken: list[object] = []

    def sessions() -> Iterator[dict[str, object]]:
        for item in wanted(3):
            taken.append(item)
            yield item

    scripted.answers(DONE)
    outcomes = caller.galtea(scripted.url).face.sessions.create_many(sessions())
    time.sleep(0.05)
    assert (taken, scripted.requests) == ([], [])
    assert len(caller.items(outcomes)) == len(taken) == 3


def test_an_outcome_does_not_wait_for_the_next_item_of_an_asynchronous_input(scripted: ScriptedServer) -> None:
    scripted.answers(DONE)

    async def both() -> None:
        more = asyncio.Event()

        async def one_now_and_one_later() -> AsyncIterator[Any]:
            yield {"version_id": "ver_0"}
            await more.wait()
            yield {"version_id": "ver_1"}

        async with AsyncGaltea(api_key=GALTEA_KEY, base_url=scripted.url) as galtea:
            outcomes = galtea.sessions.create_many(one_now_and_one_later(), concurrency=2)
            async with asyncio.timeout(5):
                assert (await anext(outcomes)).index == 0
            more.set()
            assert [outcome.index async for outcome in outcomes] == [1]

    asyncio.run(both())


def test_nothing_more_is_taken_while_nobody_asks(scripted: ScriptedServer) -> None:
    scripted.answers(DONE)
    taken = itertools.count()

    async def pause_after_the_first() -> None:
        async with AsyncGaltea(api_key=GALTEA_KEY, base_url=scripted.url) as galtea:
            sessions: Any = ({"version_id": f"ver_{next(taken)}"} for _ in range(1000))
            outcomes: Any = galtea.sessions.create_many(sessions, concurrency=2)
            await anext(outcomes)
            await asyncio.sleep(0.3)
            await outcomes.aclose()

    asyncio.run(pause_after_the_first())
    assert next(taken) <= 4


def test_an_asynchronous_input_is_taken_too(scripted: ScriptedServer) -> None:
    scripted.answers_by(answer_with_its_version)

    async def sessions() -> AsyncIterator[Any]:
        for item in wanted(10):
            await asyncio.sleep(0)
            yield item

    async def use() -> list[str]:
        async with AsyncGaltea(api_key=GALTEA_KEY, base_url=scripted.url) as galtea:
            outcomes = galtea.sessions.create_many(sessions(), concurrency=3)
            return [outcome.unwrap().version_id async for outcome in outcomes]

    assert asyncio.run(use()) == [f"ver_{number}" for number in range(10)]


# --- stopping ---


def test_after_an_error_nothing_more_is_sent_if_so_wished_and_what_was_sent_has_its_outcome(
    many: Callable[..., Any], scripted: ScriptedServer
) -> None:
    scripted.answers_by(
        lambda request: Answer(404, {"message": "no"}) if version_of(request) == 5 else Answer(201, SESSION, delay=0.01)
    )
    outcomes = many(wanted(500), concurrency=4, stop_on_error=True)
    assert [outcome.index for outcome in outcomes] == list(range(len(outcomes)))
    assert isinstance(outcomes[5].error, NotFoundError)
    assert [outcome.index for outcome in outcomes if outcome.error] == [5]
    assert len(outcomes) == len(scripted.requests) < 30
    nothing_runs()


def test_a_refused_item_stops_as_well(many: Callable[..., Any], scripted: ScriptedServer) -> None:
    scripted.answers(DONE)
    outcomes = many([*wanted(2), {"version_id": ""}, *wanted(300)], concurrency=1, stop_on_error=True)
    assert isinstance(outcomes[-1].error, ContractError)
    assert [outcome.index for outcome in outcomes if outcome.error] == [2]
    assert len(outcomes) == 3


def test_whoever_stops_asking_leaves_nothing_running_and_the_face_usable(
    caller: Caller, scripted: ScriptedServer
) -> None:
    ended = 0

    def slow(request: Received) -> Answer:
        nonlocal ended
        time.sleep(0.05)
        ended += 1
        return DONE

    scripted.answers_by(slow)
    made = caller.galtea(scripted.url)
    outcomes = caller.items(made.face.sessions.create_many(wanted(1000), concurrency=4), at_most=2)
    assert len(outcomes) == 2
    nothing_runs()
    started = len(scripted.requests)
    time.sleep(0.15)
    assert len(scripted.requests) == started == ended < 100
    assert made.session().id == "ses_901"


def test_an_iterator_that_is_dropped_leaves_nothing_running(scripted: ScriptedServer) -> None:
    from evalsessions import Galtea

    scripted.answers(DONE)
    with Galtea(api_key=GALTEA_KEY, base_url=scripted.url) as galtea:
        outcomes = galtea.sessions.create_many(wanted(1000), concurrency=4)  # type: ignore[arg-type]
        next(outcomes)
        del outcomes
        gc.collect()
        nothing_runs()


def test_a_loop_that_is_left_by_an_error_leaves_no_task_running(scripted: ScriptedServer) -> None:
    scripted.answers(Answer(201, SESSION, delay=0.02))

    async def use() -> int:
        async with AsyncGaltea(api_key=GALTEA_KEY, base_url=scripted.url) as galtea:
            outcomes = galtea.sessions.create_many(wanted(1000), concurrency=4)  # type: ignore[arg-type]
            with suppress(ZeroDivisionError):
                async for _ in outcomes:
                    raise ZeroDivisionError
            await outcomes.aclose()
            return len(asyncio.all_tasks())

    assert asyncio.run(use()) == 1


def test_a_cancelled_loop_lets_what_was_sent_end(scripted: ScriptedServer) -> None:
    scripted.answers(Answer(201, SESSION, delay=0.1))

    async def consume(galtea: AsyncGaltea) -> None:
        async for _ in galtea.sessions.create_many(wanted(1000), concurrency=4):  # type: ignore[arg-type]
            pass

    async def use() -> int:
        async with AsyncGaltea(api_key=GALTEA_KEY, base_url=scripted.url) as galtea:
            task = asyncio.create_task(consume(galtea))
            await asyncio.sleep(0.05)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return len(asyncio.all_tasks())

    assert asyncio.run(use()) == 1


@pytest.mark.parametrize("at", [0, 1, 5, 40])
def test_an_error_of_the_input_comes_after_the_outcomes_of_what_was_sent(
    caller: Caller, scripted: ScriptedServer, at: int
) -> None:
    scripted.answers(DONE)

    def sessions() -> Iterator[dict[str, object]]:
        yield from wanted(at)
        raise ZeroDivisionError("of the input")

    outcomes = caller.galtea(scripted.url).face.sessions.create_many(sessions(), concurrency=4)
    taken: list[Any] = []
    with pytest.raises(ZeroDivisionError, match="of the input"):
        _drain(caller, outcomes, taken)
    assert len(taken) == len(scripted.requests) == at
    nothing_runs()


def _drain(caller: Caller, outcomes: Any, taken: list[Any]) -> None:
    async def drain() -> None:
        async for outcome in outcomes:
            taken.append(outcome)

    if caller.kind.is_async:
        caller.result(drain())
    else:
        taken.extend(outcomes)


# --- progress ---


def test_progress_is_told_with_each_outcome(many: Callable[..., Any], scripted: ScriptedServer) -> None:
    scripted.answers_by(lambda request: Answer(404) if version_of(request) in {1, 3} else DONE)
    told: list[Progress] = []
    many(wanted(5), progress=told.append, concurrency=3)
    assert [(progress.done, progress.failed) for progress in told] == [(1, 0), (2, 1), (3, 1), (4, 2), (5, 2)]


def test_an_error_of_progress_changes_nothing(
    many: Callable[..., Any], scripted: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(progress: Progress) -> None:
        raise ZeroDivisionError

    scripted.answers(DONE)
    assert len(many(wanted(3), progress=broken)) == 3
    assert len([record for record in caplog.records if record.exc_info]) == 3


# --- what cannot work ---


@pytest.mark.parametrize(
    ("options", "kind", "named"),
    [
        ({"concurrency": 0}, ConfigurationError, "concurrency"),
        ({"concurrency": -1}, ConfigurationError, "concurrency"),
        ({"concurrency": "4"}, ConfigurationError, "concurrency"),
        ({"concurrency": True}, ConfigurationError, "concurrency"),
        ({"concurrency": 1.5}, ConfigurationError, "concurrency"),
        ({"timeout": 0}, ConfigurationError, "timeout"),
        ({"max_retries": -1}, ConfigurationError, "max_retries"),
        ({"retries": 1}, TypeError, "retries"),
        ({"version_id": "x"}, TypeError, "version_id"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_an_option_that_cannot_work_is_refused_at_the_call(
    caller: Caller, scripted: ScriptedServer, options: dict[str, Any], kind: type[Exception], named: str
) -> None:
    face = caller.galtea(scripted.url).face
    with pytest.raises(kind, match=named):
        face.sessions.create_many(wanted(2), **options)
    with pytest.raises(kind, match=named):
        face.evaluations.create_many_from_sessions(["ses_1"], **options)
    assert scripted.requests == []


@pytest.mark.parametrize("sessions", [5, None, object()], ids=lambda value: type(value).__name__)
def test_what_is_no_iterable_is_a_type_error(
    many: Callable[..., Any], scripted: ScriptedServer, sessions: object
) -> None:
    with pytest.raises(TypeError):
        many(sessions)
    assert scripted.requests == []


# --- batches of any size ---


def ids_of(count: int) -> list[str]:
    return [f"ses_{number}" for number in range(count)]


def evaluated(request: Received) -> Answer:
    """What a right server answers: each session evaluated, but for those whose number ends in 99."""
    ids: list[str] = request.json()["sessionIds"]
    failures = [{"sessionId": session_id, "error": "gone"} for session_id in ids if session_id.endswith("99")]
    done = len(ids) - len(failures)
    return Answer(
        200,
        {
            "sessionsEvaluated": done,
            "sessionsFailed": len(failures),
            "evaluationsCreated": 2 * done,
            "failures": failures,
            "message": f"evaluated {done} of {len(ids)} sessions",
            "totalSessionsAvailable": None,
            "truncated": False,
        },
    )


@pytest.fixture
def galtea(caller: Caller, scripted: ScriptedServer) -> Made:
    """A face on a server that evaluates what it is asked to."""
    scripted.answers_by(evaluated)
    return caller.galtea(scripted.url)


def sent_ids(scripted: ScriptedServer) -> list[list[str]]:
    return [request.json()["sessionIds"] for request in scripted.requests]


@pytest.mark.parametrize(
    ("count", "parts"),
    [(1, [1]), (999, [999]), (1000, [1000]), (1001, [1000, 1]), (2500, [1000, 1000, 500]), (3000, [1000] * 3)],
)
def test_a_batch_takes_as_many_requests_as_it_needs(
    galtea: Made, scripted: ScriptedServer, count: int, parts: list[int]
) -> None:
    result = galtea.evaluations(session_ids=ids_of(count), metrics=[{"id": "metric_123"}])
    assert [len(ids) for ids in sent_ids(scripted)] == parts
    assert list(itertools.chain.from_iterable(sent_ids(scripted))) == ids_of(count)
    assert {json.dumps(request.json()["metrics"]) for request in scripted.requests} == {'[{"id": "metric_123"}]'}
    failed = [session_id for session_id in ids_of(count) if session_id.endswith("99")]
    assert isinstance(result, BatchEvaluation)
    assert (result.sessions_evaluated, result.sessions_failed) == (count - len(failed), len(failed))
    assert result.evaluations_created == 2 * (count - len(failed))
    assert [failure.session_id for failure in result.failures] == failed
    assert (result.total_sessions_available, result.truncated) == (None, False)
    assert set(result.to_dict()) == set(answer_of("createEvaluationsFromSessions")[1])
    for ids in sent_ids(scripted):
        assert f"of {len(ids)} sessions" in result.message


def test_a_session_that_is_listed_again_is_evaluated_once_however_far_apart(
    galtea: Made, scripted: ScriptedServer
) -> None:
    ids = ids_of(2500)
    result = galtea.evaluations(session_ids=iter([*ids, *ids[:1200], *ids]))
    assert sent_ids(scripted) == [ids[:1000], ids[1000:2000], ids[2000:]]
    assert result.sessions_evaluated + result.sessions_failed == 2500


def test_the_parts_of_a_batch_are_sent_one_after_another(caller: Caller, scripted: ScriptedServer) -> None:
    running, most = 0, 0

    def counted(request: Received) -> Answer:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.02)
        running -= 1
        return evaluated(request)

    scripted.answers_by(counted)
    caller.galtea(scripted.url).evaluations(session_ids=ids_of(3500))
    assert most == 1


def test_what_is_unknown_in_the_answers_is_kept_in_the_merged_result(caller: Caller, scripted: ScriptedServer) -> None:
    body = {**answer_of("createEvaluationsFromSessions")[1], "creditsSpent": 5}
    scripted.answers(Answer(200, body))
    result = caller.galtea(scripted.url).evaluations(session_ids=ids_of(1500))
    assert "creditsSpent" in result.extra


@pytest.mark.parametrize(
    ("step", "cause", "in_doubt"),
    [
        (Answer(500), AmbiguousOutcomeError, True),
        (Lost(), AmbiguousOutcomeError, True),
        (Answer(200, "<html>"), ResponseValidationError, True),
        (Answer(404, {"message": "no"}), NotFoundError, False),
        (Answer(401), APIStatusError, False),
        (Answer(302), APIStatusError, False),
    ],
    ids=["500", "lost", "html", "404", "401", "302"],
)
def test_a_batch_that_ends_early_says_what_was_done_what_may_be_and_what_was_not(
    caller: Caller, scripted: ScriptedServer, step: Any, cause: type[EvalSessionsError], in_doubt: bool
) -> None:
    ids = ids_of(2500)
    scripted.answers_by(lambda request: step if request.json()["sessionIds"][0] == "ses_1000" else evaluated(request))
    with pytest.raises(BatchInterruptedError) as interrupted:
        caller.galtea(scripted.url, max_retries=0).evaluations(session_ids=ids)
    error = interrupted.value
    assert len(scripted.requests) == 2
    assert (error.result.sessions_evaluated, error.result.sessions_failed) == (990, 10)
    assert list(error.in_doubt) == (ids[1000:2000] if in_doubt else [])
    assert list(error.not_done) == (ids[2000:] if in_doubt else ids[1000:])
    assert isinstance(error.__cause__, cause)
    for number in ("1000", "1000" if in_doubt else "0", "500" if in_doubt else "1500"):
        assert number in str(error)
    copied = pickle.loads(pickle.dumps(error))
    assert (copied.result, copied.in_doubt, copied.not_done) == (error.result, error.in_doubt, error.not_done)


def test_a_batch_whose_first_request_was_refused_is_refused(caller: Caller, scripted: ScriptedServer) -> None:
    scripted.answers(Answer(404, {"message": "no metric"}))
    with pytest.raises(NotFoundError, match="no metric"):
        caller.galtea(scripted.url).evaluations(session_ids=ids_of(2500))
    assert len(scripted.requests) == 1


def test_a_batch_whose_first_request_is_in_doubt_says_which_sessions_are(
    caller: Caller, scripted: ScriptedServer
) -> None:
    scripted.answers(Lost())
    with pytest.raises(BatchInterruptedError) as interrupted:
        caller.galtea(scripted.url).evaluations(session_ids=ids_of(2500))
    assert list(interrupted.value.in_doubt) == ids_of(1000)
    assert list(interrupted.value.not_done) == ids_of(2500)[1000:]
    assert interrupted.value.result.sessions_evaluated == 0
    assert isinstance(interrupted.value.__cause__, AmbiguousOutcomeError)
    assert len(scripted.requests) == 1


def test_a_batch_of_one_request_fails_as_any_call(caller: Caller, scripted: ScriptedServer) -> None:
    scripted.answers(Lost())
    with pytest.raises(AmbiguousOutcomeError):
        caller.galtea(scripted.url).evaluations(session_ids=ids_of(1000))


@pytest.mark.parametrize(
    "properties", [{"sessionsEvaluated": "2"}, {"sessionsFailed": None}, {"failures": "x"}, {"evaluationsCreated": [1]}]
)
def test_odd_answers_that_are_to_be_read_are_merged_without_making_anything_up(
    caller: Caller, scripted: ScriptedServer, properties: dict[str, Any]
) -> None:
    body = {**answer_of("createEvaluationsFromSessions")[1], **properties}
    scripted.answers(Answer(200, body))
    galtea = caller.galtea(scripted.url)
    result = galtea.evaluations(session_ids=ids_of(2500), strict=False)
    assert len(scripted.requests) == 3
    for wire, value in result.to_dict().items():
        if wire in {"sessionsEvaluated", "sessionsFailed", "evaluationsCreated"} and wire not in properties:
            assert value == 3 * body[wire]
        if wire in properties:
            assert value != "222"
            assert value != list("xxx")


def test_an_odd_answer_does_not_hide_what_was_interrupted(caller: Caller, scripted: ScriptedServer) -> None:
    body = {**answer_of("createEvaluationsFromSessions")[1], "sessionsFailed": "x"}
    scripted.answers(Answer(200, body), Answer(500))
    with pytest.raises(BatchInterruptedError) as interrupted:
        caller.galtea(scripted.url).evaluations(session_ids=ids_of(2500), strict=False)
    assert list(interrupted.value.in_doubt) == ids_of(2500)[1000:2000]


def test_an_extra_body_that_lists_sessions_is_not_sent_with_each_part(caller: Caller, scripted: ScriptedServer) -> None:
    """Each request spends credits: the same sessions must not be evaluated three times."""
    scripted.answers_by(evaluated)
    galtea = caller.galtea(scripted.url)
    try:
        galtea.evaluations(session_ids=ids_of(2500), extra_body={"sessionIds": ["ses_extra"]})
    except EvalSessionsError:
        assert scripted.requests == []
    else:
        assert sent_ids(scripted).count(["ses_extra"]) <= 1


# --- many requests of a batch, one by one ---


def test_each_request_of_a_huge_batch_has_its_own_outcome(caller: Caller, scripted: ScriptedServer) -> None:
    ids = ids_of(3500)
    scripted.answers_by(
        lambda request: Answer(500) if request.json()["sessionIds"][0] == "ses_1000" else evaluated(request)
    )
    told: list[Progress] = []
    face = caller.galtea(scripted.url).face
    outcomes = caller.items(
        face.evaluations.create_many_from_sessions(
            iter(ids), metrics=[{"id": "metric_123"}], concurrency=2, progress=told.append
        )
    )
    assert [list(outcome.item) for outcome in outcomes] == [ids[start : start + 1000] for start in range(0, 3500, 1000)]
    assert [type(outcome.error) for outcome in outcomes] == [type(None), AmbiguousOutcomeError, type(None), type(None)]
    assert [outcome.result.sessions_evaluated for outcome in outcomes if outcome.result] == [990, 990, 495]
    assert told[-1] == Progress(4, 1)
    nothing_runs()


def test_a_huge_batch_stops_at_an_error_if_so_wished(caller: Caller, scripted: ScriptedServer) -> None:
    scripted.answers(Answer(404, {"message": "no metric"}))
    face = caller.galtea(scripted.url).face
    outcomes = caller.items(face.evaluations.create_many_from_sessions(ids_of(9000), stop_on_error=True))
    assert [type(outcome.error) for outcome in outcomes] == [NotFoundError]
    assert len(scripted.requests) == 1


@pytest.mark.parametrize(
    "session_ids", ["ses_123", b"ses_123", {"ses_123": 1}, 5, None], ids=lambda value: type(value).__name__
)
def test_a_huge_batch_of_what_is_no_list_of_ids_is_refused(
    caller: Caller, scripted: ScriptedServer, session_ids: Any
) -> None:
    scripted.answers_by(evaluated)
    face = caller.galtea(scripted.url).face
    with suppress(ContractError, TypeError):
        outcomes = caller.items(face.evaluations.create_many_from_sessions(session_ids))
        assert [type(outcome.error) for outcome in outcomes] == [ContractError]
    assert scripted.requests == []


@pytest.mark.parametrize("bad", [5, None, "", ["ses_1"]], ids=str)
def test_a_bad_id_in_a_huge_batch_is_the_outcome_of_its_request(
    caller: Caller, scripted: ScriptedServer, bad: object
) -> None:
    scripted.answers_by(evaluated)
    ids: list[Any] = ids_of(3000)
    ids[1500] = bad
    face = caller.galtea(scripted.url).face
    outcomes = caller.items(face.evaluations.create_many_from_sessions(ids))
    assert [type(outcome.error) for outcome in outcomes] == [type(None), ContractError, type(None)]
    assert len(scripted.requests) == 2


def test_a_huge_batch_takes_ids_as_they_come(scripted: ScriptedServer) -> None:
    scripted.answers_by(evaluated)

    async def ids() -> AsyncIterator[str]:
        for session_id in [*ids_of(1500), "ses_0"]:
            await asyncio.sleep(0)
            yield session_id

    async def handled() -> list[int]:
        async with AsyncGaltea(api_key=GALTEA_KEY, base_url=scripted.url) as galtea:
            outcomes = galtea.evaluations.create_many_from_sessions(ids())
            return [len(outcome.item) async for outcome in outcomes]

    assert asyncio.run(handled()) == [1000, 501]
    assert [len(sent) for sent in sent_ids(scripted)] == [1000, 501]
