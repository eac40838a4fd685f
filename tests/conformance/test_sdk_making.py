"""The requests that an SDK is asked to send, beside those of the plan."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest

from speclock.core.cases import CaseKind
from speclock.core.reading import Reading
from speclock.sdk.making import SdkCases

if TYPE_CHECKING:
    from pathlib import Path

    from speclock.core.cases import Case

MARKS = "a+b%41#c?d;e&f=g/h:i@j"


def tried(folder: Path, *parameters: dict[str, object]) -> dict[str, CaseKind]:
    """The texts that are tried beside the plan's, in an operation of these parameters."""
    made = requests(folder, *parameters)
    return {case.description: case.kind for case in made if case.description.startswith("the text ")}


def requests(folder: Path, *parameters: dict[str, object]) -> tuple[Case, ...]:
    path = "/rooms/{room}" if any(item["in"] == "path" for item in parameters) else "/rooms"
    operation = {"operationId": "ask", "parameters": parameters, "responses": {"204": {"description": "Done."}}}
    document = folder / "openapi.json"
    info = {"title": "Rooms", "version": "1"}
    document.write_text(json.dumps({"openapi": "3.1.0", "info": info, "paths": {path: {"get": operation}}}))
    cases = SdkCases(Reading.of(document))
    return cases.requests(cases.reading.contract.operations[0])


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
