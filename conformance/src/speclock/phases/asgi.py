"""An ASGI application in this process as a subject: driven by an event loop in a thread of its own.

An exception that the application raises is answered as 500, as a server process would. ASGI specification, version 3.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import threading
import time
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import unquote, urlsplit

from speclock.core.cases import Answer
from speclock.phases.transport import NoAnswer, TooSlow, Unwritable, joined

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, MutableMapping

__all__ = ["APP_HOST", "AppTransport", "AsgiApp"]

#: The host that an application in this process believes to be.
APP_HOST = "testserver"
#: Seconds that an application may take to start, or to stop.
_START = 30.0

_Message: TypeAlias = "MutableMapping[str, Any]"
_Receive: TypeAlias = "Callable[[], Awaitable[_Message]]"
_Send: TypeAlias = "Callable[[_Message], Awaitable[None]]"
#: An application as the specification has it.
AsgiApp: TypeAlias = "Callable[[_Message, _Receive, _Send], Awaitable[None]]"


class AppTransport:
    """Asks an application; see `speclock.phases.transport.Transport`."""

    def __init__(self, app: AsgiApp) -> None:
        """Start the event loop; the application's own start comes before the first request."""
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="speclock-app")
        self._thread.start()
        self._lifespan: _Lifespan | None = None
        self._lock = threading.Lock()

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes, patience: float) -> Answer:
        """See Transport."""
        self._start()
        try:
            scope = self._scope(method, url, headers, body)
        except ValueError as error:
            raise Unwritable(f"the request could not be written ({type(error).__name__})") from None
        started = time.perf_counter()
        future = asyncio.run_coroutine_threadsafe(self._call(scope, body), self._loop)
        try:
            status, sent, content = future.result(patience)
        except concurrent.futures.TimeoutError:
            future.cancel()
            raise TooSlow(f"no answer within {patience:g} s") from None
        return Answer(status, sent, content, time.perf_counter() - started)

    def close(self) -> None:
        """See Transport."""
        if self._lifespan is not None:
            asyncio.run_coroutine_threadsafe(self._lifespan.stop(), self._loop).result(_START)
            self._lifespan = None
        asyncio.run_coroutine_threadsafe(_cancel_all(), self._loop).result(_START)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_START)
        self._loop.close()

    def _start(self) -> None:
        with self._lock:
            if self._lifespan is None:
                lifespan = _Lifespan(self._app)
                try:
                    asyncio.run_coroutine_threadsafe(lifespan.start(), self._loop).result(_START)
                except concurrent.futures.TimeoutError:
                    raise NoAnswer(f"the application did not start within {_START:.0f} s") from None
                self._lifespan = lifespan

    def _scope(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        parts = urlsplit(url)
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        if not any(name == b"host" for name, _ in raw):
            raw.insert(0, (b"host", parts.netloc.encode("idna")))
        if (body or method in ("POST", "PUT", "PATCH")) and "Transfer-Encoding" not in headers:
            raw.append((b"content-length", str(len(body)).encode()))
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": parts.scheme,
            "path": unquote(parts.path),
            "raw_path": parts.path.encode("ascii"),
            "query_string": parts.query.encode("ascii"),
            "root_path": "",
            "headers": raw,
            "client": ("127.0.0.1", 1),
            "server": (parts.hostname or APP_HOST, parts.port or 80),
            "state": {} if self._lifespan is None else dict(self._lifespan.state),
        }

    async def _call(self, scope: dict[str, Any], body: bytes) -> tuple[int, dict[str, str], bytes]:
        given, done = False, asyncio.Event()
        start: _Message = {}
        content = bytearray()

        async def receive() -> _Message:
            nonlocal given
            if not given:
                given = True
                return {"type": "http.request", "body": body, "more_body": False}
            await done.wait()
            return {"type": "http.disconnect"}

        async def send(message: _Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif message["type"] == "http.response.body":
                content.extend(message.get("body", b""))
                if not message.get("more_body", False):
                    done.set()

        try:
            await self._app(scope, receive, send)
        except Exception:  # noqa: BLE001 - whatever an application raises
            if not start:
                return 500, {"content-type": "text/plain"}, b"the application raised an exception"
        if not start:
            return 500, {"content-type": "text/plain"}, b"the application ended without an answer"
        pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start.get("headers", ())]
        return int(start["status"]), joined(pairs), b"" if scope["method"] == "HEAD" else bytes(content)


async def _cancel_all() -> None:
    """End what still waits for an answer that nobody wants any more."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=_START) if tasks else None


class _Lifespan:
    """The start and the stop of an application that has them."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app
        self._inbox: asyncio.Queue[_Message] = asyncio.Queue()
        self._started: asyncio.Future[bool] | None = None
        self._task: asyncio.Task[None] | None = None
        self.state: dict[str, Any] = {}

    async def start(self) -> None:
        self._started = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._run())
        await self._inbox.put({"type": "lifespan.startup"})
        if not await self._started:
            raise NoAnswer("the application did not start")

    async def stop(self) -> None:
        if self._task is not None and not self._task.done():
            await self._inbox.put({"type": "lifespan.shutdown"})
            await asyncio.wait([self._task], timeout=_START)

    async def _run(self) -> None:
        scope: dict[str, Any] = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}}
        scope["state"] = self.state
        with contextlib.suppress(BaseException):  # an application without a lifespan raises what it likes
            await self._app(scope, self._inbox.get, self._send)
        self._tell(is_started=True)

    async def _send(self, message: _Message) -> None:
        if message["type"] == "lifespan.startup.complete":
            self._tell(is_started=True)
        elif message["type"] == "lifespan.startup.failed":
            self._tell(is_started=False)

    def _tell(self, *, is_started: bool) -> None:
        if self._started is not None and not self._started.done():
            self._started.set_result(is_started)
