"""What comes of an answer: a model that loses nothing, or an error that has the answer whole."""

from __future__ import annotations

import copy
import gzip
import json
import pickle
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

import evalsessions
from evalsessions import (
    BatchEvaluation,
    EvalSessionsError,
    PartialFailureError,
    ResponseValidationError,
    Session,
    SessionFailure,
    SessionStatus,
    TestCase,
    UnreadableError,
)
from tests.support.contract_document import document, operation, resolve
from tests.wrapper.faces import CALLS, SESSION, Caller, OperationCall, answer_of
from tests.wrapper.scripted_server import Answer, ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from evalsessions.models import Model

MODELS = ("Session", "TestCase", "BatchEvaluation", "SessionFailure", "ProjectSession")
FAILURE = {"sessionId": "ses_999", "error": "there is no session ses_999"}
BATCH = {**answer_of("createEvaluationsFromSessions")[1], "sessionsFailed": 1, "failures": [FAILURE]}

# One value of each JSON type; a text is a time where one is asked for.
VALUES: dict[str, object] = {
    "null": None,
    "boolean": True,
    "integer": 7,
    "number": 0.5,
    "string": "2026-03-02T09:15:00Z",
    "array": [1],
    "object": {"a": 1},
}


@pytest.fixture
def read(caller: Caller, scripted: ScriptedServer) -> Callable[..., Any]:
    """Have an operation answered with a body, or with an answer, and return what comes of it."""

    def read_answer(call: OperationCall, answer: object, **options: Any) -> Any:
        status, _ = answer_of(call.operation)
        scripted.answers(answer if isinstance(answer, Answer) else Answer(status, answer))
        return caller.for_call(call, scripted.url)(call, **options)

    return read_answer


@pytest.fixture
def read_session(read: Callable[..., Any]) -> Callable[..., Session]:
    """Have a session created with these properties in the answer, and return its model."""

    def read_with(*, strict: bool = True, **properties: object) -> Session:
        session: Session = read(CALLS[0], {**SESSION, **properties}, strict=strict)
        return session

    return read_with


# --- the models and the contract ---


def kinds_of(schema: Mapping[str, Any]) -> set[str]:
    """The JSON types that a schema takes."""
    schema = resolve(schema)
    branches = schema.get("oneOf") or schema.get("anyOf")
    if branches:
        return {kind for branch in branches for kind in kinds_of(branch)}
    kinds = schema["type"]
    found = set(kinds if isinstance(kinds, list) else [kinds])
    return found | {"integer"} if "number" in found else found


def properties() -> Iterator[Any]:
    for name in MODELS:
        schema = document()["components"]["schemas"][name]
        for wire, property_schema in schema["properties"].items():
            kinds = kinds_of(property_schema) | (set() if wire in schema.get("required", ()) else {"null"})
            yield pytest.param(name, wire, property_schema, kinds, id=f"{name}.{wire}")


def snake_case(wire: str) -> str:
    return re.sub("([A-Z])", lambda found: "_" + found.group().lower(), wire)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_has_the_properties_of_its_schema_and_no_others(name: str) -> None:
    model: type[Model] = getattr(evalsessions, name)
    assert model.properties == {
        snake_case(wire): wire for wire in document()["components"]["schemas"][name]["properties"]
    }
    for attribute in model.properties:
        assert attribute in dir(model)


@pytest.mark.parametrize(("name", "wire", "schema", "kinds"), list(properties()))
def test_a_property_reads_the_types_of_its_schema_and_no_others(
    name: str, wire: str, schema: Mapping[str, Any], kinds: set[str]
) -> None:
    model: type[Model] = getattr(evalsessions, name)
    attribute = snake_case(wire)
    for kind, value in VALUES.items():
        said = model.from_dict({wire: schema_example(schema) if kind == "array" and kind in kinds else value})
        if kind in kinds:
            assert right_type(getattr(said, attribute), kind, schema), kind
        else:
            with pytest.raises(UnreadableError, match=re.escape(f"{name}.{attribute}")):
                getattr(said, attribute)
    absent = model.from_dict({})
    if "null" in kinds:
        assert getattr(absent, attribute) is None
    else:
        with pytest.raises(UnreadableError):
            getattr(absent, attribute)


def schema_example(schema: Mapping[str, Any]) -> object:
    return schema["examples"][0]


def right_type(value: object, kind: str, schema: Mapping[str, Any]) -> bool:
    if kind == "string" and schema.get("format") == "date-time":
        return isinstance(value, datetime) and value.tzinfo is not None
    if kind == "string" and schema.get("$ref", "").endswith("/SessionStatus"):
        return isinstance(value, SessionStatus)
    if kind == "array" and "$ref" in schema["items"]:
        return isinstance(value, list) and [type(item) for item in value] == [SessionFailure]
    expected: dict[str, type] = {
        "null": type(None),
        "boolean": bool,
        "integer": int,
        "number": float,
        "string": str,
        "array": list,
        "object": dict,
    }
    return type(value) is expected[kind]


# --- nothing is lost ---


def examples() -> Iterator[Any]:
    for call in CALLS:
        for name, example in operation(call.operation).answer["examples"].items():
            yield pytest.param(call, example["value"], id=f"{call.operation}-{name}")


@pytest.mark.parametrize(("call", "body"), list(examples()))
def test_every_documented_answer_is_read_and_returned_as_it_was_said(
    each_transport: Caller, scripted: ScriptedServer, call: OperationCall, body: dict[str, Any]
) -> None:
    scripted.answers(Answer(answer_of(call.operation)[0], body))
    model = each_transport.for_call(call, scripted.url)(call)
    assert type(model) is getattr(evalsessions, call.model)
    assert json.dumps(model.to_dict()) == json.dumps(body)
    for attribute, wire in model.properties.items():
        value = getattr(model, attribute)
        assert (value is None) == (body.get(wire) is None), attribute


def test_to_dict_is_what_the_server_said_in_its_order_and_with_its_numbers(read: Callable[..., Any]) -> None:
    said = (
        '{"zeta": {"1": 1, "0": 1.0, "e": 1e22, "tiny": 5e-324, "minus": -0.0, "big": 123456789012345678901234567890},'
        ' "text": "\\u0000 \\u00e9 \\ud83d\\ude00", "id": "ses_901", "versionId": "ver_123", "status": "COMPLETED",'
        ' "isProduction": true, "createdAt": "2026-03-02T09:15:00Z", "alpha": [null, [], {}, ""]}'
    )
    assert json.dumps(read(CALLS[0], said).to_dict()) == json.dumps(json.loads(said))


def test_unknown_properties_are_kept_in_extra_and_in_to_dict(read_session: Callable[..., Session]) -> None:
    session = read_session(customId=None, region="eu", tags=["a", {"b": None}])
    assert session.extra == {"region": "eu", "tags": ["a", {"b": None}]}
    assert session.to_dict() == {**SESSION, "customId": None, "region": "eu", "tags": ["a", {"b": None}]}
    assert read_session().extra == {}


def test_an_unknown_property_may_have_the_name_of_one_of_ours(read_session: Callable[..., Session]) -> None:
    session = read_session(version_id="x", extra="y", to_dict="z", _said="w")
    assert session.version_id == "ver_123"
    assert session.extra == {"version_id": "x", "extra": "y", "to_dict": "z", "_said": "w"}


def test_unknown_properties_of_a_failure_are_kept(read: Callable[..., Any]) -> None:
    batch = read(CALLS[2], {**BATCH, "failures": [{**FAILURE, "code": 7}]})
    assert [(failure.session_id, failure.extra) for failure in batch.failures] == [("ses_999", {"code": 7})]


def test_a_structured_context_comes_back_as_it_is(read_session: Callable[..., Session]) -> None:
    for context in (
        {},
        {"value": "text"},
        {"value": {"value": [1, {"deep": [[], {}]}]}, "context": None, "": {"": ""}, "a/b~c": "\x00"},
    ):
        assert read_session(context=context).context == context
    assert read_session(context=None).context is None
    assert read_session().context is None


def test_null_and_absent_read_alike_and_stay_different_in_to_dict(read_session: Callable[..., Session]) -> None:
    null, absent = read_session(customId=None), read_session()
    assert (null.custom_id, absent.custom_id) == (None, None)
    assert "customId" in null.to_dict()
    assert "customId" not in absent.to_dict()


@pytest.mark.parametrize("status", ["PENDING", "COMPLETED", "FAILED"])
def test_a_known_status_is_a_member_of_the_enum_and_a_text(read_session: Callable[..., Session], status: str) -> None:
    got = read_session(status=status).status
    assert got is SessionStatus[status]
    assert got == status


@pytest.mark.parametrize("status", ["ARCHIVED", "completed", "", "\u00e9 \x00"])
def test_an_unknown_status_stays_the_text_that_it_is(read_session: Callable[..., Session], status: str) -> None:
    got = read_session(status=status).status
    assert isinstance(got, str)
    assert (got == status, str(got) == status, f"{got}" == status, json.dumps(got) == json.dumps(status)) == (True,) * 4
    assert {status: 1}[got] == 1
    assert got not in list(SessionStatus)
    assert len(SessionStatus) == 3
    assert pickle.loads(pickle.dumps(got)) == status


def test_a_whole_number_may_be_written_with_a_fraction(read: Callable[..., Any]) -> None:
    batch = read(
        CALLS[2], {**BATCH, "sessionsEvaluated": 1.0, "evaluationsCreated": 2.0, "totalSessionsAvailable": 0.0}
    )
    assert [repr(number) for number in (batch.sessions_evaluated, batch.evaluations_created)] == ["1", "2"]
    assert repr(batch.total_sessions_available) == "0"
    assert json.dumps(batch.to_dict()["sessionsEvaluated"]) == "1.0"
    with pytest.raises(ResponseValidationError):
        read(CALLS[2], {**BATCH, "sessionsEvaluated": 1.5})


@pytest.mark.parametrize("depth", [100, 400, 800, 990, 100_000])
def test_an_answer_of_any_depth_is_read_whole_or_refused_as_done(read: Callable[..., Any], depth: int) -> None:
    said = json.dumps(SESSION)[:-1] + ', "metadata": ' + '{"a":' * depth + "1" + "}" * depth + "}"
    try:
        session = read(CALLS[0], said)
    except ResponseValidationError as error:
        assert error.response.content == said.encode()  # noqa: PT017
        assert depth > 400
        return
    value: Any = session.metadata
    for _ in range(depth):
        value = value["a"]
    assert value == 1
    assert session == pickle.loads(pickle.dumps(session))
    assert (hash(session), repr(session), session.to_dict()) is not None


# --- times ---

PLUS_ONE = timezone(timedelta(hours=1))


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-03-02T09:15:00Z", datetime(2026, 3, 2, 9, 15, tzinfo=UTC)),
        ("2026-03-02t09:15:00z", datetime(2026, 3, 2, 9, 15, tzinfo=UTC)),
        ("2026-03-02T09:15:00.5Z", datetime(2026, 3, 2, 9, 15, 0, 500000, tzinfo=UTC)),
        ("2026-03-02T09:15:00.123Z", datetime(2026, 3, 2, 9, 15, 0, 123000, tzinfo=UTC)),
        ("2026-03-02T09:15:00.123456Z", datetime(2026, 3, 2, 9, 15, 0, 123456, tzinfo=UTC)),
        ("2026-03-02T09:15:00.123456789Z", datetime(2026, 3, 2, 9, 15, 0, 123456, tzinfo=UTC)),
        ("2026-03-02T09:15:00.999999999999Z", datetime(2026, 3, 2, 9, 15, 0, 999999, tzinfo=UTC)),
        ("2026-03-02T09:15:00+00:00", datetime(2026, 3, 2, 9, 15, tzinfo=UTC)),
        ("2026-03-02T09:15:00-00:00", datetime(2026, 3, 2, 9, 15, tzinfo=UTC)),
        ("2026-03-02T09:15:00+01:00", datetime(2026, 3, 2, 9, 15, tzinfo=PLUS_ONE)),
        ("2026-03-02T09:15:00.25+23:59", datetime(2026, 3, 1, 9, 16, 0, 250000, tzinfo=UTC)),
        ("2026-03-02T09:15:00-23:59", datetime(2026, 3, 3, 9, 14, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2016-12-31T23:59:60.5z", datetime(2017, 1, 1, 0, 0, 0, 500000, tzinfo=UTC)),
        ("2017-01-01T00:59:60+01:00", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
        ("9999-12-31T23:59:59.999999Z", datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_in_every_form_of_rfc_3339(
    read_session: Callable[..., Session], text: str, time: datetime
) -> None:
    session = read_session(createdAt=text, deletedAt=text)
    assert session.created_at == session.deleted_at == time
    assert session.created_at.utcoffset() is not None
    assert session.to_dict()["createdAt"] == text


def test_a_time_keeps_its_offset(read_session: Callable[..., Session]) -> None:
    assert read_session(createdAt="2026-03-02T09:15:00+01:00").created_at.utcoffset() == timedelta(hours=1)


@pytest.mark.parametrize("text", ["0000-01-01T00:00:00Z", "9999-12-31T23:59:60Z"])
def test_a_time_that_python_cannot_hold_spoils_nothing_else(read_session: Callable[..., Session], text: str) -> None:
    session = read_session(createdAt=text)
    assert (session.id, session.to_dict()["createdAt"]) == ("ses_901", text)
    with pytest.raises(UnreadableError, match=text):
        _ = session.created_at


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-03-02",
        "2026-03-02T09:15:00",
        "2026-03-02T09:15Z",
        "2026-13-02T09:15:00Z",
        "2026-02-29T09:15:00Z",
        "2026-03-02T24:00:00Z",
        "2026-03-02T09:15:61Z",
        "2026-03-02T09:15:00.Z",
        "2026-03-02T09:15:00+0100",
        "2026-W10-1T09:15:00Z",
        "20260302T091500Z",
        "1772442900",
        " 2026-03-02T09:15:00Z",
        "\u0662026-03-02T09:15:00Z",
    ],
)
def test_what_is_no_time_of_rfc_3339_breaks_the_contract(read_session: Callable[..., Session], text: str) -> None:
    for name in ("createdAt", "deletedAt"):
        with pytest.raises(ResponseValidationError) as refused:
            read_session(**{name: text})
        assert refused.value.pointer == f"/{name}"


# --- models are values ---


def test_a_model_cannot_be_changed(read_session: Callable[..., Session]) -> None:
    session = read_session(metadata={"a": {"b": 1}}, unknown=[1])
    before = session.to_dict()
    for name in ("id", "metadata", "extra", "new", "_said"):
        with pytest.raises(AttributeError):
            setattr(session, name, "changed")
        with pytest.raises(AttributeError):
            delattr(session, name)
    with pytest.raises((AttributeError, TypeError)):
        vars(session)["id"] = "changed"
    assert session.metadata is not None
    for copied in (session.metadata, session.metadata["a"], session.extra["unknown"], session.to_dict()):
        copied.clear()  # type: ignore[union-attr]
    assert session.to_dict() == before
    assert session.metadata == {"a": {"b": 1}}


def test_the_lists_of_a_model_are_copies(read: Callable[..., Any]) -> None:
    batch = read(CALLS[2], BATCH)
    batch.failures.clear()
    batch.failures.append("x")
    assert [failure.to_dict() for failure in batch.failures] == [FAILURE]
    case = TestCase.from_dict({"expectedTools": ["search"]})
    case.expected_tools.clear()  # type: ignore[union-attr]
    assert case.expected_tools == ["search"]


def test_what_a_model_was_made_of_can_be_changed_without_effect() -> None:
    said: dict[str, Any] = {**SESSION, "metadata": {"a": [1]}}
    session = Session.from_dict(said)
    said["id"] = "changed"
    said["metadata"]["a"].append(2)
    assert (session.id, session.metadata) == ("ses_901", {"a": [1]})


def test_models_are_equal_when_all_that_was_said_is_equal(read_session: Callable[..., Session]) -> None:
    one, same = read_session(unknown={"a": 1, "b": 2}), read_session(unknown={"b": 2, "a": 1})
    assert one is not same
    assert one == same
    assert hash(one) == hash(same)
    assert len({one, same}) == 1
    others: list[object] = [read_session(), read_session(unknown={"a": 1}), TestCase.from_dict(one.to_dict())]
    for other in (*others, one.to_dict()):
        assert one != other
    assert SessionFailure.from_dict(FAILURE) == SessionFailure.from_dict(FAILURE)


@pytest.mark.parametrize(("first", "second"), [(1, 1.0), (0.0, -0.0), (1, True), (0, False), (10**20, 1e20)])
def test_equal_models_have_equal_hashes(first: float, second: float) -> None:
    one, other = (Session.from_dict({**SESSION, "metadata": {"n": number}}) for number in (first, second))
    assert one != other or hash(one) == hash(other)


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_model_can_be_pickled_and_copied(read: Callable[..., Any], call: OperationCall) -> None:
    model = read(call, {**answer_of(call.operation)[1], "unknown": {"a": [1, None]}})
    copies = [pickle.loads(pickle.dumps(model, protocol)) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
    for copied in (*copies, copy.copy(model), copy.deepcopy(model)):
        assert type(copied) is type(model)
        assert copied == model
        assert json.dumps(copied.to_dict()) == json.dumps(model.to_dict())


def test_a_model_shows_what_is_set(read_session: Callable[..., Session]) -> None:
    shown = repr(read_session(customId="mine", userId=None))
    assert shown.startswith("Session(")
    assert "custom_id='mine'" in shown
    assert "user_id" not in shown


def test_an_unreadable_property_does_not_keep_a_model_from_being_shown(read_session: Callable[..., Session]) -> None:
    session = read_session(strict=False, createdAt=5, status=None)
    assert "created_at=5" in repr(session)
    assert session == copy.deepcopy(session)


# --- failures of a batch ---


def test_failures_are_data_until_they_are_asked_to_be_an_error(read: Callable[..., Any]) -> None:
    batch = read(CALLS[2], BATCH)
    assert isinstance(batch, BatchEvaluation)
    assert [(failure.session_id, failure.error) for failure in batch.failures] == [tuple(FAILURE.values())]
    with pytest.raises(PartialFailureError, match="ses_999: there is no session ses_999") as failed:
        batch.raise_for_failures()
    assert failed.value.result is batch
    sound = read(CALLS[2], answer_of("createEvaluationsFromSessions")[1])
    assert sound.raise_for_failures() is sound


def test_many_failures_are_told_by_the_first_and_their_number() -> None:
    failures = [{"sessionId": f"ses_{number}", "error": "gone"} for number in range(40)]
    with pytest.raises(PartialFailureError) as failed:
        BatchEvaluation.from_dict({**BATCH, "failures": failures}).raise_for_failures()
    assert "40 sessions" in str(failed.value)
    assert "ses_0" in str(failed.value)
    assert "ses_39" not in str(failed.value)
    assert len(failed.value.result.failures) == 40


# --- answers that break the contract ---


def broken() -> Iterator[Any]:
    """Each property of each answer, missing where it is required, and with a value of each wrong type."""
    for call in CALLS:
        schema = document()["components"]["schemas"][call.model]
        for wire, property_schema in schema["properties"].items():
            kinds = kinds_of(property_schema)
            if wire in schema["required"]:
                yield pytest.param(call, wire, None, True, id=f"{call.operation}-{wire}-missing")
            else:
                kinds |= {"null"}
            for kind in VALUES.keys() - kinds:
                yield pytest.param(call, wire, VALUES[kind], False, id=f"{call.operation}-{wire}-{kind}")


def schema_of(call: OperationCall, wire: str) -> Mapping[str, Any]:
    schema: Mapping[str, Any] = document()["components"]["schemas"][call.model]["properties"][wire]
    return schema


@pytest.mark.parametrize(("call", "wire", "value", "is_missing"), sorted(broken(), key=str))
def test_a_broken_property_is_named_by_its_pointer_and_the_rest_can_be_read(
    read: Callable[..., Any], call: OperationCall, wire: str, value: object, is_missing: bool
) -> None:
    status, body = answer_of(call.operation)
    body[wire] = value
    if is_missing:
        del body[wire]
    answer = Answer(status, body, headers={"X-Request-Id": "req_7"})
    with pytest.raises(ResponseValidationError) as refused:
        read(call, answer)
    error = refused.value
    assert error.pointer == f"/{wire}"
    assert (error.status_code, error.request_id, error.response.content) == (status, "req_7", answer.content())
    assert error.request.operation == call.operation
    for part in (f"{call.operation} was done", f"/{wire}"):
        assert part in str(error), part

    model = read(call, answer, strict=False)
    assert model.to_dict() == body
    for attribute, name in model.properties.items():
        if name == wire and not (is_missing and "null" in kinds_of(schema_of(call, wire))):
            with pytest.raises(UnreadableError, match=f"{call.model}.{attribute}"):
                getattr(model, attribute)
        else:
            getattr(model, attribute)


@pytest.mark.parametrize(
    ("call", "properties", "pointer"),
    [
        (CALLS[0], {"id": ""}, "/id"),
        (CALLS[0], {"customId": ""}, "/customId"),
        (CALLS[1], {"maxIterations": 0}, "/maxIterations"),
        (CALLS[1], {"expectedTools": ["a", 1]}, "/expectedTools/1"),
        (CALLS[2], {"sessionsFailed": -1}, "/sessionsFailed"),
        (CALLS[2], {"failures": [FAILURE, {"error": "x"}]}, "/failures/1/sessionId"),
        (CALLS[2], {"failures": [{**FAILURE, "error": None}]}, "/failures/0/error"),
        (CALLS[2], {"failures": [FAILURE, "x"]}, "/failures/1"),
        (CALLS[3], {"id": "9c3d5e7f-1a2b-1c3d-8e4f-5a6b7c8d9e0f"}, "/id"),
        (CALLS[3], {"previous_session_id": "none"}, "/previous_session_id"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_value_outside_its_schema_is_named_by_its_pointer(
    read: Callable[..., Any], call: OperationCall, properties: dict[str, Any], pointer: str
) -> None:
    body = {**answer_of(call.operation)[1], **properties}
    with pytest.raises(ResponseValidationError) as refused:
        read(call, body)
    assert refused.value.pointer == pointer
    assert pointer in str(refused.value)
    assert read(call, body, strict=False).to_dict() == body


def test_a_broken_failure_is_unreadable_by_itself(read: Callable[..., Any]) -> None:
    batch = read(CALLS[2], {**BATCH, "failures": [FAILURE, {"error": 5}]}, strict=False)
    first, second = batch.failures
    assert first.session_id == "ses_999"
    for attribute in ("session_id", "error"):
        with pytest.raises(UnreadableError, match=f"SessionFailure.{attribute}"):
            getattr(second, attribute)


def test_an_unreadable_property_is_an_error_of_the_sdk_and_of_attributes(read_session: Callable[..., Session]) -> None:
    session = read_session(strict=False, isProduction="yes")
    with pytest.raises(UnreadableError, match='expected true or false, got "yes"') as unreadable:
        _ = session.is_production
    assert isinstance(unreadable.value, EvalSessionsError)
    assert isinstance(unreadable.value, AttributeError)
    assert getattr(session, "is_production", None) is None


WHOLE = json.dumps(SESSION).encode()
UNREADABLE = {
    "HTML": Answer(201, "<html><title>Welcome</title></html>", media_type="text/html"),
    "HTML called JSON": Answer(201, "<html><title>Welcome</title></html>"),
    "truncated": Answer(201, WHOLE[:-20]),
    "more after it": Answer(201, WHOLE + b"\n{}"),
    "empty": Answer(201, b""),
    "blank": Answer(201, b" \n"),
    "NUL": Answer(201, b"\x00" + WHOLE),
    "NaN": Answer(201, WHOLE[:-1] + b', "metadata": {"a": NaN}}'),
    "Infinity": Answer(201, WHOLE[:-1] + b', "metadata": {"a": -Infinity}}'),
    "beyond a double": Answer(201, WHOLE[:-1] + b', "metadata": {"a": 1e400}}'),
    "5000 digits": Answer(201, WHOLE[:-1] + b', "metadata": {"a": ' + b"9" * 5000 + b"}}"),
    "invalid UTF-8": Answer(201, WHOLE.replace(b"ses_901", b"ses_\xff")),
    "single quotes": Answer(201, WHOLE.replace(b'"', b"'")),
    "an array": Answer(201, [SESSION]),
    "null": Answer(201, b"null"),
    "a text": Answer(201, b'"created"'),
    "a number": Answer(201, b"201"),
}


@pytest.mark.parametrize("answer", UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize("strict", [True, False])
def test_an_answer_that_cannot_be_read_is_told_as_done_and_kept(
    read: Callable[..., Any], answer: Answer, strict: bool
) -> None:
    with pytest.raises(ResponseValidationError, match="createSession was done") as refused:
        read(CALLS[0], answer, strict=strict)
    assert refused.value.response.content == answer.content()
    assert refused.value.response.status_code == refused.value.status_code == 201
    assert refused.value.pointer == ""


@pytest.mark.parametrize("status", [200, 202, 203, 206, 226, 299])
def test_an_undocumented_success_is_done_and_breaks_the_contract(read: Callable[..., Any], status: int) -> None:
    answer = Answer(status, SESSION)
    with pytest.raises(ResponseValidationError, match=rf"was done.*{status}.*201") as refused:
        read(CALLS[0], answer)
    assert refused.value.status_code == status
    assert read(CALLS[0], answer, strict=False).id == "ses_901"


@pytest.mark.parametrize("status", [204, 205])
def test_a_success_without_content_is_done_and_breaks_the_contract(
    each_transport: Caller, scripted: ScriptedServer, status: int
) -> None:
    scripted.answers(Answer(status, b"", media_type=None))
    made = each_transport.galtea(scripted.url)
    for strict in (True, False):
        with pytest.raises(ResponseValidationError, match="was done"):
            made.session(strict=strict)


@pytest.mark.parametrize(
    "media_type", ["text/html", "text/plain; charset=utf-8", "application/xml", "application/jsonx"]
)
def test_another_media_type_breaks_the_contract(read: Callable[..., Any], media_type: str) -> None:
    answer = Answer(201, SESSION, media_type=media_type)
    with pytest.raises(ResponseValidationError, match="application/json") as refused:
        read(CALLS[0], answer)
    assert media_type.partition(";")[0] in str(refused.value)
    assert read(CALLS[0], answer, strict=False).id == "ses_901"


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "Application/JSON; charset=UTF-8", "application/json;v=1", "application/hal+json"],
)
def test_json_has_several_names(read: Callable[..., Any], media_type: str) -> None:
    assert read(CALLS[0], Answer(201, SESSION, media_type=media_type)).id == "ses_901"


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf" + WHOLE, b" \r\n\t" + WHOLE + b"\n"], ids=["BOM", "white space"])
def test_what_may_stand_around_json_does_no_harm(read: Callable[..., Any], content: bytes) -> None:
    assert read(CALLS[0], Answer(201, content)).to_dict() == SESSION


@pytest.mark.parametrize("said", [b'"\\ud800"', b'"\xed\xa0\x80"'], ids=["escaped", "in bytes"])
def test_a_lone_surrogate_is_kept_or_refused_as_done(read: Callable[..., Any], said: bytes) -> None:
    answer = Answer(201, WHOLE[:-1] + b', "metadata": {"a": ' + said + b"}}")
    try:
        assert read(CALLS[0], answer).metadata == {"a": "\ud800"}
    except ResponseValidationError as error:
        assert error.response.content == answer.content()  # noqa: PT017


def test_a_compressed_answer_is_read_where_one_was_asked_for(each_transport: Caller, scripted: ScriptedServer) -> None:
    scripted.answers(Answer(201, gzip.compress(WHOLE), headers={"Content-Encoding": "gzip"}))
    made = each_transport.galtea(scripted.url)
    if each_transport.kind.is_fast:
        with pytest.raises(ResponseValidationError, match="was done"):
            made.session()
        assert scripted.requests[0].header("Accept-Encoding") in {None, "identity"}
    else:
        assert made.session().to_dict() == SESSION
        assert "gzip" in (scripted.requests[0].header("Accept-Encoding") or "")


@pytest.mark.parametrize(
    "content",
    [b"not gzip", gzip.compress(WHOLE)[:-20], gzip.compress(WHOLE)[:12] + b"x" * 40],
    ids=["plain", "cut", "broken"],
)
def test_an_answer_in_no_coding_that_can_be_read_is_told_as_done(
    each_transport: Caller, scripted: ScriptedServer, content: bytes
) -> None:
    scripted.answers(Answer(201, content, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(ResponseValidationError, match="was done"):
        each_transport.galtea(scripted.url).session()
    assert len(scripted.requests) == 1


def test_what_is_wrong_is_told_without_the_whole_value(read_session: Callable[..., Session]) -> None:
    with pytest.raises(ResponseValidationError) as refused:
        read_session(createdAt="x" * 5000)
    assert len(str(refused.value)) < 300
