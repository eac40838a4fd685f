"""An HTTP server that answers what a test tells it to: any status, any header, any bytes, or nothing at all.

It stands for servers that a right one is not: proxies with pages of their own, broken deployments, lost answers. It
listens on the loopback interface, keeps connections open as HTTP/1.1 does, and remembers each request to the byte.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections import deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO

__all__ = ["Answer", "Lost", "Received", "Reset", "ScriptedServer", "scripted_server"]

# Seconds; a request that does not come whole by then is a mistake of the test.
_PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came over the wire."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    connection: int
    """Which connection it came over, counted from 0."""

    def header(self, name: str) -> str | None:
        """The value of a header field, or None; two fields of one name are a mistake."""
        values = [value for field_name, value in self.headers if field_name.lower() == name.lower()]
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered; a text or bytes go as they are, any other body as JSON."""

    status: int = 201
    body: object = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str | None = "application/json"
    reason: str = "Scripted"
    delay: float = 0.0
    """Seconds until it is sent."""
    announced: int | None = None
    """What Content-Length says, where it is not the truth: the connection is closed after the body."""

    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()

    def message(self) -> bytes:
        content = self.content()
        fields = {"Content-Type": self.media_type, "Content-Length": str(self.announced or len(content))}
        fields |= self.headers
        lines = [f"HTTP/1.1 {self.status:03} {self.reason}"]
        lines += [f"{name}: {value}" for name, value in fields.items() if value is not None]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


class Lost:
    """The connection ends after the request came, without an answer."""


class Reset:
    """The connection is reset after the request came, without an answer."""


Step: TypeAlias = "Answer | Lost | Reset"


class ScriptedServer:
    """What a test sees of the server."""

    def __init__(self, listening: socket.socket) -> None:
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self.requests: list[Received] = []
        self.connections = 0
        self._listening = listening
        self._steps: deque[Step] = deque()
        self._always: Callable[[Received], Step] | None = None
        self._lock = threading.Lock()

    def answers(self, *steps: Step) -> None:
        """Answer the next requests so, one after another; the last answer is given to all that come after them."""
        self._always = None
        self._steps = deque(steps)

    def answers_by(self, answer: Callable[[Received], Step]) -> None:
        """Answer each request as a function says, on the thread of its connection."""
        self._steps.clear()
        self._always = answer

    def stop_listening(self) -> None:
        """Refuse every new connection from now on; those that are open stay so."""
        # It wakes the thread that waits for a connection, which closing alone does not.
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def next_step(self, received: Received) -> Step:
        """Note a request, and return what comes of it."""
        with self._lock:
            self.requests.append(received)
            if self._always is None:
                assert self._steps, "a request came, and the script has no answer"
                return self._steps.popleft() if len(self._steps) > 1 else self._steps[0]
        return self._always(received)

    def new_connection(self) -> int:
        """Note a connection, and return its number."""
        with self._lock:
            self.connections += 1
            return self.connections - 1


@contextmanager
def scripted_server() -> Iterator[ScriptedServer]:
    """Run a server of one's own until the block ends."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        script, opened = ScriptedServer(listening), list[socket.socket]()
        thread = threading.Thread(target=_accept, args=(listening, script, opened), name="scripted-server", daemon=True)
        thread.start()
        try:
            yield script
        finally:
            with suppress(OSError):
                script.stop_listening()
            thread.join()
            for connection in opened:
                # The thread of the connection closes it.
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


def _accept(listening: socket.socket, script: ScriptedServer, opened: list[socket.socket]) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        opened.append(connection)
        threading.Thread(target=_serve, args=(connection, script), name="scripted-connection", daemon=True).start()


def _serve(connection: socket.socket, script: ScriptedServer) -> None:
    """Answer what comes over a connection, until either end has enough of it."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    number = script.new_connection()
    with connection, connection.makefile("rb") as reader, suppress(OSError):
        while received := _received(connection, reader, number):
            step = script.next_step(received)
            if not isinstance(step, Answer):
                if isinstance(step, Reset):
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            time.sleep(step.delay)
            connection.sendall(step.message())
            if step.announced is not None or step.headers.get("Connection") == "close":
                return


def _received(connection: socket.socket, reader: BinaryIO, number: int) -> Received | None:
    first = reader.readline().decode("latin-1").split()
    if not first:
        return None
    headers = []
    while (line := reader.readline().decode("latin-1").rstrip("\r\n")) != "":
        name, _, value = line.partition(":")
        headers.append((name, value.strip()))
    length = next((int(value) for name, value in headers if name.lower() == "content-length"), 0)
    connection.settimeout(_PATIENCE)
    body = reader.read(length)
    connection.settimeout(None)
    return Received(first[0], first[1], tuple(headers), body, number)
