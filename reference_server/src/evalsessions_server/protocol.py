"""How HTTP is spoken: uvicorn's protocol, with JSON for what is no HTTP, and without upgrades.

What is no HTTP is refused after everything that came before it was answered, and ends the connection.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from evalsessions_server.errors import Problem, Vendor, describe
from evalsessions_server.joined_writes import JoinedWrites
from evalsessions_server.request_ids import new_request_id
from evalsessions_server.strict_json import dump

if TYPE_CHECKING:
    import asyncio

    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

__all__ = ["JsonHttpProtocol"]

_logger = logging.getLogger("evalsessions_server")


class JsonHttpProtocol(HttpToolsProtocol):
    """Such a request has no path to tell whose shape it wants, so the refusal has Galtea's."""

    _ended = False
    """Whether something that is no HTTP came; nothing after it is read."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        # The lines are RequestLog's. Config(access_log=False) would silence other servers of the same process as well.
        self.access_log = False
        super().connection_made(cast("asyncio.Transport", JoinedWrites(transport, self.loop)))

    def data_received(self, data: bytes) -> None:
        if self._ended:
            return
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            # The parser calls CONNECT an upgrade too; only a proxy takes it (RFC 9110, 9.3.6).
            if self.parser.get_method() == b"CONNECT":
                self._end()
            else:
                self._ignore_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError:
            self._end()

    def on_response_complete(self) -> None:
        last = not self.pipeline
        super().on_response_complete()
        if self._ended and last and not self.transport.is_closing():
            self._refuse()

    def _should_upgrade(self) -> bool:
        # Makes uvicorn leave the request alone until it was read again.
        return True

    def _ignore_upgrade(self, rest: bytes) -> None:
        """Read the request again without the wish for an upgrade, which RFC 9110 (7.8) lets a server ignore.

        The parser would take the body for the other protocol already.
        """
        kept = [(name, value) for name, value in self.headers if name != b"upgrade"]
        lines = [b"%s %s HTTP/1.1" % (self.parser.get_method(), self.url)]
        lines += [b"%s: %s" % header for header in kept]
        self.parser = httptools.HttpRequestParser(self)
        self.data_received(b"\r\n".join(lines) + b"\r\n\r\n" + rest)

    def _end(self) -> None:
        """Refuse what came, now or after the request that is being answered."""
        self._ended = True
        self._drop_broken_request()
        # None until the first request, whatever uvicorn declares.
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is None or cycle.response_complete or cycle.more_body:
            self._refuse()

    def _drop_broken_request(self) -> None:
        """Take out of the queue a request whose body turned out to be broken."""
        if self.pipeline and self.pipeline[0][0].more_body:
            self.pipeline.popleft()
            # What is left is whole, the running request included.
            self.cycle.more_body = False

    def _refuse(self) -> None:
        request_id = new_request_id()
        _logger.info("refused", extra={"request_id": request_id, "route": "(no HTTP)", "status": 400})
        body = dump(describe(Problem(400, "this is no valid HTTP request"), Vendor.GALTEA)).encode("ascii")
        head = (
            "HTTP/1.1 400 Bad Request\r\n"
            "content-type: application/json\r\n"
            f"content-length: {len(body)}\r\n"
            f"x-request-id: {request_id}\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()
