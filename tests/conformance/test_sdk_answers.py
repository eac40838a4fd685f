"""The answers that an SDK is tried with: legal ones are legal by a validator of its own, broken ones are not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from ruamel.yaml import YAML

from speclock.core.cases import ABSENT
from speclock.core.reading import Reading
from speclock.sdk.answers import Worth, statuses_of
from speclock.sdk.making import SdkCases
from tests.conformance.harness import CONTRACT as LOANS
from tests.conformance.harness import ROOT
from tests.conformance.parcels_sdk import CONTRACT as PARCELS

if TYPE_CHECKING:
    from pathlib import Path

    from speclock.sdk.answers import Served

OURS = ROOT / "openapi.yaml"


class Judge:
    """A document's answers, by jsonschema_rs on its schemas as they stand in the file."""

    def __init__(self, path: Path) -> None:
        self.document: dict[str, Any] = json.loads(json.dumps(YAML(typ="safe").load(path)))
        self.operations = {
            operation["operationId"]: operation
            for item in self.document["paths"].values()
            for operation in item.values()
            if isinstance(operation, dict)
        }
        self.known: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def accepts(self, operation: str, served: Served) -> bool:
        """Whether the contract documents this answer."""
        responses = self.operations[operation]["responses"]
        status, media_type = served.answer.status, served.answer.headers.get("content-type", "")
        key = next((key for key in (str(status), f"{status // 100}XX", "default") if key in responses), None)
        if key is None:
            return False
        response = responses[key]
        if "$ref" in response:
            response = self.document["components"]["responses"][response["$ref"].rpartition("/")[2]]
        headers = {name.lower() for name in served.answer.headers}
        needed = {name.lower() for name, header in response.get("headers", {}).items() if header.get("required")}
        if not needed <= headers:
            return False
        essence = media_type.partition(";")[0].strip().lower()
        if "content" not in response or "text/*" in response["content"]:
            return (served.answer.body == b"") if "content" not in response else essence == "text/plain"
        if essence not in response["content"]:
            return False
        return self.is_value_of(response["content"][essence]["schema"], served.answer.body)

    def is_value_of(self, schema: dict[str, Any], body: bytes) -> bool:
        try:
            value = json.loads(body)
        except ValueError:
            return False
        return self.validator(schema).is_valid(value)

    def validator(self, schema: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
        key = json.dumps(schema)
        if key not in self.known:
            whole = {**schema, "components": self.document["components"]}
            self.known[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return self.known[key]


def all_served(path: Path) -> list[tuple[str, Served]]:
    cases = SdkCases(Reading.of(path))
    return [(item.id, served) for item in cases.reading.contract.operations for served in cases.answers(item)]


@pytest.mark.parametrize("path", [PARCELS, LOANS, OURS], ids=lambda path: path.stem)
def test_legal_answers_are_legal_and_broken_ones_are_not(path: Path) -> None:
    judge = Judge(path)
    by_worth: dict[Worth, list[bool]] = {worth: [] for worth in Worth}
    wrong = []
    for operation, served in all_served(path):
        verdict = judge.accepts(operation, served)
        by_worth[served.worth].append(verdict)
        if served.worth is Worth.LEGAL and not verdict:
            wrong.append((operation, served.words))
        if served.worth is Worth.BROKEN and verdict:
            wrong.append((operation, served.words))
    assert wrong == []
    assert len(by_worth[Worth.LEGAL]) > 100
    assert len(by_worth[Worth.BROKEN]) > 50


def test_the_whole_range_is_there() -> None:
    served = [item for operation, item in all_served(PARCELS) if operation == "createParcel"]
    statuses = {item.answer.status for item in served if item.worth is Worth.LEGAL}
    sorts = {item.sort for item in served}
    values = [item.value for item in served if item.worth is Worth.LEGAL and item.answer.status == 201]
    bodies = [value for value in values if isinstance(value, dict)]

    assert statuses == {201, 400, 503}
    assert {"left out", "charset=utf-8", "many places changed at once"} <= sorts
    assert any("note" not in value for value in bodies)
    assert any(value.get("note", "") is None for value in bodies)
    assert any(value.keys() - {"id", "weight", "note", "sentAt", "size", "stops"} for value in bodies)
    assert any(value["weight"] == 10**20 for value in bodies)
    assert {str(value["sentAt"])[-1] for value in bodies} >= {"Z", "z", "0"}
    tolerable = {item.words for item in served if item.worth is Worth.TOLERABLE}
    assert "201 with size that is none of its values" in tolerable
    assert not any("weight that is null" in words for words in tolerable)
    broken = {item.words for item in served if item.worth is Worth.BROKEN and item.answer.status == 201}
    assert {"201 with weight left out", "201 with JSON that is cut short", "201 with no media type"} <= broken
    assert "201 with weight that is null" in broken


def test_what_is_inside_an_alternative_is_tried_where_a_body_has_that_alternative() -> None:
    refusals = [item for name, item in all_served(OURS) if name == "createProjectSession" and item.answer.status == 422]
    assert refusals[0].value == {"detail": "the body is not JSON"}
    by_worth = {worth: {item.words for item in refusals if item.worth is worth} for worth in Worth}
    assert "422 with detail[] with a property that the contract does not name" in by_worth[Worth.LEGAL]
    assert "422 with detail[].loc[] that is the integer 9007199254740993" in by_worth[Worth.LEGAL]
    assert {"422 with detail[].msg left out", "422 with detail[] that is null"} <= by_worth[Worth.BROKEN]


def test_the_same_seed_gives_the_same_answers() -> None:
    first, again = ([(served.words, served.answer.body) for _, served in all_served(PARCELS)] for _ in range(2))
    assert first == again


def test_an_answer_without_a_body_has_none() -> None:
    served = [item for operation, item in all_served(PARCELS) if operation == "deleteMarks"]
    (nothing,) = (item for item in served if item.answer.status == 204 and item.worth is Worth.LEGAL)
    assert nothing.answer.body == b""
    assert nothing.value is ABSENT


def test_a_range_of_statuses_is_served_by_one_that_no_other_key_describes(tmp_path: Path) -> None:
    document = tmp_path / "ranges.yaml"
    described = "{description: Something.}"
    document.write_text(
        "openapi: 3.1.0\ninfo: {title: Ranges, version: '1'}\npaths:\n  /a:\n    get:\n      operationId: a\n"
        f"      responses: {{'200': {described}, 2XX: {described}, '400': {described}, "
        f"4XX: {described}, default: {described}}}\n",
        "utf-8",
    )
    (operation,) = Reading.of(document).contract.operations
    statuses = {key: statuses_of(operation, key) for key in operation.statuses}
    assert statuses == {"200": (200,), "2XX": (202, 203), "400": (400,), "4XX": (418, 421), "default": (500,)}


def served_by(folder: Path, method: str, responses: str, worth: Worth = Worth.LEGAL) -> list[Served]:
    """The answers of one operation that are worth the same, given the text of its `responses`."""
    document = folder / "one.yaml"
    document.write_text(
        "openapi: 3.1.0\ninfo: {title: One, version: '1'}\npaths:\n  /a:\n"
        f"    {method}:\n      operationId: a\n      responses: {responses}\n",
        "utf-8",
    )
    cases = SdkCases(Reading.of(document))
    (operation,) = cases.reading.contract.operations
    return [item for item in cases.answers(operation) if item.worth is worth]


@pytest.mark.parametrize(
    ("content", "types"),
    [
        ("{'*/*': {}}", {"application/json"}),
        ("{'*/*': {}, application/json: {}}", {"text/plain", "application/json"}),
        ("{'*/*': {}, 'application/*': {}, 'text/*': {}}", {"application/json", "text/plain"}),
        ("{'*/*': {schema: {type: string, format: binary}}}", {"application/octet-stream"}),
        ("{'text/*': {}, text/plain: {}}", {"text/x-speclock", "text/plain"}),
        ("{'image/*': {}}", {"image/x-speclock"}),
    ],
)
def test_a_range_of_media_types_is_served_by_one_that_no_other_key_describes(
    content: str, types: set[str], tmp_path: Path
) -> None:
    served = served_by(tmp_path, "get", f"{{'200': {{description: Something., content: {content}}}}}")
    assert {item.answer.headers["content-type"].partition(";")[0] for item in served} == types


@pytest.mark.parametrize(
    ("content", "body", "value"),
    [
        ("{text/plain: {schema: {type: string, enum: [yes-sir]}}}", b"yes-sir", "yes-sir"),
        ("{text/plain: {schema: {type: integer, example: 5}}}", b"5", ABSENT),
        ("{text/event-stream: {}}", b"data: speclock\n\n", ABSENT),
        ("{image/png: {}}", b"speclock", ABSENT),
        ("{application/xml: {schema: {type: object}}}", b"<speclock/>", ABSENT),
        ("{application/yaml: {schema: {type: object}}}", b"speclock", ABSENT),
    ],
)
def test_a_text_is_to_come_out_as_it_is_and_of_other_types_nothing_is_asked(
    content: str, body: bytes, value: object, tmp_path: Path
) -> None:
    (served,) = served_by(tmp_path, "get", f"{{'200': {{description: Something., content: {content}}}}}")
    assert (served.answer.body, served.value) == (body, value)


def test_a_text_that_may_be_any_is_tried_with_what_readers_change(tmp_path: Path) -> None:
    plain, odd = served_by(tmp_path, "get", "{'200': {description: Something., content: {text/plain: {}}}}")
    assert (plain.answer.body, plain.value) == (b"speclock", "speclock")
    assert odd.value == ' Zürich\r\n"a",1 \n'
    assert odd.answer.body.decode() == odd.value
    assert odd.answer.headers["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(("method", "status"), [("head", "200"), ("get", "204"), ("get", "304")])
def test_what_has_no_body_by_http_is_served_without_one(method: str, status: str, tmp_path: Path) -> None:
    described = "{description: Something., content: {application/json: {schema: {type: object}}}}"
    assert {item.answer.body for item in served_by(tmp_path, method, f"{{'{status}': {described}}}")} == {b""}


def test_default_alone_is_a_success_too_and_a_status_before_the_answer_is_none(tmp_path: Path) -> None:
    described = "{description: Something., content: {application/json: {schema: {type: integer}}}}"
    served = served_by(tmp_path, "get", f"{{1XX: {described}, default: {described}}}")
    assert {item.answer.status for item in served} == {500, 400, 200}


def test_headers_that_a_client_acts_upon_are_left_out_and_others_are_written_as_headers(tmp_path: Path) -> None:
    acted = "Set-Cookie: {schema: {type: string}}, Content-Encoding: {schema: {enum: [gzip]}}"
    listed = "{schema: {type: array, items: {type: integer}, example: [1, 2]}}"
    others = f"X-Flag: {{schema: {{type: boolean}}}}, X-List: {listed}"
    (served, *_) = served_by(tmp_path, "get", f"{{'200': {{description: Something., headers: {{{acted}, {others}}}}}}}")
    assert served.answer.headers == {"X-Flag": "true", "X-List": "1,2"}


@pytest.mark.parametrize("schema", ["{}", "{schema: {type: integer, example: 12}}"])
def test_json_that_is_cut_short_is_no_json_whatever_it_was(schema: str, tmp_path: Path) -> None:
    responses = f"{{'200': {{description: Something., content: {{application/json: {schema}}}}}}}"
    served = served_by(tmp_path, "get", responses, Worth.BROKEN)
    (cut,) = [item for item in served if item.sort == "JSON that is cut short"]
    with pytest.raises(ValueError, match=r"Expecting|char"):
        json.loads(cut.answer.body)
