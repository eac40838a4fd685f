"""Which error a refusal becomes, and what it says: status, message, rule, place, and the id to ask the vendor with."""

from __future__ import annotations

import copy
import gzip
import importlib
import json
import pickle
import re
import time
from typing import TYPE_CHECKING, Any

import pytest

import evalsessions
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
    Headers,
    NotFoundError,
    PartialFailureError,
    PermissionDeniedError,
    RateLimitError,
    Request,
    Response,
    ResponseValidationError,
    ServiceUnavailableError,
    UnprocessableContentError,
    UnreadableError,
    UnsupportedMediaTypeError,
)
from tests.support.contract_document import operation
from tests.wrapper.faces import CALLS, PROJECT, SESSION, Caller, OperationCall, answer_of
from tests.wrapper.scripted_server import Answer, Lost, Reset, ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.server_process import ServerProcess
    from tests.wrapper.scripted_server import Step

CREATE_SESSION, CREATE_TEST_CASE, EVALUATE, CREATE_PROJECT_SESSION = CALLS
CLASSES: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    413: ContentTooLargeError,
    415: UnsupportedMediaTypeError,
    422: UnprocessableContentError,
    429: RateLimitError,
}
ERRORS = sorted(name for name in evalsessions.__all__ if name.endswith("Error"))


@pytest.fixture
def failed(caller: Caller, scripted: ScriptedServer) -> Callable[..., Any]:
    """Have an operation answered so, and return the error of the call."""

    def fail(step: Step, call: OperationCall = CREATE_SESSION, **arguments: Any) -> Any:
        scripted.answers(step)
        with pytest.raises(EvalSessionsError) as caught:
            caller.for_call(call, scripted.url, max_retries=0)(call, **arguments)
        error = caught.value
        assert type(error).__module__.startswith("evalsessions")
        assert "\n" not in str(error)
        assert len(str(error)) < 2000
        str(error).encode()
        return error

    return fail


# --- the names and the tree ---


def test_the_names_of_the_package_are_these_and_no_others() -> None:
    assert evalsessions.__all__ == [
        "APIConnectionError",
        "APIError",
        "APIStatusError",
        "APITimeoutError",
        "AmbiguousOutcomeError",
        "AsyncFastTransport",
        "AsyncGalileo",
        "AsyncGaltea",
        "Attempt",
        "AuthenticationError",
        "BadRequestError",
        "BatchEvaluation",
        "BatchInterruptedError",
        "CallOptions",
        "ConfigurationError",
        "ConflictError",
        "ContentTooLargeError",
        "ContractError",
        "EvalSessionsError",
        "FastTransport",
        "Galileo",
        "Galtea",
        "Headers",
        "ImportedSession",
        "JsonObject",
        "JsonValue",
        "LoggingMethod",
        "Metric",
        "MetricById",
        "MetricByName",
        "NotFoundError",
        "Outcome",
        "PartialFailureError",
        "PermissionDeniedError",
        "ProductionSession",
        "Progress",
        "ProjectSession",
        "RateLimitError",
        "RawResponse",
        "Request",
        "Response",
        "ResponseValidationError",
        "ServiceUnavailableError",
        "Session",
        "SessionArguments",
        "SessionFailure",
        "SessionStatus",
        "TestCase",
        "TestDrivenSession",
        "UnprocessableContentError",
        "UnreadableError",
        "UnsupportedMediaTypeError",
        "__version__",
    ]


def test_every_name_is_there_and_an_unknown_one_is_an_attribute_error() -> None:
    for name in evalsessions.__all__:
        assert getattr(evalsessions, name) is not None
    assert set(evalsessions.__all__) <= set(dir(evalsessions))
    with pytest.raises(AttributeError, match="Galteo"):
        _ = evalsessions.Galteo
    with pytest.raises(ImportError):
        importlib.import_module("evalsessions.nothing")


def test_every_error_of_the_errors_module_is_exported() -> None:
    module = importlib.import_module("evalsessions.errors")
    found = {name for name, value in vars(module).items() if isinstance(value, type) and issubclass(value, Exception)}
    assert found == set(ERRORS)
    for name in found:
        assert getattr(evalsessions, name) is getattr(module, name)


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    module = importlib.import_module("evalsessions.errors")
    above: list[str] = []
    drawn: dict[str, str] = {}
    for line in (module.__doc__ or "").splitlines():
        found = re.match(r"^((?:│   |    |├── |└── )*)(\w+Error)\b", line)
        if found:
            depth = len(found.group(1)) // 4
            above[depth:] = [found.group(2)]
            drawn[found.group(2)] = above[depth - 1] if depth else "Exception"
    assert sorted(drawn) == ERRORS
    for name, parent in drawn.items():
        assert vars(module)[name].__bases__[0].__name__ == parent


# --- refusals that are documented ---


def documented() -> Iterator[Any]:
    for call in CALLS:
        for status, response in operation(call.operation).responses.items():
            if not status.startswith("2"):
                for name, example in response["content"]["application/json"]["examples"].items():
                    yield pytest.param(call, int(status), example["value"], id=f"{call.operation}-{status}-{name}")


@pytest.mark.parametrize(("call", "status", "body"), list(documented()))
def test_a_documented_refusal_has_its_class_and_says_everything_it_knows(
    each_transport: Caller, scripted: ScriptedServer, call: OperationCall, status: int, body: dict[str, Any]
) -> None:
    scripted.answers(Answer(status, body, headers={"X-Request-Id": "req_42"}))
    made = each_transport.for_call(call, scripted.url)
    with pytest.raises(CLASSES[status]) as refused:
        made(call)
    error = refused.value
    assert type(error) is CLASSES[status]
    assert (error.status_code, error.request_id, error.body) == (status, "req_42", body)
    assert error.response.content == json.dumps(body).encode()
    assert error.request.operation == call.operation
    detail = body.get("message", body.get("detail"))
    message = f"/reliable: {detail[0]['msg']}" if isinstance(detail, list) else detail
    assert error.message == message
    assert error.rule == body.get("rule")
    assert error.pointer == ("/reliable" if isinstance(detail, list) else body.get("pointer"))
    for part in (call.operation, str(status), message, "req_42", error.rule or "", error.pointer or ""):
        assert part in str(error), part
    assert len(scripted.requests) == 1


# --- refusals in the shapes of Galileo's validation ---


def issue(*loc: object, msg: str = "must be a boolean or null") -> dict[str, object]:
    return {"loc": list(loc), "msg": msg, "type": "type", "input": "the caller's own value"}


@pytest.mark.parametrize(
    ("detail", "message", "pointer"),
    [
        ("the body is not JSON", "the body is not JSON", None),
        ([issue("body", "reliable")], "/reliable: must be a boolean or null", "/reliable"),
        (
            [issue("body", "metrics", 0, "a/b~c", msg="is wrong"), issue("body", "name", msg="is a number")],
            "/metrics/0/a~1b~0c: is wrong; /name: is a number",
            "/metrics/0/a~1b~0c",
        ),
        ([issue("path", "project_id", msg="is no UUID")], "path project_id: is no UUID", None),
        ([issue("body", msg="is no object")], "is no object", ""),
        ([issue(msg="is wrong")], "is wrong", None),
    ],
    ids=lambda value: str(value)[:30],
)
def test_both_shapes_of_422_read_well(
    failed: Callable[..., Any], detail: object, message: str, pointer: str | None
) -> None:
    error = failed(Answer(422, {"detail": detail}), CREATE_PROJECT_SESSION)
    assert type(error) is UnprocessableContentError
    assert error.message == message
    assert "422 Unprocessable" in str(error)
    assert message in str(error)
    assert (error.pointer or None) == (pointer or None)
    assert "caller's own" not in str(error)


def test_many_issues_are_told_by_the_first_few(failed: Callable[..., Any]) -> None:
    issues = [issue("body", f"property_{number}") for number in range(100)]
    error = failed(Answer(422, {"detail": issues}), CREATE_PROJECT_SESSION)
    assert "/property_0: " in str(error)
    assert "/property_99" not in str(error)
    assert len(error.body["detail"]) == 100


# --- bodies of any kind ---

PAGE = (
    "<!DOCTYPE html>\n<html><head><title>\n 502 Bad\n Gateway </title><style>p { color: red }</style></head>"
    "<body><script>var a = '<p>';</script><h1>Sorry</h1></body></html>"
)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (PAGE, "502 Bad Gateway"),
        ("<html><head><style>p {}</style></head><body><h1>No\nway</h1><p>back</p></body></html>", "No way back"),
        ("<TITLE></TITLE><p>Nothing", "Nothing"),
        ("upstream connect error\nor disconnect", "upstream connect error or disconnect"),
        ("", ""),
        (" \r\n ", ""),
        ("<", "<"),
    ],
    ids=lambda value: value[:12],
)
@pytest.mark.parametrize("media_type", ["text/html", "application/json", None])
def test_pages_of_proxies_are_told_in_one_line(
    failed: Callable[..., Any], body: str, message: str, media_type: str | None
) -> None:
    error = failed(Answer(403, body, media_type=media_type))
    assert type(error) is PermissionDeniedError
    assert error.message == message
    assert error.body == body
    assert "403 Forbidden" in str(error)
    assert message in str(error)
    assert str(error).strip().endswith(message or "403 Forbidden")


def test_a_page_of_any_length_is_told_by_its_beginning(failed: Callable[..., Any]) -> None:
    error = failed(Answer(404, "<p>" + "word " * 100_000))
    assert "word word" in str(error)
    assert len(str(error)) < 500
    assert len(error.body) > 400_000


@pytest.mark.parametrize("part", ["<", "<script>", "<title>", "<title", "<head <", "<style><!--", " ", "&lt;"])
def test_a_page_of_any_make_is_read_in_no_time(failed: Callable[..., Any], part: str) -> None:
    page = part * (60_000 // len(part))
    started = time.perf_counter()
    assert failed(Answer(404, page)).status_code == 404
    assert time.perf_counter() - started < 1.0


ODD: dict[str, object] = {
    "null": b"null",
    "a number": b"5",
    "a text": b'"no"',
    "an array": b'["no"]',
    "an empty object": b"{}",
    "a message that is none": {"message": 5, "rule": 5, "pointer": 5},
    "null everywhere": {"message": None, "rule": None, "pointer": None, "detail": None, "error": None},
    "a detail that is an object": {"detail": {"msg": "no"}},
    "an empty detail": {"detail": []},
    "a detail of texts": {"detail": ["no", 5, None]},
    "an issue without anything": {"detail": [{}]},
    "an issue that is wrong": {"detail": [{"loc": "body", "msg": 5, "type": None}]},
    "a strange way": {"detail": [{"loc": [None, {}, 1.5, True, "body"], "msg": "no"}]},
    "an error in an object": {"error": {"message": "no", "code": 5}},
    "truncated": b'{"message": "n',
    "NaN": b'{"message": NaN}',
    "beyond a double": b'{"message": "no", "a": 1e400}',
    "invalid UTF-8": b'{"message": "\xff"}',
    "UTF-16": '{"message": "no"}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"message": "no"}',
    "a lone surrogate": b'{"message": "\\ud800", "pointer": "/\\ud800", "rule": "\\ud800"}',
    "deep": b"[" * 100_000,
    "deep and whole": b"[" * 900 + b"]" * 900,
    "bytes": bytes(range(256)),
    "NUL": b'{"message": "\\u0000"}',
}


@pytest.mark.parametrize("body", ODD.values(), ids=ODD)
@pytest.mark.parametrize("call", [CREATE_SESSION, CREATE_PROJECT_SESSION], ids=str)
def test_a_body_of_any_shape_makes_the_error_of_its_status(
    failed: Callable[..., Any], call: OperationCall, body: object
) -> None:
    error = failed(Answer(422, body), call)
    assert type(error) is UnprocessableContentError
    assert "422 Unprocessable" in str(error)
    assert isinstance(error.message, str)
    assert error.rule is None or isinstance(error.rule, str)
    assert error.pointer is None or isinstance(error.pointer, str)
    assert error.response.content == Answer(422, body).content()
    repr(error)
    copy.deepcopy(error)


def test_a_compressed_refusal_in_no_coding_that_can_be_read_is_that_refusal(
    each_transport: Caller, scripted: ScriptedServer
) -> None:
    for content in (b"no gzip", gzip.compress(b'{"message": "no"}')[:-9]):
        scripted.answers(Answer(404, content, headers={"Content-Encoding": "gzip"}))
        with pytest.raises(NotFoundError):
            each_transport.galtea(scripted.url).session()


# --- statuses of any kind ---


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (300, APIStatusError, "300 Multiple Choices"),
        (304, APIStatusError, "304 Not Modified"),
        (399, APIStatusError, "399"),
        (402, APIStatusError, "402 Payment Required"),
        (405, APIStatusError, "405 Method Not Allowed"),
        (418, APIStatusError, "418"),
        (425, APIStatusError, "425 Too Early"),
        (451, APIStatusError, "451"),
        (460, APIStatusError, "460"),
        (499, APIStatusError, "499"),
        (299, ResponseValidationError, "299"),
        (599, AmbiguousOutcomeError, "599"),
        (600, AmbiguousOutcomeError, "600"),
        (799, AmbiguousOutcomeError, "799"),
        (999, AmbiguousOutcomeError, "999"),
    ],
)
def test_a_status_that_nobody_documented_is_told_as_it_is(
    each_transport: Caller, scripted: ScriptedServer, status: int, kind: type[APIError], words: str
) -> None:
    scripted.answers(Answer(status, b"" if status == 304 else {"message": "a reason"}))
    with pytest.raises(kind) as failed:
        each_transport.galtea(scripted.url).session()
    assert type(failed.value) is kind
    assert failed.value.status_code == status  # type: ignore[attr-defined]
    assert words in str(failed.value)


@pytest.mark.parametrize("status", sorted(CLASSES))
def test_a_class_stands_for_its_status_at_any_operation(failed: Callable[..., Any], status: int) -> None:
    for call in CALLS:
        error = failed(Answer(status, {"message": "a reason"}), call)
        assert type(error) is CLASSES[status]
        assert isinstance(error, APIStatusError)


def test_503_is_a_refusal_where_it_says_when_to_come_back(failed: Callable[..., Any]) -> None:
    error = failed(Answer(503, {"message": "a pause"}, headers={"Retry-After": "0"}))
    assert type(error) is ServiceUnavailableError
    assert "503 Service Unavailable" in str(error)
    assert error.response.headers["retry-after"] == "0"
    assert type(failed(Answer(503, {"message": "a pause"}))) is AmbiguousOutcomeError


# --- errors are values of the SDK alone ---

REQUEST = Request("createSession", "POST", "http://host/sessions", Headers([("authorization", "Bearer x")]), b"{}")
RESPONSE = Response(404, Headers([("x-request-id", "req_1")]), b'{"message": "no"}', REQUEST)
RESULT = BatchEvaluation.from_dict(
    {**answer_of("createEvaluationsFromSessions")[1], "failures": [{"sessionId": "ses_9", "error": "gone"}]}
)
STATUS_ERRORS: list[type[APIStatusError]] = [APIStatusError, *CLASSES.values(), ServiceUnavailableError]
MADE: list[EvalSessionsError] = [
    ConfigurationError("no key"),
    ContractError("wrong", operation="createSession", rule="a-rule", pointer="/a"),
    APIConnectionError("refused", request=REQUEST),
    APITimeoutError("late", request=REQUEST),
    ResponseValidationError("broken", response=RESPONSE, pointer="/id"),
    AmbiguousOutcomeError("lost", request=REQUEST, response=None, attempts=2),
    AmbiguousOutcomeError("lost", request=REQUEST, response=RESPONSE, attempts=2),
    PartialFailureError(RESULT),
    BatchInterruptedError(result=RESULT, in_doubt=["ses_1"], not_done=["ses_2"]),
    UnreadableError("Session.id"),
    *(
        kind("no", response=RESPONSE, body={"message": "no"}, message="no", rule="a-rule", pointer="/a")
        for kind in STATUS_ERRORS
    ),
]


def test_every_error_that_can_be_raised_is_tried_here() -> None:
    assert {type(error).__name__ for error in MADE} == set(ERRORS) - {"EvalSessionsError", "APIError"}


@pytest.mark.parametrize("error", MADE, ids=lambda error: type(error).__name__)
def test_an_error_can_be_pickled_and_copied(error: EvalSessionsError) -> None:
    error.add_note("of a caller")
    copies = [pickle.loads(pickle.dumps(error, protocol)) for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)]
    for copied in (*copies, copy.copy(error), copy.deepcopy(error)):
        assert type(copied) is type(error)
        assert (str(copied), copied.args, repr(copied)) == (str(error), error.args, repr(error))
        assert {name: repr(value) for name, value in vars(copied).items()} == {
            name: repr(value) for name, value in vars(error).items()
        }
        response = getattr(error, "response", None)
        if response is not None:
            again: Any = copied
            assert (again.response.content, again.response.json()) == (response.content, response.json())
            assert again.request.headers["authorization"] == "Bearer x"
        assert copied.__notes__ == ["of a caller"]
        with pytest.raises(type(error)):
            raise copied


def test_the_errors_of_calls_can_be_pickled(caller: Caller, scripted: ScriptedServer) -> None:
    made = caller.galtea(scripted.url, max_retries=0)
    for step in (Answer(404, {"message": "no"}), Answer(500), Lost(), Answer(201, "{}"), Answer(201, "<html>")):
        scripted.answers(step)
        with pytest.raises(APIError) as failed:
            made.session()
        assert str(pickle.loads(pickle.dumps(failed.value))) == str(failed.value)
    scripted.answers(Answer(201, "{}"))
    raw = made.raw(CREATE_SESSION)
    with pytest.raises(ResponseValidationError) as refused:
        raw.parse()
    copied = pickle.loads(pickle.dumps(refused.value))
    assert copied.response.content == b"{}"


# In the order of their numbers in the tests' names.
FAILURES: list[Step] = [
    Lost(),
    Reset(),
    Answer(201, "x", announced=50),
    Answer(201, SESSION, delay=0.4),
    Answer(201, b"x", headers={"Content-Encoding": "gzip"}),
    Answer(201, b"x", headers={"Content-Encoding": "br"}),
    Answer(201, b"x", headers={"Transfer-Encoding": "chunked", "Content-Length": "1"}, announced=1),
    Answer(307, headers={"Location": "http://[::1"}),
    Answer(308, headers={"Location": "nonsense://x"}),
    Answer(201, b"x", headers={"Content-Type": "application/json; charset=nonsense"}),
    Answer(201, b"x", headers={"X": "\xff\x80"}),
    Answer(404, b"x", headers={"Content-Length": "-1"}),
    Answer(404, b"x", headers={"Content-Length": "x"}),
    Answer(404, b"x", headers={"bad header": "1"}),
    Answer(20, b"x"),
    Answer(404, b"x", reason="\xe9 \x01"),
    Answer(404, b"x", headers={"Set-Cookie": "=;;;"}),
    Answer(404, b"x", headers={"X": "y" * 200_000}),
]


@pytest.mark.parametrize("step", FAILURES, ids=lambda step: str(FAILURES.index(step)))
def test_nothing_of_the_libraries_below_escapes_whatever_the_server_does(
    each_transport: Caller, scripted: ScriptedServer, step: Step
) -> None:
    scripted.answers(step)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - that it is one of ours is the claim
        each_transport.galtea(scripted.url, timeout=0.2, max_retries=0).session()
    error = caught.value
    assert isinstance(error, EvalSessionsError)
    assert type(error).__module__.startswith("evalsessions")
    assert not isinstance(error, ConfigurationError | APIConnectionError)
    if error.__cause__ is None:
        assert isinstance(error, APIStatusError | ResponseValidationError | AmbiguousOutcomeError)
    assert len(scripted.requests) == 1


def test_what_made_an_error_is_its_cause(each_transport: Caller, scripted: ScriptedServer) -> None:
    made = each_transport.galtea(scripted.url, max_retries=0)
    causes: list[type[BaseException]] = []
    for step in (Lost(), Answer(201, "<html>")):
        scripted.answers(step)
        with pytest.raises(APIError) as failed:
            made.session()
        assert failed.value.__cause__ is not None
        causes.append(type(failed.value.__cause__))
    assert issubclass(causes[1], ValueError)
    with pytest.raises(ContractError) as refused:
        made.session(metadata={"a": {1}})
    assert refused.value.__cause__ is not None


# --- the real server's own refusals ---


def test_the_real_server_is_understood(each_transport: Caller, server: ServerProcess) -> None:
    galtea = each_transport.galtea(server.url, api_key=server.galtea_key)
    galileo = each_transport.galileo(server.url, api_key=server.galileo_key)
    with pytest.raises(NotFoundError, match="ver_999") as missing:
        galtea.session(version_id="ver_999")
    assert missing.value.request_id
    assert missing.value.request_id in str(missing.value)
    custom_id = f"of {each_transport.kind}"
    galtea.session(custom_id=custom_id)
    with pytest.raises(ConflictError, match="/customId") as taken:
        galtea.session(custom_id=custom_id)
    assert taken.value.pointer == "/customId"
    with pytest.raises(ContentTooLargeError, match="1048576"):
        galtea.session(metadata={"a": "x" * 2**21})
    with pytest.raises(UnsupportedMediaTypeError):
        galtea.session(extra_headers={"Content-Type": "text/plain"})
    with pytest.raises(AuthenticationError):
        each_transport.galtea(server.url, api_key="unknown-key-of-nobody").session()
    with pytest.raises(NotFoundError):
        galileo.project_session(project_id="00000000-0000-4000-8000-000000000000")
    with pytest.raises(UnprocessableContentError, match="/reliable") as wrong:
        galileo.project_session(reliable="yes", validate=False)
    assert wrong.value.pointer == "/reliable"
    with pytest.raises(UnprocessableContentError, match="project_id"):
        galileo.project_session(project_id=PROJECT[:-1], validate=False)
    with pytest.raises(NotFoundError):
        each_transport.galtea(server.url + "/elsewhere", api_key=server.galtea_key).session()
