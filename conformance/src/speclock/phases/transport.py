"""Putting a written request on the wire: to a server at a URL over kept-alive connections.

Python's own HTTP client is enough: one request at a time for each thread, no redirects, no proxies, no cookies. An
application in this process has a transport of its own (`speclock.phases.asgi`).
"""

from __future__ import annotations

import http.client
import select
import ssl
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from speclock.core.cases import Answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from speclock.core.cases import Request

__all__ = ["NoAnswer", "TooSlow", "Transport", "Unwritable", "UrlTransport"]


class NoAnswer(Exception):  # noqa: N818 - said of the subject, caught by the engine
    """The request was not answered; the text says why, without the request."""

    #: What was sent, where that is known.
    request: Request | None = None


class TooSlow(NoAnswer):
    """The answer did not come in time."""


class Unwritable(NoAnswer):
    """The request was never sent: no HTTP client can put it on the wire."""


class Transport(Protocol):
    """One way to reach a subject."""

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes, patience: float) -> Answer:
        """Send a request and wait for its answer, `patience` seconds at most.

        Raises:
            NoAnswer: none came.
        """

    def close(self) -> None:
        """Let go of what is held open."""


@dataclass
class UrlTransport:
    """A server at a URL. Redirects are answers; proxies and .netrc of this machine are none of its business."""

    _local: threading.local = field(default_factory=threading.local)
    _open: list[http.client.HTTPConnection] = field(default_factory=list)

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes, patience: float) -> Answer:
        """See Transport."""
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = self._connection(parts.scheme, parts.netloc, patience)
        started = time.perf_counter()
        try:
            is_whole = _is_sent(connection, method, target, headers, body)
            response = connection.getresponse()
            content = response.read()
        except TimeoutError:
            self._drop()
            raise TooSlow(f"no answer within {patience:g} s") from None
        except ssl.SSLError:
            self._drop()
            raise NoAnswer("TLS failed: the certificate is not trusted, or the port does not speak TLS") from None
        except http.client.BadStatusLine as error:
            self._drop()
            if isinstance(error, http.client.RemoteDisconnected):
                raise NoAnswer("the connection was closed without an answer") from None
            raise NoAnswer("what came back is not HTTP") from None
        except (http.client.InvalidURL, ValueError) as error:
            self._drop()
            raise Unwritable(f"the request could not be written ({type(error).__name__})") from None
        except (http.client.HTTPException, OSError) as error:
            self._drop()
            raise NoAnswer(f"the connection failed ({type(error).__name__})") from None
        seconds = time.perf_counter() - started
        # Behind a 5xx servers hang up without saying so: the next request would be the one without an answer.
        if response.will_close or not is_whole or response.status >= 500:
            self._drop()
        return Answer(response.status, joined(response.getheaders()), content, seconds)

    def close(self) -> None:
        """See Transport."""
        for connection in self._open:
            connection.close()

    def _connection(self, scheme: str, netloc: str, patience: float) -> http.client.HTTPConnection:
        known: tuple[str, str, http.client.HTTPConnection] | None = getattr(self._local, "connection", None)
        if known is not None and known[:2] == (scheme, netloc) and not _is_dead(known[2]):
            connection = known[2]
        else:
            self._drop()
            make = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
            connection = make(netloc.rpartition("@")[2], timeout=patience)
            self._local.connection = (scheme, netloc, connection)
            self._open.append(connection)
        connection.timeout = patience
        if connection.sock is not None:
            connection.sock.settimeout(patience)
        return connection

    def _drop(self) -> None:
        known: tuple[str, str, http.client.HTTPConnection] | None = getattr(self._local, "connection", None)
        if known is not None:
            known[2].close()
            self._open.remove(known[2])
            self._local.connection = None


def _is_sent(
    connection: http.client.HTTPConnection, method: str, target: str, headers: Mapping[str, str], body: bytes
) -> bool:
    """Send; whether all of it went. A server may answer, and close, before it has read a body that it refuses."""
    try:
        is_chunked = headers.get("Transfer-Encoding") == "chunked"
        connection.request(method, target, body or None, dict(headers), encode_chunked=is_chunked)
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers by name, repeated ones as one list (RFC 9110, section 5.3)."""
    found: dict[str, str] = {}
    for name, value in headers:
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _is_dead(connection: http.client.HTTPConnection) -> bool:
    """Whether the server has closed a connection that waits: then there is something to read, namely its end."""
    if connection.sock is None:
        return False  # it opens anew by itself
    return bool(select.select([connection.sock], [], [], 0)[0])
