"""Single edits of a contract, made and undone: who breaks, and requests and answers that show it."""

from __future__ import annotations

import copy
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import jsonschema
import pytest

from tests.conformance.comparing import compared, verdicts
from tests.support.contract_edits import EDITS, LATER, Edit, base

if TYPE_CHECKING:
    from pathlib import Path

    from speclock.diff.changes import Change, Comparison

pytestmark = pytest.mark.untraced

ALL = (*EDITS, *LATER)
each_edit = pytest.mark.parametrize("edit", ALL, ids=[edit.name.replace(" ", "-") for edit in ALL])

#: What no JSON Schema says: the witness shows it, and no validator of values can be asked.
BEYOND_SCHEMAS = (
    "the default",
    "the rule",
    "is written as",
    "operationId",
    "suffices",
    "the server",
    " is gone",
    " is now ",
    "is documented now",
    "may come",
    "is no longer taken",
    "header ",
    "need not come",
)


_known: dict[str, tuple[Comparison, Comparison]] = {}


def both_ways(edit: Edit, folder: Path) -> tuple[Comparison, Comparison]:
    """The comparisons of an edit made and undone; each is made once."""
    if edit.name not in _known:
        old, new = edit.documents()
        _known[edit.name] = compared(folder, old, new), compared(folder, new, old)
    return _known[edit.name]


@each_edit
def test_an_edit_made_and_undone_is_judged_as_the_definitions_say(edit: Edit, tmp_path: Path) -> None:
    made, undone = both_ways(edit, tmp_path)

    assert verdicts(made) == edit.forward, [change.what for change in made.changes]
    assert verdicts(undone) == edit.backward, [change.what for change in undone.changes]


@each_edit
def test_every_change_that_breaks_has_a_witness(edit: Edit, tmp_path: Path) -> None:
    for comparison in both_ways(edit, tmp_path):
        breaking = [change for change in comparison.changes if change.verdict == "breaking"]
        assert all(change.witness is not None for change in breaking)


@each_edit
def test_a_witness_is_legal_in_one_document_and_illegal_in_the_other_says_another_validator(
    edit: Edit, tmp_path: Path
) -> None:
    """jsonschema judges each request and answer that is said to break somebody."""
    old, new = edit.documents()
    for comparison, one, other in zip(both_ways(edit, tmp_path), (old, new), (new, old), strict=True):
        for change in comparison.changes:
            if change.verdict == "breaking" and not any(text in change.what for text in BEYOND_SCHEMAS):
                legal, illegal = (one, other) if change.audience == "senders" else (other, one)
                assert _judged(legal, change), (change.what, change.witness)
                assert not _judged(illegal, change), (change.what, change.witness)


def test_the_other_validator_can_say_no() -> None:
    """Without that, the test above would prove nothing."""
    document = base()
    schema = {**document, "$ref": "#/components/schemas/NewBook"}

    assert not _keeps(schema, {"title": ""})
    assert not _keeps(schema, {"title": "a", "contact": "no address"})
    assert _keeps(schema, {"title": "a"})


def test_edits_of_all_kinds_stand_in_the_table() -> None:
    assert len(EDITS) >= 60
    assert len({edit.name for edit in ALL}) == len(ALL)
    outcomes = Counter(verdict for edit in EDITS for pair in (edit.forward, edit.backward) for verdict in pair)
    assert min(outcomes.values()) >= 20


def _judged(document: dict[str, Any], change: Change) -> bool:
    witness = change.witness
    assert isinstance(witness, dict)
    if "status" in witness:
        return _answer_keeps(document, change, witness)
    return _request_keeps(document, change, witness)


def _operation(document: dict[str, Any], name: str) -> tuple[str, dict[str, Any]]:
    return next(
        (path, operation)
        for path, item in document["paths"].items()
        for operation in item.values()
        if isinstance(operation, dict) and operation.get("operationId") == name
    )


def _request_keeps(document: dict[str, Any], change: Change, witness: dict[str, Any]) -> bool:
    path, operation = _operation(document, change.operation)
    held_in_path = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path), witness["path"])
    assert held_in_path is not None
    places = {"query": "query", "header": "headers", "cookie": "cookies"}
    for parameter in operation.get("parameters", ()):
        is_path = parameter["in"] == "path"
        held = held_in_path.groupdict() if is_path else witness.get(places[parameter["in"]], {})
        if parameter["name"] not in held:
            if parameter.get("required"):
                return False
        elif not any(_keeps({**document, **_schema(parameter)}, value) for value in _readings(held[parameter["name"]])):
            return False
    body = operation.get("requestBody")
    if body is None:
        return True
    if "body" not in witness:
        return not body.get("required")
    media_type = next(iter(body["content"].values()))
    return _keeps({**document, **_schema(media_type)}, witness["body"])


def _readings(value: Any) -> list[Any]:
    """What a server may read a value of a query or header as."""
    readings = [value, json.dumps(value) if not isinstance(value, str) else value]
    if isinstance(value, str) and value.isdigit():
        readings.append(int(value))
    return readings


def _answer_keeps(document: dict[str, Any], change: Change, witness: dict[str, Any]) -> bool:
    _, operation = _operation(document, change.operation)
    response = operation["responses"].get(str(witness["status"]))
    if response is None:
        return False
    response = _resolved(document, response)
    content = response.get("content")
    if witness.get("body") is None:
        return content is None
    if content is None:
        return False
    return _keeps({**document, **_schema(content[witness["headers"]["content-type"]])}, witness["body"])


def _resolved(document: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    found: Any = value
    while "$ref" in found:
        steps = found["$ref"].removeprefix("#/").split("/")
        found = document
        for step in steps:
            found = found[unquote(step)]
    return dict(found)


def _schema(holder: dict[str, Any]) -> dict[str, Any]:
    """The schema of a media type or parameter; that of a parameter may stand in a media type of its own."""
    return copy.deepcopy(holder["schema"] if "schema" in holder else next(iter(holder["content"].values()))["schema"])


def _keeps(schema: dict[str, Any], value: Any) -> bool:
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    validator = jsonschema.Draft202012Validator(_ranged(schema), format_checker=checker)
    return bool(validator.is_valid(value))


def _ranged(value: Any) -> Any:
    """The ranges of integer formats, which no validator checks, as bounds."""
    if isinstance(value, list):
        return [_ranged(item) for item in value]
    if not isinstance(value, dict):
        return value
    result = {key: _ranged(item) for key, item in value.items()}
    properties = value.get("properties")
    if isinstance(properties, dict) and isinstance(value.get("required"), list):
        # What servers own need not be sent.
        owned = {name for name, item in properties.items() if isinstance(item, dict) and item.get("readOnly")}
        result["required"] = [name for name in value["required"] if name not in owned]
    if isinstance(value.get("format"), str) and value["format"] in ("int32", "int64"):
        bits = int(value["format"][3:])
        result |= {"minimum": -(2 ** (bits - 1)), "maximum": 2 ** (bits - 1) - 1}
    return result
