"""From what the server decided to an HTTP response: always JSON, always ASCII."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from evalsessions_server.errors import Problem, Vendor, describe
from evalsessions_server.strict_json import dump

if TYPE_CHECKING:
    from evalsessions_server.json_types import JsonValue

__all__ = ["json_response", "problem_response", "text_response"]


def json_response(status: int, document: JsonValue) -> Response:
    """Return ``document`` as a response."""
    return text_response(status, dump(document))


def text_response(status: int, document: str) -> Response:
    """Return a document that is JSON text already."""
    return Response(document, status, media_type="application/json")


def problem_response(problem: Problem, vendor: Vendor) -> Response:
    """Return the response of a refusal."""
    response = json_response(problem.status, describe(problem, vendor))
    response.headers.update(problem.headers)
    return response
