"""The oracle names exactly the constraints that a request breaks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest

from speclock.core.cases import Draft
from speclock.core.constraints import Oracle
from speclock.core.contract import load_contract
from speclock.core.rules import read_rules
from speclock.core.schemas import Schemas
from tests.conformance.constraint_documents import One
from tests.conformance.harness import CONTRACT, ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from speclock.core.contract import Operation
    from speclock.core.documents import JsonValue

OURS = ROOT / "openapi.yaml"


def _oracle(path: Path, operation: str) -> tuple[Oracle, Operation]:
    contract = load_contract(path)
    return Oracle(contract, Schemas(contract), read_rules(contract)[0]), contract.operation(operation)


SESSIONS: list[tuple[JsonValue, list[str]]] = [
    ({"versionId": "v"}, []),
    ({"versionId": "v", "unknown": [1]}, []),
    ({"versionId": "v", "testCaseId": "t", "isProduction": False, "context": None}, []),
    ({"versionId": "v", "testCaseId": None, "isProduction": True, "context": ""}, []),
    ({"versionId": "v", "testCaseId": "t", "isProduction": True}, ["test-case-session-is-not-production"]),
    ({"versionId": "v", "testCaseId": "t", "context": ""}, ["test-case-provides-context"]),
    ({"versionId": "v", "testCaseId": "t", "context": {}}, ["test-case-provides-context"]),
    (
        {"versionId": "v", "testCaseId": "t", "context": "", "isProduction": True},
        ["test-case-session-is-not-production", "test-case-provides-context"],
    ),
    ({}, ["body.versionId:required"]),
    ({"versionId": None}, ["body.versionId"]),
    ({"versionId": ""}, ["body.versionId"]),
    ({"versionId": "v", "isProduction": "true"}, ["body.isProduction"]),
    ({"versionId": "v", "isProduction": "true", "testCaseId": "t"}, ["body.isProduction"]),
    ({"versionId": "v", "context": 5, "metadata": []}, ["body.context", "body.metadata"]),
    ({"versionId": "v", "status": "completed"}, ["body.status"]),
    ({"versionId": "v", "customId": ""}, ["body.customId"]),
    ([], ["body"]),
    (None, ["body"]),
]


@pytest.mark.parametrize(("body", "broken"), SESSIONS, ids=lambda value: json.dumps(value)[:60])
def test_the_constraints_that_a_session_breaks_are_named(body: JsonValue, broken: list[str]) -> None:
    oracle, operation = _oracle(OURS, "createSession")

    found = oracle.broken(operation, Draft(body=body))

    assert found is not None
    assert sorted(found) == sorted(broken)
    known = {item.id for item in oracle.analysis(operation).constraints}
    assert found.keys() <= known


BATCHES: list[tuple[JsonValue, list[str]]] = [
    ({"sessionIds": ["a"]}, []),
    ({"sessionIds": ["a"], "versionId": None, "metrics": [{"id": None, "name": "n", "score": 1}]}, []),
    ({}, ["exactly-one-selection"]),
    ({"sessionIds": ["a"], "versionId": "v"}, ["exactly-one-selection"]),
    ({"versionId": "v", "metrics": [{"id": None}]}, ["metric-has-id-or-name"]),
    ({"versionId": "v", "metrics": [{"id": "i"}, {"score": 0.5}]}, ["metric-has-id-or-name"]),
    ({"versionId": "v", "metrics": [{"id": "i", "score": 1.01}]}, ["body.metrics[].score"]),
    ({"versionId": "v", "metrics": [{"id": ""}]}, ["body.metrics[].id"]),
    ({"versionId": "v", "metrics": ["i"]}, ["body.metrics[]"]),
    ({"versionId": "v", "metrics": {}}, ["body.metrics"]),
    ({"sessionIds": []}, ["body.sessionIds"]),
    ({"sessionIds": ["a", 1]}, ["body.sessionIds[]"]),
]


@pytest.mark.parametrize(("body", "broken"), BATCHES, ids=lambda value: json.dumps(value)[:60])
def test_the_constraints_that_a_batch_breaks_are_named(body: JsonValue, broken: list[str]) -> None:
    oracle, operation = _oracle(OURS, "createEvaluationsFromSessions")

    assert list(oracle.broken(operation, Draft(body=body)) or {}) == broken


@pytest.mark.parametrize(("body", "_broken"), [*SESSIONS], ids=lambda value: json.dumps(value)[:60])
def test_a_second_validator_agrees_on_what_is_legal(body: JsonValue, _broken: list[str]) -> None:
    oracle, operation = _oracle(OURS, "createSession")
    components = load_contract(OURS).document.value["components"]
    peer = jsonschema.Draft202012Validator({"$ref": "#/components/schemas/NewSession", "components": components})

    assert (oracle.broken(operation, Draft(body=body)) == {}) is peer.is_valid(body)


def test_a_missing_body_is_named() -> None:
    oracle, operation = _oracle(CONTRACT, "createLoan")

    assert list(oracle.broken(operation, Draft()) or {}) == ["body:required"]


def test_a_rule_in_cel_is_judged_beside_the_schema() -> None:
    oracle, operation = _oracle(CONTRACT, "createLoan")

    def broken(**more: JsonValue) -> list[str]:
        return list(oracle.broken(operation, Draft(body={"bookId": "b", **more})) or {})

    assert broken(firstDay=2, lastDay=2) == []
    assert broken(firstDay=3, lastDay=2) == ["first-day-not-after-last"]
    assert broken(firstDay=3, lastDay=0) == ["body.lastDay", "first-day-not-after-last"]
    assert broken(firstDay=3, lastDay="0") == ["body.lastDay"]
    assert broken(holdId="h", renewable=True) == ["held-loan-is-not-renewable"]


@pytest.mark.parametrize("value", ["\ud800", 10**400, float("inf"), ["\udfff"], {"\ud800": 1}])
def test_what_not_every_reader_can_hold_is_not_judged(value: JsonValue) -> None:
    oracle, operation = _oracle(CONTRACT, "createLoan")

    assert oracle.broken(operation, Draft(body={"bookId": "b", "extra": value})) is None


UNIONS: list[tuple[str, JsonValue, JsonValue, list[str]]] = [
    ("scalar", {"oneOf": [{"type": "string", "minLength": 2}, {"type": "null"}]}, "a", ["body.x"]),
    ("other-type", {"oneOf": [{"type": "string"}, {"type": "null"}]}, 5, ["body.x"]),
    (
        "object-or-null",
        {"anyOf": [{"type": "object", "required": ["y"], "properties": {"y": {"type": "integer"}}}, {"type": "null"}]},
        {},
        ["body.x.y:required"],
    ),
    (
        "object-or-null-value",
        {"anyOf": [{"type": "object", "properties": {"y": {"type": "integer"}}}, {"type": "null"}]},
        {"y": "a"},
        ["body.x.y"],
    ),
    (
        "nested",
        {
            "oneOf": [
                {"type": "null"},
                {"type": "array", "items": {"anyOf": [{"type": "integer", "minimum": 3}, {"type": "null"}]}},
            ]
        },
        [None, 2],
        ["body.x[]"],
    ),
    (
        "nested-object",
        {
            "anyOf": [
                {"type": "null"},
                {
                    "type": "object",
                    "properties": {
                        "y": {
                            "oneOf": [{"type": "null"}, {"type": "object", "required": ["z"], "properties": {"z": {}}}]
                        }
                    },
                },
            ]
        },
        {"y": {}},
        ["body.x.y.z:required"],
    ),
    ("two-at-once", {"oneOf": [{"type": "number"}, {"type": "integer"}]}, 1, ["body.x"]),
    ("pattern-properties", {"type": "object", "patternProperties": {"^a": {"type": "string"}}}, {"ab": 1}, ["body.x"]),
    ("property-names", {"type": "object", "propertyNames": {"maxLength": 2}}, {"long": 1}, ["body.x"]),
    ("closed", {"type": "object", "properties": {"a": {}}, "additionalProperties": False}, {"b": 1}, ["body.x"]),
    ("open-typed", {"type": "object", "additionalProperties": {"type": "integer"}}, {"b": "c"}, ["body.x.*"]),
    ("forbidden", False, 1, ["body.x"]),
    ("plain-not", {"type": "string", "not": {"const": "no"}}, "no", ["body.x"]),
]


@pytest.mark.parametrize(("schema", "value", "broken"), [row[1:] for row in UNIONS], ids=[row[0] for row in UNIONS])
def test_what_fails_inside_of_a_union_or_object_is_its_own_place(
    tmp_path: Path, schema: JsonValue, value: JsonValue, broken: list[str]
) -> None:
    one = One(tmp_path, {"type": "object", "properties": {"x": schema}})

    found = one.broken({"x": value})

    assert found == broken
    assert set(found) <= set(one.ids())


def test_what_breaks_in_a_condition_is_the_rules(tmp_path: Path) -> None:
    schema: JsonValue = {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "integer", "minimum": 0}},
        "allOf": [
            {
                "title": "long-needs-many",
                "if": {"properties": {"a": {"minLength": 3}}, "required": ["a"]},
                "then": {"properties": {"b": {"minimum": 10}}, "required": ["b"]},
            },
            {"title": "b-needs-a", "dependentSchemas": {"b": {"required": ["a"]}}},
        ],
    }
    one = One(tmp_path, schema)

    assert one.broken({"a": "aaa", "b": 9}) == ["long-needs-many"]
    assert one.broken({"a": "aaa"}) == ["long-needs-many"]
    assert one.broken({"b": 1}) == ["b-needs-a"]
    assert one.broken({"a": "a", "b": -1}) == ["body.b"]
    assert one.broken({"a": "aaa", "b": 10}) == []
