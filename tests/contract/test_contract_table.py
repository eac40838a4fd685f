"""openapi.yaml says what contract.md decided: every operation, every property and every limit, in one table.

The table is written by hand and read as a person would: `text? min 1` is a string of at least one character, or null.
A keyword that the reading does not know is an error, so that none slips in unseen.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.contract_document import Operation, document, operation, operations

OPERATIONS = {
    "createSession": {
        "is": "POST /sessions",
        "at": "https://api.galtea.ai",
        "with": "galteaKey",
        "tag": "Galtea",
        "takes": "NewSession",
        "gives": {"201": "Session"},
        "refuses": "400 401 403 404 409 413 415",
    },
    "createTestCase": {
        "is": "POST /testCases",
        "at": "https://api.galtea.ai",
        "with": "galteaKey",
        "tag": "Galtea",
        "takes": "NewTestCase",
        "gives": {"201": "TestCase"},
        "refuses": "400 401 403 404 413 415",
    },
    "createEvaluationsFromSessions": {
        "is": "POST /evaluations/fromSessions",
        "at": "https://api.galtea.ai",
        "with": "galteaKey",
        "tag": "Galtea",
        "takes": "BatchEvaluationRequest",
        "gives": {"200": "BatchEvaluation"},
        "refuses": "400 401 403 404 413 415",
    },
    "createProjectSession": {
        "is": "POST /v2/projects/{project_id}/sessions",
        "at": "https://api.galileo.ai",
        "with": "galileoKey",
        "tag": "Galileo",
        "takes": "NewProjectSession",
        "gives": {"200": "ProjectSession"},
        "refuses": "401 403 404 413 415 422",
    },
}

SCHEMES = {
    "galteaKey": {"type": "http", "scheme": "bearer"},
    "galileoKey": {"type": "apiKey", "in": "header", "name": "Galileo-API-Key"},
}

UUID_V4 = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$"
VALUES = {
    "JsonObject": "object of anything",
    "UuidV4": f"text format uuid pattern {UUID_V4}",
    "SessionStatus": "text of PENDING, COMPLETED, FAILED",
    "LoggingMethod": "text of playground, python_client, typescript_client, api_direct",
}

# Component -> property -> what it takes; a star marks a required property.
TEST_CASE = {
    "expectedOutput": "text?",
    "expectedTools": "list? of (text)",
    "source": "text?",
    "sourceFile": "text?",
    "confidence": "number?",
    "confidenceReason": "text?",
    "variant": "text?",
    "strategy": "text?",
    "languageCode": "text?",
    "userPersona": "text?",
    "scenario": "text?",
    "goal": "text?",
    "stoppingCriterias": "list? of (text)",
    "maxIterations": "integer? from 1",
    "isAugmented": "boolean?",
    "reviewedById": "text? min 1",
    "userScore": "integer?",
    "userScoreReason": "text?",
}
OBJECTS = {
    "NewSession": {
        "versionId*": "text min 1",
        "customId": "text? min 1",
        "testCaseId": "text? min 1",
        "isProduction": "boolean?",
        "context": "text | JsonObject | null",
        "metadata": "JsonObject | null",
        "status": "SessionStatus default COMPLETED | null",
        "rules": "test-case-session-is-not-production, test-case-provides-context",
    },
    "Session": {
        "id*": "text min 1",
        "versionId*": "text min 1",
        "status*": "SessionStatus",
        "isProduction*": "boolean",
        "createdAt*": "text format date-time",
        "customId": "text? min 1",
        "userId": "text?",
        "testCaseId": "text? min 1",
        "context": "JsonObject | null",
        "stoppingReason": "text?",
        "error": "text?",
        "metadata": "JsonObject | null",
        "deletedAt": "text? format date-time",
    },
    "NewTestCase": {
        "testId*": "text min 1",
        "input": "text | JsonObject | null",
        "context": "text | JsonObject | null",
        **TEST_CASE,
    },
    "TestCase": {
        "id*": "text min 1",
        "testId*": "text min 1",
        "createdAt*": "text format date-time",
        "input": "JsonObject | null",
        "context": "JsonObject | null",
        **TEST_CASE,
        "userId": "text?",
        "creditsUsed": "integer?",
        "sourceTestCaseId": "text?",
        "deletedAt": "text? format date-time",
    },
    "BatchEvaluationRequest": {
        "sessionIds": "list? min 1 of (text min 1)",
        "versionId": "text? min 1",
        "metrics": "list? of (MetricSelection)",
        "specificationIds": "list? of (text min 1)",
        "rules": "exactly-one-selection",
    },
    "MetricSelection": {
        "id": "text? min 1",
        "name": "text?",
        "score": "number? from 0 to 1",
        "rules": "metric-has-id-or-name",
    },
    "BatchEvaluation": {
        "sessionsEvaluated*": "integer from 0",
        "sessionsFailed*": "integer from 0",
        "evaluationsCreated*": "integer from 0",
        "failures*": "list of (SessionFailure)",
        "message*": "text",
        "totalSessionsAvailable*": "integer? from 0",
        "truncated*": "boolean",
    },
    "SessionFailure": {"sessionId*": "text min 1", "error*": "text"},
    "NewProjectSession": {
        "log_stream_id": "UuidV4 | null",
        "experiment_id": "UuidV4 | null",
        "metrics_testing_id": "UuidV4 | null",
        "previous_session_id": "UuidV4 | null",
        "logging_method": "LoggingMethod default api_direct | null",
        "client_version": "text?",
        "reliable": "boolean default True | null",
        "name": "text?",
        "external_id": "text? min 1",
    },
    "ProjectSession": {
        "id*": "UuidV4",
        "name*": "text?",
        "project_id*": "UuidV4",
        "project_name*": "text",
        "previous_session_id": "UuidV4 | null",
        "external_id": "text? min 1",
    },
    "GalteaError": {"message*": "text", "error": "text?", "rule": "text?", "pointer": "text?"},
    "GalileoError": {"detail*": "text"},
    "GalileoValidationError": {"detail*": "list of (ValidationIssue) | text"},
    "ValidationIssue": {"loc*": "list of (text | integer)", "msg*": "text", "type*": "text", "input": "anything"},
}


@pytest.mark.parametrize("op", operations(), ids=lambda op: op.id)
def test_an_operation_is_what_the_table_says(op: Operation) -> None:
    refused = {status: response for status, response in op.responses.items() if status >= "400"}
    assert {
        "is": f"{op.method.upper()} {op.path}",
        "at": only(op.item["servers"])["url"],
        "with": only(only(op.item["security"])),
        "tag": only(op.item["tags"]),
        "takes": read(op.request["schema"]),
        "gives": {status: read_response(op.responses[status]) for status in op.responses.keys() - refused.keys()},
        "refuses": " ".join(sorted(refused)),
    } == OPERATIONS[op.id]
    assert only(op.item["security"]) == {OPERATIONS[op.id]["with"]: []}
    assert op.item["requestBody"]["required"] is True


@pytest.mark.parametrize("op", operations(), ids=lambda op: op.id)
def test_an_error_has_the_form_of_its_platform_and_galtea_sends_a_challenge(op: Operation) -> None:
    galtea = OPERATIONS[op.id]["tag"] == "Galtea"
    for status, response in op.responses.items():
        if status >= "400":
            form = "GalteaError" if galtea else "GalileoValidationError" if status == "422" else "GalileoError"
            assert read_response(response) == form, status
        headers = {name: (header["required"], read(header["schema"])) for name, header in response_headers(response)}
        assert headers == ({"WWW-Authenticate": (True, "text")} if galtea and status == "401" else {}), status


def test_every_operation_is_in_the_table() -> None:
    assert [op.id for op in operations()] == list(OPERATIONS)


def test_only_the_project_is_in_a_path() -> None:
    parameters = {op.id: op.item["parameters"] for op in operations() if "parameters" in op.item}
    assert parameters.keys() == {"createProjectSession"}
    project = only(operation("createProjectSession").item["parameters"])
    assert (project["name"], project["in"], project["required"]) == ("project_id", "path", True)
    assert read(project["schema"]) == "UuidV4"


def test_a_key_is_sent_as_its_platform_takes_it() -> None:
    schemes = document()["components"]["securitySchemes"]
    described = {name: {key: scheme[key] for key in scheme if key != "description"} for name, scheme in schemes.items()}
    assert described == SCHEMES


@pytest.mark.parametrize("name", OBJECTS)
def test_an_object_has_the_properties_that_the_table_says(name: str) -> None:
    schema = document()["components"]["schemas"][name]
    assert schema.keys() <= {"description", "type", "required", "properties", "allOf"}
    assert schema["type"] == "object"
    required = schema.get("required", [])
    found = {f"{key}{'*' * (key in required)}": read(value) for key, value in schema["properties"].items()}
    if "allOf" in schema:
        found["rules"] = ", ".join(rule["title"] for rule in schema["allOf"])
    assert found == OBJECTS[name]
    assert set(required) <= schema["properties"].keys()


@pytest.mark.parametrize("name", VALUES)
def test_a_shared_value_is_what_the_table_says(name: str) -> None:
    assert read(document()["components"]["schemas"][name]) == VALUES[name]


def test_every_component_is_in_the_table() -> None:
    assert document()["components"]["schemas"].keys() == OBJECTS.keys() | VALUES.keys()


def read(schema: Mapping[str, Any]) -> str:
    """A schema in the words of the table."""
    rest = {keyword: value for keyword, value in schema.items() if keyword not in {"description", "examples"}}
    kinds = rest.pop("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    words = {"string": "text", "array": "list"}
    said = " | ".join(words.get(kind, kind) for kind in kinds if kind != "null") + "?" * ("null" in kinds)
    if "$ref" in rest:
        said = rest.pop("$ref").removeprefix("#/components/schemas/")
    if "oneOf" in rest:
        said = " | ".join(read(part) for part in rest.pop("oneOf"))
    if rest.get("additionalProperties") is True:
        del rest["additionalProperties"]
        said += " of anything"
    if "enum" in rest:
        said += f" of {', '.join(rest.pop('enum'))}"
    limits = {
        "minLength": "min",
        "minItems": "min",
        "minimum": "from",
        "maximum": "to",
        "format": "format",
        "pattern": "pattern",
        "default": "default",
    }
    for keyword, word in limits.items():
        if keyword in rest:
            said += f" {word} {rest.pop(keyword)}"
    if "items" in rest:
        said += f" of ({read(rest.pop('items'))})"
    assert not rest, f"{sorted(rest)} is a keyword that the table has no word for"
    return {"?": "null"}.get(said, said) or "anything"


def read_response(response: Mapping[str, Any]) -> str:
    assert response["content"].keys() == {"application/json"}
    return read(response["content"]["application/json"]["schema"])


def response_headers(response: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    return list(response.get("headers", {}).items())


def only(items: Any) -> Any:
    """The single element of a collection."""
    (found,) = items
    return found
