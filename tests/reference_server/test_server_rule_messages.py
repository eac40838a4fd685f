"""A broken request rule is refused in the contract's own words: its name, its place, and what to do.

The server writes its rules and their texts by hand; this is where the two are compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.contract_document import Operation, document, operations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.reference_server.calls import Sandbox

# Where each invalid example breaks its rule: the property to remove, or the object that lacks one.
POINTERS = {
    "productionWithTestCase": "/isProduction",
    "textContextWithTestCase": "/context",
    "emptyTextContextWithTestCase": "/context",
    "emptyObjectContextWithTestCase": "/context",
    "bothSelections": "",
    "noSelection": "",
    "noSelectionByNull": "",
    "anonymousMetric": "/metrics/1",
    "anonymousMetricByNull": "/metrics/0",
}

MESSAGES = {
    part["title"]: part["description"]
    for schema in document()["components"]["schemas"].values()
    for part in schema.get("allOf", [])
}


def invalid_examples() -> Iterator[Any]:
    for op in operations():
        for name, example in op.request.get("x-invalid-examples", {}).items():
            yield pytest.param(op, name, example, id=f"{op.id}-{name}")


def documented_refusals() -> Iterator[Any]:
    for op in operations():
        examples = op.responses["400"]["content"]["application/json"]["examples"] if "400" in op.responses else {}
        for name, example in examples.items():
            if "rule" in example["value"]:
                yield pytest.param(op, example["value"], id=f"{op.id}-{name}")


@pytest.mark.parametrize(("op", "name", "example"), list(invalid_examples()))
def test_an_invalid_example_is_refused_with_the_name_the_place_and_the_description_of_its_rule(
    sandbox: Sandbox, op: Operation, name: str, example: dict[str, Any]
) -> None:
    pointer, rule = POINTERS[name], example["rule"]
    answer = sandbox.post(op.path, example["value"])
    assert answer.status_code == 400
    assert answer.json() == {
        "error": "Bad Request",
        "message": f"{pointer}: {MESSAGES[rule]}" if pointer else MESSAGES[rule],
        "rule": rule,
        "pointer": pointer,
    }


@pytest.mark.parametrize(("op", "refusal"), list(documented_refusals()))
def test_a_documented_refusal_by_a_rule_is_what_the_server_answers(
    sandbox: Sandbox, op: Operation, refusal: dict[str, Any]
) -> None:
    requests = [
        example["value"]
        for name, example in op.request["x-invalid-examples"].items()
        if (example["rule"], POINTERS[name]) == (refusal["rule"], refusal["pointer"])
    ]
    assert requests
    for request in requests:
        assert sandbox.post(op.path, request).json() == refusal
