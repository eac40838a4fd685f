"""A value that may stand only beside others is broken alone all the same: with those others there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from speclock.core.cases import CaseKind
from speclock.generation.planning import OperationPlan
from tests.conformance.constraint_documents import One

if TYPE_CHECKING:
    from pathlib import Path

    from speclock.core.documents import JsonValue

#: `a` needs `b`, said in each way that JSON Schema has.
ENCODINGS: dict[str, JsonValue] = {
    "dependentRequired": {"dependentRequired": {"a": ["b"]}},
    "dependentSchemas": {"dependentSchemas": {"a": {"required": ["b"]}}},
    "if": {"if": {"required": ["a"]}, "then": {"required": ["b"]}},
    "not": {"not": {"required": ["a"], "not": {"required": ["b"]}}},
    "anyOf": {"anyOf": [{"not": {"required": ["a"]}}, {"required": ["b"]}]},
}
PROPERTIES: JsonValue = {"a": {"type": "string", "maxLength": 5}, "b": {"type": "string", "maxLength": 5}}


def plan_of(one: One) -> OperationPlan:
    return OperationPlan(one.analysis, one.oracle, [item.rule for item in one.rules if item.rule is not None])


def broken_alone(plan: OperationPlan, name: str) -> list[JsonValue]:
    return [case.draft.body for case in plan.cases if case.breaks == name and isinstance(case.draft.body, dict)]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_needs_another_property_is_broken_beside_it(encoding: str, tmp_path: Path) -> None:
    tied = ENCODINGS[encoding]
    assert isinstance(tied, dict)
    plan = plan_of(One(tmp_path, {"type": "object", "properties": PROPERTIES, **tied}))

    bodies = broken_alone(plan, "body.a")

    assert any(isinstance(body, dict) and len(str(body["a"])) > 5 and "b" in body for body in bodies)
    assert all(isinstance(body, dict) and "b" in body for body in bodies)
    assert list(plan.gaps()) == []


def test_what_needs_others_in_a_chain_is_broken_beside_all_of_them(tmp_path: Path) -> None:
    properties: JsonValue = {name: {"type": "string", "maxLength": 5} for name in "abc"}
    chain: JsonValue = {"a": ["b"], "b": ["c"]}
    plan = plan_of(One(tmp_path, {"type": "object", "properties": properties, "dependentRequired": chain}))

    assert any(isinstance(body, dict) and body.keys() >= {"a", "b", "c"} for body in broken_alone(plan, "body.a"))


def test_what_only_one_kind_of_a_thing_has_is_broken_in_that_kind(tmp_path: Path) -> None:
    properties: JsonValue = {"kind": {"enum": ["card", "bank"]}, "iban": {"type": "string", "maxLength": 5}}
    condition: JsonValue = {
        "if": {"properties": {"kind": {"const": "card"}}},
        "then": {"properties": {"iban": False}},
    }
    schema: JsonValue = {"type": "object", "required": ["kind"], "properties": properties, **condition}  # type: ignore[dict-item]
    plan = plan_of(One(tmp_path, schema))

    bodies = broken_alone(plan, "body.iban")

    assert bodies
    assert all(isinstance(body, dict) and body["kind"] == "bank" for body in bodies)


def test_a_rule_in_cel_leaves_nothing_out_either(tmp_path: Path) -> None:
    rule: JsonValue = {"id": "needs", "description": "", "rule": "!has(request.body.a) || has(request.body.b)"}
    plan = plan_of(One(tmp_path, {"type": "object", "properties": PROPERTIES}, rules=[rule]))

    assert broken_alone(plan, "body.a")
    (needs,) = [item for item in plan.analysis.constraints if item.id == "needs"]
    assert (str(needs.dependency), needs.words) == ("Requires", "`b` must be set when `a` is set")


def test_a_map_is_sent_with_a_member_of_each_kind(tmp_path: Path) -> None:
    values: JsonValue = {"type": "object", "additionalProperties": {"type": "integer", "maximum": 3}}
    plan = plan_of(One(tmp_path, {"type": "object", "properties": {"x": values}}))

    legal = [case.draft.body for case in plan.cases if case.kind is CaseKind.POSITIVE]

    assert any(isinstance(body, dict) and body.get("x") == {"speclock": 3} for body in legal)
    assert any(isinstance(body, dict) and body.get("x") == {"speclock": 4} for body in broken_alone(plan, "body.x.*"))
    assert list(plan.gaps()) == []


def test_what_contradicts_itself_is_told_with_its_places(tmp_path: Path) -> None:
    plan = plan_of(One(tmp_path, {"type": "object", "allOf": [{"required": ["a"]}, {"not": {"required": ["a"]}}]}))

    (gap,) = plan.gaps()

    assert gap.startswith("no legal request was found to start from: what was tried breaks ")
    assert "one.json:" in gap
