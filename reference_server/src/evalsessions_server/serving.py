"""Running the application: the socket, uvicorn, and how it ends.

On SIGTERM or SIGINT the server stops accepting, finishes the requests that it accepted, closes the database and
exits 0.
"""

from __future__ import annotations

import logging
import signal
import socket
from typing import TYPE_CHECKING

import uvicorn

from evalsessions_server.app import create_app
from evalsessions_server.logs import configure_logging
from evalsessions_server.protocol import JsonHttpProtocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from evalsessions_server.settings import Settings

__all__ = ["ServingError", "bind", "run"]

_logger = logging.getLogger("evalsessions_server")

# How long, in seconds, a client may take to finish sending a request after the signal to stop.
_GRACE_SECONDS = 20

# Longer than the keep-alive of common clients and proxies, so that it is not the server that closes under their hands.
_KEEP_ALIVE_SECONDS = 75

_BACKLOG = 2048


class ServingError(Exception):
    """The server cannot listen; the message is one line."""


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
    try:
        app = create_app(settings)
    except BaseException:
        listener.close()
        raise
    config = uvicorn.Config(
        app,
        http=JsonHttpProtocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = _Server(config, lambda: _started(announce, listener))

    def stop(_number: int, _frame: object) -> None:
        # uvicorn raises the signal once more when it is done, to whoever had it before: that is this handler, so that
        # the process ends with its own exit status.
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    server.run(sockets=[listener])
    _logger.info("stopped")


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()


def _started(announce: Callable[[str], None], listener: socket.socket) -> None:
    url = _url(listener)
    announce(url)
    _logger.info("listening", extra={"url": url})


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else "not a host name"
