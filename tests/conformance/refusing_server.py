"""Applications that are of no use: one that knows no key at all, one that hangs, one that does not start."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

__all__ = ["app", "hanging", "unstartable"]


async def refuse(_request: Request) -> Response:
    return JSONResponse({"message": "a key, please"}, 401, {"WWW-Authenticate": "Bearer"})


app = Starlette(routes=[Route("/{path:path}", refuse, methods=["GET", "POST"])])


async def hang(_request: Request) -> Response:
    await asyncio.sleep(3600)
    return Response()


hanging = Starlette(routes=[Route("/{path:path}", hang, methods=["GET", "POST"])])


@asynccontextmanager
async def fail(_app: Starlette) -> AsyncIterator[None]:
    if os.environ:  # always: a generator has to have its yield in reach
        raise RuntimeError("no database, say")
    yield


unstartable = Starlette(lifespan=fail)
