"""A server of notes.yaml: notes that are made, read and deleted, and labels that are made of a form."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["NOTES", "notes_app", "strictly_read"]

NOTES = Path(__file__).with_name("notes.yaml")


def notes_app(*, deletes: bool = True) -> Starlette:
    """A correct server of the contract; or one that says that it deletes, and does not."""
    numbers, notes = itertools.count(1), set()

    async def create(request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return Response(status_code=415)
        try:
            body = await strictly_read(request)
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


async def strictly_read(request: Request) -> object:
    """The body as JSON; ValueError for what is none."""

    def refuse(name: str) -> float:
        raise ValueError(name)

    found: object = json.loads((await request.body()).decode(), parse_constant=refuse)
    return found
