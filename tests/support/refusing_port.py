"""A port of the loopback interface that refuses connections, and that nobody else gets meanwhile."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["hold_port", "refusing_port"]


def hold_port() -> socket.socket:
    """Bind a free port without listening, so that it refuses until another socket listens there."""
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # Both sockets need it before the second may bind; Linux allows that while neither listens.
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
    except BaseException:
        held.close()
        raise
    return held


@contextmanager
def refusing_port() -> Iterator[int]:
    """Hold such a port until the block ends."""
    with hold_port() as held:
        yield int(held.getsockname()[1])
