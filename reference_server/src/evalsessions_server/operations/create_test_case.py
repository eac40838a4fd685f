"""``POST /testCases``: what was sent comes back, texts in their structured form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalsessions_server.errors import Fault, Vendor, invalid
from evalsessions_server.operations.common import USER_ID, Answer, Call, Services, new_id, now, require
from evalsessions_server.storage import TestCaseRecord
from evalsessions_server.strict_json import dump
from evalsessions_server.validation import Properties

if TYPE_CHECKING:
    from evalsessions_server.json_types import JsonObject, JsonValue

__all__ = ["TestCaseRequest", "create_test_case", "read_test_case", "test_case_record"]


@dataclass(frozen=True, slots=True)
class TestCaseRequest:
    """The typed properties, by name; the server's own (``id``, ``createdAt``, ...) are not even looked at."""

    test_id: str
    properties: JsonObject


def read_test_case(body: JsonValue) -> tuple[TestCaseRequest, list[Fault]]:
    """Return the request, and what is wrong with it."""
    faults: list[Fault] = []
    sent = Properties(body, location=("body",), faults=faults)
    test_id = sent.required_identifier("testId")
    properties: JsonObject = {
        "input": sent.text_or_object("input", text_becomes="user_message"),
        "expectedOutput": sent.text("expectedOutput"),
        "expectedTools": _listed(sent.texts("expectedTools")),
        "context": sent.text_or_object("context", text_becomes="value"),
        "source": sent.text("source"),
        "sourceFile": sent.text("sourceFile"),
        "confidence": sent.number("confidence"),
        "confidenceReason": sent.text("confidenceReason"),
        "variant": sent.text("variant"),
        "strategy": sent.text("strategy"),
        "languageCode": sent.text("languageCode"),
        "userPersona": sent.text("userPersona"),
        "scenario": sent.text("scenario"),
        "goal": sent.text("goal"),
        "stoppingCriterias": _listed(sent.texts("stoppingCriterias")),
        "maxIterations": sent.integer("maxIterations", lowest=1),
        "isAugmented": sent.boolean("isAugmented"),
        "reviewedById": sent.identifier("reviewedById"),
        "userScore": sent.integer("userScore"),
        "userScoreReason": sent.text("userScoreReason"),
    }
    return TestCaseRequest(test_id, properties), faults


def _listed(texts: list[str] | None) -> list[JsonValue] | None:
    return None if texts is None else [*texts]


async def create_test_case(call: Call, services: Services) -> Answer:
    """Store a test case.

    Raises:
        Problem: 400, 403 or 404.
    """
    request, faults = read_test_case(call.body)
    if faults:
        raise invalid(Vendor.GALTEA, faults)
    require([("test", request.test_id, services.catalog.tests.access(request.test_id, call.caller))])
    record = test_case_record(new_id("tc"), request)
    await services.store.add_test_case(record)
    return Answer(201, record.document)


def test_case_record(test_case_id: str, request: TestCaseRequest) -> TestCaseRecord:
    """Return the new test case as it is stored and answered."""
    document = dump(
        {
            "id": test_case_id,
            "testId": request.test_id,
            "userId": USER_ID,
            **request.properties,
            "creditsUsed": 0,
            "sourceTestCaseId": None,
            "createdAt": now(),
            "deletedAt": None,
        }
    )
    return TestCaseRecord(test_case_id, request.test_id, document)
