"""What drives a call: the sync engine with threads and sleeps, the async one with its event loop.

An engine is what a face and its resources share: settings, and a connection that is opened when it is first needed.
"""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar, cast

from evalsessions._core.calls import Send
from evalsessions._core.transport import AsyncTransport, NoAnswer, Transport
from evalsessions.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from evalsessions._core.calls import Effects
    from evalsessions._core.settings import CallOptions, Settings
    from evalsessions._values.messages import Response

__all__ = ["AsyncEngine", "Connection", "Engine"]

ResultT = TypeVar("ResultT")
TransportT = TypeVar("TransportT", Transport, AsyncTransport)


class Connection(Generic[TransportT]):
    """A transport that is opened once, by whichever thread needs it first, and closed once."""

    def __init__(self, make: Callable[[], TransportT]) -> None:
        self._make: Callable[[], TransportT] = make
        self._transport: TransportT | None = None
        self._is_closed = False
        self._loop: object = None
        self._lock = Lock()

    def opened(self, loop: object = None) -> TransportT:
        """Return the transport; one that was opened on an event loop is of no use on another.

        Raises:
            ConfigurationError: it was closed.
        """
        transport = self._transport
        if transport is None or self._loop is not loop:
            with self._lock:
                if self._is_closed:
                    raise ConfigurationError("this client is closed: make another, or close it after its last call")
                if self._loop is not loop:
                    self._transport, self._loop = None, loop
                transport = self._transport = self._transport or self._make()
        return transport

    def taken(self) -> TransportT | None:
        """Return the transport for closing, if it was opened; from now on there is none."""
        with self._lock:
            transport, self._transport, self._is_closed = self._transport, None, True
        return transport


def _running_loop() -> object:
    """The event loop of asyncio that runs, or None: trio has none."""
    import asyncio  # noqa: PLC0415 - an async call has it, an import of this package not

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class Engine:
    """Drives the calls of a sync face, on any number of threads."""

    def __init__(self, settings: Settings, connection: Connection[Transport]) -> None:
        self.settings = settings
        self.connection = connection

    def with_options(self, options: CallOptions) -> Engine:
        """Return an engine with other settings and the same connection."""
        return Engine(self.settings.with_options(options), self.connection)

    def run(self, make: Callable[[Settings], Effects[ResultT]], options: CallOptions) -> ResultT:
        """Do what the effects of a call say, and return its result."""
        effects = make(self.settings.with_options(options))
        reply: Response | NoAnswer | None = None
        try:
            while True:
                effect = effects.send(reply)
                if isinstance(effect, Send):
                    reply = self._send(effect)
                else:
                    time.sleep(effect.seconds)
                    reply = None
        except StopIteration as done:
            return cast("ResultT", done.value)

    def _send(self, effect: Send) -> Response | NoAnswer:
        try:
            return self.connection.opened().send(effect.request, effect.timeout)
        except NoAnswer as lost:
            return lost

    def close(self) -> None:
        """Close the connection, for all engines that share it."""
        if transport := self.connection.taken():
            transport.close()


class AsyncEngine:
    """Drives the calls of an async face, on asyncio or trio."""

    def __init__(self, settings: Settings, connection: Connection[AsyncTransport]) -> None:
        self.settings = settings
        self.connection = connection

    def with_options(self, options: CallOptions) -> AsyncEngine:
        """Return an engine with other settings and the same connection."""
        return AsyncEngine(self.settings.with_options(options), self.connection)

    async def run(self, make: Callable[[Settings], Effects[ResultT]], options: CallOptions) -> ResultT:
        """Do what the effects of a call say, and return its result."""
        effects = make(self.settings.with_options(options))
        reply: Response | NoAnswer | None = None
        try:
            while True:
                effect = effects.send(reply)
                if isinstance(effect, Send):
                    reply = await self._send(effect)
                else:
                    from anyio import sleep  # noqa: PLC0415 - httpx brings it, and retries are rare

                    await sleep(effect.seconds)
                    reply = None
        except StopIteration as done:
            return cast("ResultT", done.value)

    async def _send(self, effect: Send) -> Response | NoAnswer:
        try:
            return await self.connection.opened(_running_loop()).send(effect.request, effect.timeout)
        except NoAnswer as lost:
            return lost

    async def aclose(self) -> None:
        """Close the connection, for all engines that share it."""
        if transport := self.connection.taken():
            await transport.aclose()
