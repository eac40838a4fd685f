"""The seven dependency patterns are recognised in each encoding that JSON Schema offers, and said in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from speclock.core.constraints import ConstraintKind, Dependency
from tests.conformance.constraint_documents import One

if TYPE_CHECKING:
    from pathlib import Path

    from speclock.core.documents import JsonValue

A: JsonValue = {"required": ["a"]}
B: JsonValue = {"required": ["b"]}
C: JsonValue = {"required": ["c"]}
BOTH: JsonValue = {"required": ["a", "b"]}
A_TRUE: JsonValue = {"required": ["a"], "properties": {"a": {"const": True}}}
SET_A: JsonValue = {"required": ["a"], "properties": {"a": {"not": {"type": "null"}}}}

REQUIRES = "`b` must be present when `a` is present"
FORBIDS = "`b` may not be present when `a` is present"
WHEN_TRUE = "`b` must be present when `a` is true"

TABLE: list[tuple[str, dict[str, JsonValue], Dependency, str]] = [
    ("dependentRequired", {"dependentRequired": {"a": ["b"]}}, Dependency.REQUIRES, REQUIRES),
    ("dependentSchemas", {"dependentSchemas": {"a": B}}, Dependency.REQUIRES, REQUIRES),
    ("if-then", {"if": A, "then": B}, Dependency.REQUIRES, REQUIRES),
    ("if-else", {"if": {"not": A}, "else": B}, Dependency.REQUIRES, REQUIRES),
    ("anyOf-not", {"anyOf": [{"not": A}, B]}, Dependency.REQUIRES, REQUIRES),
    ("not-allOf", {"not": {"allOf": [A, {"not": B}]}}, Dependency.REQUIRES, REQUIRES),
    ("if-const", {"if": A_TRUE, "then": B}, Dependency.REQUIRES, WHEN_TRUE),
    ("anyOf-const", {"anyOf": [{"not": A_TRUE}, B]}, Dependency.REQUIRES, WHEN_TRUE),
    (
        "dependentSchemas-const",
        {"dependentSchemas": {"b": A_TRUE}},
        Dependency.REQUIRES,
        "`a` must be true when `b` is present",
    ),
    ("not-required", {"not": BOTH}, Dependency.ZERO_OR_ONE, FORBIDS),
    ("if-then-not", {"if": A, "then": {"not": B}}, Dependency.ZERO_OR_ONE, FORBIDS),
    ("if-then-false", {"if": A, "then": {"properties": {"b": False}}}, Dependency.ZERO_OR_ONE, FORBIDS),
    (
        "dependentSchemas-false",
        {"dependentSchemas": {"a": {"properties": {"b": False}}}},
        Dependency.ZERO_OR_ONE,
        FORBIDS,
    ),
    ("anyOf-not-not", {"anyOf": [{"not": A}, {"not": B}]}, Dependency.ZERO_OR_ONE, FORBIDS),
    (
        "three-at-most-one",
        {"not": {"anyOf": [BOTH, {"required": ["a", "c"]}, {"required": ["b", "c"]}]}},
        Dependency.ZERO_OR_ONE,
        "at most one of these may be so: `a` is present, `b` is present, `c` is present",
    ),
    ("anyOf", {"anyOf": [A, B]}, Dependency.OR, "at least one of these must be so: `a` is present, `b` is present"),
    (
        "not-neither",
        {"not": {"allOf": [{"not": A}, {"not": B}]}},
        Dependency.OR,
        "at least one of these must be so: `a` is present, `b` is present",
    ),
    (
        "if-not-then",
        {"if": {"not": A}, "then": B},
        Dependency.OR,
        "at least one of these must be so: `a` is present, `b` is present",
    ),
    ("minProperties", {"minProperties": 1}, Dependency.OR, "`body` must have at least one property"),
    (
        "oneOf",
        {"oneOf": [A, B]},
        Dependency.ONLY_ONE,
        "exactly one of these must be so: `a` is present, `b` is present",
    ),
    (
        "oneOf-three",
        {"oneOf": [A, B, C]},
        Dependency.ONLY_ONE,
        "exactly one of these must be so: `a` is present, `b` is present, `c` is present",
    ),
    (
        "oneOf-set",
        {"oneOf": [SET_A, B]},
        Dependency.ONLY_ONE,
        "exactly one of these must be so: `a` is set, `b` is present",
    ),
    (
        "if-else-not",
        {"if": A, "then": {"not": B}, "else": B},
        Dependency.ONLY_ONE,
        "exactly one of these must be so: `a` is present, `b` is present",
    ),
    (
        "all-or-none-oneOf",
        {"oneOf": [BOTH, {"not": {"anyOf": [A, B]}}]},
        Dependency.ALL_OR_NONE,
        "all or none of these must be so: `a` is present, `b` is present",
    ),
    (
        "all-or-none-if",
        {"if": A, "then": B, "else": {"not": B}},
        Dependency.ALL_OR_NONE,
        "all or none of these must be so: `a` is present, `b` is present",
    ),
    ("complex", {"anyOf": [BOTH, {"required": ["a", "c"]}, {"required": ["b", "c"]}]}, Dependency.COMPLEX, ""),
    ("maxProperties", {"maxProperties": 2}, Dependency.COMPLEX, "`body` may have at most 2 properties"),
]


@pytest.mark.parametrize(("keywords", "dependency", "words"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
@pytest.mark.parametrize("nested", [False, True], ids=["plain", "allOf"])
def test_a_pattern_is_recognised_in_each_encoding(
    tmp_path: Path, keywords: dict[str, JsonValue], dependency: Dependency, words: str, *, nested: bool
) -> None:
    properties: JsonValue = {
        "a": {"type": ["boolean", "null"]},
        "b": {"type": ["string", "null"]},
        "c": {"type": ["array", "null"], "items": {"type": "integer"}},
    }
    plain: dict[str, JsonValue] = {"type": "object", "properties": properties}
    one = One(tmp_path, {**plain, "allOf": [{"title": "the-rule", **keywords}]} if nested else {**plain, **keywords})

    (rule,) = one.rules

    assert rule.dependency is dependency
    assert rule.kind is ConstraintKind.SCHEMA
    assert rule.words == words if words else rule.words
    assert rule.id == ("the-rule" if nested else next(iter(one.ids()[-1:])))
    assert not one.reasons
