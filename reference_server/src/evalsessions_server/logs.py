"""What is written down: one JSON line for each request, and no credential in any of them.

Headers, bodies, query strings and raw paths are never logged; the route's template stands for the path. A request
id from the client is taken over when it is a UUID or hexadecimal and no key, so that it can neither break a line nor
smuggle a credential in.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from evalsessions_server.answers import problem_response
from evalsessions_server.errors import Problem, Vendor
from evalsessions_server.request_ids import is_request_id, new_request_id
from evalsessions_server.storage import StoreUnavailableError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from evalsessions_server.auth import Keyring

__all__ = ["JsonFormatter", "RequestLog", "configure_logging"]

_logger = logging.getLogger("evalsessions_server")

_LINE = json.JSONEncoder(default=str)

# What logging itself puts on a record; everything else came with ``extra`` and belongs into the line.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message", "taskName"}


class JsonFormatter(logging.Formatter):
    """One ASCII line per record; an exception is its type and its frames, because its text may quote a request."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line.update((name, value) for name, value in vars(record).items() if name not in _STANDARD)
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = record.exc_info[0].__name__
            line["frames"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return _LINE.encode(line)


def configure_logging(*, level: int = logging.INFO) -> None:
    """Send the records of this server and of uvicorn to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    for name in ("evalsessions_server", "uvicorn", "psycopg"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(level)
        logger.propagate = False
    # The reports of uvicorn on starting and stopping say nothing that ours do not, and psycopg's pool writes a line for
    # each step of each request.
    for name in ("uvicorn", "psycopg"):
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


class RequestLog:
    """ASGI middleware: gives each request an id, writes its line, and turns what nobody caught into an answer."""

    def __init__(self, app: ASGIApp, *, keys: Keyring) -> None:
        self._app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = self._request_id(scope)
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", request_id.encode("ascii"))]
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception as error:
            if isinstance(error, StoreUnavailableError):
                _logger.error("the database failed: %s", error, extra={"request_id": request_id})  # noqa: TRY400
                problem = Problem(503, "the database does not answer; try again later", headers={"Retry-After": "1"})
            else:
                _logger.exception("unexpected", extra={"request_id": request_id})
                problem = Problem(500, "an error of the server; the request id finds it in the log")
            if status:
                # Half an answer is out: only breaking the connection tells the client.
                raise
            await problem_response(problem, Vendor.of_path(scope["path"]))(scope, receive, send_with_id)
        finally:
            self._write(scope, request_id, status, time.perf_counter() - started)

    def _write(self, scope: Scope, request_id: str, status: int, seconds: float) -> None:
        if not _logger.isEnabledFor(logging.INFO):
            return
        fields = {
            "request_id": request_id,
            "method": scope["method"],
            "route": scope.get("evalsessions.route", "(unknown)"),
            "status": status,
            "milliseconds": round(seconds * 1000, 2),
        }
        # Logger.info would walk the stack to find the caller of a line that always comes from here.
        _logger.handle(_logger.makeRecord(_logger.name, logging.INFO, __file__, 0, "request", (), None, extra=fields))

    def _request_id(self, scope: Scope) -> str:
        sent = _sent_id(scope)
        if sent is not None and is_request_id(sent) and not self._keys.holds(sent):
            return sent
        return new_request_id()


def _sent_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            return str(value, "latin-1")
    return None
