"""The truth table of a rule: shapes that a person reads at once, counted for what was expected and what came."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from speclock.core.cases import Answer, Case, CaseKind, Demand, Draft, Exchange, Request
from speclock.core.secrets import Secrets
from speclock.engine.truth import TruthTables
from speclock.reporting.merging import merge_reports
from speclock.reporting.report import build_report, report_schema
from tests.conformance.constraint_documents import One
from tests.conformance.harness import check_app

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from speclock.core.documents import JsonValue
    from speclock.engine.events import TruthRow

TEXT: JsonValue = {"type": ["string", "null"]}
PAIR: dict[str, JsonValue] = {"not": {"required": ["a", "b"]}}


class Table:
    """The truth table of the one rule of a contract, filled by hand."""

    def __init__(self, folder: Path, body: JsonValue, rules: list[JsonValue] | None = None, **more: Any) -> None:
        self.one = One(folder, body, rules=rules, **more)
        (self.rule,) = self.one.rules
        self.tables = TruthTables()
        self.tables.promise(self.one.analysis)

    def note(self, draft: Draft | None, status: int = 200, *, refused: bool | None = None, **more: Any) -> None:
        """An answer to a legal request, or with `refused` to one that breaks the rule alone."""
        kind = CaseKind.POSITIVE if refused is None else CaseKind.NEGATIVE
        given = {"breaks": None if refused is None else self.rule.id} | more
        case = Case(self.one.operation, "combinations", given.pop("kind", kind), "by hand", draft=draft, **given)
        request = Request("POST", "http://x/a", "/a", "/a", {}, b"", {})
        self.tables.note(Exchange(case, request, Answer(status, {}, b"", 0.0)), refused=bool(refused))

    def rows(self) -> tuple[TruthRow, ...]:
        return self.tables.rows("a", self.rule)

    def shape(self, body: JsonValue) -> tuple[str, ...]:
        """How one request is told."""
        self.tables.promise(self.one.analysis)
        self.note(Draft(body=body))
        (row,) = self.rows()
        assert list(row.shape) == [str(place) for place in self.rule.ties]
        return tuple(row.shape.values())


def an_object(**properties: JsonValue) -> dict[str, JsonValue]:
    return {"type": "object", "properties": properties}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        ("", "empty text"),
        ("some", "text"),
        ("RED", '"RED"'),
        (7, "7"),
        (1.5, "number"),
        (8, "number"),
        ([], "empty array"),
        ([1], "array"),
        ({}, "empty object"),
        ({"x": 1}, "object"),
    ],
)
def test_each_sort_of_value_has_a_word_and_each_listed_value_is_told_as_itself(
    value: JsonValue, told: str, tmp_path: Path
) -> None:
    table = Table(tmp_path, {**an_object(a={"enum": ["RED", 7, value]} if told[0] in '"7' else {}, b=TEXT), **PAIR})

    assert table.shape({"a": value}) == (told, "absent")


def test_the_values_of_a_long_enumeration_are_text_but_for_those_that_the_rule_speaks_of(tmp_path: Path) -> None:
    colours: list[JsonValue] = [f"colour {number}" for number in range(40)]
    rule: JsonValue = {"id": "r", "rule": "request.body.a != 'colour 3' || has(request.body.b)"}
    table = Table(tmp_path, {**an_object(a={"enum": colours}, b=TEXT), "required": ["a"]}, [rule])

    assert table.shape({"a": "colour 4"})[0] == "text"
    assert table.shape({"a": "colour 3"})[0] == '"colour 3"'


def test_a_rule_that_compares_two_values_is_told_by_how_they_compare(tmp_path: Path) -> None:
    number: JsonValue = {"type": "integer", "minimum": 1, "maximum": 366}
    rule: JsonValue = {
        "id": "r",
        "rule": "!has(request.body.a) || !has(request.body.b) || request.body.a <= request.body.b",
    }
    table = Table(tmp_path, an_object(a=number, b=number), [rule])

    assert table.shape({"a": 2, "b": 9}) == ("lower number", "higher number")
    assert table.shape({"a": 9, "b": 2}) == ("higher number", "lower number")
    assert table.shape({"a": 9, "b": 9}) == ("equal number", "equal number")
    assert table.shape({"a": 9}) == ("number", "absent")


def test_members_of_an_array_that_differ_are_all_named(tmp_path: Path) -> None:
    member: dict[str, JsonValue] = {**an_object(a=TEXT, b=TEXT), **PAIR}
    table = Table(tmp_path, an_object(list={"type": "array", "items": member}))

    assert table.shape({"list": [{"a": "x"}, {"a": "y"}]}) == ("text", "absent")
    assert table.shape({"list": [{"a": "x"}, {"b": None}]}) == ("absent and text", "absent and null")
    nothing: list[JsonValue] = [{"list": []}, {"list": None}, {}]
    for body in nothing:
        assert table.shape(body) == ("no object", "no object")


def test_a_rule_about_the_size_of_a_thing_is_told_by_sizes(tmp_path: Path) -> None:
    table = Table(tmp_path, {"type": "object", "minProperties": 1})

    assert table.shape({"a": "x", "b": "y"}) == ("object of 2",)
    assert table.shape({}) == ("empty object",)


def test_values_of_parameters_are_read_as_well(tmp_path: Path) -> None:
    rule: JsonValue = {"id": "r", "rule": "!has(request.query.a) || !has(request.body.b)"}
    query: list[JsonValue] = [{"name": "a", "in": "query", "schema": {"type": "string"}}]
    table = Table(tmp_path, an_object(b=TEXT), [rule], parameters=query)
    table.note(Draft(query={"a": "x"}, body={}))

    (row,) = table.rows()
    assert row.shape == {"query.a": "text", "body.b": "absent"}


def test_answers_are_counted_by_status_and_by_whether_they_are_right(tmp_path: Path) -> None:
    table = Table(tmp_path, {**an_object(a=TEXT, b=TEXT), **PAIR})
    both = Draft(body={"a": "x", "b": "y"})
    table.note(both, 400, refused=True)
    table.note(both, 400, refused=True)
    table.note(both, 200, refused=False)
    table.note(both, 500, refused=False)
    table.note(Draft(body={}), 200)
    table.note(Draft(body={}), 400)
    table.note(Draft(body={}), 0)

    refused, accepted = table.rows()
    assert (refused.expected, refused.got, refused.right, refused.wrong) == (
        "refused",
        {"200": 1, "400": 2, "500": 1},
        2,
        2,
    )
    assert (accepted.expected, accepted.got, accepted.right, accepted.wrong) == (
        "accepted",
        {"200": 1, "400": 1, "no answer": 1},
        1,
        2,
    )


def test_only_requests_that_say_something_of_the_rule_are_counted(tmp_path: Path) -> None:
    table = Table(tmp_path, {**an_object(a=TEXT, b=TEXT), **PAIR})
    draft = Draft(body={})
    table.note(None)
    table.note(draft, kind=CaseKind.PROBE)
    table.note(draft, 401, demand=Demand("credential_rejection", "no credential", frozenset({401}), "", "none"))
    table.note(draft, 400, refused=True, breaks="body.a")

    assert table.rows() == ()


def of_loans(fault: str | None, **more: Any) -> dict[str, Any]:
    report = build_report(check_app(fault, phases=("examples", "combinations"), **more), Secrets.of([]))
    jsonschema_rs.Draft202012Validator(report_schema()).validate(report)
    return report


def tables(report: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {rule["id"]: rule["table"] for rule in report["rules"] if "table" in rule}


@pytest.mark.parametrize(
    ("fault", "rule", "shape"),
    [
        ("accepts the forbidden pair", "held-loan-is-not-renewable", ["text", "true"]),
        ("accepts days in the wrong order", "first-day-not-after-last", ["higher number", "lower number"]),
    ],
)
def test_a_rule_that_the_server_forgot_has_its_wrong_row_and_no_other(fault: str, rule: str, shape: list[str]) -> None:
    found = tables(of_loans(fault))

    assert set(found) == {"held-loan-is-not-renewable", "first-day-not-after-last"}
    wrong = [(name, row) for name, rows in found.items() for row in rows if row["wrong"]]
    assert [(name, list(row["shape"].values()), row["expected"], list(row["got"])) for name, row in wrong] == [
        (rule, shape, "refused", ["201"])
    ]


def test_a_correct_server_has_only_right_rows_and_every_shape_once() -> None:
    for rows in tables(of_loans(None)).values():
        assert {row["expected"] for row in rows} == {"refused", "accepted"}
        assert all(row["right"] == sum(row["got"].values()) > 0 == row["wrong"] for row in rows)
        shapes = [(row["expected"], *row["shape"].values()) for row in rows]
        assert len(shapes) == len(set(shapes))


def test_tables_of_shards_add_up_to_that_of_one_run() -> None:
    fault = "accepts the forbidden pair"
    parts = [(f"{number}.json", of_loans(fault, shard=(number, 3))) for number in (1, 2, 3)]

    assert tables(merge_reports(parts)) == tables(of_loans(fault))
    seen = [sum(row["right"] + row["wrong"] for rows in tables(part).values() for row in rows) for _, part in parts]
    assert all(seen), "each shard has its share"
    assert all(one != other for one, other in itertools.pairwise(parts))
