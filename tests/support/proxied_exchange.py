"""One request that came to the faulty proxy, and the two connections that its fault answers it over.

Decides what of HTTP/1.1 the proxy understands: bodies framed by Content-Length, connections kept alive to the client,
and one connection for each request to the server, which closes it after its answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.support.proxy_faults import Fault

__all__ = ["HEAD_LIMIT", "Answer", "Exchange", "ProxiedRequest", "UpstreamGoneError", "end_connection", "read_head"]

#: Bytes of the longest head that is read.
HEAD_LIMIT = 2**20
_UPSTREAM_SECONDS = 60.0
_LINGER_NOT = struct.pack("ii", 1, 0)
_END_OF_HEAD = b"\r\n\r\n"
_BODILESS = {204, 304}
# They hold between two neighbours only (RFC 9110, 7.6.1).
_HOP_BY_HOP = {b"connection", b"keep-alive"}


class UpstreamGoneError(ConnectionError):
    """The server did not give a whole answer."""


@dataclass(eq=False, slots=True)
class ProxiedRequest:
    """What arrived, and what became of it."""

    method: str
    path: str
    """With the query."""
    headers: httpx.Headers
    fault: Fault
    body: bytes = b""
    delivered: bool = False
    """Whether all of it was written to a connection of the server."""
    upstream_status: int | None = None
    """Of the server's answer, once the whole of it was read."""
    bytes_sent: int = 0
    """To the client, heads included."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; `headers` are sent as they are."""

    status: int
    reason: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def head(self) -> bytes:
        lines = [f"HTTP/1.1 {self.status} {self.reason}".encode("latin-1")]
        lines += [name + b": " + value for name, value in self.headers]
        return b"\r\n".join(lines) + _END_OF_HEAD

    @property
    def half(self) -> bytes:
        return self.body[: len(self.body) // 2]

    def framed(self, body: bytes) -> Answer:
        """The same with another body and its Content-Length; without one where the status allows none."""
        headers = [(name, value) for name, value in self.headers if name.lower() != b"content-length"]
        if self.status not in _BODILESS:
            headers.append((b"Content-Length", str(len(body)).encode()))
        return replace(self, headers=tuple(headers), body=body)


class Exchange:
    """A request, and what a fault can do with it.

    Errors of a connection (OSError) may pass through a fault: the proxy then ends the client's connection.
    """

    def __init__(
        self,
        request: ProxiedRequest,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        upstream: tuple[str, int],
    ) -> None:
        self.request = request
        self.is_open = "close" not in request.headers.get("connection", "").lower()
        """Whether the client's connection is read again after this."""
        self._reader, self._writer, self._upstream = reader, writer, upstream

    async def read_body(self) -> None:
        """Read the rest of the request.

        Raises:
            asyncio.IncompleteReadError: the client went away before the end.
            ValueError: it is not framed by Content-Length.
        """
        if "transfer-encoding" in self.request.headers:
            raise ValueError("the faulty proxy reads only bodies with a Content-Length")
        self.request.body = await self._reader.readexactly(int(self.request.headers.get("content-length", "0")))

    async def forward(self) -> Answer:
        """Deliver the request and read the server's answer.

        Raises:
            OSError: the server cannot be reached, or went away before the end of its answer.
        """
        if self.request.delivered:
            raise ValueError(f"{self.request.fault.name} delivers the request twice")
        async with asyncio.timeout(_UPSTREAM_SECONDS), _connection(*self._upstream) as (reader, writer):
            writer.write(self._written())
            await writer.drain()
            self.request.delivered = True
            answer = _parsed_answer(await reader.read())
        self.request.upstream_status = answer.status
        return answer

    async def send(self, data: bytes) -> None:
        """Write to the client, until the kernel has all of it."""
        self.request.bytes_sent += len(data)
        self._writer.write(data)
        await self._writer.drain()

    async def send_answer(self, answer: Answer) -> None:
        await self.send(answer.head + answer.body)

    def cut(self) -> None:
        """Close the client's connection (FIN)."""
        self.is_open = False
        self._writer.close()

    def reset(self) -> None:
        """Reset the client's connection (RST)."""
        self.is_open = False
        self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self._writer.transport.abort()

    def _written(self) -> bytes:
        request = self.request
        lines = [f"{request.method} {request.path} HTTP/1.1".encode("latin-1")]
        lines += [name + b": " + value for name, value in request.headers.raw if name.lower() not in _HOP_BY_HOP]
        return b"\r\n".join([*lines, b"Connection: close"]) + _END_OF_HEAD + request.body


async def read_head(reader: asyncio.StreamReader) -> tuple[str, str, httpx.Headers] | None:
    """The method, path and headers of the next request; None when the client left instead of sending one."""
    try:
        head = await reader.readuntil(_END_OF_HEAD)
    except asyncio.IncompleteReadError:
        return None
    line, headers = _parsed_head(head.removesuffix(_END_OF_HEAD))
    method, path, _ = line.decode("latin-1").split(" ")
    return method, path, httpx.Headers(headers)


async def end_connection(writer: asyncio.StreamWriter) -> None:
    """Close a connection whose writes were drained, and wait until its socket is closed."""
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


@contextlib.asynccontextmanager
async def _connection(host: str, port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield reader, writer
    finally:
        # Not close(): it would wait for what the server does not read.
        writer.transport.abort()
        await end_connection(writer)


def _parsed_answer(data: bytes) -> Answer:
    head, end, body = data.partition(_END_OF_HEAD)
    if not end:
        raise UpstreamGoneError("the server closed the connection before the end of a head")
    line, headers = _parsed_head(head)
    status, _, reason = line.decode("latin-1").partition(" ")[2].partition(" ")
    kept = tuple((name, value) for name, value in headers if name.lower() not in _HOP_BY_HOP)
    answer = Answer(int(status), reason, kept, body)
    length = httpx.Headers(headers).get("content-length")
    if length is None and answer.status not in _BODILESS:
        raise ValueError("the faulty proxy reads only answers with a Content-Length")
    if len(body) != int(length or 0):
        raise UpstreamGoneError(f"the server sent {len(body)} bytes of a body of {length}")
    return answer


def _parsed_head(head: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    line, *rest = head.split(b"\r\n")
    fields = (entry.partition(b":") for entry in rest)
    return line, [(name, value.strip()) for name, _, value in fields]
