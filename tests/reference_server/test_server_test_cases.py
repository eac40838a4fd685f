"""POST /testCases keeps what was sent and what is the server's apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.reference_server.calls import Sandbox

FULL = {
    "input": {"user_message": "What is the capital of France?", "more": [1]},
    "expectedOutput": "Paris",
    "expectedTools": ["search", "", "search"],
    "context": {"value": "Geography question"},
    "source": "manual",
    "sourceFile": "",
    "confidence": 0.95,
    "confidenceReason": "sure",
    "variant": "v",
    "strategy": "s",
    "languageCode": "en",
    "userPersona": "Student",
    "scenario": "Quiz",
    "goal": "g",
    "stoppingCriterias": [],
    "maxIterations": 10,
    "isAugmented": False,
    "reviewedById": "user_456",
    "userScore": -5,
    "userScoreReason": "\0",
}


def test_every_typed_property_comes_back(sandbox: Sandbox) -> None:
    answer = sandbox.test_case(**FULL)
    assert answer.status_code == 201
    assert {name: answer.json()[name] for name in FULL} == FULL


def test_texts_become_their_structured_form(sandbox: Sandbox) -> None:
    case = sandbox.test_case(input="Hi", context="").json()
    assert (case["input"], case["context"]) == ({"user_message": "Hi"}, {"value": ""})


def test_null_means_not_set(sandbox: Sandbox) -> None:
    answer = sandbox.test_case(**dict.fromkeys(FULL))
    assert answer.status_code == 201
    assert {name: answer.json()[name] for name in FULL} == dict.fromkeys(FULL)


def test_the_servers_own_properties_are_ignored_whatever_their_type(sandbox: Sandbox) -> None:
    own = {"id": "mine", "userId": 7, "creditsUsed": "x", "sourceTestCaseId": [], "createdAt": True, "deletedAt": {}}
    answer = sandbox.test_case(**own)
    assert answer.status_code == 201
    for name, value in own.items():
        assert answer.json()[name] != value


def test_an_integer_may_be_written_with_a_fraction_of_zero(sandbox: Sandbox) -> None:
    answer = sandbox.send("/testCases", b'{"testId": "test_123", "maxIterations": 10.0, "userScore": 1e2}')
    assert answer.status_code == 201
    assert (answer.json()["maxIterations"], answer.json()["userScore"]) == (10, 100)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"testId": None}, "/testId"),
        ({"testId": ""}, "/testId"),
        ({"input": 1}, "/input"),
        ({"input": ["x"]}, "/input"),
        ({"expectedTools": "x"}, "/expectedTools"),
        ({"expectedTools": ["x", 1]}, "/expectedTools/1"),
        ({"expectedTools": [None]}, "/expectedTools/0"),
        ({"confidence": "1"}, "/confidence"),
        ({"confidence": True}, "/confidence"),
        ({"maxIterations": 0}, "/maxIterations"),
        ({"maxIterations": 1.5}, "/maxIterations"),
        ({"maxIterations": True}, "/maxIterations"),
        ({"maxIterations": "1"}, "/maxIterations"),
        ({"isAugmented": 0}, "/isAugmented"),
        ({"reviewedById": ""}, "/reviewedById"),
        ({"userScore": 0.5}, "/userScore"),
        ({"goal": 5}, "/goal"),
        ({"languageCode": {}}, "/languageCode"),
    ],
)
def test_a_wrong_property_is_named(sandbox: Sandbox, body: Any, pointer: str) -> None:
    answer = sandbox.test_case(**body)
    assert answer.status_code == 400
    assert answer.json()["pointer"] == pointer


def test_several_faults_are_told_at_once(sandbox: Sandbox) -> None:
    message = sandbox.test_case(goal=1, scenario=2).json()["message"]
    assert "/goal" in message
    assert "/scenario" in message


def test_an_unknown_test_is_404(sandbox: Sandbox) -> None:
    assert sandbox.test_case(testId="test_nobody").status_code == 404
