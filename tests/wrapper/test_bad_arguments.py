"""Arguments of every wrong kind: refused before anything is sent, in words, with the place where they are."""

from __future__ import annotations

import dataclasses
import inspect
import math
import re
import uuid
from collections import UserDict
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

import evalsessions
from evalsessions import ContractError, EvalSessionsError
from tests.support.contract_document import document, resolve
from tests.wrapper.faces import CALLS, PROJECT, Caller, OperationCall, answer_of
from tests.wrapper.scripted_server import Answer, ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.support.server_process import ServerProcess

REQUESTS = {
    "createSession": "NewSession",
    "createTestCase": "NewTestCase",
    "createEvaluationsFromSessions": "BatchEvaluationRequest",
    "createProjectSession": "NewProjectSession",
}
OPTIONS = ("timeout", "max_retries", "extra_headers", "extra_body", "validate", "strict")
CREATE_SESSION, CREATE_TEST_CASE, EVALUATE, CREATE_PROJECT_SESSION = CALLS
VERSION_1 = uuid.UUID("5f1e2d3c-4b5a-1978-8a6b-0c1d2e3f4a5b")


@pytest.fixture
def refused(caller: Caller, scripted: ScriptedServer) -> Callable[..., ContractError]:
    """Call an operation with an argument that has to be refused, see that nothing was sent, and return the error."""

    def refuse(call: OperationCall, **arguments: Any) -> ContractError:
        scripted.answers(Answer(*answer_of(call.operation)))
        with pytest.raises(ContractError) as caught:
            caller.for_call(call, scripted.url)(call, **arguments)
        error = caught.value
        assert scripted.requests == []
        assert error.operation == call.operation
        assert str(error).startswith(f"{call.operation} was not sent: ")
        assert error.message in str(error)
        assert not error.message.startswith(":")
        assert len(str(error)) < 600
        str(error).encode()
        error.pointer.encode()
        return error

    return refuse


# --- each argument, by its schema ---


def arguments() -> Iterator[tuple[OperationCall, str, str, Mapping[str, Any]]]:
    """Each argument that is a property of the body: its name here, its name there, and its schema."""
    for call in CALLS:
        schema = document()["components"]["schemas"][REQUESTS[call.operation]]
        for wire, property_schema in schema["properties"].items():
            name = re.sub("([A-Z])", lambda found: "_" + found.group().lower(), wire)
            yield call, name, wire, property_schema


def branches(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    schema = resolve(schema)
    found = schema.get("oneOf") or [schema]
    return [resolve(branch) for branch in found]


def kinds_of(schema: Mapping[str, Any]) -> set[str]:
    kinds: set[str] = set()
    for branch in branches(schema):
        kinds |= set(branch["type"] if isinstance(branch["type"], list) else [branch["type"]])
    return kinds


WRONG: dict[str, list[object]] = {
    "boolean": [True, False],
    "integer": [0, 1, -(10**30)],
    "number": [0.5],
    "string": ["", "text", "\u00e9"],
    "array": [[], ["text"], [{}], (1,)],
    "object": [{}, {"a": 1}],
}


def wrong_types() -> Iterator[Any]:
    for call, name, wire, schema in arguments():
        kinds = kinds_of(schema)
        taken = kinds | ({"integer"} if "number" in kinds else set())
        for kind, values in WRONG.items():
            if kind not in taken:
                yield pytest.param(call, name, wire, values, id=f"{call.operation}-{name}-{kind}")


def wrong_values() -> Iterator[Any]:
    """Values of the right type that the schema does not take."""
    for call, name, wire, schema in arguments():
        for branch in branches(schema):
            values: list[object] = []
            if branch.get("minLength") == 1:
                values.append("")
            if "enum" in branch:
                values += ["", "UNKNOWN", branch["enum"][0].swapcase(), branch["enum"][0] + " "]
            if branch.get("format") == "uuid":
                values += [
                    "",
                    "x",
                    PROJECT[:-1],
                    PROJECT.replace("-", ""),
                    f"{{{PROJECT}}}",
                    VERSION_1,
                    uuid.UUID(int=0),
                ]
            if "minimum" in branch:
                values += [branch["minimum"] - 1, -(10**20)]
            if branch.get("minItems") == 1:
                values.append([])
            if values:
                yield pytest.param(call, name, wire, values, id=f"{call.operation}-{name}")


@pytest.mark.parametrize(("call", "name", "wire", "values"), [*wrong_types(), *wrong_values()])
def test_an_argument_of_the_wrong_type_or_value_is_refused_where_it_is(
    refused: Callable[..., ContractError], call: OperationCall, name: str, wire: str, values: list[object]
) -> None:
    for value in values:
        error = refused(call, **alone(call, name, value))
        assert re.fullmatch(f"/{wire}(/0)?", error.pointer), (value, error)
        assert error.rule is None
        assert "expected " in error.message
        assert "got " in error.message


def alone(call: OperationCall, name: str, value: object) -> dict[str, Any]:
    """The argument, without the other one of a pair of which one is to be sent."""
    return {"session_ids": None, name: value} if call is EVALUATE and name == "version_id" else {name: value}


@pytest.mark.parametrize(("call", "name", "wire", "values"), [*wrong_types(), *wrong_values()])
def test_the_place_is_the_one_that_the_server_tells(
    server: ServerProcess, call: OperationCall, name: str, wire: str, values: list[object]
) -> None:
    arguments = alone(call, name, values[-1])
    key = server.galtea_key if call.face == "Galtea" else server.galileo_key
    with getattr(evalsessions, call.face)(api_key=key, base_url=server.url) as face:
        with pytest.raises(ContractError) as here:
            call(face, **arguments)
        with pytest.raises(evalsessions.APIStatusError) as there:
            call(face, **arguments, validate=False)
    assert there.value.status_code in {400, 422}
    assert here.value.pointer == there.value.pointer


class Unknown:
    pass


@dataclasses.dataclass
class Record:
    a: int = 1


NOT_JSON: dict[str, object] = {
    "bytes": b"text",
    "a bytearray": bytearray(b"text"),
    "a memoryview": memoryview(b"text"),
    "a set": {1, 2},
    "a frozenset": frozenset({"a"}),
    "a datetime": datetime(2026, 3, 2, tzinfo=UTC),
    "a date": date(2026, 3, 2),
    "a Decimal": Decimal("0.5"),
    "a Fraction": Fraction(1, 2),
    "a complex number": 1j,
    "an object": Unknown(),
    "a class": Unknown,
    "a dataclass": Record(),
    "a function": len,
    "a generator": (letter for letter in "abc"),
    "Ellipsis": ...,
    "NaN": math.nan,
    "infinity": math.inf,
    "minus infinity": -math.inf,
    "a number of 400 digits": 10**400,
    "a lone surrogate": "a\ud800",
    "a low surrogate": "\udc00\ud800",
}


@pytest.mark.parametrize("value", NOT_JSON.values(), ids=NOT_JSON)
def test_what_json_cannot_say_is_refused_in_each_argument(refused: Callable[..., ContractError], value: object) -> None:
    for call, name, wire, _ in arguments():
        if name == "session_ids" and not isinstance(value, str | float | int | Record | type | complex):
            continue
        error = refused(call, **alone(call, name, value))
        assert re.fullmatch(rf"/{wire}(/\d+)?", error.pointer), (call.operation, name, error)


PLACES: dict[str, tuple[Callable[[Any], object], str]] = {
    "a member": (lambda bad: {"a": bad}, "/a"),
    "an item": (lambda bad: {"a": [0, bad]}, "/a/1"),
    "deeper": (lambda bad: {"a/b": [{"c~d": {"": (None, [bad])}}]}, "/a~1b/0/c~0d//1/0"),
    "of another mapping": (lambda bad: UserDict(a=UserDict(b=bad)), "/a/b"),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("bad", NOT_JSON.values(), ids=NOT_JSON)
def test_what_json_cannot_say_is_refused_where_it_is(
    refused: Callable[..., ContractError], bad: object, place: tuple[Callable[[Any], object], str]
) -> None:
    around, pointer = place
    for call, name, wire in (
        (CREATE_SESSION, "metadata", "metadata"),
        (CREATE_SESSION, "context", "context"),
        (CREATE_TEST_CASE, "input", "input"),
    ):
        error = refused(call, **{name: around(bad)})
        assert error.pointer == f"/{wire}{pointer}"
        assert error.__cause__ is not None


@pytest.mark.parametrize(
    "name", [1, 1.5, None, True, b"a", (1, 2), "a\ud800", Unknown()], ids=lambda name: type(name).__name__
)
def test_a_name_that_is_no_text_is_refused(refused: Callable[..., ContractError], name: object) -> None:
    assert refused(CREATE_SESSION, metadata={"a": 1, name: 2}).pointer.startswith("/metadata")
    assert refused(CREATE_SESSION, context={"b": [{name: 2}]}).pointer.startswith("/context/b/0")


def cyclic_mapping() -> dict[str, object]:
    value: dict[str, object] = {}
    value["a"] = [value]
    return value


def cyclic_list() -> dict[str, object]:
    value: list[object] = []
    value.append({"a": value})
    return {"x": value}


@pytest.mark.parametrize(("make", "pointer"), [(cyclic_mapping, "/a/0"), (cyclic_list, "/x/0/a")])
def test_a_value_that_contains_itself_is_refused(
    refused: Callable[..., ContractError], make: Callable[[], dict[str, object]], pointer: str
) -> None:
    error = refused(CREATE_SESSION, metadata=make())
    assert error.pointer == f"/metadata{pointer}"
    assert "contains itself" in error.message


def test_a_value_that_occurs_twice_does_not_contain_itself(caller: Caller, scripted: ScriptedServer) -> None:
    scripted.answers(Answer(*answer_of("createSession")))
    shared = {"a": [1]}
    caller.galtea(scripted.url).session(metadata={"one": shared, "two": [shared, shared]})
    assert scripted.requests[0].json()["metadata"] == {"one": shared, "two": [shared, shared]}


@pytest.mark.parametrize("depth", [300, 2_000, 50_000])
@pytest.mark.parametrize("kind", ["objects", "arrays"])
def test_a_value_of_any_depth_is_sent_as_it_is_or_refused(
    caller: Caller, scripted: ScriptedServer, depth: int, kind: str
) -> None:
    scripted.answers(Answer(*answer_of("createSession")))
    value: object = 1
    for _ in range(depth):
        value = {"a": value} if kind == "objects" else [value]
    made = caller.galtea(scripted.url)
    if depth == 300:
        made.session(metadata={"deep": value})
        opening = b'{"a":' if kind == "objects" else b"["
        assert scripted.requests[0].body.count(opening) == depth
    else:
        with pytest.raises(ContractError) as caught:
            made.session(metadata={"deep": value})
        assert scripted.requests == []
        assert caught.value.pointer.startswith("/metadata")
        assert caught.value.message.startswith("/metadata")
        assert len(str(caught.value)) < 600


# --- the arguments that are no plain property ---


@pytest.mark.parametrize(
    "project_id",
    [
        "",
        "x",
        None,
        5,
        b"6f1e",
        "..",
        "../..",
        "a/b",
        PROJECT + "/",
        " " + PROJECT,
        PROJECT + "\n",
        PROJECT[:-1],
        "\ud800",
        [PROJECT],
        VERSION_1,
        Unknown(),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_a_project_that_is_no_uuid_of_version_4_is_refused(
    refused: Callable[..., ContractError], project_id: object
) -> None:
    error = refused(CREATE_PROJECT_SESSION, project_id=project_id)
    assert error.pointer == ""
    assert "project_id" in error.message
    assert "UUID of version 4" in error.message


@pytest.mark.parametrize(
    ("session_ids", "pointer"),
    [
        ("ses_123", "/sessionIds"),
        (b"ses_123", "/sessionIds"),
        ({"ses_123": 1}, "/sessionIds"),
        (5, "/sessionIds"),
        ([], "/sessionIds"),
        (frozenset(), "/sessionIds"),
        ([""], "/sessionIds/0"),
        (["ses_123", ""], "/sessionIds/1"),
        (["ses_123", None], "/sessionIds/1"),
        (["ses_123", 5, 5], "/sessionIds/1"),
        (["ses_123", ["ses_456"]], "/sessionIds/1"),
        (["ses_123", {"id": "ses_456"}], "/sessionIds/1"),
        (["ses_123", b"ses_456"], "/sessionIds/1"),
        (["ses_123", "\ud800"], "/sessionIds/1"),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_session_ids_that_are_no_list_of_ids_are_refused(
    refused: Callable[..., ContractError], session_ids: object, pointer: str
) -> None:
    assert refused(EVALUATE, session_ids=session_ids).pointer == pointer


@pytest.mark.parametrize("bad", ["", 5, None, "\ud800"], ids=ascii)
def test_a_bad_id_behind_the_first_thousand_is_refused_before_anything_is_sent(
    refused: Callable[..., ContractError], bad: object
) -> None:
    ids: list[object] = [f"ses_{number}" for number in range(2500)]
    ids[1700] = bad
    assert "/sessionIds" in refused(EVALUATE, session_ids=ids).pointer


@pytest.mark.parametrize(
    ("metrics", "pointer"),
    [
        ("metric_123", "/metrics"),
        ({"id": "metric_123"}, "/metrics"),
        (5, "/metrics"),
        (["metric_123"], "/metrics/0"),
        ([None], "/metrics/0"),
        ([5], "/metrics/0"),
        ([[]], "/metrics/0"),
        ([("id", "metric_123")], "/metrics/0"),
        ([{"id": "m"}, {"id": ""}], "/metrics/1/id"),
        ([{"id": 5}], "/metrics/0/id"),
        ([{"name": 5}], "/metrics/0/name"),
        ([{"id": "m", "score": 1.5}], "/metrics/0/score"),
        ([{"id": "m", "score": -1}], "/metrics/0/score"),
        ([{"id": "m", "score": "0.5"}], "/metrics/0/score"),
        ([{"id": "m", "score": True}], "/metrics/0/score"),
        ([{"id": "m", "score": math.nan}], "/metrics/0/score"),
        ([{"id": "m", "more": {1, 2}}], "/metrics/0/more"),
        ([{"id": "m", 5: 1}], "/metrics/0"),
        ([{"id": "m", "more": "\ud800"}], "/metrics/0/more"),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_metrics_that_are_no_list_of_metrics_are_refused(
    refused: Callable[..., ContractError], metrics: object, pointer: str
) -> None:
    assert refused(EVALUATE, metrics=metrics).pointer == pointer


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_what_is_added_to_the_body_is_judged_with_it(
    refused: Callable[..., ContractError], call: OperationCall
) -> None:
    assert refused(call, extra_body={"more": math.nan}).pointer == "/more"
    wire = next(iter(document()["components"]["schemas"][REQUESTS[call.operation]]["properties"]))
    assert refused(call, extra_body={wire: 5}).pointer == f"/{wire}"


def test_several_faults_are_told_together_and_the_first_by_its_place(refused: Callable[..., ContractError]) -> None:
    error = refused(CREATE_SESSION, version_id="", is_production="yes", status="DONE", test_case_id="tc_123")
    for pointer in ("/versionId", "/isProduction", "/status"):
        assert f"{pointer}: expected" in error.message
    assert error.pointer in {"/versionId", "/isProduction", "/status"}
    assert error.message.startswith(error.pointer)


def test_a_long_value_is_not_told_whole(refused: Callable[..., ContractError]) -> None:
    error = refused(CREATE_SESSION, status="x" * 10_000)
    assert "x" * 20 in str(error)
    assert "x" * 200 not in str(error)


# --- arguments that Python refuses ---


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_none_for_what_is_required_is_refused(refused: Callable[..., ContractError], call: OperationCall) -> None:
    (name,) = call.least
    error = refused(call, **{name: None})
    if call is EVALUATE:
        assert error.rule == "exactly-one-selection"
    elif call is not CREATE_PROJECT_SESSION:
        assert error.pointer == "/" + {"version_id": "versionId", "test_id": "testId"}[name]
        assert "required" in error.message


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_an_argument_that_does_not_exist_or_is_missing_is_a_type_error(
    caller: Caller, scripted: ScriptedServer, call: OperationCall
) -> None:
    made = caller.for_call(call, scripted.url)
    for unknown in ("versionId", "unknown", "api_key", "self_"):
        with pytest.raises(TypeError, match=unknown):
            made(call, **{unknown: "x"})
    method = getattr(call.creator(made.face), call.method)
    if call is not EVALUATE:
        (required,) = call.least
        with pytest.raises(TypeError, match=required):
            caller.result(method())
    assert scripted.requests == []


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_each_property_of_the_contract_is_an_argument_and_each_argument_a_property(call: OperationCall) -> None:
    creator = call.creator(getattr(evalsessions, call.face)(api_key="gsk_0123456789"))
    parameters = list(inspect.signature(getattr(creator, call.method)).parameters)
    named = [name for other, name, _, _ in arguments() if other is call]
    path = ["project_id"] if call is CREATE_PROJECT_SESSION else []
    assert sorted(parameters) == sorted([*path, *named, "options"])


def test_an_error_of_the_callers_own_iterable_is_theirs(caller: Caller, scripted: ScriptedServer) -> None:
    def ids() -> Iterator[str]:
        yield "ses_123"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        caller.galtea(scripted.url).evaluations(session_ids=ids())
    assert scripted.requests == []


def test_a_contract_error_is_an_error_of_the_sdk_and_none_of_the_api() -> None:
    assert issubclass(ContractError, EvalSessionsError)
    assert not issubclass(ContractError, evalsessions.APIError)
