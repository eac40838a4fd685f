"""Where a contract leaves open whether a request is legal, nothing is claimed of it: neither that it must be accepted
nor that it must be refused."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

import pytest

from speclock.core.cases import CaseKind, Draft
from speclock.generation.planning import OperationPlan
from tests.conformance.command_runs import Handler, serving
from tests.conformance.constraint_documents import One
from tests.conformance.harness import ROOT, speclock
from tests.support.prism_process import NoPrism, start_prism

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from speclock.core.documents import JsonValue
    from speclock.generation.planning import PlannedCase

PETSTORE = ROOT / "node_modules/@readme/oas-examples/3.1/json/petstore.json"


def planned(one: One) -> tuple[PlannedCase, ...]:
    return OperationPlan(one.analysis, one.oracle, ()).cases


def values_of(one: One, part: str, kind: CaseKind) -> Iterator[JsonValue]:
    for case in planned(one):
        values = case.draft.body if part == "body" else getattr(case.draft, part)
        if case.kind is kind and isinstance(values, dict) and "x" in values:
            yield values["x"]


def one_property(folder: Path, schema: JsonValue) -> One:
    return One(folder, {"type": "object", "required": ["x"], "properties": {"x": schema}})


def one_parameter(folder: Path, place: str, schema: JsonValue, **more: JsonValue) -> One:
    return One(folder, parameters=[{"name": "x", "in": place, "schema": schema, **more}])


@pytest.mark.parametrize(
    ("name", "low", "high"), [("int32", -(2**31), 2**31 - 1), ("uint8", 0, 255), ("int64", -(2**63), 2**63 - 1)]
)
@pytest.mark.parametrize("type_", ["integer", "number"])
def test_no_number_outside_of_its_format_is_sent(name: str, low: int, high: int, type_: str, tmp_path: Path) -> None:
    one = one_property(tmp_path, {"type": type_, "format": name})

    legal = list(values_of(one, "body", CaseKind.POSITIVE))
    wrong = list(values_of(one, "body", CaseKind.NEGATIVE))

    assert all(isinstance(value, int | float) and low <= value <= high and value == int(value) for value in legal)
    assert len(legal) > 2
    assert not any(isinstance(value, int) and not isinstance(value, bool) for value in wrong)
    assert (1.5 in wrong) is (type_ == "integer")


def test_a_bound_that_the_contract_sets_is_broken_all_the_same(tmp_path: Path) -> None:
    one = one_property(tmp_path, {"type": "integer", "format": "int32", "maximum": 10})

    assert 11 in values_of(one, "body", CaseKind.NEGATIVE)


def test_a_text_of_a_format_that_nobody_checks_is_one_that_the_contract_shows(tmp_path: Path) -> None:
    shown: list[JsonValue] = ["repo/one", "repo/two"]
    one = one_property(tmp_path, {"type": "string", "format": "x-repository", "examples": shown})

    assert set(map(str, values_of(one, "body", CaseKind.POSITIVE))) == set(shown)
    assert 5 in values_of(one, "body", CaseKind.NEGATIVE)


@pytest.mark.parametrize("place", ["query", "header"])
def test_a_text_of_a_form_that_is_known_but_never_checked_is_of_that_form(place: str, tmp_path: Path) -> None:
    one = one_parameter(tmp_path, place, {"type": "string", "format": "byte"})

    sent = list(values_of(one, "headers" if place == "header" else place, CaseKind.POSITIVE))

    assert sent
    assert all(isinstance(value, str) and base64.b64decode(value, validate=True) for value in sent)


def test_a_date_is_one_of_the_calendar(tmp_path: Path) -> None:
    one = one_property(tmp_path, {"type": "string", "format": "date-time"})

    legal = list(values_of(one, "body", CaseKind.POSITIVE))

    assert len(legal) > 1
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[0-9:.]+(Z|[+-]\d\d:\d\d)", str(value)) for value in legal)


@pytest.mark.parametrize("place", ["query", "header", "cookie"])
@pytest.mark.parametrize(
    ("required", "schema", "is_open"),
    [
        (True, {"type": "string"}, True),
        (False, {"type": "string"}, False),
        (True, {"type": "string", "minLength": 1}, False),
        (False, {"type": "string", "minLength": 1}, True),
    ],
)
def test_an_empty_text_is_judged_only_where_leaving_it_out_would_be_the_same(
    place: str, required: bool, schema: JsonValue, is_open: bool, tmp_path: Path
) -> None:
    one = one_parameter(tmp_path, place, schema, required=required)
    draft = Draft().with_parameters(place, {"x": ""})

    found = one.oracle.broken(one.operation, draft)

    assert (found is None) is is_open


def test_an_empty_text_is_a_value_where_the_contract_says_so(tmp_path: Path) -> None:
    one = one_parameter(tmp_path, "query", {"type": "string"}, required=True, allowEmptyValue=True)

    assert one.broken_by(Draft(query={"x": ""})) == []


@pytest.mark.parametrize("value", [[], {}])
def test_a_required_parameter_that_would_leave_no_trace_is_not_judged(value: JsonValue, tmp_path: Path) -> None:
    one = one_parameter(tmp_path, "query", {"type": ["array", "object"]}, required=True)

    assert one.oracle.broken(one.operation, Draft(query={"x": value})) is None


def test_an_array_is_a_text_where_a_text_may_stand(tmp_path: Path) -> None:
    listed: JsonValue = {"type": "array", "items": {"enum": ["a", "b"]}}
    either = one_parameter(tmp_path, "query", {"oneOf": [{"type": "string"}, listed]})

    assert either.broken_by(Draft(query={"x": ["c"]})) == []
    assert one_parameter(tmp_path, "query", listed).broken_by(Draft(query={"x": ["c"]})) == ["query.x[]"]


def test_a_member_of_a_parameter_is_a_text_whatever_it_is(tmp_path: Path) -> None:
    one = one_parameter(tmp_path, "query", {"type": "array", "items": {"type": "string"}})

    assert one.broken_by(Draft(query={"x": [[]]})) == []
    assert not any(case.kind is CaseKind.NEGATIVE for case in planned(one))


def test_space_around_a_header_is_not_sent_as_part_of_it(tmp_path: Path) -> None:
    one = one_parameter(tmp_path, "header", {"type": "string"})

    sent = list(values_of(one, "headers", CaseKind.POSITIVE))

    assert len(sent) > 2
    assert all(str(value) == str(value).strip() for value in sent)


def test_an_object_in_a_path_has_its_properties(tmp_path: Path) -> None:
    schema: JsonValue = {"type": "object", "properties": {"a": {"type": "string"}}}
    one = One(tmp_path, parameters=[{"name": "x", "in": "path", "required": True, "schema": schema}], path="/a/{x}")

    assert {str(case.draft.path["x"]) for case in planned(one) if case.kind is CaseKind.POSITIVE} >= {"{'a': 'a'}"}


class Refusing(Handler):
    def answer(self, body: bytes) -> None:
        self.reply(400)


@pytest.mark.parametrize(("statuses", "status"), [(("400",), 2), (("200", "400"), 1), (("default",), 1)])
def test_a_refusal_is_held_against_a_server_only_where_a_success_is_documented(
    statuses: tuple[str, ...], status: int, tmp_path: Path
) -> None:
    one = one_property(tmp_path, {"type": "string"})
    responses = ", ".join(f'"{name}": {{"description": "So."}}' for name in statuses)
    one.file.write_text(
        re.sub(r'"responses": \{.*?\}\s*\}', f'"responses": {{{responses}}}', one.file.read_text(), flags=re.DOTALL)
    )

    with serving(Refusing) as url:
        ran = speclock("check", "--contract", one.file, "--url", url, "--phases", "combinations")

    assert ran.status == status
    assert ("documents no success" in ran.out) is (status == 2)


def test_nothing_that_prism_rightly_refuses_of_a_real_document_is_held_against_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("K", "key")
    profile = tmp_path / "mock.toml"
    profile.write_text("stateless = true\n[credentials.api_key]\nenv = 'K'\n[credentials.petstore_auth]\nenv = 'K'\n")
    try:
        with start_prism(PETSTORE) as url:
            ran = speclock(
                *("check", "--contract", PETSTORE, "--url", url, "--profile", profile),
                *("--phases", "examples,combinations", "--report", f"ndjson={tmp_path / 'report'}"),
            )
    except NoPrism as error:
        pytest.skip(str(error))

    found = re.findall(r"^  (\w+) · ", ran.out, re.MULTILINE)
    assert set(found) == {"status_conformance"}, "its 422, which the document does not have"
    assert "always accepted at their boundary" in ran.out
