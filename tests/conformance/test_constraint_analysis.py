"""Constraint analysis finds every promise of a contract about requests, and says what it cannot work with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from speclock.core.cases import Draft
from speclock.core.constraints import Constraint, Dependency, Oracle, Part, Place
from speclock.core.contract import load_contract
from speclock.core.errors import ContractError
from speclock.core.reading import Reading
from speclock.core.rules import read_rules
from speclock.core.schemas import Schemas
from tests.conformance.constraint_documents import One
from tests.conformance.harness import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from speclock.core.documents import JsonValue

CONTRACT = ROOT / "openapi.yaml"

#: Every request rule of our own contract: its words, its pattern, and the places that it ties.
OURS: dict[str, tuple[str, str, Dependency, list[str]]] = {
    "test-case-session-is-not-production": (
        "createSession",
        "`isProduction` may not be true when `testCaseId` is set",
        Dependency.REQUIRES,
        ["body.testCaseId", "body.isProduction"],
    ),
    "test-case-provides-context": (
        "createSession",
        "`context` may not be set when `testCaseId` is set",
        Dependency.ZERO_OR_ONE,
        ["body.testCaseId", "body.context"],
    ),
    "exactly-one-selection": (
        "createEvaluationsFromSessions",
        "exactly one of these must be so: `sessionIds` is set, `versionId` is set",
        Dependency.ONLY_ONE,
        ["body.sessionIds", "body.versionId"],
    ),
    "metric-has-id-or-name": (
        "createEvaluationsFromSessions",
        "at least one of these must be so: `id` is set, `name` is set",
        Dependency.OR,
        ["body.metrics[].id", "body.metrics[].name"],
    ),
}


@pytest.fixture(scope="module")
def ours() -> dict[str, list[Constraint]]:
    contract = load_contract(CONTRACT)
    oracle = Oracle(contract, Schemas(contract), read_rules(contract)[0])
    analyses = {operation.id: oracle.analysis(operation) for operation in contract.operations}
    assert not any(analysis.unsupported for analysis in analyses.values())
    return {name: list(analysis.constraints) for name, analysis in analyses.items()}


def test_every_request_rule_of_our_contract_is_found_with_its_words(ours: dict[str, list[Constraint]]) -> None:
    found = {
        rule.id: (rule.operation, rule.words, rule.dependency, [str(place) for place in rule.ties])
        for constraints in ours.values()
        for rule in constraints
        if rule.is_rule
    }

    assert found == OURS


def test_a_rule_stands_where_its_keyword_stands(ours: dict[str, list[Constraint]]) -> None:
    lines = CONTRACT.read_text(encoding="utf-8").splitlines()

    for constraints in ours.values():
        for constraint in constraints:
            place, keyword = constraint.location, constraint.keywords[0].name
            assert lines[place.line - 1][place.column - 1 :].startswith(f"{keyword}:"), constraint.id


def test_every_place_and_every_demand_of_our_contract_is_listed_once(ours: dict[str, list[Constraint]]) -> None:
    counts = {name: len(constraints) for name, constraints in ours.items()}

    assert counts == {
        "createSession": 12,
        "createTestCase": 26,
        "createEvaluationsFromSessions": 14,
        "createProjectSession": 13,
    }
    assert {item.id for item in ours["createProjectSession"]} >= {"path.project_id", "body.log_stream_id", "body"}
    for constraints in ours.values():
        assert len({item.id for item in constraints}) == len(constraints)


def test_a_union_of_values_lists_the_keywords_of_its_branches(tmp_path: Path) -> None:
    one = One(
        tmp_path,
        {"type": "object", "properties": {"a": {"anyOf": [{"type": "string", "minLength": 2}, {"type": "null"}]}}},
    )

    names = [keyword.name for keyword in one.analysis.constraint("body.a").keywords]

    assert names == ["anyOf", "type", "minLength", "type"]
    assert [sorted(branch.types) for branch in one.analysis.shapes[Place(Part.BODY)].properties["a"].branches] == [
        ["string"],
        ["null"],
    ]


def test_parameters_of_path_item_and_operation_are_constraints_too(tmp_path: Path) -> None:
    one = One(
        tmp_path,
        path="/a/{id}",
        shared=[
            {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}},
            {"name": "limit", "in": "query", "schema": {"type": "string"}},
        ],
        parameters=[
            {"name": "limit", "in": "query", "required": True, "schema": {"type": "integer", "maximum": 5}},
            {"name": "X-Kind", "in": "header", "schema": {"enum": ["a", "b"]}},
            {"name": "Accept", "in": "header", "schema": {"type": "string"}},
            {"name": "seen", "in": "cookie", "required": True, "schema": {"type": "boolean"}},
            {"name": "filter", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}},
        ],
    )

    assert one.ids() == [
        "path.id:required",
        "path.id",
        "query.limit:required",
        "query.limit",
        "header.X-Kind",
        "cookie.seen:required",
        "cookie.seen",
        "query.filter",
    ]
    good = {"path": {"id": "3"}, "query": {"limit": "5"}, "cookies": {"seen": "true"}}
    assert one.broken_by(Draft(**good)) == []  # type: ignore[arg-type]
    assert one.broken_by(Draft(path={"id": 3}, query={"limit": 5}, cookies={"seen": True})) == []
    assert one.broken_by(Draft(path={"id": "0"}, query={"limit": "6"}, headers={"x-kind": "c"})) == [
        "path.id",
        "query.limit",
        "header.X-Kind",
        "cookie.seen:required",
    ]
    assert one.broken_by(Draft(**{**good, "query": {"limit": "5", "filter": "[]"}})) == ["query.filter"]  # type: ignore[arg-type]
    assert one.broken_by(Draft(**{**good, "query": {"limit": "5", "filter": '{"a": 1}'}})) == []  # type: ignore[arg-type]


def test_openapi_3_0_is_read_in_its_own_dialect(tmp_path: Path) -> None:
    one = One(
        tmp_path,
        {
            "type": "object",
            "required": ["id", "name"],
            "properties": {
                "id": {"type": "string", "readOnly": True},
                "name": {"type": "string", "nullable": True, "enum": ["a", "b"]},
                "size": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
                "kind": {"nullable": True, "oneOf": [{"$ref": "#/components/schemas/Kind"}]},
                "other": {"$ref": "#/components/schemas/Kind", "enum": ["ignored beside a reference"]},
            },
        },
        openapi="3.0.3",
        components={"Kind": {"type": "string", "enum": ["x"]}},
    )

    assert one.ids() == [
        "body:required",
        "body",
        "body.name:required",
        "body.name",
        "body.size",
        "body.kind",
        "body.other",
    ]
    assert one.broken({"name": None, "size": 0.1, "kind": None, "other": "x"}) == []
    assert one.broken({"name": "c", "size": 0, "kind": "y", "other": None}) == [
        "body.name",
        "body.size",
        "body.kind",
        "body.other",
    ]
    assert one.analysis.shapes[Place(Part.BODY)].properties["name"].types == {"string", "null"}


def test_a_schema_that_contains_itself_is_followed_once(tmp_path: Path) -> None:
    node: JsonValue = {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "minLength": 1},
            "left": {"$ref": "#/components/schemas/Node"},
            "others": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
        },
    }
    one = One(tmp_path, {"$ref": "#/components/schemas/Node"}, components={"Node": node})

    left = one.analysis.shapes[Place(Part.BODY)].properties["left"]

    assert left.recursive
    assert not left.properties
    assert one.broken({"name": ""}) == ["body.name"]
    assert one.broken({"name": "a", "left": {"name": "b", "left": {}}}) == ["body.left.left.name:required"]


def test_titles_of_components_and_properties_name_no_rules(tmp_path: Path) -> None:
    item: JsonValue = {
        "title": "Item",
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"title": "Name", "type": "string"},
            "price": {"title": "Price", "anyOf": [{"type": "number", "exclusiveMinimum": 0}, {"type": "null"}]},
            "tags": {"title": "Tags", "type": "array", "items": {"type": "string"}, "uniqueItems": True},
        },
    }
    more: JsonValue = {
        "allOf": [{"$ref": "#/components/schemas/Item"}, {"title": "Own", "type": "object", "required": ["price"]}]
    }
    one = One(tmp_path, more, components={"Item": item})

    assert one.rules == []
    assert "body.price:required" in one.ids()
    assert one.broken({"name": "a", "price": 0, "tags": ["b", "b"]}) == ["body.price", "body.tags"]


def test_rules_are_found_at_every_depth(tmp_path: Path) -> None:
    member: JsonValue = {
        "type": "object",
        "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "at": {"type": "integer"}},
        "anyOf": [{"required": ["id"]}, {"required": ["name"]}],
        "dependentRequired": {"at": ["id"], "name": ["at"]},
    }
    one = One(
        tmp_path,
        {
            "type": "object",
            "properties": {
                "deep": {
                    "type": "object",
                    "minProperties": 1,
                    "properties": {
                        "list": {"type": "array", "items": member},
                        "maybe": {"oneOf": [{"$ref": "#/components/schemas/M"}, {"type": "null"}]},
                    },
                },
                "numbers": {"type": "array", "contains": {"const": 1}, "maxContains": 2},
            },
        },
        components={"M": member},
    )

    assert [rule.id for rule in one.rules] == [
        "body.deep:minProperties",
        "body.deep.list[]:dependentRequired.at",
        "body.deep.list[]:dependentRequired.name",
        "body.deep.list[]:anyOf",
        "body.deep.maybe:dependentRequired.at",
        "body.deep.maybe:dependentRequired.name",
        "body.deep.maybe:anyOf",
        "body.numbers:contains",
    ]
    assert one.broken({"deep": {}}) == ["body.deep:minProperties"]
    assert one.broken({"deep": {"list": [{"at": 1, "name": "x"}]}}) == ["body.deep.list[]:dependentRequired.at"]
    assert one.broken({"deep": {"list": [{"id": "1", "name": "x"}]}}) == ["body.deep.list[]:dependentRequired.name"]
    assert one.broken({"deep": {"list": [{}], "maybe": None}}) == ["body.deep.list[]:anyOf"]
    assert one.broken({"deep": {"maybe": {}}}) == ["body.deep.maybe:anyOf"]
    assert one.broken({"numbers": []}) == ["body.numbers:contains"]
    assert one.broken({"numbers": [1, 1, 1]}) == ["body.numbers:contains"]


def test_shapes_told_apart_by_a_property_are_one_rule(tmp_path: Path) -> None:
    def shape(kind: str, name: str) -> JsonValue:
        return {
            "type": "object",
            "required": ["kind", name],
            "properties": {"kind": {"const": kind}, name: {"type": "integer"}},
        }

    one = One(tmp_path, {"oneOf": [shape("circle", "radius"), shape("square", "side")]})

    (rule,) = one.rules

    assert (rule.id, rule.dependency) == ("body:oneOf", Dependency.COMPLEX)
    assert rule.words == '`body` must have exactly one of 2 shapes: kind "circle"; kind "square"'
    assert one.broken({"kind": "circle", "radius": 1}) == []
    assert one.broken({"kind": "circle", "side": 1}) == ["body:oneOf"]


def test_comparing_values_in_cel_is_the_arithmetic_pattern(tmp_path: Path) -> None:
    one = One(
        tmp_path,
        {"type": "object", "properties": {"low": {"type": "integer"}, "high": {"type": "integer"}}},
        rules=[
            {
                "id": "low-not-above-high",
                "description": "The low is not above the high.",
                "when": "has(request.body.low) && has(request.body.high)",
                "rule": "request.body.low <= request.body.high",
            }
        ],
    )

    (rule,) = one.rules

    assert rule.dependency is Dependency.RELATIONAL
    assert [str(place) for place in rule.ties] == ["body.low", "body.high"]
    assert one.broken({"low": 2, "high": 1}) == ["low-not-above-high"]
    assert one.broken({"low": 1, "high": 1}) == []
    assert one.broken({"low": "x", "high": 1}) == ["body.low"]


BROKEN: list[tuple[str, JsonValue, str]] = [
    ("nowhere", {"$ref": "#/components/schemas/None"}, "leads nowhere"),
    ("outside", {"$ref": "other.yaml#/A"}, "outside"),
    ("circle", {"$ref": "#/components/schemas/A"}, "refers to itself"),
    ("all-of-circle", {"$ref": "#/components/schemas/C"}, "refers to itself"),
    ("no-schema", {"type": "strang"}, "cannot be used"),
    ("no-type-left", {"allOf": [{"type": "string"}, {"type": "integer"}]}, "contradicts itself"),
    ("bounds", {"type": "integer", "minimum": 5, "maximum": 4}, "minimum 5 above maximum 4"),
    ("lengths", {"type": "string", "minLength": 5, "maxLength": 4}, "minLength 5 above maxLength 4"),
    ("enum", {"type": "string", "enum": ["a", "b"], "minLength": 2}, "none of the values"),
    ("forbidden", False, "required and may have no value"),
    ("neither", {"type": "string", "pattern": "(a"}, "does not compile"),
    ("python-only", {"type": "string", "pattern": "^a\\Z"}, "none for ECMA-262"),
    ("python-group", {"type": "string", "pattern": "(?P<x>a)"}, "Python"),
    ("ecma-only", {"type": "string", "pattern": "^\\p{Lu}$"}, "ECMA"),
]


@pytest.mark.parametrize(("schema", "reason"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_what_cannot_be_worked_with_is_said_with_its_place(tmp_path: Path, schema: JsonValue, reason: str) -> None:
    components: dict[str, JsonValue] = {
        "A": {"$ref": "#/components/schemas/B"},
        "B": {"$ref": "#/components/schemas/A"},
        "C": {"allOf": [{"$ref": "#/components/schemas/C"}]},
    }
    body: JsonValue = {"type": "object", "required": ["x"], "properties": {"x": schema, "y": {"type": "integer"}}}

    one = One(tmp_path, body, components=components)

    assert any(reason in said for said in one.reasons), one.reasons
    lines = one.file.read_text().splitlines()
    for part in one.analysis.unsupported:
        assert part.operation == "a"
        assert 1 < part.location.line <= len(lines)


def test_a_pattern_that_nobody_compiles_leaves_the_rest_of_the_body_judged(tmp_path: Path) -> None:
    one = One(
        tmp_path,
        {
            "type": "object",
            "properties": {"x": {"type": "string", "pattern": "(a", "example": "good"}, "y": {"type": "integer"}},
        },
    )

    assert one.broken({"y": "no"}) == ["body.y"]
    assert one.broken({"x": "good"}) == []
    assert one.oracle.broken(one.operation, Draft(body={"x": "who knows"})) is None


ENTRIES: list[tuple[str, str, str]] = [
    ("syntax", "request.body.x <=", "the expression cannot be used"),
    ("property", "request.body.z == 1", "it reads request.body.z, which is not there; there are x, y"),
    ("nested", "request.body.y.b > 1", "it reads request.body.y.b, which is not there; there are a"),
    ("method", "request.body.zz.startsWith('a')", "it reads request.body.zz"),
    ("answer", "response.body.no == 1", "it reads response.body.no, which is not there; there are ok"),
    ("parameter", "request.query.no == 1", "it reads request.query.no, which is not there; there are none"),
]


@pytest.mark.parametrize(("source", "reason"), [row[1:] for row in ENTRIES], ids=[row[0] for row in ENTRIES])
def test_an_entry_that_cannot_be_used_leaves_the_others_in_use(tmp_path: Path, source: str, reason: str) -> None:
    body: JsonValue = {
        "type": "object",
        "properties": {"x": {"type": "integer"}, "y": {"type": "object", "properties": {"a": {"type": "integer"}}}},
    }
    good: JsonValue = {"id": "good", "rule": "!has(request.body.x) || request.body.x > 'a.b'.size()"}
    one = One(tmp_path, body, rules=[{"id": "bad", "rule": source}, good])
    document = json.loads(one.file.read_text())
    operation = document["paths"]["/a"]["post"]
    operation["responses"]["200"]["content"] = {
        "application/json": {"schema": {"type": "object", "properties": {"ok": {"type": "boolean"}}}}
    }
    one.file.write_text(json.dumps(document, indent=1))
    contract = load_contract(one.file)
    rules, refused = read_rules(contract)

    assert [rule.id for rule in rules] == ["good"]
    assert [part.reason for part in refused if reason in part.reason]
    line = one.file.read_text().splitlines()[refused[0].location.line - 1]
    assert line[refused[0].location.column - 1 :].startswith('"rule"')
    with pytest.raises(ContractError, match=r"one\.json:\d+:\d+: the expression cannot be used"):
        Reading.of(one.file, strict=True)
