"""From the catalogue's test cases and sessions to records, read as a request body would be.

Only here an unknown property is refused: in a file it is a slip of the pen, not a newer client.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evalsessions_server.catalog import Catalog, CatalogError
from evalsessions_server.errors import Fault
from evalsessions_server.operations.create_session import PROPERTIES, read_session, session_record
from evalsessions_server.operations.create_test_case import read_test_case, test_case_record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from evalsessions_server.json_types import JsonObject
    from evalsessions_server.storage import SessionRecord, TestCaseRecord

__all__ = ["seeds"]


def seeds(catalog: Catalog) -> tuple[list[TestCaseRecord], list[SessionRecord]]:
    """Return the records that exist before the first request.

    Raises:
        CatalogError: an entry that no request could have made.
    """
    cases: dict[str, TestCaseRecord] = {}
    for index, row in enumerate(catalog.test_cases):
        case, faults = read_test_case(row)
        _refuse(catalog, "testCases", index, faults or _unknown(row, ("id", "testId", *case.properties)))
        cases[str(row["id"])] = test_case_record(str(row["id"]), case)
    sessions = []
    taken: set[tuple[str, str]] = set()
    for index, row in enumerate(catalog.sessions):
        session, faults = read_session(row)
        _refuse(catalog, "sessions", index, faults or _unknown(row, ("id", *PROPERTIES)))
        if session.custom_id is not None:
            place = (session.version_id, session.custom_id)
            if place in taken:
                message = f"{session.custom_id!r} is used by another session of this version"
                _refuse(catalog, "sessions", index, [Fault(("body", "customId"), "duplicate", message)])
            taken.add(place)
        context = session.context
        if session.test_case_id is not None:
            known = cases.get(session.test_case_id)
            if known is None and not catalog.open_world:
                message = f"refers to {session.test_case_id!r}, which the catalogue does not have"
                _refuse(catalog, "sessions", index, [Fault(("body", "testCaseId"), "unknown", message)])
            context = json.loads(known.document)["context"] if known else None
        sessions.append(session_record(str(row["id"]), session, context))
    return list(cases.values()), sessions


def _unknown(row: JsonObject, known: Iterable[str]) -> list[Fault]:
    names = tuple(known)
    message = f"unknown property; expected one of {', '.join(names)}"
    return [Fault(("body", name), "unknown", message) for name in row if name not in names]


def _refuse(catalog: Catalog, name: str, index: int, faults: list[Fault]) -> None:
    if faults:
        raise CatalogError(f"{catalog.name}, at /{name}/{index}{faults[0]}")
