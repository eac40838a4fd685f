"""The request rules of the contract, enforced before anything is sent: those that there are, and those to come."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
import yaml

from evalsessions import BadRequestError, ContractError
from tests.support.contract_document import ROOT, document, operation
from tests.wrapper.faces import CALLS, GALTEA_KEY, PROJECT, SESSION, Caller, OperationCall, answer_of
from tests.wrapper.scripted_server import Answer, ScriptedServer, scripted_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.support.server_process import ServerProcess

CREATE_SESSION, CREATE_TEST_CASE, EVALUATE, CREATE_PROJECT_SESSION = CALLS

Example: TypeAlias = "tuple[OperationCall, str, dict[str, Any]]"


# --- the rules that there are ---


def invalid_examples() -> Iterator[Any]:
    for call in CALLS:
        for name, example in operation(call.operation).request.get("x-invalid-examples", {}).items():
            invalid = (call, example["rule"], arguments_of(call, example["value"]))
            yield pytest.param(invalid, id=f"{call.operation}-{name}")


def arguments_of(call: OperationCall, body: dict[str, Any]) -> dict[str, Any]:
    given = {re.sub("([A-Z])", lambda found: "_" + found.group().lower(), wire): value for wire, value in body.items()}
    return {**dict.fromkeys(call.least), **given}


def test_every_named_rule_has_an_invalid_example() -> None:
    named = {
        rule["title"] for schema in document()["components"]["schemas"].values() for rule in schema.get("allOf", ())
    }
    assert {parameters.values[0][1] for parameters in invalid_examples()} == named


@pytest.mark.parametrize("example", list(invalid_examples()))
def test_an_invalid_example_is_refused_here_in_the_words_of_the_server(
    caller: Caller, scripted: ScriptedServer, server: ServerProcess, example: Example
) -> None:
    call, rule, arguments = example
    with pytest.raises(ContractError) as here:
        caller.for_call(call, scripted.url)(call, **arguments)
    assert scripted.requests == []

    made = caller.for_call(call, server.url, api_key=server.galtea_key)
    with pytest.raises(BadRequestError) as there:
        made(call, **arguments, validate=False)
    said = there.value.response.json()
    assert isinstance(said, dict)
    error = here.value
    assert (error.rule, error.pointer, error.message) == (said["rule"], said["pointer"], said["message"])
    assert (error.rule, error.operation) == (rule, call.operation)
    assert (there.value.rule, there.value.pointer, there.value.message) == (error.rule, error.pointer, error.message)
    for part in (call.operation, error.message, rule):
        assert part in str(error)


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_an_invalid_example_is_refused_for_a_raw_response_too(
    caller: Caller, scripted: ScriptedServer, call: OperationCall
) -> None:
    for example in operation(call.operation).request.get("x-invalid-examples", {}).values():
        with pytest.raises(ContractError, match=example["rule"]):
            caller.for_call(call, scripted.url).raw(call, **arguments_of(call, example["value"]))
    assert scripted.requests == []


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"is_production": True},
        {"is_production": False},
        {"is_production": True, "context": "x"},
        {"is_production": False, "context": {}},
        {"test_case_id": "tc_123"},
        {"test_case_id": "tc_123", "is_production": False},
        {"test_case_id": "tc_123", "is_production": None, "context": None},
    ],
    ids=str,
)
def test_every_legal_shape_of_a_session_is_accepted_here_and_there(
    caller: Caller, server: ServerProcess, arguments: dict[str, Any]
) -> None:
    session = caller.galtea(server.url, api_key=server.galtea_key).session(**arguments)
    assert session.test_case_id == arguments.get("test_case_id")


def test_both_rules_broken_name_the_first_as_the_server_does(caller: Caller, server: ServerProcess) -> None:
    made = caller.galtea(server.url, api_key=server.galtea_key)
    arguments = {"test_case_id": "tc_123", "is_production": True, "context": "x"}
    with pytest.raises(ContractError) as here:
        made.session(**arguments)
    with pytest.raises(BadRequestError) as there:
        made.session(**arguments, validate=False)
    assert here.value.rule == there.value.rule == "test-case-session-is-not-production"
    assert here.value.message == there.value.message
    assert here.value.pointer == there.value.pointer


# --- the rules to come ---


def add_rules(contract: dict[str, Any]) -> None:
    """Rules of every kind that the contract can say, and other promises about requests."""
    schemas = contract["components"]["schemas"]
    schemas["NewSession"]["allOf"] += [
        {
            "title": "failed-session-is-not-production",
            "description": "a failed session is not production: remove status, or send another",
            "not": {
                "type": "object",
                "required": ["isProduction", "status"],
                "properties": {"isProduction": {"const": True}, "status": {"const": "FAILED"}},
            },
        },
        {
            "title": "pending-session-has-metadata",
            "description": "a pending session needs metadata",
            "if": {"type": "object", "required": ["status"], "properties": {"status": {"const": "PENDING"}}},
            "then": {"required": ["metadata"]},
        },
    ]
    schemas["NewSession"]["properties"]["customId"]["maxLength"] = 8
    schemas["NewTestCase"]["allOf"] = [
        {
            "title": "reason-has-a-score",
            "description": "a reason for a score needs the score",
            "dependentRequired": {"userScoreReason": ["userScore"]},
        },
        {
            "title": "persona-has-a-scenario",
            "description": "a persona needs a scenario",
            "dependentSchemas": {"userPersona": {"required": ["scenario"]}},
        },
    ]
    schemas["NewProjectSession"]["allOf"] = [
        {
            "title": "one-home-at-most",
            "description": "send at most one of log_stream_id and experiment_id",
            "oneOf": [
                {"not": {"anyOf": [{"required": ["log_stream_id"]}, {"required": ["experiment_id"]}]}},
                {"required": ["log_stream_id"]},
                {"required": ["experiment_id"]},
            ],
        }
    ]
    schemas["MetricSelection"]["allOf"].append(
        {
            "title": "score-has-an-id",
            "description": "a metric with a score needs its id",
            "dependentRequired": {"score": ["id"]},
        }
    )
    operations = {item["operationId"]: item for path in contract["paths"].values() for item in path.values()}
    operations["createTestCase"]["x-contract-rules"] += [
        {
            "id": "score-is-at-most-five",
            "description": "a user score is at most 5",
            "when": "has(request.body.userScore) && request.body.userScore != null",
            "rule": "request.body.userScore <= 5",
        },
        {
            "id": "tools-are-named-once",
            "description": "name each tool once",
            "rule": (
                "!has(request.body.expectedTools)"
                " || size(distinct(request.body.expectedTools)) == size(request.body.expectedTools)"
            ),
        },
        {
            "id": "says-something-of-the-answer",
            "description": "the request is all right, whatever the answer is",
            "rule": 'response.body.id == "request" && request.body.testId != ""',
        },
    ]
    operations["createTestCase"]["x-retry"] = {"when": "request.body.sourceFile"}
    operations["createSession"]["x-retry"] = "never"
    operations["createProjectSession"]["x-contract-rules"].append(
        {
            "id": "session-is-not-its-project",
            "description": "the previous session is no project",
            "rule": (
                "!has(request.body.previous_session_id) || request.body.previous_session_id != request.path.project_id"
            ),
        }
    )
    operations["createSession"]["servers"] = [{"url": "https://elsewhere.example"}]


@pytest.fixture(scope="module")
def changed_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A client that was generated anew after openapi.yaml got more rules; nothing of the wrapper was touched."""
    workspace = tmp_path_factory.mktemp("workspace")
    for file in ("openapi.yaml", "generator-config.yaml", "LICENSE", "pyproject.toml"):
        shutil.copyfile(ROOT / file, workspace / file)
    for folder in ("tools", "pins", "generator-templates", "generated_client"):
        shutil.copytree(ROOT / folder, workspace / folder, ignore=shutil.ignore_patterns("__pycache__"))
    contract: dict[str, Any] = yaml.safe_load((workspace / "openapi.yaml").read_text(encoding="utf-8"))
    add_rules(contract)
    written = yaml.safe_dump(contract, sort_keys=False, allow_unicode=True)
    (workspace / "openapi.yaml").write_text(written, encoding="utf-8")
    made = subprocess.run(
        [sys.executable, "-m", "tools.generate"],
        cwd=workspace,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return workspace / "generated_client"


PROGRAM = """
import json, sys
import evalsessions, evalsessions_client
assert evalsessions_client.__file__.startswith(sys.argv[1]), evalsessions_client.__file__
url = sys.argv[2]
for face, resource, method, arguments in json.load(sys.stdin):
    with getattr(evalsessions, face)(api_key="gsk_0123456789abcdef", base_url=url) as made:
        try:
            getattr(getattr(made, resource), method)(**arguments)
        except evalsessions.ContractError as error:
            print(json.dumps([error.message, error.rule, error.pointer]))
        except evalsessions.EvalSessionsError as error:
            print(json.dumps([type(error).__name__]))
        else:
            print(json.dumps(["done"]))
"""


@pytest.fixture
def with_changed_client(changed_client: Path) -> Callable[..., list[Any]]:
    """Make calls in a process that has the changed client, and return what became of each."""

    def run(url: str, *calls: tuple[OperationCall, dict[str, Any]]) -> list[Any]:
        asked = [[call.face, call.resource, call.method, {**call.least, **arguments}] for call, arguments in calls]
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(changed_client), url],
            env={**os.environ, "PYTHONPATH": str(changed_client)},
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return run


UUID = "0b7c1f7e-2f3a-4c8e-9d55-6a1b2c3d4e5f"
# Arguments, and the message, the rule and the place that they are refused with.
ADDED: list[tuple[OperationCall, dict[str, Any], list[str]]] = [
    (
        CREATE_SESSION,
        {"is_production": True, "status": "FAILED"},
        [
            "/status: a failed session is not production: remove status, or send another",
            "failed-session-is-not-production",
            "/status",
        ],
    ),
    (
        CREATE_SESSION,
        {"status": "PENDING"},
        ["a pending session needs metadata", "pending-session-has-metadata", ""],
    ),
    (
        CREATE_TEST_CASE,
        {"user_score_reason": "x"},
        ["a reason for a score needs the score", "reason-has-a-score", ""],
    ),
    (CREATE_TEST_CASE, {"user_persona": "x"}, ["a persona needs a scenario", "persona-has-a-scenario", ""]),
    (
        CREATE_PROJECT_SESSION,
        {"log_stream_id": UUID, "experiment_id": UUID},
        ["send at most one of log_stream_id and experiment_id", "one-home-at-most", ""],
    ),
    (
        EVALUATE,
        {"metrics": [{"id": "m"}, {"name": "n", "score": 1}]},
        ["/metrics/1: a metric with a score needs its id", "score-has-an-id", "/metrics/1"],
    ),
    (CREATE_TEST_CASE, {"user_score": 6}, ["a user score is at most 5", "score-is-at-most-five", ""]),
    (CREATE_TEST_CASE, {"expected_tools": ["a", "b", "a"]}, ["name each tool once", "tools-are-named-once", ""]),
    (
        CREATE_PROJECT_SESSION,
        {"previous_session_id": PROJECT},
        ["the previous session is no project", "session-is-not-its-project", ""],
    ),
]
KEPT: list[tuple[OperationCall, dict[str, Any]]] = [
    (CREATE_SESSION, {"is_production": True, "status": "COMPLETED"}),
    (CREATE_SESSION, {"is_production": False, "status": "FAILED"}),
    (CREATE_SESSION, {"status": "PENDING", "metadata": {}}),
    (CREATE_SESSION, {"custom_id": "12345678"}),
    (CREATE_TEST_CASE, {"user_score_reason": "x", "user_score": 5, "user_persona": "x", "scenario": "y"}),
    (CREATE_TEST_CASE, {"expected_tools": ["a", "b"]}),
    (CREATE_PROJECT_SESSION, {"log_stream_id": UUID}),
    (EVALUATE, {"metrics": [{"id": "m", "score": 1}]}),
]


def right_answer(target: str) -> Answer:
    (call,) = [call for call in CALLS if call.path == target]
    return Answer(*answer_of(call.operation))


def test_a_rule_that_is_added_to_the_contract_is_enforced_after_regeneration(
    with_changed_client: Callable[..., list[Any]], scripted: ScriptedServer
) -> None:
    got = with_changed_client(scripted.url, *[(call, arguments) for call, arguments, _ in ADDED])
    assert got == [refusal for _, _, refusal in ADDED]
    assert scripted.requests == []


def test_what_the_added_rules_allow_is_sent(
    with_changed_client: Callable[..., list[Any]], scripted: ScriptedServer
) -> None:
    scripted.answers_by(lambda request: right_answer(request.target))
    assert with_changed_client(scripted.url, *KEPT) == [["done"]] * len(KEPT)
    assert len(scripted.requests) == len(KEPT)


def test_a_limit_that_is_added_to_a_property_is_enforced_after_regeneration(
    with_changed_client: Callable[..., list[Any]], scripted: ScriptedServer
) -> None:
    ((message, rule, pointer),) = with_changed_client(scripted.url, (CREATE_SESSION, {"custom_id": "123456789"}))
    assert (rule, pointer) == (None, "/customId")
    assert message.startswith("/customId: expected ")
    assert re.search(r"\b8\b", message), "what would be right is not told"
    assert scripted.requests == []


def test_the_rules_that_there_were_are_still_enforced(
    with_changed_client: Callable[..., list[Any]], scripted: ScriptedServer
) -> None:
    calls = [(call, arguments) for call, _, arguments in (example.values[0] for example in invalid_examples())]
    got = with_changed_client(scripted.url, *calls)
    assert [rule for _, rule, _ in got] == [example.values[0][1] for example in invalid_examples()]
    assert scripted.requests == []


def test_what_may_be_repeated_is_what_the_contract_says(
    with_changed_client: Callable[..., list[Any]], scripted: ScriptedServer
) -> None:
    lost = Answer(502, headers={"Retry-After": "0"})
    status, body = answer_of("createTestCase")
    scripted.answers(lost, Answer(status, body))
    assert with_changed_client(scripted.url, (CREATE_TEST_CASE, {"source_file": "quiz.csv"})) == [["done"]]
    assert len(scripted.requests) == 2
    with scripted_server() as other:
        other.answers(lost, Answer(201, SESSION))
        got = with_changed_client(other.url, (CREATE_SESSION, {"custom_id": "mine"}))
        assert got == [["AmbiguousOutcomeError"]]
        assert len(other.requests) == 1


def test_the_address_of_the_service_is_the_contracts(changed_client: Path) -> None:
    program = f"import evalsessions; print(evalsessions.Galtea(api_key={GALTEA_KEY!r}).base_url)"
    environment = {name: value for name, value in os.environ.items() if name != "GALTEA_API_URL"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**environment, "PYTHONPATH": str(changed_client)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "https://elsewhere.example\n"
