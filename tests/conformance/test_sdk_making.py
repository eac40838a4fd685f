"""The requests that an SDK is asked to send, beside those of the plan."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest

from speclock.core.cases import CaseKind, Draft
from speclock.core.reading import Reading
from speclock.phases.writing import write
from speclock.sdk.making import SdkCases

if TYPE_CHECKING:
    from pathlib import Path

    from speclock.core.cases import Case
    from speclock.core.documents import JsonValue

MARKS = "a+b%41#c?d;e&f=g/h:i@j"


def tried(folder: Path, *parameters: dict[str, object]) -> dict[str, CaseKind]:
    """The texts that are tried beside the plan's, in an operation of these parameters."""
    made = requests(folder, *parameters)
    return {case.description: case.kind for case in made if case.description.startswith("the text ")}


def requests(folder: Path, *parameters: dict[str, object]) -> tuple[Case, ...]:
    cases = made_of(folder, *parameters)
    return cases.requests(cases.reading.contract.operations[0])


def made_of(folder: Path, *parameters: dict[str, object]) -> SdkCases:
    path = "/rooms/{room}" if any(item["in"] == "path" for item in parameters) else "/rooms"
    operation = {"operationId": "ask", "parameters": parameters, "responses": {"204": {"description": "Done."}}}
    document = folder / "openapi.json"
    info = {"title": "Rooms", "version": "1"}
    document.write_text(json.dumps({"openapi": "3.1.0", "info": info, "paths": {path: {"get": operation}}}))
    return SdkCases(Reading.of(document))


def test_a_text_of_marks_is_tried_in_each_parameter_that_may_have_it(tmp_path: Path) -> None:
    free, short = {"type": "string"}, {"type": "string", "maxLength": 3}

    found = tried(
        tmp_path,
        {"name": "text", "in": "query", "schema": free},
        {"name": "list", "in": "query", "schema": {"type": "array", "items": free}},
        {"name": "word", "in": "query", "schema": short},
    )

    assert found == {
        f"the text {MARKS} at query.text": CaseKind.POSITIVE,
        f"the text {MARKS} at query.list[]": CaseKind.POSITIVE,
    }


def test_what_may_be_sent_as_it_is_has_no_marks(tmp_path: Path) -> None:
    reserved = {"name": "text", "in": "query", "allowReserved": True, "schema": {"type": "string"}}

    assert tried(tmp_path, reserved) == {}


def test_two_dots_are_tried_in_a_path_value_and_may_be_refused(tmp_path: Path) -> None:
    room = {"name": "room", "in": "path", "required": True, "schema": {"type": "string"}}

    assert tried(tmp_path, room) == {
        f"the text {MARKS} at path.room": CaseKind.POSITIVE,
        "the text Zürich 東京 at path.room": CaseKind.POSITIVE,
        f"the text {'long-' * 20} at path.room": CaseKind.POSITIVE,
        "the text .. at path.room": CaseKind.PROBE,
    }
    assert "the text .. at path.room" not in tried(tmp_path, room | {"style": "label"})


@pytest.mark.parametrize(
    ("schema", "legal"),
    [
        ({"type": ["string", "null"], "format": "date-time", "example": "2026-03-02T09:15:00Z"}, set()),
        ({"anyOf": [{"type": "integer"}, {"type": "string", "enum": ["all"]}]}, {int, str}),
        ({"type": "string", "enum": ["1", "2"]}, {str}),
    ],
)
def test_a_parameter_of_several_types_is_said_in_one_that_allows_it(
    schema: dict[str, object], legal: set[type], tmp_path: Path
) -> None:
    made = requests(tmp_path, {"name": "q", "in": "query", "required": True, "schema": schema})

    values = [case.draft.query["q"] for case in made if case.draft and case.kind is CaseKind.POSITIVE]
    assert {type(value) for value in values} == (legal or {str})
    assert [value for value in values if not jsonschema_rs.is_valid(schema, value, validate_formats=True)] == []


def test_what_is_an_integer_or_a_word_is_said_as_the_integer_that_it_is(tmp_path: Path) -> None:
    schema = {"anyOf": [{"type": "integer"}, {"type": "string", "enum": ["all"]}]}
    made = requests(tmp_path, {"name": "q", "in": "query", "required": True, "schema": schema})

    said = {case.description: case.draft.query["q"] for case in made if case.draft and "q" in case.draft.query}
    assert said["a request with the text 5 at query.q"] == 5
    assert said["a request with a text at query.q"] == "text"


COLOURS: list[JsonValue] = ["blue", "black"]
RED: JsonValue = {"R": 100, "G": 200}


# OpenAPI 3.0.4, section 4.7.12.3 and appendix C; a label without `explode` as 3.0.3 has it.
@pytest.mark.parametrize(
    ("place", "style", "explode", "value", "written"),
    [
        ("path", "simple", False, COLOURS, "/rooms/blue,black"),
        ("path", "simple", False, RED, "/rooms/R,100,G,200"),
        ("path", "simple", True, RED, "/rooms/R=100,G=200"),
        ("path", "label", False, COLOURS, "/rooms/.blue.black"),
        ("path", "label", False, RED, "/rooms/.R.100.G.200"),
        ("path", "label", True, RED, "/rooms/.R=100.G=200"),
        ("path", "matrix", False, COLOURS, "/rooms/;room=blue,black"),
        ("path", "matrix", True, COLOURS, "/rooms/;room=blue;room=black"),
        ("path", "matrix", False, RED, "/rooms/;room=R,100,G,200"),
        ("path", "matrix", True, RED, "/rooms/;R=100;G=200"),
        ("query", "form", False, RED, "/rooms?room=R,100,G,200"),
        ("query", "form", True, RED, "/rooms?R=100&G=200"),
        ("query", "pipeDelimited", False, COLOURS, "/rooms?room=blue|black"),
        ("query", "pipeDelimited", False, RED, "/rooms?room=R|100|G|200"),
        ("query", "spaceDelimited", False, RED, "/rooms?room=R%20100%20G%20200"),
        ("query", "deepObject", True, RED, "/rooms?room[R]=100&room[G]=200"),
    ],
)
def test_a_value_is_written_in_the_style_that_the_contract_has(  # noqa: PLR0917 - the columns of the table
    place: str, style: str, explode: bool, value: JsonValue, written: str, tmp_path: Path
) -> None:
    schema = {"type": "array" if value is COLOURS else "object"}
    room = {"name": "room", "in": place, "required": True, "style": style, "explode": explode, "schema": schema}
    cases = made_of(tmp_path, room)
    (operation,) = cases.reading.contract.operations
    draft = Draft().with_parameters(place, {"room": value})
    assert write(operation, draft, cases.parameters(operation)).target == written
