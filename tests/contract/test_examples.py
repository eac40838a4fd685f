"""The examples of openapi.yaml: the valid ones are valid, and each invalid one breaks the one rule that it names."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.contract_document import VALIDATORS, Operation, document, operations

by_both_validators = pytest.mark.parametrize("broken", VALIDATORS.values(), ids=VALIDATORS)
each_operation = pytest.mark.parametrize("op", operations(), ids=lambda op: op.id)


def requests() -> Iterator[Any]:
    for op in operations():
        for name, example in op.request["examples"].items():
            yield pytest.param(op, example["value"], id=f"{op.id}-{name}")


def answers() -> Iterator[Any]:
    for op in operations():
        for status, response in op.responses.items():
            media_type = response["content"]["application/json"]
            for name, example in media_type["examples"].items():
                yield pytest.param(media_type["schema"], example["value"], id=f"{op.id}-{status}-{name}")


def invalid_requests() -> Iterator[Any]:
    for op in operations():
        for name, example in op.request.get("x-invalid-examples", {}).items():
            yield pytest.param(op, example["value"], example["rule"], id=f"{op.id}-{name}")


@pytest.mark.parametrize(("op", "value"), list(requests()))
@by_both_validators
def test_an_example_request_is_valid(op: Operation, value: object, broken: Any) -> None:
    assert broken(op.request["schema"], value) == []


@pytest.mark.parametrize(("schema", "value"), list(answers()))
@by_both_validators
def test_an_example_answer_is_valid(schema: dict[str, Any], value: object, broken: Any) -> None:
    assert broken(schema, value) == []


@pytest.mark.parametrize(("op", "value", "rule"), list(invalid_requests()))
@by_both_validators
def test_an_invalid_example_breaks_the_rule_that_it_names_and_nothing_else(
    op: Operation, value: object, rule: str, broken: Any
) -> None:
    assert broken(op.request["schema"], value) == [rule]


def test_every_named_rule_has_an_invalid_example() -> None:
    titles = {
        part["title"] for schema in document()["components"]["schemas"].values() for part in schema.get("allOf", [])
    }
    named = {example["rule"] for op in operations() for example in op.request.get("x-invalid-examples", {}).values()}
    assert named == titles


@each_operation
def test_an_operation_has_two_named_request_examples_or_more(op: Operation) -> None:
    assert len(op.request["examples"]) >= 2
    assert all(example["summary"] for example in op.request["examples"].values())


@each_operation
def test_every_documented_status_has_an_example(op: Operation) -> None:
    for status, response in op.responses.items():
        assert response["description"], status
        assert response["content"]["application/json"]["examples"], status


@each_operation
def test_every_request_example_has_its_answer(op: Operation) -> None:
    """By the same name, so that the response rules can be read, and tested, on the pair."""
    assert op.success["content"]["application/json"]["examples"].keys() == op.request["examples"].keys()


def test_error_examples_point_at_what_the_contract_says() -> None:
    """A broken rule's error names the rule and the property to remove."""
    pointers = {
        example["value"]["rule"]: example["value"]["pointer"]
        for op in operations()
        for response in op.responses.values()
        for example in response["content"]["application/json"]["examples"].values()
        if "rule" in example["value"]
    }
    assert pointers == {
        "test-case-session-is-not-production": "/isProduction",
        "test-case-provides-context": "/context",
        "exactly-one-selection": "",
        "metric-has-id-or-name": "/metrics/1",
    }
