"""POST /sessions says and stores what contract.md promises."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.reference_server.calls import Sandbox

TEST_DRIVEN = {"testCaseId": "tc_123"}


def test_a_session_without_test_case_is_production_and_completed(sandbox: Sandbox) -> None:
    answer = sandbox.session()
    assert answer.status_code == 201
    session = answer.json()
    assert (session["isProduction"], session["status"], session["testCaseId"]) == (True, "COMPLETED", None)
    assert session["deletedAt"] is None
    assert session["error"] is None


def test_a_session_of_a_test_case_is_not_production_and_has_its_context(sandbox: Sandbox) -> None:
    case = sandbox.test_case(context="Where is Paris?").json()
    session = sandbox.session(testCaseId=case["id"]).json()
    assert session["isProduction"] is False
    assert session["context"] == {"value": "Where is Paris?"}
    assert sandbox.session(testCaseId="tc_123").json()["context"] == {"value": "Geography question"}


def test_an_imported_session_keeps_its_context(sandbox: Sandbox) -> None:
    session = sandbox.session(isProduction=False, context={"turn": [1, {"a": None}]}).json()
    assert session["isProduction"] is False
    assert session["context"] == {"turn": [1, {"a": None}]}
    assert sandbox.session(context="").json()["context"] == {"value": ""}


@pytest.mark.parametrize("status", ["PENDING", "COMPLETED", "FAILED"])
def test_the_status_that_was_asked_for_comes_back(sandbox: Sandbox, status: str) -> None:
    assert sandbox.session(status=status).json()["status"] == status


def test_null_means_not_set_and_unknown_properties_are_ignored(sandbox: Sandbox) -> None:
    names = ["customId", "testCaseId", "isProduction", "context", "metadata", "status"]
    answer = sandbox.session(**dict.fromkeys(names), productId=7, runId=["x"])
    assert answer.status_code == 201
    assert (answer.json()["isProduction"], answer.json()["status"]) == (True, "COMPLETED")
    assert sandbox.session(**TEST_DRIVEN, isProduction=None, context=None).status_code == 201


def test_ids_are_new(sandbox: Sandbox) -> None:
    ids = [sandbox.session().json()["id"] for _ in range(50)]
    assert len(set(ids)) == 50


@pytest.mark.parametrize(
    ("body", "rule", "pointer"),
    [
        ({**TEST_DRIVEN, "isProduction": True}, "test-case-session-is-not-production", "/isProduction"),
        ({**TEST_DRIVEN, "context": "x"}, "test-case-provides-context", "/context"),
        ({**TEST_DRIVEN, "context": ""}, "test-case-provides-context", "/context"),
        ({**TEST_DRIVEN, "context": {}}, "test-case-provides-context", "/context"),
        ({**TEST_DRIVEN, "context": {}, "isProduction": False}, "test-case-provides-context", "/context"),
        (
            {**TEST_DRIVEN, "context": "x", "isProduction": True},
            "test-case-session-is-not-production",
            "/isProduction",
        ),
        ({"testCaseId": "nobody", "isProduction": True}, "test-case-session-is-not-production", "/isProduction"),
    ],
)
def test_a_broken_rule_is_named_with_the_property_to_remove(
    sandbox: Sandbox, body: Any, rule: str, pointer: str
) -> None:
    answer = sandbox.session(**body)
    assert answer.status_code == 400
    assert (answer.json()["rule"], answer.json()["pointer"]) == (rule, pointer)
    assert answer.json()["message"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"versionId": None}, "/versionId"),
        ({"versionId": ""}, "/versionId"),
        ({"versionId": 5}, "/versionId"),
        ({"customId": ""}, "/customId"),
        ({"testCaseId": ""}, "/testCaseId"),
        ({"testCaseId": []}, "/testCaseId"),
        ({"isProduction": "true"}, "/isProduction"),
        ({"isProduction": 1}, "/isProduction"),
        ({"context": 5}, "/context"),
        ({"context": ["x"]}, "/context"),
        ({"context": True}, "/context"),
        ({"metadata": "x"}, "/metadata"),
        ({"metadata": []}, "/metadata"),
        ({"status": "DONE"}, "/status"),
        ({"status": "completed"}, "/status"),
        ({"status": 1}, "/status"),
    ],
)
def test_a_wrong_property_is_named_and_breaks_no_rule(sandbox: Sandbox, body: Any, pointer: str) -> None:
    answer = sandbox.session(**body)
    assert answer.status_code == 400
    assert answer.json()["pointer"] == pointer
    assert "rule" not in answer.json()
    assert "expected" in answer.json()["message"]


def test_unknown_versions_and_test_cases_are_404(sandbox: Sandbox) -> None:
    assert sandbox.session(versionId="ver_nobody").status_code == 404
    assert sandbox.session(testCaseId="tc_nobody").status_code == 404
    assert "ver_nobody" in sandbox.session(versionId="ver_nobody").json()["message"]


def test_a_custom_id_is_taken_once_in_a_version(sandbox: Sandbox, unique: str) -> None:
    assert sandbox.session(customId=unique).status_code == 201
    again = sandbox.session(customId=unique)
    assert again.status_code == 409
    assert "customId" in again.json()["message"]
    assert (again.json()["error"], again.json()["pointer"]) == ("Conflict", "/customId")
    assert "rule" not in again.json()


@pytest.mark.parametrize("suffix", ["\0", "\u2028\U0001f600", "x" * 900_000, "'; DROP TABLE sessions; --", "%s?"])
def test_any_text_is_a_custom_id_and_still_unique(sandbox: Sandbox, unique: str, suffix: str) -> None:
    custom_id = unique + suffix
    first = sandbox.session(customId=custom_id)
    assert (first.status_code, first.json()["customId"]) == (201, custom_id)
    assert sandbox.session(customId=custom_id).status_code == 409


def test_of_concurrent_writers_with_one_custom_id_one_wins(sandbox: Sandbox, unique: str) -> None:
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda _: sandbox.session(customId=unique).status_code, range(32)))
    assert sorted(statuses) == [201] + [409] * 31


@pytest.mark.parametrize(
    "metadata",
    [
        {"big": 10**30, "small": -(10**300), "real": 1.5e-9, "one": 1, "none": None, "list": [True, False, {}]},
        {"text": '\0 \u00e9 \u2028 \U0001f600 \\u0000 " \x7f', "\0": 1, "": {"": []}},
        {"~/a": {"%s": "?"}},
        {},
    ],
)
def test_metadata_comes_back_exactly(sandbox: Sandbox, metadata: Any) -> None:
    assert sandbox.session(metadata=metadata).json()["metadata"] == metadata


def test_deep_metadata_comes_back(sandbox: Sandbox) -> None:
    content = b'{"versionId":"ver_123","metadata":' + b'{"a":' * 500 + b"1" + b"}" * 501
    answer = sandbox.send("/sessions", content)
    assert answer.status_code == 201
    assert b'{"a":' * 500 + b"1" + b"}" * 500 in answer.content
