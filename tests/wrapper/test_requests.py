"""What goes over the wire for what was asked: method, address, header fields, and the body to the byte."""

from __future__ import annotations

import copy
import enum
import json
import re
import uuid
from collections import OrderedDict, UserDict, UserList, namedtuple
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

import evalsessions
from evalsessions import BadRequestError, ContractError, LoggingMethod, SessionStatus, UnprocessableContentError
from tests.support.contract_document import operation
from tests.wrapper.faces import CALLS, GALILEO_KEY, GALTEA_KEY, PROJECT, Caller, Made, OperationCall, answer_of
from tests.wrapper.scripted_server import Answer, ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.server_process import ServerProcess

CREATE_SESSION, CREATE_TEST_CASE, EVALUATE, CREATE_PROJECT_SESSION = CALLS

# What httpx and pyreqwest add for the connection, and not for the API.
OF_THE_CONNECTION = {"host", "content-length", "connection", "accept-encoding"}


@pytest.fixture
def sent(each_transport: Caller, scripted: ScriptedServer) -> Callable[..., bytes]:
    """Call an operation, and return the body that was sent."""

    def send(call: OperationCall, **arguments: Any) -> bytes:
        scripted.answers(Answer(*answer_of(call.operation)))
        each_transport.for_call(call, scripted.url)(call, **arguments)
        return scripted.requests[-1].body

    return send


@pytest.fixture
def galtea(caller: Caller, server: ServerProcess) -> Made:
    """A face on the real server."""
    return caller.galtea(server.url, api_key=server.galtea_key)


LEAST = {
    "createSession": b'{"versionId":"ver_123"}',
    "createTestCase": b'{"testId":"test_123"}',
    "createEvaluationsFromSessions": b'{"sessionIds":["ses_123"]}',
    "createProjectSession": b"{}",
}


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_call_with_the_least_arguments_sends_this_and_nothing_else(
    each_transport: Caller, scripted: ScriptedServer, call: OperationCall
) -> None:
    scripted.answers(Answer(*answer_of(call.operation)))
    each_transport.for_call(call, scripted.url)(call)
    (request,) = scripted.requests
    assert (request.method, request.target, request.body) == ("POST", call.path, LEAST[call.operation])
    fields = {name.lower(): value for name, value in request.headers}
    assert len(fields) == len(request.headers)
    assert fields.pop("user-agent").startswith(f"evalsessions/{evalsessions.__version__} python/")
    assert {name: value for name, value in fields.items() if name not in OF_THE_CONNECTION} == {
        "accept": "application/json",
        "content-type": "application/json",
        **({"authorization": f"Bearer {GALTEA_KEY}"} if call.face == "Galtea" else {"galileo-api-key": GALILEO_KEY}),
    }
    assert fields["content-length"] == str(len(request.body))
    assert fields["host"] == scripted.url.removeprefix("http://")


def snake_case(wire: str) -> str:
    return re.sub("([A-Z])", lambda found: "_" + found.group().lower(), wire)


def examples() -> Iterator[Any]:
    for call in CALLS:
        for name, example in operation(call.operation).request["examples"].items():
            yield pytest.param(call, example["value"], id=f"{call.operation}-{name}")


@pytest.mark.parametrize(("call", "body"), list(examples()))
def test_every_documented_request_can_be_sent_as_it_is_without_what_is_not_set(
    sent: Callable[..., bytes], call: OperationCall, body: dict[str, Any]
) -> None:
    arguments = {snake_case(wire): value for wire, value in body.items()}
    least = {name: None for name in call.least if call is EVALUATE}
    assert json.loads(sent(call, **{**least, **arguments})) == {
        wire: value for wire, value in body.items() if value is not None
    }


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_none_is_not_sent(sent: Callable[..., bytes], call: OperationCall) -> None:
    import inspect

    creator = call.creator(getattr(evalsessions, call.face)(api_key=GALTEA_KEY))
    names = inspect.signature(getattr(creator, call.method)).parameters.keys() - call.least.keys() - {"options"}
    assert sent(call, **dict.fromkeys(names)) == LEAST[call.operation]


@pytest.mark.parametrize(
    ("call", "arguments", "body"),
    [
        (CREATE_SESSION, {"is_production": False}, {"versionId": "ver_123", "isProduction": False}),
        (CREATE_SESSION, {"context": ""}, {"versionId": "ver_123", "context": ""}),
        (CREATE_SESSION, {"context": {}, "metadata": {}}, {"versionId": "ver_123", "context": {}, "metadata": {}}),
        (
            CREATE_TEST_CASE,
            {"input": "", "expected_output": "", "expected_tools": [], "confidence": 0, "user_score": 0},
            {
                "testId": "test_123",
                "input": "",
                "expectedOutput": "",
                "expectedTools": [],
                "confidence": 0,
                "userScore": 0,
            },
        ),
        (EVALUATE, {"metrics": []}, {"sessionIds": ["ses_123"], "metrics": []}),
        (CREATE_PROJECT_SESSION, {"reliable": False, "name": ""}, {"reliable": False, "name": ""}),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_what_is_empty_or_false_is_sent(
    sent: Callable[..., bytes], call: OperationCall, arguments: dict[str, Any], body: dict[str, Any]
) -> None:
    assert json.loads(sent(call, **arguments)) == body


STRUCTURED = {
    "value": {"value": [1, [2, {"deep": [[], {}, None, True]}]]},
    "user_message": "x",
    "a/b~c": {"": ""},
    "null": None,
}


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (CREATE_SESSION, "context"),
        (CREATE_SESSION, "metadata"),
        (CREATE_TEST_CASE, "context"),
        (CREATE_TEST_CASE, "input"),
    ],
    ids=str,
)
def test_a_structured_value_is_sent_as_it_is(sent: Callable[..., bytes], call: OperationCall, name: str) -> None:
    assert json.loads(sent(call, **{name: STRUCTURED}))[name] == STRUCTURED


TEXTS = [
    "\x00",
    "a\x00b",
    "\x7f\x1f\t\r\n",
    "\u00e9\u00df\u4e2d\u0416",
    "\U0001f600",
    "\u2028\u2029",
    "\ufeff",
    "\uffff",
    '"\\/',
    "e\u0301",
    "null",
]


def test_text_goes_as_utf_8_with_no_more_escapes_than_json_needs(sent: Callable[..., bytes]) -> None:
    body = sent(CREATE_SESSION, context="\u00e9\u4e2d\U0001f600\u2028", metadata={"\u00df": '\x00"\\/'})
    assert (
        body
        == (
            '{"versionId":"ver_123","context":"\u00e9\u4e2d\U0001f600\u2028","metadata":{"\u00df":"\\u0000\\"\\\\/"}}'
        ).encode()
    )


def test_any_text_comes_back_from_the_real_server_as_it_was_sent(galtea: Made) -> None:
    metadata = {text: [text, {text: text}] for text in TEXTS}
    session = galtea.session(context={"texts": TEXTS}, metadata=metadata)
    assert session.context == {"texts": TEXTS}
    assert session.metadata == metadata
    for text in TEXTS:
        assert galtea.session(context=text).context == {"value": text}
    custom_id = f"\x00\u00e9\U0001f600{uuid.uuid4()}"
    assert galtea.session(custom_id=custom_id).custom_id == custom_id


def test_numbers_come_back_from_the_real_server_as_they_were_sent(galtea: Made) -> None:
    numbers = [0, -1, 2**53 + 1, 10**30, 0.1, 1.0, 1e22, 1e-7, 5e-324, 1.7976931348623157e308]
    session = galtea.session(metadata={"numbers": numbers})
    assert session.metadata is not None
    assert json.dumps(session.metadata["numbers"]) == json.dumps(numbers)


def test_a_structured_context_comes_back_from_the_real_server_as_it_was_sent(galtea: Made) -> None:
    assert galtea.session(context=STRUCTURED).context == STRUCTURED
    assert galtea.test_case(context=STRUCTURED, input=STRUCTURED).input == STRUCTURED


class Level(enum.IntEnum):
    HIGH = 3


class Word(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "not this"


Pair = namedtuple("Pair", ["first", "second"])  # noqa: PYI024 - it is one of the kinds of tuple


@pytest.mark.parametrize(
    ("value", "content"),
    [
        (OrderedDict(b=1, a=2), b'{"b":1,"a":2}'),
        (MappingProxyType({"a": MappingProxyType({})}), b'{"a":{}}'),
        (UserDict(a=UserList([1])), b'{"a":[1]}'),
        ({"a": (1, (2,))}, b'{"a":[1,[2]]}'),
        ({"a": Pair(1, 2)}, b'{"a":[1,2]}'),
        ({"a": range(3)}, b'{"a":[0,1,2]}'),
        ({"a": Level.HIGH, "b": True}, b'{"a":3,"b":true}'),
        ({"a": SessionStatus.FAILED, SessionStatus.FAILED: 1}, b'{"a":"FAILED","FAILED":1}'),
        ({"a": Word("this"), Word("name"): 1}, b'{"a":"this","name":1}'),
        ({"a": 1e16, "b": 2**70, "c": -0.0}, b'{"a":1e+16,"b":1180591620717411303424,"c":-0.0}'),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else type(value).__name__,
)
def test_what_behaves_like_json_is_sent_as_json(sent: Callable[..., bytes], value: Any, content: bytes) -> None:
    assert sent(CREATE_SESSION, metadata=value) == b'{"versionId":"ver_123","metadata":' + content + b"}"


def test_arguments_are_not_changed_by_a_call(sent: Callable[..., bytes]) -> None:
    metadata = {"a": [{"b": None}]}
    metrics = [{"id": "metric_123", "name": None}]
    before = copy.deepcopy((metadata, metrics))
    sent(CREATE_SESSION, metadata=metadata)
    sent(EVALUATE, metrics=metrics)
    assert (metadata, metrics) == before


def test_members_of_enums_are_sent_as_their_texts(sent: Callable[..., bytes]) -> None:
    for status in SessionStatus:
        assert json.loads(sent(CREATE_SESSION, status=status))["status"] == status.value
    for method in LoggingMethod:
        assert json.loads(sent(CREATE_PROJECT_SESSION, logging_method=method))["logging_method"] == method.value


@pytest.mark.parametrize("name", ["log_stream_id", "experiment_id", "metrics_testing_id", "previous_session_id"])
def test_an_identifier_of_galileo_may_be_a_uuid_or_its_text(sent: Callable[..., bytes], name: str) -> None:
    value = uuid.uuid4()
    for given in (value, str(value)):
        assert json.loads(sent(CREATE_PROJECT_SESSION, **{name: given})) == {name: str(value)}
    assert json.loads(sent(CREATE_PROJECT_SESSION, **{name: str(value).upper()})) == {name: str(value).upper()}


@pytest.mark.parametrize(
    "project_id", [PROJECT, PROJECT.upper(), uuid.UUID(PROJECT)], ids=lambda value: type(value).__name__
)
def test_the_project_is_in_the_path(each_transport: Caller, scripted: ScriptedServer, project_id: Any) -> None:
    scripted.answers(Answer(*answer_of("createProjectSession")))
    each_transport.galileo(scripted.url).project_session(project_id=project_id)
    assert scripted.requests[0].target == f"/v2/projects/{project_id}/sessions"


def test_sessions_may_come_from_any_iterable_and_are_sent_as_they_come(sent: Callable[..., bytes]) -> None:
    ids = ["ses_b", "ses_a", "ses_b", "ses_c", "ses_a"]
    for given in (ids, tuple(ids), iter(ids), (one for one in ids), UserList(ids)):
        assert sent(EVALUATE, session_ids=given) == b'{"sessionIds":["ses_b","ses_a","ses_b","ses_c","ses_a"]}'
    assert sent(EVALUATE, session_ids=dict.fromkeys(ids).keys()) == b'{"sessionIds":["ses_b","ses_a","ses_c"]}'
    assert sorted(json.loads(sent(EVALUATE, session_ids=set(ids)))["sessionIds"]) == ["ses_a", "ses_b", "ses_c"]


def test_metrics_are_sent_without_what_is_not_set_and_with_what_is_unknown(sent: Callable[..., bytes]) -> None:
    metrics = ({"id": "m", "name": None, "score": 0}, MappingProxyType({"name": "n", "weight": [1]}))
    assert json.loads(sent(EVALUATE, metrics=metrics))["metrics"] == [
        {"id": "m", "score": 0},
        {"name": "n", "weight": [1]},
    ]


# --- more than the arguments say ---


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_extra_body_adds_to_the_body_or_sets_it_otherwise(sent: Callable[..., bytes], call: OperationCall) -> None:
    least = json.loads(LEAST[call.operation])
    assert json.loads(sent(call, extra_body={"new": {"a": [None]}})) == {**least, "new": {"a": [None]}}
    for wire in least:
        again = sent(call, extra_body={wire: ["other"] if call is EVALUATE else "other"})
        assert json.loads(again) == {wire: ["other"] if call is EVALUATE else "other"}


def test_extra_body_is_judged_by_the_contract(each_transport: Caller, scripted: ScriptedServer) -> None:
    with pytest.raises(ContractError, match="test-case-session-is-not-production"):
        each_transport.galtea(scripted.url).session(test_case_id="tc_123", extra_body={"isProduction": True})
    assert scripted.requests == []


FORBIDDEN: list[tuple[OperationCall, dict[str, Any], bytes]] = [
    (
        CREATE_SESSION,
        {"test_case_id": "tc_123", "is_production": True, "context": "x"},
        b'{"versionId":"ver_123","testCaseId":"tc_123","isProduction":true,"context":"x"}',
    ),
    (CREATE_SESSION, {"version_id": ""}, b'{"versionId":""}'),
    (CREATE_SESSION, {"status": 5, "is_production": "yes"}, b'{"versionId":"ver_123","isProduction":"yes","status":5}'),
    (CREATE_SESSION, {"metadata": {"a": float("nan")}}, b'{"versionId":"ver_123","metadata":{"a":NaN}}'),
    (CREATE_SESSION, {"metadata": {"a": "\ud800"}}, b'{"versionId":"ver_123","metadata":{"a":"\\ud800"}}'),
    (
        CREATE_SESSION,
        {"metadata": {"a": 10**400}},
        b'{"versionId":"ver_123","metadata":{"a":1' + b"0" * 400 + b"}}",
    ),
    (
        CREATE_TEST_CASE,
        {"max_iterations": 0, "expected_tools": "search"},
        b'{"testId":"test_123","expectedTools":"search","maxIterations":0}',
    ),
    (EVALUATE, {"version_id": "ver_123"}, b'{"sessionIds":["ses_123"],"versionId":"ver_123"}'),
    (EVALUATE, {"session_ids": None}, b"{}"),
    (EVALUATE, {"session_ids": "ses_123"}, b'{"sessionIds":"ses_123"}'),
    (EVALUATE, {"metrics": [{"score": 0.5}]}, b'{"sessionIds":["ses_123"],"metrics":[{"score":0.5}]}'),
    (CREATE_PROJECT_SESSION, {"reliable": "yes", "log_stream_id": "x"}, b'{"log_stream_id":"x","reliable":"yes"}'),
]


@pytest.mark.parametrize(("call", "arguments", "body"), FORBIDDEN)
def test_without_validation_the_forbidden_is_sent_as_it_is(
    sent: Callable[..., bytes], call: OperationCall, arguments: dict[str, Any], body: bytes
) -> None:
    with pytest.raises(ContractError):
        sent(call, **arguments)
    got = sent(call, **arguments, validate=False)
    if call is CREATE_TEST_CASE:
        assert json.loads(got) == json.loads(body)
    else:
        assert got == body


@pytest.mark.parametrize(("call", "arguments", "body"), FORBIDDEN)
def test_the_real_server_refuses_what_is_sent_without_validation(
    caller: Caller, server: ServerProcess, call: OperationCall, arguments: dict[str, Any], body: bytes
) -> None:
    key = server.galtea_key if call.face == "Galtea" else server.galileo_key
    with pytest.raises((BadRequestError, UnprocessableContentError)):
        caller.for_call(call, server.url, api_key=key)(call, **arguments, validate=False)


def test_what_is_required_can_be_left_out_without_validation(sent: Callable[..., bytes]) -> None:
    assert sent(CREATE_SESSION, version_id=None, validate=False) == b"{}"
    assert sent(CREATE_TEST_CASE, test_id=None, validate=False) == b"{}"


def test_a_project_that_is_none_can_be_sent_without_validation(
    each_transport: Caller, scripted: ScriptedServer
) -> None:
    scripted.answers(Answer(*answer_of("createProjectSession")))
    made = each_transport.galileo(scripted.url)
    for project_id, target in (("x y/\u00e9?", "x%20y%2F%C3%A9%3F"), (5, "5")):
        made.project_session(project_id=project_id, validate=False)
        assert scripted.requests[-1].target == f"/v2/projects/{target}/sessions"


@pytest.mark.parametrize("value", [{1, 2}, object(), b"x"], ids=lambda value: type(value).__name__)
def test_what_python_itself_writes_no_json_for_is_refused_without_validation_too(
    each_transport: Caller, scripted: ScriptedServer, value: object
) -> None:
    with pytest.raises(ContractError) as refused:
        each_transport.galtea(scripted.url).session(metadata={"a": value}, validate=False)
    assert refused.value.pointer == "/metadata/a"
    assert scripted.requests == []
