"""A small server that keeps `petstore.yaml`: no key, no rules, one pet."""

import json
import re
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

__all__ = ["everything_is_text", "petstore"]

REX = {"id": 1, "name": "Rex", "tag": None}


async def list_pets(request: Request) -> Response:
    for limit in request.query_params.getlist("limit"):
        if not re.fullmatch("[0-9]{1,3}", limit, re.ASCII) or not 1 <= int(limit) <= 100:
            raise HTTPException(400, "the limit is a number of 1 to 100")
    return JSONResponse([REX])


async def create_pet(request: Request) -> Response:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, "JSON, please")
    try:
        pet = json.loads((await request.body()).decode(), parse_constant=no_number)
    except (ValueError, RecursionError):
        raise HTTPException(400, "not JSON") from None
    check_pet(pet)
    return Response(status_code=201)


def no_number(name: str) -> None:
    raise ValueError(name)


def check_pet(pet: Any) -> None:
    if not isinstance(pet, dict) or not isinstance(pet.get("name"), str) or not is_number(pet.get("id")):
        raise HTTPException(400, "a pet has a number and a name")
    if not isinstance(pet.get("tag"), str | None):
        raise HTTPException(400, "a tag is text")
    if "mother" in pet:
        check_pet(pet["mother"])


def is_number(value: Any) -> bool:
    return type(value) in (int, float) and -(2**63) <= value < 2**63 and value % 1 == 0


async def show_pet(request: Request) -> Response:
    if request.path_params["petId"] != "1":
        raise HTTPException(404, "no such pet")
    return JSONResponse(REX)


def refuse(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"code": error.status_code, "message": error.detail}, error.status_code, error.headers)


def petstore(prefix: str = "/v1") -> Starlette:
    """The server, with all of its paths below `prefix`."""
    pets = Route("/pets", list_pets, methods=["GET"]), Route("/pets", create_pet, methods=["POST"])
    routes = [*pets, Route("/pets/{petId}", show_pet, methods=["GET"])]
    return Starlette(
        routes=[Mount(prefix, routes=routes)] if prefix else routes, exception_handlers={HTTPException: refuse}
    )


async def text(_request: Request) -> Response:
    return PlainTextResponse("hello")


everything_is_text = Starlette(routes=[Route("/{path:path}", text, methods=["GET", "POST"])])
