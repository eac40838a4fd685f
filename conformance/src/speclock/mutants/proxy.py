"""A mutant between whoever asks and the subject: as a transport of the harness, as an ASGI application, over HTTP."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from speclock.core.cases import Request
from speclock.phases.transport import NoAnswer, Unwritable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from speclock.core.cases import Answer
    from speclock.mutants.model import Mutant
    from speclock.mutants.reading import Reader
    from speclock.phases.asgi import AsgiApp
    from speclock.phases.transport import Transport

__all__ = ["MutantTransport", "SubjectSilent", "mutant_app", "mutant_server"]

#: Seconds that the subject may take behind a proxy.
_PATIENCE = 30.0
#: Headers of one connection, which are not passed on (RFC 9110, section 7.6.1), and the length, which is made anew.
_OWN = frozenset({"connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "content-length"})


class SubjectSilent(NoAnswer):
    """The subject itself did not answer, whatever the mutant would have made of it."""


@dataclass
class MutantTransport:
    """Asks the correct subject and lets a mutant have its way with the answer; see `speclock.phases.transport`."""

    subject: Transport
    reader: Reader
    mutant: Mutant
    #: How many answers it has changed.
    acted: int = 0
    #: How many requests the subject itself left without an answer.
    silences: int = 0

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes, patience: float) -> Answer:
        """See Transport."""
        answer = self._subject(Request(method, url, "", "", headers, body, {}), patience)
        read = self.reader.request(method, url, headers, body)
        if read is None or read[0].id != self.mutant.operation.id:
            return answer

        def forward(request: Request) -> Answer:
            return self._subject(request, patience)

        seen = self.reader.read(*read, answer)
        try:
            changed = self.mutant.answer(seen, forward)
        except SubjectSilent:
            raise
        except NoAnswer:
            self.acted += 1
            raise
        if changed is None:
            return answer
        self.acted += 1
        return changed

    def _subject(self, request: Request, patience: float) -> Answer:
        try:
            return self.subject.ask(request.method, request.url, request.headers, request.body, patience)
        except Unwritable:
            raise
        except NoAnswer as error:
            self.silences += 1
            raise SubjectSilent(str(error)) from None

    def close(self) -> None:
        """The subject is not this transport's to close."""


def mutant_app(transport: Transport, base: str) -> AsgiApp:
    """A mutant as an ASGI application; `base` is the URL of the subject that stands before its paths."""

    async def app(scope, receive, send):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202 - as ASGI has it
        if scope["type"] == "lifespan":
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        body, is_more = b"", True
        while is_more:
            message = await receive()
            body += message.get("body", b"")
            is_more = message.get("more_body", False)
        query = scope["query_string"].decode("latin-1")
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        url = base + path + (f"?{query}" if query else "")
        headers = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
        answer = await asyncio.to_thread(transport.ask, scope["method"], url, _passed_on(headers), body, _PATIENCE)
        listed = [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in _passed_on(answer.headers).items()
        ]
        listed.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": listed})
        await send({"type": "http.response.body", "body": answer.body})

    return app


def mutant_server(transport: Transport, base: str, host: str, port: int) -> ThreadingHTTPServer:
    """A mutant at a port (0: any that is free), to be started with `serve_forever`; `base` as in `mutant_app`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # An answer is written at once: in two parts, the second one would wait for the first to be acknowledged.
        wbufsize = -1
        disable_nagle_algorithm = True

        def _pass(self) -> None:
            try:
                body = self._read()
            except ValueError:
                self.send_error(400, "Bad length")
                self.close_connection = True
                return
            headers = _passed_on(dict(self.headers.items()))
            try:
                answer = transport.ask(self.command, base + self.path, headers, body, _PATIENCE)
            except NoAnswer:
                self.close_connection = True
                return
            self.send_response_only(answer.status)
            for name, value in _passed_on(answer.headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else answer.body)

        def _read(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                length = int(self.headers.get("Content-Length") or 0)
                if length < 0:
                    raise ValueError("a negative length")
                return self.rfile.read(length)
            body = b""
            while size := int(self.rfile.readline().partition(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return body

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
            """Nothing: a request may hold a credential."""

        def __getattr__(self, name: str) -> Callable[[], None]:
            if name.startswith("do_"):  # any method at all
                return self._pass
            raise AttributeError(name)

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    return server


def _passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _OWN and name.lower() != "host"}
