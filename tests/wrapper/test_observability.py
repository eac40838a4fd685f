"""What can be seen of a call: logs, hooks and spans; and what must never be: keys, and the caller's own values."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
import textwrap
import traceback
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

import evalsessions
from evalsessions import Attempt, EvalSessionsError
from tests.support.uncovered import uncovered
from tests.wrapper.faces import CALLS, PROJECT, SESSION, Caller, answer_of
from tests.wrapper.scripted_server import Answer, Lost, ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.sdk.trace import ReadableSpan

    from tests.wrapper.scripted_server import Step

CREATE_SESSION, CREATE_TEST_CASE, EVALUATE, CREATE_PROJECT_SESSION = CALLS

KEY = "gsk_Zq7Xw9Kp2Lm4Nv6Bt8Rj1Hd3Fs5GyZq7Xw9Kp2Lm4Nv6Bt8Rj1Hd3Fs5GyEnd"
HEADER_SECRET = "proxy-Yb3Tc5Vd7Xe9Zf1Ag2Ch4Ei6Gk8Im0"
AT_ONCE = {"Retry-After": "0"}
DONE = Answer(201, SESSION)


def pieces(secret: str) -> list[str]:
    """Parts of a secret that are long enough to be of use to a thief."""
    return [secret[start : start + 10] for start in range(0, len(secret) - 9, 5)]


def assert_no_secret(*texts: str) -> None:
    for text in texts:
        for secret in (KEY, HEADER_SECRET):
            for piece in pieces(secret):
                assert piece not in text, text


# --- logging ---


def test_attempts_are_logged_under_the_name_of_the_package(
    each_transport: Caller, scripted: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "evalsessions")
    scripted.answers(Answer(429, headers={"X-Request-Id": "req_1", **AT_ONCE}), Lost(), DONE)
    each_transport.galtea(scripted.url).session(custom_id="mine")
    records = [record for record in caplog.records if record.name.partition(".")[0] == "evalsessions"]
    told = [(record.levelno, record.getMessage()) for record in records]
    assert [level for level, _ in told] == [logging.INFO, logging.INFO, logging.DEBUG]
    for number, (_, text) in enumerate(told, 1):
        assert "createSession" in text
        assert f"attempt {number}" in text
    assert "429" in told[0][1]
    assert "201" in told[2][1]
    assert vars(records[0])["request_id"] == "req_1"


def test_without_configuration_nothing_is_logged_anywhere() -> None:
    script = """
        import logging
        import evalsessions
        from evalsessions import EvalSessionsError, Galtea

        def broken(attempt):
            raise ValueError("the hook")

        try:
            galtea = Galtea(api_key="gsk_0123456789", base_url="http://127.0.0.1:9", max_retries=1, on_attempt=broken)
            galtea.sessions.create(version_id="ver_123")
        except EvalSessionsError:
            pass
        assert logging.getLogger().handlers == []
        assert logging.getLogger("evalsessions").level == logging.NOTSET
    """
    done = subprocess.run(
        [sys.executable, "-Werror", "-c", textwrap.dedent(script)], capture_output=True, env=uncovered(), check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_retries_are_seen_at_info_and_single_attempts_are_not(
    caller: Caller, scripted: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "evalsessions")
    scripted.answers(DONE)
    caller.galtea(scripted.url).session()
    assert [record for record in caplog.records if record.name == "evalsessions"] == []
    scripted.answers(Answer(503, headers=AT_ONCE), DONE)
    caller.galtea(scripted.url).session()
    (record,) = [record for record in caplog.records if record.name == "evalsessions"]
    assert "503" in record.getMessage()
    assert "0.0 s" in record.getMessage()


# --- what must not be seen ---

ECHOES: dict[str, Step] = {
    "in a message": Answer(401, {"message": f"the key {KEY} is not known, sent by {HEADER_SECRET}"}),
    "at the end of a long message": Answer(401, {"message": "x" * 285 + KEY}),
    "at the end of another": Answer(401, {"message": "x" * 265 + HEADER_SECRET}),
    "in a detail": Answer(403, {"detail": f"{KEY} {HEADER_SECRET}"}),
    "in issues": Answer(422, {"detail": [{"loc": ["header", KEY], "msg": f"bad {HEADER_SECRET}", "type": "x"}]}),
    "in a long issue": Answer(422, {"detail": [{"loc": ["body", "y" * 280 + KEY], "msg": "z" * 285 + KEY}]}),
    "in a page": Answer(403, f"<html><title>{KEY}</title><p>{HEADER_SECRET}"),
    "in a page without title": Answer(403, "<html>" + "x" * 270 + f" {KEY}"),
    "in a text": Answer(404, f"no route for Authorization: Bearer {KEY}"),
    "as the rule": Answer(400, {"message": "no", "rule": KEY, "pointer": f"/{KEY}"}),
    "as a header": Answer(404, {"message": "no"}, headers={"X-Echo": KEY, "Set-Cookie": HEADER_SECRET}),
    "as a wrong value": Answer(201, {**SESSION, "createdAt": KEY}),
    "as a short wrong value": Answer(201, {**SESSION, "isProduction": HEADER_SECRET}),
    "as a value with more": Answer(201, {**SESSION, "isProduction": f"Bearer {KEY}"}),
    "in an ambiguous answer": Answer(500, {"message": KEY}),
    "in an answer after doubt": Answer(502, KEY, headers={"Server": KEY}),
    "as a reason": Answer(404, b"", reason=KEY),
    "as a place to go": Answer(307, b"", headers={"Location": f"http://{KEY}/"}),
}


@pytest.mark.parametrize("step", ECHOES.values(), ids=ECHOES)
def test_what_a_server_echoes_of_the_key_is_in_no_text_of_an_error_and_in_no_log(
    each_transport: Caller, scripted: ScriptedServer, caplog: pytest.LogCaptureFixture, step: Step
) -> None:
    caplog.set_level(logging.DEBUG)
    scripted.answers(step)
    made = each_transport.galtea(scripted.url, api_key=KEY, max_retries=0)
    with pytest.raises(EvalSessionsError) as failed:
        made.session(extra_headers={"Proxy-Authorization": HEADER_SECRET})
    error: Any = failed.value
    assert_no_secret(str(error), repr(error), *map(str, error.args), repr(error.request))
    assert_no_secret(str(getattr(error, "message", "")), "".join(traceback.format_exception(error)))
    assert_no_secret(repr(getattr(error, "response", None)))
    assert_no_secret(*(record.getMessage() for record in caplog.records if record.name.startswith("evalsessions")))


def test_no_logger_of_the_libraries_below_gets_the_key(
    each_transport: Caller, scripted: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for step in (DONE, Answer(404, {"message": "no"}), Lost()):
        scripted.answers(step)
        made = each_transport.galtea(scripted.url, api_key=KEY, max_retries=0)
        with suppress(EvalSessionsError):
            made.session(extra_headers={"Proxy-Authorization": HEADER_SECRET})
        scripted.answers(Answer(*answer_of("createProjectSession")) if step is DONE else step)
        with suppress(EvalSessionsError):
            each_transport.galileo(scripted.url, api_key=KEY, max_retries=0).project_session()
    assert caplog.records
    assert_no_secret(*(record.getMessage() for record in caplog.records))


def test_what_is_made_of_a_call_shows_no_key(
    each_transport: Caller, scripted: ScriptedServer, without_environment: pytest.MonkeyPatch
) -> None:
    scripted.answers(Answer(201, SESSION, headers={"Set-Cookie": HEADER_SECRET, "X-Echo": KEY}))
    attempts: list[Attempt] = []
    made = each_transport.galtea(scripted.url, api_key=KEY, on_attempt=attempts.append)
    derived = made.with_options(extra_headers={"Proxy-Authorization": HEADER_SECRET})
    raw = derived.raw(CREATE_SESSION)
    shown: list[object] = [
        made.face,
        derived.face,
        derived.face.sessions,
        derived.face.sessions.with_raw_response,
        vars(derived.face),
        vars(derived.face.sessions),
        *vars(derived.face).values(),
        raw,
        raw.headers,
        raw.request,
        raw.request.headers,
        raw.parse(),
        attempts,
    ]
    engine = vars(derived.face)["_engine"]
    shown += [engine.settings, vars(engine)]
    assert_no_secret(*(repr(value) for value in shown), *(str(value) for value in shown))
    assert scripted.requests[0].header("Authorization") == f"Bearer {KEY}"
    assert raw.request.headers["authorization"] == f"Bearer {KEY}"


def test_keys_are_in_no_traceback_that_shows_the_variables_of_this_package(
    each_transport: Caller, scripted: ScriptedServer
) -> None:
    for step in (Lost(), Answer(404, {"message": "no"}), Answer(201, "{}")):
        scripted.answers(step)
        with pytest.raises(EvalSessionsError) as failed:
            each_transport.galtea(scripted.url, api_key=KEY, max_retries=0).session()
        shown = traceback.TracebackException.from_exception(failed.value, capture_locals=True)
        frames = [frame for frame in shown.stack if "/evalsessions/" in frame.filename]
        assert frames
        for piece in pieces(KEY):
            assert piece not in "".join(repr(frame.locals) for frame in frames)


@pytest.mark.parametrize("detail", ["a list", "long"])
def test_the_callers_own_value_in_a_refusal_is_in_no_text(
    each_transport: Caller, scripted: ScriptedServer, caplog: pytest.LogCaptureFixture, detail: str
) -> None:
    caplog.set_level(logging.DEBUG)
    value = "the diagnosis of a patient"
    issues = [{"loc": ["body", "name"], "msg": "is wrong", "type": "x", "input": value, "ctx": {"given": value}}]
    scripted.answers(Answer(422, {"detail": issues * (50 if detail == "long" else 1)}))
    made = each_transport.galileo(scripted.url)
    with pytest.raises(evalsessions.UnprocessableContentError) as refused:
        made.project_session(name=value, project_id=PROJECT)
    error = refused.value
    texts = [str(error), repr(error), repr(error.response), repr(error.request), error.message, error.pointer or ""]
    texts += ["".join(traceback.format_exception(error)), *(record.getMessage() for record in caplog.records)]
    assert [text for text in texts if "diagnosis" in text] == []
    assert isinstance(error.body, dict)


def test_a_key_that_is_refused_for_its_form_is_not_shown(caller: Caller) -> None:
    with pytest.raises(evalsessions.ConfigurationError) as refused:
        caller.galtea("http://127.0.0.1:9", api_key=KEY + "\n")
    assert_no_secret(str(refused.value), repr(refused.value), *map(str, refused.value.args))


def test_a_header_that_is_refused_is_not_shown(caller: Caller) -> None:
    made = caller.galtea("http://127.0.0.1:9")
    for headers in ({"Proxy-Authorization": HEADER_SECRET + "\n"}, {"Proxy-Authorization": HEADER_SECRET.encode()}):
        with pytest.raises(evalsessions.ConfigurationError) as refused:
            made.with_options(extra_headers=headers)
        assert_no_secret(str(refused.value), repr(refused.value))


# --- hooks ---


def test_on_attempt_is_told_of_each_attempt(each_transport: Caller, scripted: ScriptedServer) -> None:
    attempts: list[Attempt] = []
    scripted.answers(Answer(503, headers={"X-Request-Id": "req_1", **AT_ONCE}), Answer(201, SESSION, delay=0.05))
    each_transport.galtea(scripted.url, on_attempt=attempts.append).session()
    first, second = attempts
    assert (first.operation, first.number, first.method, first.url) == (
        "createSession",
        1,
        "POST",
        scripted.url + "/sessions",
    )
    assert (first.status_code, first.request_id, first.problem, first.retry_in) == (503, "req_1", None, 0.0)
    assert (second.number, second.status_code, second.request_id, second.retry_in) == (2, 201, None, None)
    assert 0.05 <= second.seconds < 5
    assert 0 <= first.seconds < 5


def test_on_attempt_is_told_why_there_was_no_answer(each_transport: Caller, scripted: ScriptedServer) -> None:
    attempts: list[Attempt] = []
    scripted.answers(Lost())
    with pytest.raises(evalsessions.AmbiguousOutcomeError):
        each_transport.galtea(scripted.url, on_attempt=attempts.append).session()
    (attempt,) = attempts
    assert attempt.problem
    assert (attempt.status_code, attempt.request_id, attempt.retry_in) == (None, None, None)


def test_a_hook_of_a_face_is_that_of_the_faces_made_from_it(caller: Caller, scripted: ScriptedServer) -> None:
    attempts: list[Attempt] = []
    scripted.answers(DONE)
    made = caller.galtea(scripted.url, on_attempt=attempts.append)
    made.with_options(timeout=5).session()
    assert [attempt.number for attempt in attempts] == [1]


def test_an_error_of_a_hook_is_logged_and_changes_nothing(
    each_transport: Caller, scripted: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(attempt: Attempt) -> None:
        raise ZeroDivisionError("of the hook")

    scripted.answers(Answer(429, headers=AT_ONCE), DONE)
    made = each_transport.galtea(scripted.url, on_attempt=broken)
    assert made.session().id == "ses_901"
    assert len(scripted.requests) == 2
    records = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(records) == 2
    assert {record.name.partition(".")[0] for record in records} == {"evalsessions"}
    for record in records:
        assert record.exc_info
        assert record.exc_info[0] is ZeroDivisionError


def test_nothing_is_told_of_what_was_not_sent(caller: Caller, scripted: ScriptedServer) -> None:
    attempts: list[Attempt] = []
    made = caller.galtea(scripted.url, on_attempt=attempts.append)
    with pytest.raises(evalsessions.ContractError):
        made.session(version_id="")
    assert attempts == []


# --- spans ---


@contextmanager
def spans_of(client: Any = None) -> Iterator[list[ReadableSpan]]:
    """The spans that httpx's instrumentation makes within the block: of all clients, or of one."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    instrumentor = HTTPXClientInstrumentor()
    spans: list[ReadableSpan] = []
    if client is None:
        instrumentor.instrument(tracer_provider=provider)
    else:
        instrumentor.instrument_client(client, tracer_provider=provider)
    try:
        yield spans
    finally:
        if client is None:
            instrumentor.uninstrument()
        spans += exporter.get_finished_spans()
        provider.shutdown()


def test_httpx_instrumentation_makes_a_span_of_each_attempt(caller: Caller, scripted: ScriptedServer) -> None:
    scripted.answers(Answer(429, headers=AT_ONCE), Answer(503, headers=AT_ONCE), DONE)
    with spans_of() as spans:
        caller.galtea(scripted.url, api_key=KEY).session()
    statuses = [(span.attributes or {}).get("http.status_code") for span in spans]
    assert statuses == [429, 503, 201]
    assert [span.status.status_code for span in spans][2] is StatusCode.UNSET
    parents = [request.header("traceparent") for request in scripted.requests]
    assert len(set(parents)) == 3
    for span, parent in zip(spans, parents, strict=True):
        assert span.context is not None
        assert f"{span.context.span_id:016x}" in str(parent)
    assert_no_secret(*(span.to_json() for span in spans))


def test_a_given_client_that_is_instrumented_makes_spans_too(caller: Caller, scripted: ScriptedServer) -> None:
    scripted.answers(Lost(), DONE)
    client: Any = httpx.AsyncClient() if caller.kind.is_async else httpx.Client()
    with spans_of(client) as spans:
        caller.galtea(scripted.url, http_client=client).session(custom_id="mine")
    caller.result(client.aclose() if caller.kind.is_async else client.close())
    assert len(spans) == 2
    assert spans[0].status.status_code is StatusCode.ERROR


def test_a_log_of_a_person_reads_well(caller: Caller, scripted: ScriptedServer) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger("evalsessions")
    logger.addHandler(handler)
    level = logger.level
    logger.setLevel(logging.DEBUG)
    try:
        scripted.answers(Answer(503, headers=AT_ONCE), DONE)
        caller.galtea(scripted.url, api_key=KEY).session()
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
    first, second = stream.getvalue().splitlines()
    assert first.startswith("createSession, attempt 1: 503 after 0.0")
    assert first.endswith("s, sent again in 0.0 s")
    assert second.startswith("createSession, attempt 2: 201 after 0.0")
