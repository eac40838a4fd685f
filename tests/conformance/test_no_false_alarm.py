"""A correct server is not blamed: for things that the run itself has deleted, nor for a body that is a form."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from speclock.core.profiles import Binding, Profile
from tests.conformance.harness import check_app

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.requests import Request

CONTRACT = """
openapi: 3.1.0
info: {title: Notes, version: 1.0.0}
paths:
  /notes:
    post:
      operationId: createNote
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, properties: {text: {type: [string, "null"]}}}}}
      responses:
        "201":
          description: The note.
          content: {application/json: {schema: {type: object, required: [id], properties: {id: {type: string}}}}}
          links:
            read: {operationId: getNote, parameters: {id: "$response.body#/id"}}
            drop: {operationId: deleteNote, parameters: {id: "$response.body#/id"}}
        "400": {description: Wrong.}
        "415": {description: Not JSON.}
  /notes/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getNote
      responses:
        "200":
          description: The note.
          content: {application/json: {schema: {type: object, required: [id], properties: {id: {type: string}}}}}
        "404": {description: None.}
    delete:
      operationId: deleteNote
      responses: {"204": {description: Gone.}, "404": {description: None.}}
  /labels:
    post:
      operationId: createLabel
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema: {type: object, required: [name], properties: {name: {type: string, minLength: 1}}}
      responses: {"204": {description: Done.}, "400": {description: Wrong.}, "415": {description: No form.}}
"""


def app(*, deletes: bool = True) -> Starlette:
    """A correct server of the contract; or one that says that it deletes, and does not."""
    numbers, notes = itertools.count(1), set()

    async def create(request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return Response(status_code=415)
        try:
            body = await _json(request)
        except (ValueError, RecursionError):
            return Response(status_code=400)
        if not isinstance(body, dict) or not isinstance(body.get("text"), str | None):
            return Response(status_code=400)
        note = f"note_{next(numbers)}"
        notes.add(note)
        return JSONResponse({"id": note}, 201)

    async def one(request: Request) -> Response:
        note = request.path_params["id"]
        if note not in notes:
            return Response(status_code=404)
        if request.method == "DELETE":
            if deletes:
                notes.discard(note)
            return Response(status_code=204)
        return JSONResponse({"id": note})

    async def label(request: Request) -> Response:
        if "form-urlencoded" not in request.headers.get("content-type", "").lower():
            return Response(status_code=415)
        form = parse_qs((await request.body()).decode("latin-1"))
        return Response(status_code=204 if form.get("name") else 400)

    return Starlette(
        routes=[
            Route("/notes", create, methods=["POST"]),
            Route("/notes/{id}", one, methods=["GET", "DELETE"]),
            Route("/labels", label, methods=["POST"]),
        ]
    )


async def _json(request: Request) -> object:
    def refuse(name: str) -> float:
        raise ValueError(name)

    found: object = json.loads((await request.body()).decode(), parse_constant=refuse)
    return found


#: A name that must be new, of which the shortest are few.
NAMES = """
openapi: 3.1.0
info: {title: Names, version: 1.0.0}
paths:
  /names:
    post:
      operationId: takeName
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              properties:
                name: {type: string, minLength: 1, maxLength: 3}
                note: {type: [string, "null"]}
      responses:
        "204": {description: It is yours.}
        "400": {description: Wrong.}
        "409": {description: Somebody has it.}
        "415": {description: Not JSON.}
"""


def names_app(taken: Callable[[str], bool]) -> Starlette:
    """A correct server of the contract, where some names are taken from the start."""
    given: set[str] = set()

    async def take(request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return Response(status_code=415)
        try:
            body = await _json(request)
        except (ValueError, RecursionError):
            return Response(status_code=400)
        name = body.get("name") if isinstance(body, dict) else None
        is_right = isinstance(body, dict) and isinstance(body.get("note"), str | None)
        if not is_right or not isinstance(name, str) or not 1 <= len(name) <= 3:
            return Response(status_code=400)
        if name in given or taken(name):
            return Response(status_code=409)
        given.add(name)
        return Response(status_code=204)

    return Starlette(routes=[Route("/names", take, methods=["POST"])])


@pytest.mark.parametrize(("every", "found"), [(8, False), (1, True)])
def test_a_short_name_that_somebody_else_has_is_no_finding_unless_every_name_is_refused(
    every: int, found: bool, tmp_path: Path
) -> None:
    contract = tmp_path / "names.yaml"
    contract.write_text(NAMES)
    profile = Profile(bindings={"": {"name": Binding(unique=True)}})
    app = names_app(lambda name: ord(name[0]) % every == 0)
    outcome = check_app(None, app=app, contract=contract, profile=profile, credentials={})
    refused = [item for item in outcome.findings if item.check == "acceptance_conformance"]
    assert bool(refused) is found
    assert bool(outcome.findings) is found


def test_what_is_said_to_be_deleted_and_can_still_be_read_is_a_finding(tmp_path: Path) -> None:
    contract = tmp_path / "notes.yaml"
    contract.write_text(CONTRACT)
    outcome = check_app(None, app=app(deletes=False), contract=contract, profile=Profile(), credentials={})
    assert [(item.operation, item.check) for item in outcome.findings] == [("getNote", "deletion_conformance")]
    (finding,) = outcome.findings
    assert finding.title == "getNote does not refuse what deleteNote deleted just before"
    assert finding.message == "expected 404 or 410, got 200"
    assert finding.location.pointer == "/paths/~1notes~1{id}/get/responses/404"


def test_neither_what_was_deleted_nor_a_form_is_held_against_a_correct_server(tmp_path: Path) -> None:
    contract = tmp_path / "notes.yaml"
    contract.write_text(CONTRACT)
    for seed in (1, 2, 3):
        outcome = check_app(None, app=app(), contract=contract, profile=Profile(), credentials={}, seed=seed)
        assert [(item.operation, item.check, item.message) for item in outcome.findings] == []
        assert outcome.judged > 100
