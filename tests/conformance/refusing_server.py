"""A server that knows no key at all."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

__all__ = ["app"]


async def refuse(_request: Request) -> Response:
    return JSONResponse({"message": "a key, please"}, 401, {"WWW-Authenticate": "Bearer"})


app = Starlette(routes=[Route("/{path:path}", refuse, methods=["GET", "POST"])])
