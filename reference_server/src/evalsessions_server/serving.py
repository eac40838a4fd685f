"""Running the application: the socket, uvicorn, and how it ends.

The server stops accepting, finishes the requests that it accepted and closes the database: as a process on SIGTERM or
SIGINT, and then it exits 0; in a thread of another program when that program's block ends.
"""

from __future__ import annotations

import logging
import signal
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

from evalsessions_server.app import create_app
from evalsessions_server.logs import configure_logging
from evalsessions_server.protocol import JsonHttpProtocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from evalsessions_server.settings import Settings

__all__ = ["ServingError", "bind", "run", "serve_in_thread"]

_logger = logging.getLogger("evalsessions_server")

# How long, in seconds, a client may take to finish sending a request after the signal to stop.
_GRACE_SECONDS = 20

# Longer than the keep-alive of common clients and proxies, so that it is not the server that closes under their hands.
_KEEP_ALIVE_SECONDS = 75

_BACKLOG = 2048


class ServingError(Exception):
    """The server cannot listen or has failed; the message is one line."""


def bind(host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises:
        ServingError: an unknown host, or a port that is taken or not allowed.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ServingError(f"cannot listen on {host}: {_reason(error)}") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise ServingError(f"cannot listen on {host} port {port}: {_reason(error)}") from None
    return listener


def run(settings: Settings, listener: socket.socket, *, announce: Callable[[str], None]) -> None:
    """Serve until a signal says stop; ``announce`` gets the URL once connections are taken.

    Raises:
        SettingsError: as ``create_app``.
    """
    configure_logging()
    server = _Server(settings, listener, announce)

    def stop(_number: int, _frame: object) -> None:
        # uvicorn raises the signal once more when it is done, to whoever had it before: that is this handler, so that
        # the process ends with its own exit status.
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    server.run(sockets=[listener])
    _logger.info("stopped")


@contextmanager
def serve_in_thread(settings: Settings, *, host: str = "127.0.0.1") -> Iterator[str]:
    """Serve on a free port from a thread until the block ends; yields the URL once connections are taken.

    For programs that have other things to do, tests above all: signals and logging are left as they are, nothing is
    printed, and any number of servers may run in one process, each with a database of its own.

    Raises:
        SettingsError: as ``create_app``.
        ServingError: an unknown host, or the server failed, at its start or while it ran.
    """
    listener = bind(host, 0)
    ready = threading.Event()
    server = _Server(settings, listener, lambda _: ready.set())
    failures: list[BaseException] = []

    def serve() -> None:
        try:
            server.run(sockets=[listener])
        except BaseException as error:  # noqa: BLE001 - told in the thread of the caller
            failures.append(error)
        finally:
            listener.close()
            ready.set()

    thread = threading.Thread(target=serve, name="evalsessions-server", daemon=True)
    thread.start()
    try:
        ready.wait()
        if not server.started:
            raise ServingError("the server could not start") from next(iter(failures), None)
        yield server.url
    finally:
        server.should_exit = True
        thread.join()
    if failures:
        raise ServingError("the server has failed") from failures[0]


class _Server(uvicorn.Server):
    """The application behind ``listener``, which it closes when it cannot be made."""

    def __init__(self, settings: Settings, listener: socket.socket, announce: Callable[[str], None]) -> None:
        try:
            app = create_app(settings)
        except BaseException:
            listener.close()
            raise
        super().__init__(
            uvicorn.Config(
                app,
                http=JsonHttpProtocol,
                ws="none",
                log_config=None,
                server_header=False,
                proxy_headers=False,
                backlog=_BACKLOG,
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=_GRACE_SECONDS,
            )
        )
        self.url = _url(listener)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce(self.url)
            _logger.info("listening", extra={"url": self.url})


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else "not a host name"
