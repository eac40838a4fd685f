"""The other end of the wire: answers what it was told to, and keeps what it received.

In process as an httpx transport, for an SDK that takes one, by coroutines or without; else a server of the loopback
interface.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

from speclock.core.cases import Answer
from speclock.core.errors import SubjectError

if TYPE_CHECKING:
    from speclock.sdk.subject import Connection, Subject

__all__ = ["CREDENTIAL", "Received", "Wire"]

#: Where an SDK in process is told that its server is.
_ADDRESS = "http://sdk.invalid"
#: What the SDK is given as its credential: a made-up one.
CREDENTIAL = "speclock-made-up-credential"
_NOTHING = Answer(204, {}, b"", 0.0)


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it arrived: the target with its percent-encodings, the headers in order."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    #: The address that it was for, where that is another one than the SDK was given.
    elsewhere: str | None = None

    def header(self, name: str) -> str | None:
        """The values of a header, joined by commas, those of `cookie` as one would have them; None: there is none."""
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        return ("; " if name.lower() == "cookie" else ", ").join(found) if found else None


@dataclass
class Wire:
    """A server of one answer, and the SDK connected to it."""

    subject: Subject
    #: What the next requests are answered with.
    answer: Answer = _NOTHING
    received: list[Received] = field(default_factory=list)
    base_url: str = ""
    #: What went wrong when the SDK was let go of.
    flaw: str | None = None
    _server: ThreadingHTTPServer | None = None
    _connection: Connection | None = None

    def __enter__(self) -> Self:
        """Connect the SDK.

        Raises:
            SubjectError: that fails.
        """
        transport: object = None
        if self.subject.transport == "httpx":
            transport, self.base_url = _in_process(self), _ADDRESS
        else:
            self._server = _served(self)
            self.base_url = f"http://127.0.0.1:{self._server.server_port}"
        try:
            connection = self.subject.connect(self.base_url, CREDENTIAL, transport)
        except KeyboardInterrupt:
            self._close_server()
            raise
        except BaseException as error:  # noqa: BLE001 - it is the code of an SDK
            self._close_server()
            raise SubjectError(f"{self.subject.name} cannot be set up: {type(error).__name__}: {error}") from None
        lacks = [part for part in ("call", "close") if not callable(getattr(connection, part, None))]
        if lacks:
            self._close_server()
            told = f"{type(connection).__name__} without {' and '.join(lacks)}"
            raise SubjectError(f"{self.subject.name}: expected a connection from its connect, got a {told}")
        self._connection = connection
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the SDK and of the port; an error of the SDK there takes no verdict back."""
        try:
            self.connection.close()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - it is the code of an SDK
            self.flaw = f"{self.subject.name} cannot be closed: {type(error).__name__}: {error}"
        finally:
            self._close_server()

    def _close_server(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    @property
    def connection(self) -> Connection:
        """The SDK."""
        assert self._connection is not None
        return self._connection

    def expect(self, answer: Answer) -> None:
        """Forget what was received, and answer with this from now on."""
        self.answer = answer
        self.received.clear()


def _in_process(wire: Wire) -> object:
    import httpx  # noqa: PLC0415 - the SDK that takes such a transport has brought it

    class Transport(httpx.BaseTransport, httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await request.aread()
            return self.handle_request(request)

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            said = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw)
            target = request.url.raw_path.decode("ascii")
            address = f"{request.url.scheme}://{request.url.netloc.decode('ascii')}"
            elsewhere = None if address == _ADDRESS else address
            wire.received.append(Received(request.method, target, said, request.read(), elsewhere))
            answer = wire.answer
            listed = {**answer.headers, "content-length": str(len(answer.body))}
            headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in listed.items()]
            return httpx.Response(answer.status, headers=headers, stream=httpx.ByteStream(answer.body))

    return Transport()


def _served(wire: Wire) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # An answer is written at once: in two parts, the second one would wait for the first to be acknowledged.
        wbufsize = -1
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            target = self.requestline.split()[1]  # as it came: `path` has lost slashes at its beginning
            try:
                body = self._body()
            except ValueError as error:
                body = f"what cannot be read ({error})".encode()
                self.close_connection = True
            wire.received.append(Received(self.command, target, tuple(self.headers.items()), body))
            answer = wire.answer
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            has_body = self.command != "HEAD" and answer.status >= 200 and answer.status not in {204, 304}
            if has_body:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if has_body:  # RFC 9112, section 6.3; what is written else is taken for the next answer
                self.wfile.write(answer.body)

        def _body(self) -> bytes:
            if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            chunks: list[bytes] = []
            while size := int(self.rfile.readline().partition(b";")[0], 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            while self.rfile.readline().strip():  # trailers (RFC 9112, section 7.1.2)
                pass
            return b"".join(chunks)

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

        do_GET = do_PUT = do_POST = do_DELETE = do_OPTIONS = do_HEAD = do_PATCH = do_TRACE = _answer  # noqa: N815

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Nothing is printed of an SDK that leaves in the middle of a request."""

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
