"""What is sent again, how often, and what the caller is told of the outcome: no write is doubled, none is lost.

Each row of the tables is a script of a server and what has to come of it. `Retry-After: 0` keeps the pauses out.
"""

from __future__ import annotations

import random
import socket
import statistics
import time
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

import evalsessions
from evalsessions import (
    AmbiguousOutcomeError,
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    Attempt,
    AuthenticationError,
    BadRequestError,
    ConflictError,
    Headers,
    NotFoundError,
    RateLimitError,
    Request,
    Response,
    ResponseValidationError,
    ServiceUnavailableError,
)
from evalsessions._core.retries import pause_before
from evalsessions._core.transport import NoAnswer
from tests.wrapper.faces import CALLS, SESSION, Caller, OperationCall, answer_of
from tests.wrapper.scripted_server import Answer, Lost, Reset, ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.wrapper.scripted_server import Step

Row: TypeAlias = "tuple[list[Step], type[Any], int]"

AT_ONCE = {"Retry-After": "0"}
DONE = Answer(201, SESSION)
# Its status says that it was done, and the body ends before the length that was announced.
CUT_SHORT = Answer(201, '{"id": "ses_9', announced=200)


def said(status: int, *, at_once: bool = False) -> Answer:
    return Answer(status, {"message": f"this is {status}"}, headers=AT_ONCE if at_once else {})


def told(step: Step) -> str:
    if isinstance(step, Answer):
        return f"{step.status}{'!' if step.headers else ''}{'~' if step.announced else ''}"
    return type(step).__name__


def rows(*table: Row) -> list[Any]:
    return [pytest.param(*row, id=f"{'-'.join(told(step) for step in row[0])}={row[1].__name__}") for row in table]


# Without anything that makes a repeat harmless; two retries are allowed.
ONCE = rows(
    ([DONE], evalsessions.Session, 1),
    # certainly not done, and worth repeating
    ([said(429, at_once=True), DONE], evalsessions.Session, 2),
    ([said(503, at_once=True), DONE], evalsessions.Session, 2),
    ([said(429, at_once=True), said(503, at_once=True), DONE], evalsessions.Session, 3),
    ([said(429, at_once=True)] * 3, RateLimitError, 3),
    ([said(503, at_once=True)] * 3, ServiceUnavailableError, 3),
    # certainly not done, and not worth repeating
    ([said(400)], BadRequestError, 1),
    ([said(401)], AuthenticationError, 1),
    ([said(404)], NotFoundError, 1),
    ([said(409)], ConflictError, 1),
    ([said(408)], APIStatusError, 1),
    ([said(302)], APIStatusError, 1),
    ([said(499)], APIStatusError, 1),
    ([said(429, at_once=True), said(404)], NotFoundError, 2),
    ([said(503, at_once=True), said(400)], BadRequestError, 2),
    # done or not
    ([said(503)], AmbiguousOutcomeError, 1),
    ([said(500)], AmbiguousOutcomeError, 1),
    ([said(500, at_once=True)], AmbiguousOutcomeError, 1),
    ([said(501)], AmbiguousOutcomeError, 1),
    ([said(502)], AmbiguousOutcomeError, 1),
    ([said(502, at_once=True)], AmbiguousOutcomeError, 1),
    ([said(504)], AmbiguousOutcomeError, 1),
    ([said(505)], AmbiguousOutcomeError, 1),
    ([said(599)], AmbiguousOutcomeError, 1),
    ([said(799)], AmbiguousOutcomeError, 1),
    ([Lost()], AmbiguousOutcomeError, 1),
    ([Reset()], AmbiguousOutcomeError, 1),
    ([said(429, at_once=True), said(500)], AmbiguousOutcomeError, 2),
    ([said(429, at_once=True), said(502)], AmbiguousOutcomeError, 2),
    ([said(503, at_once=True), Lost()], AmbiguousOutcomeError, 2),
    # done
    ([Answer(201, "<html>")], ResponseValidationError, 1),
    ([Answer(299, SESSION)], ResponseValidationError, 1),
    ([said(429, at_once=True), Answer(201, "{}")], ResponseValidationError, 2),
)

# With a custom_id; two retries are allowed.
REPEATABLE = rows(
    ([DONE], evalsessions.Session, 1),
    ([said(502, at_once=True), DONE], evalsessions.Session, 2),
    ([said(504, at_once=True), DONE], evalsessions.Session, 2),
    ([Lost(), DONE], evalsessions.Session, 2),
    ([Reset(), DONE], evalsessions.Session, 2),
    ([said(502, at_once=True), said(504, at_once=True), DONE], evalsessions.Session, 3),
    ([said(502, at_once=True), said(429, at_once=True), DONE], evalsessions.Session, 3),
    ([said(502, at_once=True), Answer(201, "<html>")], ResponseValidationError, 2),
    # a repeat is answered 409: one exists, ours or an earlier one
    ([said(502, at_once=True), said(409)], AmbiguousOutcomeError, 2),
    ([said(504, at_once=True), said(409)], AmbiguousOutcomeError, 2),
    ([Lost(), said(409)], AmbiguousOutcomeError, 2),
    ([said(502, at_once=True), said(429, at_once=True), said(409)], AmbiguousOutcomeError, 3),
    ([said(429, at_once=True), said(502, at_once=True), said(409)], AmbiguousOutcomeError, 3),
    # it is the conflict it says where nothing before it can have been done
    ([said(409)], ConflictError, 1),
    ([said(429, at_once=True), said(409)], ConflictError, 2),
    ([said(503, at_once=True), said(409)], ConflictError, 2),
    ([said(429, at_once=True), said(503, at_once=True), said(409)], ConflictError, 3),
    # once in doubt, a refusal of the repeat says nothing of the first
    ([Lost(), said(401)], AmbiguousOutcomeError, 2),
    ([said(502, at_once=True), said(401)], AmbiguousOutcomeError, 2),
    ([said(502, at_once=True), said(400)], AmbiguousOutcomeError, 2),
    ([said(502, at_once=True), said(404)], AmbiguousOutcomeError, 2),
    ([said(502, at_once=True), said(302)], AmbiguousOutcomeError, 2),
    ([said(502, at_once=True), said(500)], AmbiguousOutcomeError, 2),
    ([said(502, at_once=True), *[said(429, at_once=True)] * 2], AmbiguousOutcomeError, 3),
    ([said(502, at_once=True)] * 3, AmbiguousOutcomeError, 3),
    # no reason to think that a repeat would help
    ([said(500)], AmbiguousOutcomeError, 1),
    ([said(503)], AmbiguousOutcomeError, 1),
    ([said(599)], AmbiguousOutcomeError, 1),
    ([said(429, at_once=True), said(500)], AmbiguousOutcomeError, 2),
)


def outcome(made: Any, **arguments: Any) -> Any:
    """Return the session, or the error, that a call ends with."""
    try:
        return made.session(**arguments)
    except APIError as error:
        return error


@pytest.mark.parametrize(("steps", "kind", "requests"), ONCE)
def test_a_write_that_could_be_doubled_is_repeated_only_where_it_was_not_done(
    each_transport: Caller, scripted: ScriptedServer, steps: list[Step], kind: type, requests: int
) -> None:
    scripted.answers(*steps)
    got = outcome(each_transport.galtea(scripted.url, max_retries=2))
    assert (type(got), len(scripted.requests)) == (kind, requests), got


@pytest.mark.parametrize(("steps", "kind", "requests"), REPEATABLE)
def test_a_session_with_a_custom_id_is_repeated_when_its_answer_is_lost(
    each_transport: Caller, scripted: ScriptedServer, steps: list[Step], kind: type, requests: int
) -> None:
    scripted.answers(*steps)
    got = outcome(each_transport.galtea(scripted.url, max_retries=2), custom_id="import-7")
    assert (type(got), len(scripted.requests)) == (kind, requests), got
    assert len({request.body for request in scripted.requests}) == 1


def test_an_answer_that_is_cut_short_is_never_told_as_not_done_nor_asked_for_again(
    each_transport: Caller, scripted: ScriptedServer
) -> None:
    scripted.answers(CUT_SHORT)
    got = outcome(each_transport.galtea(scripted.url))
    assert type(got) in {AmbiguousOutcomeError, ResponseValidationError}, got
    assert len(scripted.requests) == 1


def test_an_answer_that_does_not_come_in_time_leaves_the_write_in_doubt_and_it_is_sent_once(
    each_transport: Caller, scripted: ScriptedServer
) -> None:
    scripted.answers(Answer(201, SESSION, delay=0.5))
    got = outcome(each_transport.galtea(scripted.url, timeout=0.1))
    assert type(got) is AmbiguousOutcomeError, got
    assert len(scripted.requests) == 1


@pytest.mark.parametrize("call", CALLS[1:], ids=str)
@pytest.mark.parametrize("step", [said(500), said(502, at_once=True), said(504), said(503), Lost(), Reset()], ids=told)
def test_the_other_operations_are_never_repeated_when_they_may_have_been_done(
    each_transport: Caller, scripted: ScriptedServer, call: OperationCall, step: Step
) -> None:
    scripted.answers(step)
    with pytest.raises(AmbiguousOutcomeError, match=call.operation):
        each_transport.for_call(call, scripted.url)(call)
    assert len(scripted.requests) == 1


@pytest.mark.parametrize("call", CALLS, ids=str)
@pytest.mark.parametrize("status", [429, 503])
def test_each_operation_is_repeated_when_it_was_not_done(
    caller: Caller, scripted: ScriptedServer, call: OperationCall, status: int
) -> None:
    scripted.answers(said(status, at_once=True), Answer(*answer_of(call.operation)))
    caller.for_call(call, scripted.url)(call)
    first, second = scripted.requests
    assert (first.method, first.target, first.headers, first.body) == (
        second.method,
        second.target,
        second.headers,
        second.body,
    )


def test_an_external_id_of_galileo_makes_nothing_repeatable(caller: Caller, scripted: ScriptedServer) -> None:
    scripted.answers(said(502, at_once=True))
    with pytest.raises(AmbiguousOutcomeError):
        caller.galileo(scripted.url).project_session(external_id="chat-42")
    assert len(scripted.requests) == 1


@pytest.mark.parametrize(
    ("arguments", "requests"),
    [
        ({"extra_body": {"customId": "mine"}}, 2),
        ({"custom_id": "mine", "extra_body": {"customId": None}}, 1),
        ({"custom_id": "mine", "validate": False}, 2),
        ({"custom_id": None}, 1),
    ],
)
def test_what_counts_is_the_custom_id_that_is_sent(
    caller: Caller, scripted: ScriptedServer, arguments: dict[str, Any], requests: int
) -> None:
    scripted.answers(said(502, at_once=True), DONE)
    outcome(caller.galtea(scripted.url), **arguments)
    assert len(scripted.requests) == requests


@pytest.mark.parametrize("max_retries", [0, 1, 4])
@pytest.mark.parametrize("step", [said(429, at_once=True), said(502, at_once=True)], ids=told)
def test_a_request_is_sent_once_more_than_max_retries_at_most(
    caller: Caller, scripted: ScriptedServer, step: Step, max_retries: int
) -> None:
    scripted.answers(step)
    error = outcome(caller.galtea(scripted.url, max_retries=max_retries), custom_id="mine")
    assert len(scripted.requests) == max_retries + 1
    assert isinstance(error, APIError)


@contextmanager
def nobody() -> Iterator[str]:
    """An address where no connection is accepted, for as long as the block lasts."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@contextmanager
def full() -> Iterator[str]:
    """An address where connections are neither accepted nor refused."""
    with socket.socket() as listening, ExitStack() as stack:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        time.sleep(0.05)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_refused_connection_is_tried_again_and_then_told_as_not_done(
    each_transport: Caller, call: OperationCall
) -> None:
    attempts: list[Attempt] = []
    with nobody() as url:
        made = each_transport.for_call(call, url, on_attempt=attempts.append, max_retries=1)
        with pytest.raises(APIConnectionError, match="not sent") as failed:
            made(call)
    assert type(failed.value) is APIConnectionError
    assert failed.value.request.operation == call.operation
    assert [(attempt.number, attempt.status_code) for attempt in attempts] == [(1, None), (2, None)]


def test_a_connection_that_is_not_made_in_time_is_told_as_not_done(each_transport: Caller) -> None:
    """pyreqwest has one timeout for all, and cannot say what it was waiting for: there the write is in doubt."""
    kind = AmbiguousOutcomeError if each_transport.kind.is_fast else APITimeoutError
    with full() as url:
        made = each_transport.galtea(url, timeout=0.2, max_retries=0)
        with pytest.raises(kind, match="in time"):
            made.session()


def test_a_refused_connection_after_a_lost_answer_leaves_the_write_in_doubt(
    each_transport: Caller, scripted: ScriptedServer
) -> None:
    def gone(_: Attempt) -> None:
        scripted.stop_listening()

    scripted.answers(Answer(502, headers={"Connection": "close", **AT_ONCE}))
    got = outcome(each_transport.galtea(scripted.url, max_retries=1, on_attempt=gone), custom_id="mine")
    assert type(got) is AmbiguousOutcomeError
    assert (got.attempts, got.response, len(scripted.requests)) == (2, None, 1)


def test_a_connection_that_the_server_closed_meanwhile_is_no_reason_for_doubt(
    each_transport: Caller, scripted: ScriptedServer
) -> None:
    scripted.answers(Answer(201, SESSION, announced=len(DONE.content())))
    made = each_transport.galtea(scripted.url, max_retries=0)
    for _ in range(3):
        made.session()
        time.sleep(0.05)
    assert len(scripted.requests) == scripted.connections == 3


# --- what the errors say ---


def test_an_ambiguous_error_has_the_request_the_last_answer_and_what_to_look_for(
    caller: Caller, scripted: ScriptedServer
) -> None:
    scripted.answers(
        said(502, at_once=True), Answer(409, {"message": "taken"}, headers={"X-Request-Id": "req_9", **AT_ONCE})
    )
    error = outcome(caller.galtea(scripted.url), custom_id="import-7")
    assert isinstance(error, AmbiguousOutcomeError)
    assert (error.attempts, error.status_code, error.request_id) == (2, 409, "req_9")
    assert error.response is not None
    assert error.response.json() == {"message": "taken"}
    assert error.request.content == scripted.requests[0].body
    for part in ("createSession", "502", "409", "customId", "import-7", "earlier"):
        assert part in str(error), part


def test_an_ambiguous_error_without_an_answer_says_so(each_transport: Caller, scripted: ScriptedServer) -> None:
    scripted.answers(Lost())
    error = outcome(each_transport.galtea(scripted.url))
    assert isinstance(error, AmbiguousOutcomeError)
    assert (error.attempts, error.response, error.status_code, error.request_id) == (1, None, None, None)
    assert error.__cause__ is not None
    for part in ("createSession", "may have been done", "before you send it anew"):
        assert part in str(error), part


def test_only_the_ambiguous_error_is_no_statement_about_the_write() -> None:
    assert issubclass(AmbiguousOutcomeError, APIError)
    assert not issubclass(AmbiguousOutcomeError, APIStatusError | APIConnectionError)
    assert not issubclass(ResponseValidationError, APIStatusError | APIConnectionError)


def test_attempts_are_told_one_by_one_with_the_pause_after_each(caller: Caller, scripted: ScriptedServer) -> None:
    attempts: list[Attempt] = []
    scripted.answers(Answer(429, headers={"X-Request-Id": "req_1", **AT_ONCE}), Lost(), DONE)
    caller.galtea(scripted.url, on_attempt=attempts.append).session(custom_id="mine")
    assert [(attempt.number, attempt.status_code, attempt.request_id) for attempt in attempts] == [
        (1, 429, "req_1"),
        (2, None, None),
        (3, 201, None),
    ]
    assert attempts[0].retry_in == 0
    assert attempts[1].retry_in is not None
    assert 0 <= attempts[1].retry_in <= 1
    assert attempts[2].retry_in is None


# --- pauses ---


REQUEST = Request("createSession", "POST", "http://host/sessions", Headers(), b"{}")


def answered(retry_after: str | None) -> Response:
    headers = Headers([] if retry_after is None else [("Retry-After", retry_after)])
    return Response(503, headers, b"", REQUEST)


@pytest.mark.parametrize("number", range(1, 9))
@pytest.mark.parametrize("answer", [NoAnswer("lost", was_sent=True), answered(None)], ids=["no answer", "an answer"])
def test_pauses_are_any_part_of_a_time_that_doubles_up_to_eight_seconds(
    number: int, answer: Response | NoAnswer
) -> None:
    random.seed(5)
    longest = min(8.0, 0.5 * 2 ** (number - 1))
    pauses = [pause_before(number, answer) for _ in range(400)]
    assert min(pauses) >= 0
    assert max(pauses) <= longest
    assert min(pauses) < 0.1 * longest
    assert max(pauses) > 0.9 * longest
    assert statistics.mean(pauses) == pytest.approx(longest / 2, rel=0.1)


@pytest.mark.parametrize(
    ("retry_after", "pause"),
    [("0", 0.0), ("1", 1.0), (" 7 ", 7.0), ("30", 30.0), ("31", 30.0), ("86400", 30.0), ("9" * 400, 30.0)],
)
def test_retry_after_in_seconds_is_followed_up_to_half_a_minute(retry_after: str, pause: float) -> None:
    assert pause_before(1, answered(retry_after)) == pause


@pytest.mark.parametrize(
    ("seconds", "least", "most"), [(10, 8.0, 10.0), (-10, 0.0, 0.0), (3600, 30.0, 30.0), (-(10**9), 0.0, 0.0)]
)
def test_retry_after_as_a_date_is_followed_up_to_half_a_minute(seconds: int, least: float, most: float) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)
    assert least <= pause_before(1, answered(date)) <= most


@pytest.mark.parametrize(
    "retry_after",
    [
        "",
        "soon",
        "-1",
        "1.5",
        "1e3",
        "\u0663",
        "Mon, 99 Foo 2026 25:61:61 GMT",
        "Fri, 31 Dec 99999 00:00:00 GMT",
        "0x10",
    ],
)
def test_a_retry_after_that_says_nothing_leaves_the_pause_as_it_is_without_one(retry_after: str) -> None:
    pauses = {pause_before(1, answered(retry_after)) for _ in range(20)}
    assert len(pauses) > 1
    assert max(pauses) <= 0.5


def test_a_pause_is_really_made(caller: Caller, scripted: ScriptedServer) -> None:
    scripted.answers(Answer(503, headers={"Retry-After": "1"}), DONE)
    started = time.monotonic()
    caller.galtea(scripted.url).session()
    assert 1.0 <= time.monotonic() - started < 5.0


def test_a_date_of_retry_after_is_read_from_a_real_answer(caller: Caller, scripted: ScriptedServer) -> None:
    date = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    scripted.answers(Answer(503, headers={"Retry-After": date}), DONE)
    caller.galtea(scripted.url).session()
    assert len(scripted.requests) == 2
