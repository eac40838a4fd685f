"""The history of the session rule, each era as a document: what it broke, for whom, and what changed its meaning alone.

The eras are those of the vendor's interface: (1) a union in which a test-driven session must name its test case and is
never production, (2) one shape with rules, which is today's contract, (3) `productId` as the other way to name what is
tested, (4) `runId`, which production sessions refuse.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.conformance.comparing import compared
from tests.conformance.harness import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from speclock.diff.changes import Change

BY_DEFAULT = "session-production-by-default"
UNTOLD = "!has(request.body.{0}) || request.body.{0} == null"


def today() -> dict[str, Any]:
    """The second era, with its one operation."""
    document: dict[str, Any] = yaml.safe_load((ROOT / "openapi.yaml").read_text())
    document["paths"] = {"/sessions": document["paths"]["/sessions"]}
    operation = document["paths"]["/sessions"]["post"]
    operation["x-contract-rules"] = [
        rule for rule in operation["x-contract-rules"] if "createTestCase" not in f"{rule.get('when')}{rule['rule']}"
    ]
    for response in operation["responses"].values():
        response.pop("links", None)
    return document


def first() -> dict[str, Any]:
    """The first era: a session is production and says so, or it names a test case and is not."""
    document = today()
    request = new_session(document)
    properties = request["properties"]
    text = {"type": "string", "minLength": 1}
    shared = {name: properties.pop(name) for name in ("versionId", "customId", "metadata", "status")}
    driven = {"testCaseId": text, "isProduction": {"const": False}}
    real = {"isProduction": {"const": True}, "context": properties["context"]}
    request.clear()
    request["oneOf"] = [
        {"type": "object", "required": ["versionId", *needed], "properties": {**copy.deepcopy(shared), **own}}
        for needed, own in ((["testCaseId"], driven), (["isProduction"], real))
    ]
    # The alternatives exclude each other: a test case has no place beside production.
    request["oneOf"][1]["properties"]["testCaseId"] = {"type": "null"}
    for rule in document["paths"]["/sessions"]["post"]["x-contract-rules"]:
        if rule["id"] == BY_DEFAULT:
            rule["rule"] = "!has(response.body.isProduction) || response.body.isProduction == false"
    return document


def third() -> dict[str, Any]:
    """The third era: a product in place of a version."""
    document = today()
    request = new_session(document)
    request["properties"]["productId"] = {"type": ["string", "null"], "minLength": 1}
    request["required"].remove("versionId")
    request["properties"]["versionId"]["type"] = ["string", "null"]
    set_ = {
        name: {"required": [name], "properties": {name: {"not": {"type": "null"}}}}
        for name in ("versionId", "productId")
    }
    request["allOf"].append({"title": "version-or-product", "anyOf": list(set_.values())})
    return document


def fourth() -> dict[str, Any]:
    """The fourth era: a run, which a production session refuses."""
    document = third()
    request = new_session(document)
    request["properties"]["runId"] = {"type": ["string", "null"], "minLength": 1}
    request["allOf"].append(
        {
            "title": "run-is-not-production",
            "not": {
                "required": ["runId", "isProduction"],
                "properties": {"runId": {"not": {"type": "null"}}, "isProduction": {"const": True}},
            },
        }
    )
    return document


def new_session(document: dict[str, Any]) -> Any:
    return document["components"]["schemas"]["NewSession"]


def told(changes: tuple[Change, ...], audience: str, verdict: str) -> list[Change]:
    return [change for change in changes if change.audience == audience and change.verdict == verdict]


def shown(change: Change) -> Any:
    """The witness."""
    return change.witness


def test_from_the_union_to_the_rules_no_schema_breaks_a_sender_and_the_meaning_changes(tmp_path: Path) -> None:
    comparison = compared(tmp_path, first(), today())

    meaning = [change for change in comparison.changes if BY_DEFAULT in change.what]
    others = [change for change in told(comparison.changes, "senders", "breaking") if change not in meaning]
    assert {(change.audience, change.verdict) for change in meaning} == {
        ("senders", "breaking"),
        ("readers", "breaking"),
    }
    assert others == []
    assert told(comparison.changes, "senders", "undecided") == []
    # What was an error and is a production session now: neither a test case nor a word on production.
    request, response = shown(meaning[0])["request"], shown(meaning[0])["response"]
    assert not {"testCaseId", "isProduction"} & {name for name, value in request["body"].items() if value is not None}
    assert response["body"]["isProduction"] is True


def test_back_to_the_union_a_bare_request_is_refused(tmp_path: Path) -> None:
    breaking = told(compared(tmp_path, today(), first()).changes, "senders", "breaking")

    bodies = [shown(change)["body"] for change in breaking if "body" in shown(change)]
    assert any("testCaseId" not in body and "isProduction" not in body for body in bodies)


def test_a_product_in_place_of_a_version_breaks_nobody(tmp_path: Path) -> None:
    comparison = compared(tmp_path, today(), third())

    assert {change.verdict for change in comparison.changes} == {"compatible"}
    assert comparison.bump.word == "minor"


def test_without_the_product_requests_that_name_only_that_break(tmp_path: Path) -> None:
    breaking = told(compared(tmp_path, third(), today()).changes, "senders", "breaking")

    assert any("versionId" not in shown(change)["body"] for change in breaking)


def test_a_run_that_production_refuses_breaks_nobody_who_never_sent_one(tmp_path: Path) -> None:
    """`runId` is new with its rule: who sends none cannot break it."""
    comparison = compared(tmp_path, third(), fourth())

    assert told(comparison.changes, "readers", "breaking") == []
    assert {change.verdict for change in comparison.changes} == {"compatible"}


@pytest.mark.parametrize("era", [first, today, third, fourth])
def test_an_era_beside_itself_is_the_same(era: Any, tmp_path: Path) -> None:
    assert compared(tmp_path, era(), era()).changes == ()
