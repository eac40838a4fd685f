"""Who is behind a URL: whether anyone listens, asked before a run, and whether it is this machine."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from speclock.core.errors import SubjectError

__all__ = ["check_reachable", "is_loopback"]

_SECONDS = 5.0


def check_reachable(url: str) -> None:
    """Open and close one connection.

    Raises:
        SubjectError: nobody takes the connection.
    """
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=_SECONDS).close()
    except socket.gaierror:
        raise SubjectError(f"{url}: there is no host {parts.hostname!r}") from None
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or "no connection"
        raise SubjectError(f"{url}: cannot be reached ({reason}); is the server running?") from None


def is_loopback(url: str) -> bool:
    """Whether the URL is one of this machine, which nobody else uses."""
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")
