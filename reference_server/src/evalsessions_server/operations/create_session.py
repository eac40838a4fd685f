"""``POST /sessions``: production, test-driven or imported, told apart by two rules."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalsessions_server.catalog import Access
from evalsessions_server.errors import Fault, Problem, Vendor, invalid
from evalsessions_server.operations.common import USER_ID, Answer, Call, Services, new_id, now, require
from evalsessions_server.storage import DuplicateCustomIdError, SessionRecord
from evalsessions_server.strict_json import dump
from evalsessions_server.validation import Properties

if TYPE_CHECKING:
    from evalsessions_server.json_types import JsonObject, JsonValue

__all__ = ["PROPERTIES", "STATUSES", "SessionRequest", "create_session", "read_session", "session_record"]

PROPERTIES = ("versionId", "customId", "testCaseId", "isProduction", "context", "metadata", "status")
"""The properties of the request, for readers that refuse others."""

STATUSES = ("PENDING", "COMPLETED", "FAILED")


@dataclass(frozen=True, slots=True)
class SessionRequest:
    version_id: str
    custom_id: str | None
    test_case_id: str | None
    is_production: bool
    context: JsonObject | None
    metadata: JsonObject | None
    status: str


def read_session(body: JsonValue) -> tuple[SessionRequest, list[Fault]]:
    """Return the request with its defaults, and what is wrong with it."""
    faults: list[Fault] = []
    properties = Properties(body, location=("body",), faults=faults)
    test_case_id = properties.identifier("testCaseId")
    is_production = properties.boolean("isProduction")
    request = SessionRequest(
        version_id=properties.required_identifier("versionId"),
        custom_id=properties.identifier("customId"),
        test_case_id=test_case_id,
        is_production=test_case_id is None if is_production is None else is_production,
        context=properties.text_or_object("context", text_becomes="value"),
        metadata=properties.json_object("metadata"),
        status=properties.choice("status", STATUSES) or "COMPLETED",
    )
    if not faults and test_case_id is not None:
        _judge_test_driven(properties, request)
    return request, faults


def _judge_test_driven(properties: Properties, request: SessionRequest) -> None:
    if request.is_production:
        properties.refuse(
            ("isProduction",),
            "forbidden",
            "a session of a test case is not production: remove isProduction, or send false, or remove testCaseId",
            rule="test-case-session-is-not-production",
        )
    if properties.is_set("context"):
        properties.refuse(
            ("context",),
            "forbidden",
            "the test case provides the context: remove context or testCaseId",
            rule="test-case-provides-context",
        )


async def create_session(call: Call, services: Services) -> Answer:
    """Store a session.

    Raises:
        Problem: 400, 403, 404 or 409.
    """
    request, faults = read_session(call.body)
    if faults:
        raise invalid(Vendor.GALTEA, faults)
    catalog = services.catalog
    access = [("version", request.version_id, catalog.versions.access(request.version_id, call.caller))]
    context = request.context
    if request.test_case_id is not None:
        case = await services.store.test_case(request.test_case_id)
        if case is not None:
            granted = catalog.tests.access(case.test_id, call.caller)
            # A test that has left the catalogue since still exists through its test case.
            case_access = Access.FORBIDDEN if granted is Access.FORBIDDEN else Access.GRANTED
            context = json.loads(case.document)["context"]
        else:
            case_access = Access.GRANTED if catalog.open_world else Access.UNKNOWN
        access.append(("test case", request.test_case_id, case_access))
    require(access)
    record = session_record(new_id("ses"), request, context)
    try:
        await services.store.add_session(record)
    except DuplicateCustomIdError:
        message = "already used by another session of this version: send another customId"
        fault = Fault(("body", "customId"), "conflict", message)
        raise Problem(409, f"customId is {message}", faults=[fault]) from None
    return Answer(201, record.document)


def session_record(session_id: str, request: SessionRequest, context: JsonObject | None) -> SessionRecord:
    """Return the new session as it is stored and answered."""
    document = dump(
        {
            "id": session_id,
            "customId": request.custom_id,
            "versionId": request.version_id,
            "userId": USER_ID,
            "testCaseId": request.test_case_id,
            "context": context,
            "stoppingReason": None,
            "error": None,
            "status": request.status,
            "isProduction": request.is_production,
            "metadata": request.metadata,
            "createdAt": now(),
            "deletedAt": None,
        }
    )
    return SessionRecord(session_id, request.version_id, request.custom_id, document)
