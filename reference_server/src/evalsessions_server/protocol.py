"""How HTTP is spoken: uvicorn's protocol, with one write for each answer, and JSON for what is no HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from evalsessions_server.errors import Problem, Vendor, describe
from evalsessions_server.strict_json import dump

if TYPE_CHECKING:
    import asyncio

__all__ = ["JsonHttpProtocol"]


class JsonHttpProtocol(HttpToolsProtocol):
    """Such a request has no path to tell whose shape it wants, so the refusal has Galtea's."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(cast("asyncio.Transport", _JoinedWrites(transport, self.loop)))

    def send_400_response(self, msg: str) -> None:
        body = dump(describe(Problem(400, msg), Vendor.GALTEA)).encode("ascii")
        head = (
            "HTTP/1.1 400 Bad Request\r\n"
            "content-type: application/json\r\n"
            f"content-length: {len(body)}\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()


class _JoinedWrites:
    """A transport that writes at the end of the loop's turn.

    uvicorn writes the head and the body of an answer one after the other, and each would be a system call; here that is
    a tenth of the time of a request.
    """

    __slots__ = ("_loop", "_parts", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._parts:
            data = b"".join(self._parts)
            self._parts.clear()
            self._transport.write(data)
