"""Sending with httpx, with a client of our own or the user's.

No redirect is followed: a POST would lose its body, and the key would go to whoever is named. httpx's errors are sorted
by one question: can the request have arrived?
"""

from __future__ import annotations

import ssl
import time
from typing import TYPE_CHECKING

import httpx

from evalsessions._core.transport import LARGEST_ANSWER, NoAnswer, too_large
from evalsessions._values.messages import Headers, Response
from evalsessions.errors import ConfigurationError

if TYPE_CHECKING:
    from evalsessions._values.messages import Request

__all__ = ["AsyncHttpxTransport", "HttpxTransport", "open_async", "open_sync"]

# Raised before anything of the request is written. A proxy that refuses to connect has not passed it on. Not among them
# is LocalProtocolError: over HTTP/2 it is also what a bad frame of the answer raises.
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)

# What httpx can decode whatever else is installed.
_CODINGS = [("accept-encoding", "gzip, deflate")]


class HttpxTransport:
    """Sends with an `httpx.Client`; one that the user made stays open."""

    def __init__(self, client: httpx.Client, *, is_owner: bool) -> None:
        self._client = client
        self._is_owner = is_owner

    def send(self, request: Request, timeout: float | None) -> Response:
        _refuse_closed(self._client)
        answer: httpx.Response | None = None
        try:
            made = _built(request, timeout, None if self._is_owner else self._client)
            answer = self._client.send(made, stream=True, follow_redirects=False)
            deadline = _deadline(timeout)
            content = bytearray()
            for chunk in answer.iter_bytes():
                content += chunk
                if _ends_early(content, deadline):
                    return _response(request, answer, bytes(content[:LARGEST_ANSWER]), too_large())
            return _response(request, answer, bytes(content))
        except NoAnswer:
            raise
        except Exception as error:  # noqa: BLE001 - a given transport, an ASGI application or a hook raises anything
            return _judged(request, answer, error)
        finally:
            if answer is not None:
                answer.close()

    def close(self) -> None:
        if self._is_owner:
            self._client.close()


class AsyncHttpxTransport:
    """Sends with an `httpx.AsyncClient`; one that the user made stays open."""

    def __init__(self, client: httpx.AsyncClient, *, is_owner: bool) -> None:
        self._client = client
        self._is_owner = is_owner

    async def send(self, request: Request, timeout: float | None) -> Response:
        _refuse_closed(self._client)
        answer: httpx.Response | None = None
        try:
            made = _built(request, timeout, None if self._is_owner else self._client)
            answer = await self._client.send(made, stream=True, follow_redirects=False)
            deadline = _deadline(timeout)
            content = bytearray()
            async for chunk in answer.aiter_bytes():
                content += chunk
                if _ends_early(content, deadline):
                    return _response(request, answer, bytes(content[:LARGEST_ANSWER]), too_large())
            return _response(request, answer, bytes(content))
        except NoAnswer:
            raise
        except Exception as error:  # noqa: BLE001 - a given transport, an ASGI application or a hook raises anything
            return _judged(request, answer, error)
        finally:
            if answer is not None:
                await answer.aclose()

    async def aclose(self) -> None:
        if self._is_owner:
            await self._client.aclose()


def open_sync(
    given: httpx.Client | httpx.BaseTransport | None, *, base_url: str, max_connections: int, http2: bool
) -> HttpxTransport:
    """Return a transport over the user's client or transport, or over a client of our own."""
    if isinstance(given, httpx.Client):
        return HttpxTransport(given, is_owner=False)
    limits = _limits(max_connections)
    client = httpx.Client(transport=given, verify=_authorities(base_url), limits=limits, http2=http2)
    return HttpxTransport(client, is_owner=True)


def open_async(
    given: httpx.AsyncClient | httpx.AsyncBaseTransport | None, *, base_url: str, max_connections: int, http2: bool
) -> AsyncHttpxTransport:
    """Return a transport over the user's client or transport, or over a client of our own."""
    if isinstance(given, httpx.AsyncClient):
        return AsyncHttpxTransport(given, is_owner=False)
    limits = _limits(max_connections)
    client = httpx.AsyncClient(transport=given, verify=_authorities(base_url), limits=limits, http2=http2)
    return AsyncHttpxTransport(client, is_owner=True)


def _limits(max_connections: int) -> httpx.Limits:
    return httpx.Limits(max_connections=max_connections, max_keepalive_connections=max_connections)


def _authorities(base_url: str) -> ssl.SSLContext | bool:
    """Whom to trust: the usual authorities, but over plain HTTP nobody, for reading their certificates takes long."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if base_url.startswith("http://") else True


def _refuse_closed(client: httpx.Client | httpx.AsyncClient) -> None:
    if client.is_closed:
        raise ConfigurationError("the given httpx client is closed: keep it open for as long as it is used")


def _built(request: Request, timeout: float | None, given: httpx.Client | httpx.AsyncClient | None) -> httpx.Request:
    """Return the request, with what a given client adds to it."""
    headers = list(request.headers.items())
    try:
        if given is not None:
            return given.build_request(
                request.method, request.url, headers=headers, content=request.content, timeout=timeout
            )
        phases = httpx.Timeout(timeout).as_dict()
        made = httpx.Request(
            request.method,
            request.url,
            headers=_CODINGS + headers,
            content=request.content,
            extensions={"timeout": phases},
        )
    except httpx.InvalidURL as error:
        raise NoAnswer(f"the address is none: {error}", was_sent=False) from error
    return made


def _deadline(timeout: float | None) -> float | None:
    """When the body is to have ended, counted from the head of the answer on."""
    return None if timeout is None else time.monotonic() + timeout


def _ends_early(content: bytearray, deadline: float | None) -> bool:
    """Whether the answer is too large to be read on.

    Raises:
        httpx.ReadTimeout: the time for the whole answer is over.
    """
    if deadline is not None and time.monotonic() > deadline:
        raise httpx.ReadTimeout("the answer did not end in time")
    return len(content) > LARGEST_ANSWER


def _response(request: Request, answer: httpx.Response, content: bytes, flaw: str | None = None) -> Response:
    return Response(answer.status_code, Headers(answer.headers.multi_items()), content, request, flaw)


def _judged(request: Request, answer: httpx.Response | None, error: Exception) -> Response:
    """Return the answer that an error tells of, or raise for the lack of one."""
    if not isinstance(error, httpx.HTTPError | httpx.InvalidURL | httpx.StreamError):
        # Its text is somebody else's and may hold anything; it is the cause.
        raise NoAnswer(f"a given transport or a hook raised {type(error).__name__}", was_sent=True) from error
    if isinstance(error, httpx.HTTPStatusError):  # of a hook that asks for `raise_for_status()`
        return _response(request, error.response, _read_so_far(error.response))
    if isinstance(error, httpx.DecodingError) and answer is not None:
        return _response(request, answer, b"", f"the answer cannot be decoded: {_said(error)}")
    timed_out = isinstance(error, httpx.TimeoutException)
    was_sent = not isinstance(error, _NOT_SENT) and not isinstance(error, httpx.InvalidURL)
    raise NoAnswer(_problem(error, was_sent, timed_out), was_sent=was_sent, timed_out=timed_out) from error


def _read_so_far(answer: httpx.Response) -> bytes:
    try:
        return answer.content
    except httpx.ResponseNotRead:
        return b""


def _problem(error: Exception, was_sent: bool, timed_out: bool) -> str:
    if timed_out:
        what = "no answer came in time" if was_sent else "no connection was made in time"
        return f"{what} ({type(error).__name__})"
    what = "the connection broke before a whole answer came" if was_sent else "no connection was made"
    return f"{what} ({_said(error)})"


def _said(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
