"""Documents that others wrote, and very large ones, are planned whole; what is not supported is counted and said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from speclock.core.cases import CaseKind
from speclock.core.constraints import Oracle
from speclock.core.reading import Reading
from speclock.generation.planning import OperationPlan
from tests.support.real_documents import DOCUMENTS, GITHUB, Planning, missing, plan

if TYPE_CHECKING:
    from pathlib import Path

    from speclock.core.documents import JsonValue

#: Those that are planned in seconds.
BRIEF = ("blockfrost", "ideal-postcodes", "readme-legacy", "star-trek", "train-travel", "discriminators")
#: How many operations of a document are looked at one by one, spread over it.
SAMPLE = 8

everything = pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in BRIEF else pytest.mark.full) for name in DOCUMENTS]
)


def present(document: Path) -> Path:
    """The document; a test skips when it is not there, which is a failure in CI."""
    reason = missing(document)
    if reason is not None:
        pytest.skip(reason)
    return document


def assert_told_whole(planning: Planning) -> None:
    """Something was planned, and what was not is told line by line."""
    assert planning.operations > 0
    assert planning.constraints > 0
    assert planning.cases > planning.constraints
    assert sum(line.startswith("not supported: ") for line in planning.lines) == planning.unsupported
    assert sum("; nothing breaks it alone: " in line for line in planning.lines) == planning.masked


@everything
def test_a_document_is_planned_whole_and_what_is_not_supported_is_told(name: str) -> None:
    assert_told_whole(plan(present(DOCUMENTS[name])))


@everything
def test_each_planned_request_breaks_what_it_says_and_nothing_else(name: str) -> None:
    reading = Reading.of(present(DOCUMENTS[name]))
    oracle = Oracle(reading.contract, reading.schemas, reading.rules)
    told = [operation for operation in reading.contract.operations if oracle.analysis(operation).constraints]
    #: Of its own, so that it remembers nothing of the planning.
    judge = Oracle(reading.contract, reading.schemas, reading.rules)
    wrong, negative = [], 0
    for operation in told[:: len(told) // SAMPLE + 1]:
        for case in OperationPlan(oracle.analysis(operation), oracle, reading.rules).cases:
            promised = [case.breaks] if case.kind is CaseKind.NEGATIVE else []
            broken = judge.broken(operation, case.draft)
            negative += len(promised)
            if broken is None or list(broken) != promised:
                wrong.append((operation.id, case, broken))
    assert negative > 0
    assert wrong == []


@pytest.mark.full
def test_githubs_document_is_planned_in_less_than_two_gigabytes() -> None:
    planning = plan(present(GITHUB))

    assert_told_whole(planning)
    assert planning.operations > 1000
    assert planning.peak_mib < 2000


@pytest.mark.parametrize(
    ("megabytes", "most_mib"), [(5, 400), pytest.param(50, 2000, marks=pytest.mark.full)], ids=("5 MB", "50 MB")
)
def test_a_huge_document_is_planned_in_bounded_memory(megabytes: int, most_mib: int, tmp_path: Path) -> None:
    document = tmp_path / "huge.json"
    document.write_text(json.dumps(huge(operations=10 * megabytes)), "utf-8")
    assert document.stat().st_size >= megabytes * 1_000_000

    planning = plan(document)

    assert planning.operations == 10 * megabytes
    assert planning.unsupported == 0
    assert planning.peak_mib < most_mib


def huge(*, operations: int) -> JsonValue:
    """A document with 100 KB for each operation, half of it prose and half of it the example of an answer."""
    example: list[JsonValue] = [{"name": f"thing {number}", "size": number} for number in range(1_300)]
    schema: JsonValue = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string", "minLength": 1}, "size": {"type": "integer", "minimum": 0}},
    }
    content: JsonValue = {"application/json": {"schema": {"type": "array", "items": schema}, "example": example}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Huge", "version": "1"},
        "paths": {
            f"/things/{number}": {
                "post": {
                    "description": "All that can be said of it. " * 2_000,
                    "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
                    "responses": {"200": {"description": "Done.", "content": content}},
                }
            }
            for number in range(operations)
        },
    }
