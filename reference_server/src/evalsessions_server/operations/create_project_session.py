"""``POST /v2/projects/{project_id}/sessions``: Galileo's session, every property of it optional."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalsessions_server.catalog import Access
from evalsessions_server.errors import Fault, Vendor, invalid
from evalsessions_server.operations.common import Answer, Call, Services, require
from evalsessions_server.storage import ProjectSessionRecord
from evalsessions_server.strict_json import dump
from evalsessions_server.validation import UUID4, Properties, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from evalsessions_server.json_types import JsonValue

__all__ = ["LOGGING_METHODS", "ProjectSessionRequest", "create_project_session", "read_project_session"]

LOGGING_METHODS = ("playground", "python_client", "typescript_client", "api_direct")


@dataclass(frozen=True, slots=True)
class ProjectSessionRequest:
    """What is answered or looked up; the other properties are only judged."""

    project_id: str
    name: str | None
    previous_session_id: str | None
    external_id: str | None


def read_project_session(body: JsonValue, path: Mapping[str, str]) -> tuple[ProjectSessionRequest, list[Fault]]:
    """Return the request, and what is wrong with it."""
    faults: list[Fault] = []
    project_id = path["project_id"]
    if not UUID4.fullmatch(project_id):
        message = f"expected a UUID of version 4, got {kind_of(project_id)}"
        faults.append(Fault(("path", "project_id"), "uuid_parsing", message))
    properties = Properties(body, location=("body",), faults=faults)
    for name in ("log_stream_id", "experiment_id", "metrics_testing_id"):
        properties.uuid4(name)
    properties.choice("logging_method", LOGGING_METHODS)
    properties.text("client_version")
    properties.boolean("reliable")
    request = ProjectSessionRequest(
        project_id=project_id.lower(),
        name=properties.text("name"),
        previous_session_id=properties.uuid4("previous_session_id"),
        external_id=properties.identifier("external_id"),
    )
    return request, faults


async def create_project_session(call: Call, services: Services) -> Answer:
    """Store a session of a project.

    Raises:
        Problem: 422, 403 or 404.
    """
    request, faults = read_project_session(call.body, call.path)
    if faults:
        raise invalid(Vendor.GALILEO, faults)
    catalog = services.catalog
    access = [("project", request.project_id, catalog.projects.access(request.project_id, call.caller))]
    previous = request.previous_session_id
    if previous is not None and not catalog.open_world:
        known = await services.store.has_project_session(previous.lower(), project_id=request.project_id)
        access.append(("previous session", previous, Access.GRANTED if known else Access.UNKNOWN))
    require(access)
    project = catalog.projects.get(request.project_id)
    session_id = str(uuid.uuid4())
    document = dump(
        {
            "id": session_id,
            "name": request.name,
            "project_id": request.project_id,
            "project_name": project.name if project else request.project_id,
            "previous_session_id": previous,
            "external_id": request.external_id,
        }
    )
    await services.store.add_project_session(ProjectSessionRecord(session_id, request.project_id, document))
    return Answer(200, document)
