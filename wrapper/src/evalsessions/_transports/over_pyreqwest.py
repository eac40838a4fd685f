"""Sending with pyreqwest, which is written in Rust and takes a fraction of httpx's time (`evalsessions[fast]`).

It knows one timeout only, for the whole of an attempt. httpx's instrumentation, clients and transports have no part
in it.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from evalsessions._core.transport import LARGEST_ANSWER, NoAnswer, too_large
from evalsessions._values.messages import Headers, Response
from evalsessions.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyreqwest.client import BaseClientBuilder, Client, SyncClient
    from pyreqwest.request import BaseRequestBuilder
    from pyreqwest.response import BaseResponse

    from evalsessions._values.messages import Request

__all__ = ["AsyncFastTransport", "FastTransport"]

BuilderT = TypeVar("BuilderT", bound="BaseClientBuilder")
RequestT = TypeVar("RequestT", bound="BaseRequestBuilder")

# The cause of an error that came while a connection was made.
_CONNECTING = "client error (Connect)"
# Read in pieces, so that an answer without end is noticed.
_PIECE = 2**20


class FastTransport:
    """The fast transport of the sync faces: `Galtea(http_client=FastTransport())`."""

    def __init__(self, *, max_connections: int = 100) -> None:
        _require_pyreqwest()
        self._max_connections = max_connections
        self._client: SyncClient | None = None
        self._lock = Lock()

    def send(self, request: Request, timeout: float | None) -> Response:
        """Send once, following no redirect.

        Raises:
            NoAnswer: no whole answer came.
        """
        client = self._client or self._opened()
        try:
            builder = _prepared(client.request(request.method, request.url), request, timeout)
            with builder.build_streamed() as answer:
                content = bytearray()
                while (piece := answer.body_reader.read(_PIECE)) is not None:
                    content += piece
                    if len(content) > LARGEST_ANSWER:
                        return _response(request, answer, content[:LARGEST_ANSWER], too_large())
                return _response(request, answer, content)
        except Exception as error:
            raise _lost(error) from error

    def _opened(self) -> SyncClient:
        from pyreqwest.client import SyncClientBuilder  # noqa: PLC0415 - it is an extra

        with self._lock:
            if self._client is None:
                self._client = _configured(SyncClientBuilder(), self._max_connections).build()
        return self._client

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()


class AsyncFastTransport:
    """The fast transport of the async faces: `AsyncGaltea(http_client=AsyncFastTransport())`."""

    def __init__(self, *, max_connections: int = 100) -> None:
        _require_pyreqwest()
        self._max_connections = max_connections
        self._client: Client | None = None

    async def send(self, request: Request, timeout: float | None) -> Response:
        """Send once, following no redirect.

        Raises:
            NoAnswer: no whole answer came.
        """
        if self._client is None:
            from pyreqwest.client import ClientBuilder  # noqa: PLC0415 - it is an extra

            self._client = _configured(ClientBuilder(), self._max_connections).build()
        try:
            builder = _prepared(self._client.request(request.method, request.url), request, timeout)
            async with builder.build_streamed() as answer:
                content = bytearray()
                while (piece := await answer.body_reader.read(_PIECE)) is not None:
                    content += piece
                    if len(content) > LARGEST_ANSWER:
                        return _response(request, answer, content[:LARGEST_ANSWER], too_large())
                return _response(request, answer, content)
        except Exception as error:
            raise _lost(error) from error

    async def aclose(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()


def _require_pyreqwest() -> None:
    """Import pyreqwest, here and not by the first call: imported by one of several threads it ends the interpreter."""
    try:
        import_module("pyreqwest.client")
    except ImportError as error:
        raise ConfigurationError("the fast transport is an extra: pip install 'evalsessions[fast]'") from error


def _configured(builder: BuilderT, max_connections: int) -> BuilderT:
    # An answer that cannot be decompressed is told like one that is lost, though it was done: none is asked for.
    builder = builder.gzip(enable=False).brotli(enable=False).zstd(enable=False).deflate(enable=False)
    return builder.follow_redirects(enable=False).referer(enable=False).max_connections(max_connections)


def _prepared(builder: RequestT, request: Request, timeout: float | None) -> RequestT:
    builder = builder.headers(list(request.headers.items())).body_bytes(request.content)
    return builder if timeout is None else builder.timeout(timedelta(seconds=timeout))


def _response(request: Request, answer: BaseResponse, content: bytearray, flaw: str | None = None) -> Response:
    return Response(answer.status, Headers(_fields(answer)), bytes(content), request, flaw)


def _fields(answer: BaseResponse) -> Iterator[tuple[str, str]]:
    """The header fields, without those that are no ASCII, which pyreqwest does not hand out."""
    for name in answer.headers.keys():  # noqa: SIM118 - iterating the headers themselves repeats names
        with suppress(ValueError):
            yield name, ", ".join(answer.headers.getall(name))


def _lost(error: Exception) -> NoAnswer:
    """Return why there is no answer; what is no error of pyreqwest is raised as it is."""
    from pyreqwest import exceptions  # noqa: PLC0415 - it is an extra

    if not isinstance(error, exceptions.PyreqwestError):
        raise error
    if isinstance(error, exceptions.ClientClosedError):
        message = "this client is closed: make another, or keep it open for as long as it is used"
        raise ConfigurationError(message) from error
    # Its ConnectError is also raised where a connection broke after the request was sent.
    causes: list[str] = [cause["message"] for cause in getattr(error, "details", {}).get("causes") or ()]
    before_sending = exceptions.PoolTimeoutError | exceptions.BuilderError
    not_sent = isinstance(error, before_sending) or _CONNECTING in causes
    timed_out = isinstance(error, exceptions.RequestTimeoutError)
    what = "no connection was made" if not_sent else "no whole answer came"
    why = causes[-1] if causes else error.message
    problem = f"{what}{' in time' if timed_out else ''} ({why})"
    return NoAnswer(problem, was_sent=not not_sent, timed_out=timed_out)
