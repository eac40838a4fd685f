"""A real TCP proxy in front of a real server, with a script of what goes wrong with each request (see proxy_faults).

It runs in a thread of the test's process. Faults are dealt in the order in which requests arrive; when the script is
used up, requests are passed on. Where the server is gone, the client's connection is closed without an answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from tests.support.proxied_exchange import HEAD_LIMIT, Exchange, ProxiedRequest, end_connection, read_head
from tests.support.proxy_faults import pass_on
from tests.support.refusing_port import hold_port

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable, Iterator

    from tests.support.proxy_faults import Fault

__all__ = ["FaultyProxy", "faulty_proxy"]

_CALL_SECONDS = 30.0
# What a client wrote before it gave up takes a moment to arrive.
_QUIET_SECONDS = 0.05
_BACKLOG = 1024

Result = TypeVar("Result")


class FaultyProxy:
    """A running proxy; its methods are for the test's threads."""

    def __init__(self, upstream_url: str, faults: Iterable[Fault]) -> None:
        self.requests: list[ProxiedRequest] = []
        """What arrived, in that order."""
        self.connections = 0
        """How many the proxy accepted."""
        self.retarget(upstream_url)
        self._held = hold_port()
        self.port = int(self._held.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._script, self._pass_on = iter(faults), pass_on()

        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle: set[asyncio.Task[None]] = set()
        self._errors: list[Exception] = []
        self._loop: Future[asyncio.AbstractEventLoop] = Future()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="faulty-proxy", daemon=True)

    def script(self, faults: Iterable[Fault]) -> None:
        """Replace what is left of the script."""
        self._script = iter(faults)

    def retarget(self, upstream_url: str) -> None:
        """Forward to another server from now on."""
        parts = urlsplit(upstream_url)
        assert parts.hostname is not None
        assert parts.port is not None
        self._upstream = parts.hostname, parts.port

    def refuse(self) -> None:
        """Refuse connections from now on, and close those that wait for a request; others end what they do."""
        self._call(self._refuse())

    def accept(self) -> None:
        """Accept connections again, on the same port."""
        self._call(self._accept())

    def settle(self, seconds: float = _CALL_SECONDS) -> None:
        """Wait until nothing is on its way any more, whether or not its client still waits.

        Raises:
            TimeoutError: something still is.
        """
        self._call(self._settle(seconds), seconds + _CALL_SECONDS)

    def _start(self) -> None:
        self._thread.start()
        self.accept()

    def _stop(self) -> None:
        try:
            self._call(self._end())
            self._thread.join(_CALL_SECONDS)
        finally:
            self._held.close()
        assert not self._thread.is_alive(), "the faulty proxy does not end"

    def _raise_errors(self) -> None:
        if self._errors:
            raise ExceptionGroup("the faulty proxy itself failed", self._errors)

    def _call(self, work: Coroutine[None, None, Result], seconds: float = _CALL_SECONDS) -> Result:
        loop = self._loop.result(_CALL_SECONDS)
        return asyncio.run_coroutine_threadsafe(work, loop).result(seconds)

    async def _run(self) -> None:
        self._ended = asyncio.Event()
        self._loop.set_result(asyncio.get_running_loop())
        await self._ended.wait()

    async def _end(self) -> None:
        await self._refuse()
        self._ended.set()  # asyncio.run cancels what is left

    async def _accept(self) -> None:
        if self._server is None:
            listener = socket.create_server(("127.0.0.1", self.port), backlog=_BACKLOG)
            self._server = await asyncio.start_server(
                self._connected, sock=listener, limit=HEAD_LIMIT, backlog=_BACKLOG
            )

    async def _refuse(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        await _cancel(self._idle)

    async def _settle(self, seconds: float) -> None:
        async with asyncio.timeout(seconds):
            quiet = False
            while not quiet:
                await asyncio.sleep(_QUIET_SECONDS)
                quiet = self._tasks == self._idle

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        writer.transport.set_write_buffer_limits(high=0)
        try:
            while await self._handle_next(task, reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError):
            pass  # a client or the server went away, as they may
        except asyncio.CancelledError:
            writer.transport.abort()
        except Exception as error:  # noqa: BLE001 - raised in the test's thread when the block ends
            self._errors.append(error)
        finally:
            # A cancelled task of asyncio.start_server is logged as an error by Python 3.11.
            with contextlib.suppress(asyncio.CancelledError):
                await end_connection(writer)
            self._tasks.remove(task)

    async def _handle_next(
        self, task: asyncio.Task[None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Play a fault for the next request; whether another may follow."""
        self._idle.add(task)
        try:
            head = await read_head(reader)
        finally:
            self._idle.discard(task)
        if head is None:
            return False
        fault = next(self._script, self._pass_on)
        request = ProxiedRequest(*head, fault)
        self.requests.append(request)
        exchange = Exchange(request, reader, writer, self._upstream)
        if fault.reads_body:
            await exchange.read_body()
        await fault.play(exchange)
        return exchange.is_open


@contextmanager
def faulty_proxy(upstream_url: str, faults: Iterable[Fault] = ()) -> Iterator[FaultyProxy]:
    """Run a proxy on a free port until the block ends; what is then on its way is dropped.

    Raises:
        ExceptionGroup: the proxy met what it cannot play, and its log of requests is not to be relied on.
    """
    proxy = FaultyProxy(upstream_url, faults)
    proxy._start()
    try:
        yield proxy
    finally:
        proxy._stop()
    proxy._raise_errors()


async def _cancel(tasks: set[asyncio.Task[None]]) -> None:
    """Cancel connections and wait for their end."""
    cancelled = list(tasks)
    for task in cancelled:
        task.cancel()
    await asyncio.gather(*cancelled, return_exceptions=True)
