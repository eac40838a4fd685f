"""From the catalogue's test cases and sessions to records, read exactly as a request body would be."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from evalsessions_server.catalog import Catalog, CatalogError
from evalsessions_server.operations.create_session import read_session, session_record
from evalsessions_server.operations.create_test_case import read_test_case, test_case_record

if TYPE_CHECKING:
    from evalsessions_server.errors import Fault
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
        _refuse("testCases", index, faults)
        cases[str(row["id"])] = test_case_record(str(row["id"]), case)
    sessions = []
    for index, row in enumerate(catalog.sessions):
        session, faults = read_session(row)
        _refuse("sessions", index, faults)
        context = session.context
        if session.test_case_id is not None:
            known = cases.get(session.test_case_id)
            if known is None and not catalog.open_world:
                raise CatalogError(
                    f"the catalogue, at /sessions/{index}/testCaseId: "
                    f"refers to {session.test_case_id!r}, which the catalogue does not have"
                )
            context = json.loads(known.document)["context"] if known else None
        sessions.append(session_record(str(row["id"]), session, context))
    return list(cases.values()), sessions


def _refuse(name: str, index: int, faults: list[Fault]) -> None:
    if faults:
        raise CatalogError(f"the catalogue, at /{name}/{index}{faults[0]}")
