"""The faces themselves: how they are made, set otherwise, called with options, and closed."""

from __future__ import annotations

import asyncio
import inspect
import json
import math
import subprocess
import sys
import textwrap
import threading
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import trio
from requests import Session as RequestsSession

import evalsessions
from evalsessions import (
    AmbiguousOutcomeError,
    APIStatusError,
    AsyncFastTransport,
    AsyncGaltea,
    ConfigurationError,
    FastTransport,
    Galtea,
)
from tests.support.uncovered import uncovered
from tests.wrapper.faces import CALLS, GALILEO_KEY, GALTEA_KEY, PROJECT, SESSION, Caller, OperationCall, answer_of
from tests.wrapper.scripted_server import Answer, Lost, Received, ScriptedServer, scripted_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.server_process import ServerProcess

UNUSED = "http://127.0.0.1:9"
SESSION_ANSWER = Answer(201, SESSION)


# --- making one ---


@pytest.mark.parametrize("name", ["Galtea", "Galileo"])
def test_key_and_address_come_from_the_environment(
    caller: Caller, scripted: ScriptedServer, without_environment: pytest.MonkeyPatch, name: str
) -> None:
    without_environment.setenv(f"{name.upper()}_API_KEY", "key-of-the-environment")
    without_environment.setenv(f"{name.upper()}_API_URL", scripted.url + "/")
    call = next(call for call in CALLS if call.face == name)
    scripted.answers(Answer(*answer_of(call.operation)))
    made = caller.make(name, scripted.url, api_key=None, base_url=None)
    made(call)
    (request,) = scripted.requests
    assert request.target == call.path
    assert _key_in(request, name) == "key-of-the-environment"


def _key_in(request: Received, name: str) -> str | None:
    if name == "Galileo":
        return request.header("Galileo-API-Key")
    return (request.header("Authorization") or "").removeprefix("Bearer ")


def test_arguments_win_over_the_environment(
    caller: Caller, scripted: ScriptedServer, without_environment: pytest.MonkeyPatch
) -> None:
    without_environment.setenv("GALTEA_API_KEY", "key-of-the-environment")
    without_environment.setenv("GALTEA_API_URL", UNUSED)
    scripted.answers(SESSION_ANSWER)
    caller.galtea(scripted.url).session()
    assert scripted.requests[0].header("Authorization") == f"Bearer {GALTEA_KEY}"


@pytest.mark.parametrize(("name", "url"), [("Galtea", "https://api.galtea.ai"), ("Galileo", "https://api.galileo.ai")])
def test_without_an_address_it_is_the_service_of_the_contract(
    caller: Caller, without_environment: pytest.MonkeyPatch, name: str, url: str
) -> None:
    assert caller.make(name, "", base_url=None).face.base_url == url


@pytest.mark.parametrize("name", ["Galtea", "Galileo"])
@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key_the_error_names_the_argument_and_the_variable(
    caller: Caller, without_environment: pytest.MonkeyPatch, name: str, key: str | None
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        caller.make(name, UNUSED, api_key=key)
    assert "api_key" in str(refused.value)
    assert f"{name.upper()}_API_KEY" in str(refused.value)


@pytest.mark.parametrize(
    "key",
    [
        "gsk_secret\n",
        "gsk_secret\r\nX-Other: 1",
        "gsk secret",
        "gsk_s\u00e9cret",
        "gsk_secret\x00",
        "\ud800secret",
        5.25,
        b"gsk_secret",
    ],
    ids=ascii,
)
def test_a_key_that_no_header_can_carry_is_refused_and_not_shown(caller: Caller, key: Any) -> None:
    with pytest.raises(ConfigurationError) as refused:
        caller.galtea(UNUSED, api_key=key)
    assert "api_key" in str(refused.value)
    assert "secret" not in repr(refused.value)
    assert "5.25" not in repr(refused.value)


@pytest.mark.parametrize("suffix", ["", "/", "//"])
@pytest.mark.parametrize("prefix", ["", "/behind/a/proxy"])
def test_a_trailing_slash_and_a_path_before_it_are_fine(
    caller: Caller, scripted: ScriptedServer, prefix: str, suffix: str
) -> None:
    scripted.answers(SESSION_ANSWER)
    caller.galtea(scripted.url + prefix + suffix).session()
    assert scripted.requests[0].target == f"{prefix}/sessions"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.galtea.ai",
        "//api.galtea.ai",
        "ftp://api.galtea.ai",
        "http://",
        "http:///sessions",
        "https://:443",
        "https://host:0",
        "https://host:99999",
        "https://host:port",
        "http://[::1",
        "https://user:gsk_secret@host",
        "https://gsk_secret@host",
        "https://host?key=gsk_secret",
        "https://host/?",
        "https://host#gsk_secret",
        "https://host/#",
        "https://host /",
        "https://ho\nst",
        "https://a\\b",
        "https://a..b",
        5.25,
        b"https://host",
    ],
    ids=ascii,
)
def test_an_address_that_cannot_work_is_refused_and_no_secret_in_it_shown(caller: Caller, url: Any) -> None:
    with pytest.raises(ConfigurationError) as refused:
        caller.galtea(url)
    assert "base_url" in str(refused.value)
    assert "secret" not in repr(refused.value)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("timeout", 0),
        ("timeout", -1),
        ("timeout", math.nan),
        ("timeout", math.inf),
        ("timeout", "5"),
        ("timeout", True),
        ("timeout", 10**400),
        ("max_retries", -1),
        ("max_retries", 1.0),
        ("max_retries", "2"),
        ("max_retries", True),
        ("max_retries", None),
        ("max_connections", 0),
        ("max_connections", "5"),
        ("max_connections", True),
        ("http_client", "http://host"),
        ("http_client", object()),
        ("on_attempt", "print"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value)[:20],
)
def test_any_other_argument_that_cannot_work_is_refused_by_name(caller: Caller, argument: str, value: Any) -> None:
    for name in ("Galtea", "Galileo"):
        with pytest.raises(ConfigurationError, match=argument):
            caller.make(name, UNUSED, **{argument: value})


@pytest.mark.parametrize("key_header", ["two words", "", "colon:", "line\nbreak", "n\u00e4me", 5])
def test_a_key_header_that_cannot_be_a_name_is_refused(caller: Caller, key_header: Any) -> None:
    with pytest.raises(ConfigurationError, match="key_header"):
        caller.galileo(UNUSED, key_header=key_header)


def test_a_client_of_the_other_kind_is_refused() -> None:
    for given in (httpx.AsyncHTTPTransport(), AsyncFastTransport()):
        with pytest.raises(ConfigurationError, match=r"httpx\.Client"):
            Galtea(api_key=GALTEA_KEY, http_client=given)  # type: ignore[arg-type]
    for other in (httpx.HTTPTransport(), FastTransport()):
        with pytest.raises(ConfigurationError, match=r"httpx\.AsyncClient"):
            AsyncGaltea(api_key=GALTEA_KEY, http_client=other)  # type: ignore[arg-type]


def test_unknown_arguments_of_a_constructor_are_a_type_error(caller: Caller) -> None:
    with pytest.raises(TypeError, match="api_token"):
        caller.galtea(UNUSED, api_token="x")


def test_a_constructor_opens_no_socket_and_prints_nothing() -> None:
    script = """
        import sys
        seen = []
        sys.addaudithook(lambda event, _: seen.append(event) if event.startswith("socket.") else None)
        from evalsessions import AsyncGalileo, AsyncGaltea, Galileo, Galtea
        faces = [face(api_key="gsk_0123456789") for face in (Galtea, AsyncGaltea, Galileo, AsyncGalileo)]
        faces += [face.with_options(timeout=5) for face in faces]
        faces[0].sessions.with_raw_response
        assert seen == [], seen
    """
    done = subprocess.run(
        [sys.executable, "-Werror", "-c", textwrap.dedent(script)], capture_output=True, env=uncovered(), check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_calls_print_nothing_whatever_comes_back(
    each_transport: Caller, scripted: ScriptedServer, capfd: pytest.CaptureFixture[str]
) -> None:
    made = each_transport.galtea(scripted.url, max_retries=1)
    scripted.answers(Answer(429, headers={"Retry-After": "0"}), SESSION_ANSWER)
    made.session()
    for answer in (Answer(200, "<html>"), Answer(500, "<html>"), Answer(404), Lost()):
        scripted.answers(answer)
        with pytest.raises(evalsessions.EvalSessionsError):
            made.session()
    assert capfd.readouterr() == ("", "")


def test_two_faces_know_nothing_of_each_other(caller: Caller, scripted: ScriptedServer) -> None:
    scripted.answers(SESSION_ANSWER)
    one, other = caller.galtea(scripted.url), caller.galtea(scripted.url, api_key="another-key")
    one.session()
    one.close()
    other.session()
    assert [request.header("Authorization") for request in scripted.requests] == [
        f"Bearer {GALTEA_KEY}",
        "Bearer another-key",
    ]


# --- sync and async alike ---


def _members(kind: type) -> dict[str, Any]:
    ours = [parent for parent in kind.__mro__ if parent.__module__.startswith("evalsessions")]
    return {
        name: member for parent in reversed(ours) for name, member in vars(parent).items() if not name.startswith("_")
    }


def _shape(function: Callable[..., Any]) -> list[tuple[str, Any, Any]]:
    parameters = inspect.signature(function).parameters.values()
    return [(parameter.name, parameter.kind, parameter.default) for parameter in parameters]


@pytest.mark.parametrize("name", ["Galtea", "Galileo"])
def test_sync_and_async_faces_have_the_same_members_and_signatures(name: str) -> None:
    sync_face, async_face = getattr(evalsessions, name), getattr(evalsessions, f"Async{name}")
    assert _shape(sync_face.__init__) == _shape(async_face.__init__)
    renamed = {"close": "aclose"}
    assert {renamed.get(member, member) for member in _members(sync_face)} == _members(async_face).keys()
    one, other = sync_face(api_key=GALTEA_KEY), async_face(api_key=GALTEA_KEY)
    assert _shape(one.with_options) == _shape(other.with_options)
    for resource in [call.resource for call in CALLS if call.face == name]:
        mine, yours = getattr(one, resource), getattr(other, resource)
        assert _members(type(mine)).keys() == _members(type(yours)).keys()
        methods = [method for method in _members(type(mine)) if inspect.isfunction(getattr(type(mine), method))]
        assert methods
        for method in methods:
            assert _shape(getattr(mine, method)) == _shape(getattr(yours, method)), method


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_every_argument_of_an_operation_is_by_name_alone(call: OperationCall) -> None:
    creator = call.creator(getattr(evalsessions, call.face)(api_key=GALTEA_KEY))
    (*named, options) = inspect.signature(getattr(creator, call.method)).parameters.values()
    assert {parameter.kind for parameter in named} == {inspect.Parameter.KEYWORD_ONLY}
    assert options.kind is inspect.Parameter.VAR_KEYWORD
    with pytest.raises(TypeError):
        getattr(creator, call.method)(next(iter(call.least.values())))


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_the_docstring_of_an_operation_has_its_id_an_example_each_argument_and_its_errors(call: OperationCall) -> None:
    creator = call.creator(getattr(evalsessions, call.face)(api_key=GALTEA_KEY))
    method = getattr(creator, call.method)
    told = inspect.getdoc(method) or ""
    assert f"`{call.operation}`" in told
    assert ">>> " in told
    for name in inspect.signature(method).parameters:
        assert f"{name}: " in told, name
    for error in ("ContractError", "AmbiguousOutcomeError"):
        assert f"{error}: " in told


# --- options ---


def test_with_options_gives_a_new_face_and_leaves_the_old_one_as_it_is(
    caller: Caller, scripted: ScriptedServer
) -> None:
    scripted.answers(SESSION_ANSWER)
    made = caller.galtea(scripted.url)
    traced = made.with_options(extra_headers={"X-Trace": "1"}, extra_body={"customId": "of the face"})
    more = traced.with_options(extra_headers={"X-Other": "2"}, extra_body={"status": "FAILED"})
    assert type(traced.face) is type(made.face)
    for face in (made, traced, more, traced, made):
        face.session()
    assert [(request.header("X-Trace"), request.header("X-Other")) for request in scripted.requests] == [
        (None, None),
        ("1", None),
        ("1", "2"),
        ("1", None),
        (None, None),
    ]
    assert [request.json() for request in scripted.requests[:3]] == [
        {"versionId": "ver_123"},
        {"versionId": "ver_123", "customId": "of the face"},
        {"versionId": "ver_123", "customId": "of the face", "status": "FAILED"},
    ]


def test_options_of_a_call_are_of_that_call_alone_and_win_over_those_of_the_face(
    caller: Caller, scripted: ScriptedServer
) -> None:
    scripted.answers(SESSION_ANSWER)
    made = caller.galtea(scripted.url).with_options(extra_headers={"X-Trace": "face"})
    made.session(extra_headers={"x-trace": "call"})
    made.session()
    assert [request.header("X-Trace") for request in scripted.requests] == ["call", "face"]


def test_what_is_given_as_an_option_can_be_changed_afterwards_without_effect(
    caller: Caller, scripted: ScriptedServer
) -> None:
    scripted.answers(SESSION_ANSWER)
    headers, body = {"X-Trace": "1"}, {"customId": "mine"}
    made = caller.galtea(scripted.url).with_options(extra_headers=headers, extra_body=body)
    headers["X-Trace"], body["customId"] = "2", "yours"
    made.session()
    (request,) = scripted.requests
    assert (request.header("X-Trace"), request.json()["customId"]) == ("1", "mine")
    assert headers == {"X-Trace": "2"}


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_extra_headers_add_to_what_is_sent_or_set_it_otherwise(
    each_transport: Caller, scripted: ScriptedServer, call: OperationCall
) -> None:
    scripted.answers(Answer(*answer_of(call.operation)))
    made = each_transport.for_call(call, scripted.url)
    key = {"Galtea": "AUTHORIZATION", "Galileo": "galileo-API-key"}[call.face]
    made(call, extra_headers={"X-Trace": "1", "USER-agent": "mine/1", key: "another"})
    (request,) = scripted.requests
    assert request.header("X-Trace") == "1"
    assert request.header("User-Agent") == "mine/1"
    assert request.header(key) == "another"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("timeout", 0),
        ("timeout", "5"),
        ("timeout", math.nan),
        ("max_retries", -1),
        ("max_retries", "2"),
        ("extra_headers", "X-Trace: 1"),
        ("extra_headers", [("X-Trace", "1")]),
        ("extra_headers", {"X-Trace": 1}),
        ("extra_headers", {1: "1"}),
        ("extra_headers", {"X Trace": "1"}),
        ("extra_headers", {"": "1"}),
        ("extra_headers", {"X-Trace": "1\r\nX-Other: 2"}),
        ("extra_headers", {"X-Trace": "\u00e9"}),
        ("extra_headers", None),
        ("extra_body", "{}"),
        ("extra_body", {1: "x"}),
        ("extra_body", None),
        ("validate", "no"),
        ("validate", None),
        ("strict", 0),
    ],
    ids=ascii,
)
def test_an_option_that_cannot_work_is_refused_by_name_before_anything_is_sent(
    caller: Caller, scripted: ScriptedServer, option: str, value: Any
) -> None:
    made = caller.galtea(scripted.url)
    with pytest.raises(ConfigurationError, match=option):
        made.with_options(**{option: value})
    with pytest.raises(ConfigurationError, match=option):
        made.session(**{option: value})
    assert scripted.requests == []


def test_an_option_that_does_not_exist_is_a_type_error_that_lists_those_that_do(
    caller: Caller, scripted: ScriptedServer
) -> None:
    made = caller.galtea(scripted.url)
    for attempt in (made.with_options, made.session):
        with pytest.raises(
            TypeError, match=r"retries.*timeout, max_retries, extra_headers, extra_body, validate, strict"
        ):
            attempt(retries=2)
    assert scripted.requests == []


def test_the_timeout_of_a_call_ends_that_call_and_the_write_is_in_doubt(
    each_transport: Caller, scripted: ScriptedServer
) -> None:
    scripted.answers_by(lambda request: Answer(201, SESSION, delay=0.3 if b"slow" in request.body else 0.0))
    made = each_transport.galtea(scripted.url)
    with pytest.raises(AmbiguousOutcomeError, match="in time"):
        made.session(version_id="slow", timeout=0.1)
    assert len(scripted.requests) == 1
    assert made.session(version_id="slow").id == "ses_901"
    assert made.session(version_id="slow", timeout=None).id == "ses_901"
    with pytest.raises(AmbiguousOutcomeError, match="in time"):
        made.with_options(timeout=0.1).session(version_id="slow")


@pytest.mark.parametrize("timeout", [1e-9, 5, 3600.0, 1e10, 1e300])
def test_a_timeout_of_any_length_is_kept_to_or_refused(
    each_transport: Caller, scripted: ScriptedServer, timeout: float
) -> None:
    scripted.answers(SESSION_ANSWER)
    try:
        each_transport.galtea(scripted.url).session(timeout=timeout, max_retries=0)
    except evalsessions.EvalSessionsError as error:
        assert isinstance(error, ConfigurationError if timeout > 1 else evalsessions.APIError)  # noqa: PT017


def test_max_retries_can_be_said_for_one_call(caller: Caller, scripted: ScriptedServer) -> None:
    scripted.answers(Answer(429, headers={"Retry-After": "0"}))
    made = caller.galtea(scripted.url, max_retries=1)
    for options, requests in (({}, 2), ({"max_retries": 0}, 1), ({"max_retries": 3}, 4), ({}, 2)):
        scripted.requests.clear()
        with pytest.raises(evalsessions.RateLimitError):
            made.session(**options)
        assert len(scripted.requests) == requests


# --- raw responses ---


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_raw_response_has_status_headers_and_bytes_and_can_be_read_afterwards(
    each_transport: Caller, scripted: ScriptedServer, call: OperationCall
) -> None:
    answer = Answer(*answer_of(call.operation), headers={"X-Request-Id": "req_1", "X-Other": "2"})
    scripted.answers(answer)
    made = each_transport.for_call(call, scripted.url)
    raw = made.raw(call)
    assert isinstance(raw, evalsessions.RawResponse)
    assert (raw.status_code, raw.content, raw.request_id) == (answer.status, answer.content(), "req_1")
    assert raw.headers["x-other"] == raw.headers["X-Other"] == "2"
    assert raw.json() == answer.body
    assert raw.parse() == made(call)
    assert isinstance(raw.parse(), getattr(evalsessions, call.model))


def test_a_raw_response_raises_what_is_wrong_with_it_when_it_is_read(caller: Caller, scripted: ScriptedServer) -> None:
    scripted.answers(Answer(201, {**SESSION, "isProduction": "yes"}))
    raw = caller.galtea(scripted.url).raw(CALLS[0])
    with pytest.raises(evalsessions.ResponseValidationError):
        raw.parse()
    assert raw.parse(strict=False).id == "ses_901"


def test_a_refusal_is_raised_for_a_raw_response_too(caller: Caller, scripted: ScriptedServer) -> None:
    scripted.answers(Answer(404, {"message": "there is no version ver_123"}))
    with pytest.raises(evalsessions.NotFoundError):
        caller.galtea(scripted.url).raw(CALLS[0])


# --- clients and transports that were given ---


def test_a_given_client_is_used_and_stays_open(caller: Caller, scripted: ScriptedServer) -> None:
    scripted.answers(SESSION_ANSWER)
    if caller.kind.is_async:

        async def use() -> None:
            async with httpx.AsyncClient(headers={"X-Mine": "1"}) as client:
                async with AsyncGaltea(api_key=GALTEA_KEY, base_url=scripted.url, http_client=client) as galtea:
                    await galtea.sessions.create(version_id="ver_123")
                assert not client.is_closed
                assert (await client.post(scripted.url)).status_code == 201

        caller.result(use())
    else:
        with httpx.Client(headers={"X-Mine": "1"}) as client:
            with Galtea(api_key=GALTEA_KEY, base_url=scripted.url, http_client=client) as galtea:
                galtea.sessions.create(version_id="ver_123")
            assert not client.is_closed
            assert client.post(scripted.url).status_code == 201
    assert [request.header("X-Mine") for request in scripted.requests] == ["1", "1"]
    assert scripted.connections == 1


def test_a_given_client_that_is_closed_is_a_configuration_error(caller: Caller, scripted: ScriptedServer) -> None:
    client: Any = httpx.AsyncClient() if caller.kind.is_async else httpx.Client()
    made = caller.galtea(scripted.url, http_client=client)
    caller.result(client.aclose() if caller.kind.is_async else client.close())
    with pytest.raises(ConfigurationError, match="closed"):
        made.session()
    assert scripted.requests == []


def test_a_given_httpx_transport_is_used(caller: Caller, scripted: ScriptedServer) -> None:
    class Seen(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            urls.append(str(request.url))
            return super().handle_request(request)

    class AsyncSeen(httpx.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            urls.append(str(request.url))
            return await super().handle_async_request(request)

    urls: list[str] = []
    scripted.answers(SESSION_ANSWER)
    caller.galtea(scripted.url, http_client=AsyncSeen() if caller.kind.is_async else Seen()).session()
    assert urls == [scripted.url + "/sessions"]


def test_an_application_can_be_called_in_process_by_its_asgi_transport() -> None:
    bodies: list[bytes] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        bodies.append((await receive())["body"])
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(SESSION).encode()})

    async def use() -> None:
        transport = httpx.ASGITransport(app=app)
        async with AsyncGaltea(api_key=GALTEA_KEY, base_url="http://app.example", http_client=transport) as galtea:
            assert (await galtea.sessions.create(version_id="ver_123")).id == "ses_901"

    asyncio.run(use())
    assert bodies == [b'{"versionId":"ver_123"}']


def test_what_a_given_transport_raises_leaves_the_write_in_doubt_and_the_others_go_on(caller: Caller) -> None:
    class Broken(httpx.MockTransport):
        def __init__(self) -> None:
            super().__init__(self.answer)

        def answer(self, request: httpx.Request) -> httpx.Response:
            if b"ver_1" in request.content:
                raise ZeroDivisionError("a secret")
            return httpx.Response(201, json=SESSION)

    face = caller.galtea("http://app.example", http_client=Broken(), max_retries=0).face
    wanted = [{"version_id": f"ver_{number}"} for number in range(3)]
    outcomes = caller.items(face.sessions.create_many(wanted, concurrency=1))
    assert [type(outcome.error) for outcome in outcomes] == [type(None), AmbiguousOutcomeError, type(None)]
    assert "ZeroDivisionError" in str(outcomes[1].error)
    assert "a secret" not in str(outcomes[1].error)
    assert isinstance(outcomes[1].error.__cause__, ZeroDivisionError)


def test_an_interrupt_in_a_given_transport_passes_untouched() -> None:
    def interrupted(_request: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    galtea = Galtea(api_key=GALTEA_KEY, base_url="http://app.example", http_client=httpx.MockTransport(interrupted))
    with pytest.raises(KeyboardInterrupt):
        galtea.sessions.create(version_id="ver_123")


@pytest.mark.parametrize("reads", [False, True], ids=["body unread", "body read"])
def test_a_hook_that_raises_for_status_changes_nothing_of_what_the_answer_says(
    reads: bool, caller: Caller, scripted: ScriptedServer
) -> None:
    def check(response: httpx.Response) -> None:
        if reads:
            response.read()
        response.raise_for_status()

    async def acheck(response: httpx.Response) -> None:
        if reads:
            await response.aread()
        response.raise_for_status()

    is_async = caller.kind.is_async
    hooks: Any = {"response": [acheck if is_async else check]}
    client: Any = httpx.AsyncClient(event_hooks=hooks) if is_async else httpx.Client(event_hooks=hooks)
    scripted.answers(Answer(404, {"message": "there is no version"}))
    made = caller.galtea(scripted.url, http_client=client)
    with pytest.raises(evalsessions.NotFoundError) as raised:
        made.session()
    caller.result(client.aclose() if is_async else client.close())
    assert raised.value.status_code == 404
    assert ("there is no version" in str(raised.value)) is reads


def test_a_session_of_another_library_is_no_transport() -> None:
    with RequestsSession() as session, pytest.raises(ConfigurationError, match=r"not a requests\.sessions\.Session"):
        Galtea(api_key=GALTEA_KEY, http_client=session)  # type: ignore[arg-type]


def test_async_faces_work_on_trio_pauses_included(scripted: ScriptedServer) -> None:
    scripted.answers(Answer(429), SESSION_ANSWER)

    async def use() -> None:
        async with AsyncGaltea(api_key=GALTEA_KEY, base_url=scripted.url) as galtea:
            assert (await galtea.sessions.create(version_id="ver_123")).id == "ses_901"

    trio.run(use)
    assert len(scripted.requests) == 2


def test_a_call_on_a_second_event_loop_works_or_says_in_the_sdks_words_what_became_of_it(
    scripted: ScriptedServer,
) -> None:
    """As in a script that calls asyncio.run twice; the connection of the first call belongs to its loop."""
    scripted.answers(SESSION_ANSWER)
    script = f"""
        import asyncio
        from evalsessions import AsyncGaltea, EvalSessionsError
        galtea = AsyncGaltea(api_key="{GALTEA_KEY}", base_url="{scripted.url}", max_retries=0)
        for _ in range(2):
            try:
                asyncio.run(galtea.sessions.create(version_id="ver_123"))
            except EvalSessionsError as error:
                print(type(error).__name__)
    """
    command = [sys.executable, "-Wignore", "-c", textwrap.dedent(script)]
    done = subprocess.run(command, capture_output=True, text=True, env=uncovered(), check=False)
    assert (done.returncode, done.stderr) == (0, "")


# --- closing ---


def test_leaving_the_block_closes_and_a_call_afterwards_says_so(
    each_transport: Caller, scripted: ScriptedServer
) -> None:
    scripted.answers(SESSION_ANSWER)
    if each_transport.kind.is_async:

        async def use() -> Any:
            face = AsyncGaltea(api_key=GALTEA_KEY, base_url=scripted.url, http_client=_fast(each_transport))
            async with face as galtea:
                assert galtea is face
                await galtea.sessions.create(version_id="ver_123")
            return face

        face = each_transport.result(use())
    else:
        face = Galtea(api_key=GALTEA_KEY, base_url=scripted.url, http_client=_fast(each_transport))
        with face as galtea:
            assert galtea is face
            galtea.sessions.create(version_id="ver_123")
    with pytest.raises(ConfigurationError, match="closed"):
        each_transport.result(face.sessions.create(version_id="ver_123"))
    assert len(scripted.requests) == 1


def _fast(caller: Caller) -> Any:
    return caller.fast_transport() if caller.kind.is_fast else None


def test_closing_twice_or_without_a_call_is_fine_and_final(each_transport: Caller, scripted: ScriptedServer) -> None:
    scripted.answers(SESSION_ANSWER)
    made = each_transport.galtea(scripted.url)
    made.close()
    made.close()
    for face in (made, made.with_options(timeout=5)):
        with pytest.raises(ConfigurationError, match="closed"):
            face.session()
    assert scripted.requests == []


def test_closing_either_of_two_faces_with_one_connection_closes_both(
    each_transport: Caller, scripted: ScriptedServer
) -> None:
    scripted.answers(SESSION_ANSWER)
    made = each_transport.galtea(scripted.url)
    derived = made.with_options(timeout=5)
    derived.session()
    derived.close()
    with pytest.raises(ConfigurationError, match="closed"):
        made.session()


def test_an_error_inside_the_block_is_not_swallowed(caller: Caller) -> None:
    if caller.kind.is_async:

        async def use() -> None:
            async with AsyncGaltea(api_key=GALTEA_KEY, base_url=UNUSED):
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            caller.result(use())
    else:
        with pytest.raises(ZeroDivisionError), Galtea(api_key=GALTEA_KEY, base_url=UNUSED):
            raise ZeroDivisionError


def test_a_face_keeps_its_connection_from_call_to_call(each_transport: Caller, scripted: ScriptedServer) -> None:
    scripted.answers(SESSION_ANSWER)
    made = each_transport.galtea(scripted.url)
    for _ in range(3):
        made.session()
    assert {request.connection for request in scripted.requests} == {0}


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_connections_are_open_at_once_than_were_allowed(
    each_transport: Caller, scripted: ScriptedServer, most: int
) -> None:
    lock, running, reached = threading.Lock(), 0, 0

    def counted(request: Received) -> Answer:
        nonlocal running, reached
        with lock:
            running += 1
            reached = max(reached, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        return SESSION_ANSWER

    scripted.answers_by(counted)
    options: dict[str, Any] = {"max_connections": most}
    if each_transport.kind.is_fast:
        fast = AsyncFastTransport if each_transport.kind.is_async else FastTransport
        options = {"http_client": fast(max_connections=most)}
    made = each_transport.galtea(scripted.url, **options)
    made.session()
    sessions = [{"version_id": "ver_123"}] * 12
    outcomes = each_transport.items(made.face.sessions.create_many(sessions, concurrency=6))
    assert [outcome.error for outcome in outcomes] == [None] * 12
    assert reached == most


@pytest.mark.parametrize("transport", ["None", "FastTransport(max_connections=2)"])
def test_the_first_calls_may_come_from_many_threads_at_once(scripted: ScriptedServer, transport: str) -> None:
    """They share one client, and with it its limit; in a process of its own, for a fault here ends the interpreter."""
    scripted.answers(Answer(201, SESSION, delay=0.02))
    script = f"""
        from evalsessions import FastTransport, Galtea
        for _ in range(10):
            client = {transport}
            with Galtea(
                api_key="{GALTEA_KEY}", base_url="{scripted.url}", http_client=client, max_connections=2
            ) as galtea:
                outcomes = list(galtea.sessions.create_many([{{"version_id": "ver_123"}}] * 8, concurrency=8))
                assert [outcome.error for outcome in outcomes] == [None] * 8
    """
    command = [sys.executable, "-Werror", "-c", textwrap.dedent(script)]
    done = subprocess.run(command, capture_output=True, text=True, env=uncovered(), check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert scripted.connections <= 20
    assert len(scripted.requests) == 80


def test_a_server_that_has_no_http_2_is_spoken_to_without(caller: Caller, scripted: ScriptedServer) -> None:
    scripted.answers(SESSION_ANSWER)
    assert caller.galtea(scripted.url, http2=True).session().id == "ses_901"


# --- redirects ---


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("call", [CALLS[0], CALLS[3]], ids=str)
def test_a_redirect_is_not_followed_and_is_an_error_that_says_not_done(
    each_transport: Caller, scripted: ScriptedServer, call: OperationCall, status: int
) -> None:
    with scripted_server() as elsewhere:
        elsewhere.answers(Answer(*answer_of(call.operation)))
        scripted.answers(Answer(status, headers={"Location": elsewhere.url + call.path}))
        with pytest.raises(APIStatusError) as refused:
            each_transport.for_call(call, scripted.url)(call)
        assert type(refused.value) is APIStatusError
        assert refused.value.status_code == status
        assert str(status) in str(refused.value)
        assert elsewhere.requests == []


def test_no_redirect_is_followed_by_a_client_that_follows_them_either(caller: Caller, scripted: ScriptedServer) -> None:
    with scripted_server() as elsewhere:
        elsewhere.answers(SESSION_ANSWER)
        scripted.answers(Answer(307, headers={"Location": elsewhere.url + "/sessions"}))
        client: Any = (httpx.AsyncClient if caller.kind.is_async else httpx.Client)(follow_redirects=True)
        made = caller.galtea(scripted.url, http_client=client)
        with pytest.raises(APIStatusError):
            made.session()
        assert elsewhere.requests == []
        caller.result(client.aclose() if caller.kind.is_async else client.close())


# --- against the real server ---


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_each_operation_is_done_by_the_real_server(
    each_transport: Caller, server: ServerProcess, call: OperationCall
) -> None:
    key = server.galtea_key if call.face == "Galtea" else server.galileo_key
    made = each_transport.for_call(call, server.url, api_key=key)(call)
    assert isinstance(made, getattr(evalsessions, call.model))


def test_the_real_server_refuses_a_key_that_it_does_not_know(each_transport: Caller, server: ServerProcess) -> None:
    with pytest.raises(evalsessions.AuthenticationError):
        each_transport.galtea(server.url).session()
    with pytest.raises(evalsessions.AuthenticationError):
        each_transport.galileo(server.url).project_session(project_id=PROJECT)


def test_the_legacy_header_of_galileo_can_be_named(caller: Caller, scripted: ScriptedServer) -> None:
    scripted.answers(Answer(*answer_of("createProjectSession")))
    caller.galileo(scripted.url, key_header="X-Galileo-Key").project_session()
    (request,) = scripted.requests
    assert (request.header("X-Galileo-Key"), request.header("Galileo-API-Key")) == (GALILEO_KEY, None)


# --- what only a second look at the whole found ---


@pytest.mark.parametrize("name", ["Content-Length", "Transfer-Encoding", "Connection", "TE", "Upgrade", "Trailer"])
def test_a_header_of_the_connection_is_refused_by_name(caller: Caller, scripted: ScriptedServer, name: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        caller.galtea(scripted.url).session(extra_headers={name: "500"})
    assert scripted.requests == []


@pytest.mark.parametrize("value", ["top-secret-value ", " top-secret-value"])
def test_a_header_that_would_be_sent_otherwise_is_refused_and_not_shown(caller: Caller, value: str) -> None:
    with pytest.raises(ConfigurationError, match="X-Token") as refused:
        caller.galtea(UNUSED).session(extra_headers={"X-Token": value})
    assert "secret" not in str(refused.value)


def test_an_on_attempt_that_nobody_would_await_is_refused(caller: Caller) -> None:
    async def hook(attempt: evalsessions.Attempt) -> None: ...

    with pytest.raises(ConfigurationError, match="on_attempt must be a plain function, not a coroutine function"):
        caller.galtea(UNUSED, on_attempt=hook)


def test_a_wait_for_a_connection_takes_nothing_from_the_time_of_the_answer(scripted: ScriptedServer) -> None:
    scripted.answers(Answer(201, SESSION, delay=0.4))
    with Galtea(api_key=GALTEA_KEY, base_url=scripted.url, max_connections=1, timeout=0.7, max_retries=0) as galtea:
        outcomes = list(galtea.sessions.create_many([{"version_id": "ver_123"}] * 2, concurrency=2))
    assert [outcome.error for outcome in outcomes] == [None, None]
