"""An ASGI application on a free port of the loopback interface, in a thread, for as long as a block."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.phases.asgi import AsgiApp

__all__ = ["listening"]


@contextmanager
def listening(app: AsgiApp) -> Iterator[str]:
    """Run an application on a free port; its URL."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as own:
        thread = threading.Thread(target=server.run, args=([own],), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{own.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
