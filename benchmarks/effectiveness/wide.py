"""What the wide document has beside the rule: further operations, and faults that have nothing to do with a rule.

Here other tools may be better; the benchmark looks for where they are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.responses import JSONResponse, Response

from benchmarks.effectiveness.fields import one_of, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from benchmarks.effectiveness.patterns import Json
    from benchmarks.effectiveness.server import Subject

__all__ = ["PATHS", "crashes", "document", "label", "not_allowed", "refusal", "search", "shown"]

_COLOURS = ("red", "green", "blue")
_FORM = "application/x-www-form-urlencoded"
_LONGEST_LABEL = 10


def _told(description: str, schema: str | None = None) -> Json:
    if schema is None:
        return {"description": description}
    content: Json = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}


_PROBLEM = _told("Refused.", "Problem")
_LABEL: Json = {
    "type": "object",
    "required": ["label"],
    "properties": {
        "label": {"type": "string", "minLength": 1, "maxLength": _LONGEST_LABEL},
        "colour": {"type": "string", "enum": list(_COLOURS)},
    },
    "additionalProperties": False,
}
PATHS: dict[str, Json] = {
    "/documents/{id}": {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}],
        "get": {"operationId": "getDocument", "responses": {"200": _told("It.", "Document"), "404": _PROBLEM}},
        "delete": {"operationId": "deleteDocument", "responses": {"204": _told("Deleted."), "404": _PROBLEM}},
    },
    "/search": {
        "get": {
            "operationId": "search",
            "parameters": [{"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1}}],
            "responses": {"204": _told("Nothing found."), "422": _PROBLEM},
        }
    },
    "/labels": {
        "post": {
            "operationId": "createLabel",
            "requestBody": {"required": True, "content": {_FORM: {"schema": _LABEL}}},
            "responses": {"204": _told("Made."), "415": _PROBLEM, "422": _PROBLEM},
        }
    },
}


def refusal(status: int, message: str) -> Response:
    return JSONResponse({"message": message}, status)


def not_allowed(subject: Subject, *methods: str) -> Response:
    if subject.does("another method is taken"):
        return Response(status_code=204)
    headers = {} if subject.does("a 405 has no Allow") else {"Allow": ", ".join(methods)}
    return JSONResponse({"message": "not this method"}, 405, headers)


def crashes(subject: Subject, body: Mapping[str, Json]) -> bool:
    """Whether a legal body to be made brings the server down."""
    return ("\0" in str(body["name"]) and subject.does("a NUL in the name crashes")) or (
        body.get("priority") == 7 and subject.does("a priority of 7 crashes")
    )


def shown(subject: Subject, made: dict[str, Json]) -> dict[str, Json]:
    """How a document that was just made is answered."""
    if "priority" in made and subject.does("an answer has its priority as text"):
        return {**made, "priority": str(made["priority"])}
    if subject.does("an answer lacks its name"):
        return {key: value for key, value in made.items() if key != "name"}
    return made


def document(subject: Subject, method: str, name: str) -> Response:
    """Read or delete one document."""
    if method not in {"GET", "DELETE"}:
        return not_allowed(subject, "GET", "DELETE")
    found = subject.documents.get(name)
    was_there = name in subject.documents
    if found is None and was_there and method == "DELETE" and subject.does("deleting twice crashes"):
        return JSONResponse({"message": "crashed"}, 500)
    if found is None or (method == "GET" and subject.does("a made document cannot be found")):
        return refusal(404, "there is no such document")
    if method == "GET":
        return JSONResponse(found)
    if not subject.does("a deleted document is still there"):
        subject.documents[name] = None
    return Response(status_code=204)


def search(subject: Subject, method: str, query: Mapping[str, str]) -> Response:
    if method != "GET":
        return not_allowed(subject, "GET")
    if re.fullmatch("0*[1-9][0-9]*", query.get("limit", "1")) or subject.does("a limit that is no number is taken"):
        return Response(status_code=204)
    return refusal(422, "limit is wrong")


async def label(subject: Subject, request: Request) -> Response:
    """Make a label of a form."""
    if request.method != "POST":
        return not_allowed(subject, "POST")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        return refusal(415, "the media type is no form")
    pairs = parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    form = dict(pairs)
    if len(form) < len(pairs) or form.keys() - {"label", "colour"} or not form.get("label"):
        return refusal(422, "the form is wrong")
    if not text(1, _LONGEST_LABEL)(form["label"]) and not subject.does("a form with a long label is taken"):
        return refusal(422, "label is too long")
    if not one_of(*_COLOURS)(form.get("colour", "red")) and not subject.does("a form with another colour is taken"):
        return refusal(422, "colour is wrong")
    return Response(status_code=204)
