"""The ASGI application: which path is which operation, and the order in which a request is judged.

401, 415, 413, 400 or 422, then what the operation itself decides (403, 404, 409). Routing comes first, since an unknown
path has no key to ask for.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from evalsessions_server.answers import json_response, problem_response, text_response
from evalsessions_server.auth import Keyring
from evalsessions_server.body import read_json
from evalsessions_server.catalog import Catalog, CatalogError
from evalsessions_server.document import read_document
from evalsessions_server.errors import Problem, Vendor
from evalsessions_server.heads import read_heads
from evalsessions_server.logs import RequestLog
from evalsessions_server.operations import (
    Call,
    Services,
    create_evaluations_from_sessions,
    create_project_session,
    create_session,
    create_test_case,
)
from evalsessions_server.seed import seeds
from evalsessions_server.settings import Settings, SettingsError
from evalsessions_server.storage import DatabaseUrlError, StoreUnavailableError, open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.types import Receive, Scope, Send

    from evalsessions_server.operations import Answer

    Operation = Callable[[Call, Services], Awaitable[Answer]]

__all__ = ["create_app"]

_OPERATIONS: tuple[tuple[str, Vendor, Operation], ...] = (
    ("/sessions", Vendor.GALTEA, create_session),
    ("/testCases", Vendor.GALTEA, create_test_case),
    ("/evaluations/fromSessions", Vendor.GALTEA, create_evaluations_from_sessions),
    ("/v2/projects/{project_id}/sessions", Vendor.GALILEO, create_project_session),
)

# The client has gone before its request was whole; nobody reads this status, and only the log shows it.
_CLIENT_CLOSED_REQUEST = 499


def create_app(settings: Settings) -> Starlette:
    """Return the application with its database open and the catalogue seeded.

    The database is opened here, not at the lifespan's start, so that a client that drives the application without a
    lifespan meets a working server.

    Raises:
        SettingsError: the catalogue or the database cannot be used.
    """
    try:
        catalog = Catalog.load(settings.catalog, open_world=settings.open_world)
        test_cases, sessions = seeds(catalog)
        store = open_store(settings.database)
    except (CatalogError, DatabaseUrlError) as error:
        raise SettingsError(str(error)) from error

    running = False

    def start() -> None:
        nonlocal running
        if not running:
            store.open()
            store.seed(test_cases, sessions)
            running = True

    try:
        start()
    except StoreUnavailableError as error:
        raise SettingsError(f"the database cannot be used: {error}") from error
    keys = Keyring(galtea=settings.galtea_keys, galileo=settings.galileo_keys)
    services = Services(catalog, store)
    document = read_document()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        nonlocal running
        # Does nothing, except after an earlier lifespan, whose end closed the database.
        start()
        yield
        running = False
        store.close()

    async def healthz(request: Request) -> Response:
        request.scope["evalsessions.route"] = "/healthz"
        await store.ping()
        return json_response(200, {"status": "ok", "database": store.kind})

    async def openapi(request: Request) -> Response:
        request.scope["evalsessions.route"] = "/openapi.yaml"
        if document is None:
            raise Problem(404, "this installation carries no openapi.yaml")
        # RFC 9512 registers the media type.
        return Response(document, media_type="application/yaml")

    routes = [
        Route(path, _Face(path, vendor, run, keys, services), methods=["POST"]) for path, vendor, run in _OPERATIONS
    ]
    app = Starlette(
        routes=[*routes, Route("/healthz", healthz), Route("/openapi.yaml", openapi)],
        middleware=[Middleware(RequestLog, keys=keys)],
        exception_handlers={Problem: _refuse, HTTPException: _refuse_route, ClientDisconnect: _note_disconnect},
        lifespan=lifespan,
    )
    # A path with a slash too many is another path, as on the live services; a redirect would lose the body.
    app.router.redirect_slashes = False
    return app


class _Face:
    """The HTTP side of one operation, as an ASGI application."""

    def __init__(self, path: str, vendor: Vendor, run: Operation, keys: Keyring, services: Services) -> None:
        self._path = path
        self._vendor = vendor
        self._run = run
        self._keys = keys
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["evalsessions.route"] = self._path
        heads = read_heads(scope)
        try:
            caller = self._keys.authenticate(self._vendor, heads)
            body = await read_json(heads, receive, self._vendor)
            answer = await self._run(Call(caller, body, scope["path_params"]), self._services)
        except Problem as problem:
            response = problem_response(problem, self._vendor)
        else:
            response = text_response(answer.status, answer.document)
        await response(scope, receive, send)


async def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(error, Vendor.of_path(request.scope["path"]))


async def _refuse_route(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    allowed = dict(error.headers or {})
    if error.status_code == 405 and request.method == "OPTIONS":
        return Response(status_code=204, headers=allowed)
    if error.status_code == 405:
        message = f"this path does not take {request.method}: use {allowed.get('Allow', 'another method')}"
    else:
        message = "no such path here"
    return problem_response(Problem(error.status_code, message, headers=allowed), Vendor.of_path(request.scope["path"]))


async def _note_disconnect(_: Request, __: Exception) -> Response:
    return Response(status_code=_CLIENT_CLOSED_REQUEST)
