"""Which transport a face sends with: the user's own, or one over an httpx client that is made at the first call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

from evalsessions._core.engines import Connection
from evalsessions._core.settings import checked_count
from evalsessions.errors import ConfigurationError

if TYPE_CHECKING:
    import httpx

    from evalsessions._core.transport import AsyncTransport, Transport

__all__ = ["AsyncHttpClient", "HttpClient", "async_connection", "connection"]

HttpClient: TypeAlias = "httpx.Client | httpx.BaseTransport | Transport"
AsyncHttpClient: TypeAlias = "httpx.AsyncClient | httpx.AsyncBaseTransport | AsyncTransport"


def connection(given: HttpClient | None, *, base_url: str, max_connections: int, http2: bool) -> Connection[Transport]:
    """Return the connection of a sync face.

    Raises:
        ConfigurationError: something that cannot work.
    """
    _check(given, max_connections, http2, kinds=("Client", "BaseTransport"), closes="close", fast="FastTransport")
    client: Any = given

    def make() -> Transport:
        if client is not None and not _httpx_names(client):
            return cast("Transport", client)
        from evalsessions._transports.over_httpx import open_sync  # noqa: PLC0415 - a call needs httpx, not a face

        return open_sync(client, base_url=base_url, max_connections=max_connections, http2=http2)

    return Connection(make)


def async_connection(
    given: AsyncHttpClient | None, *, base_url: str, max_connections: int, http2: bool
) -> Connection[AsyncTransport]:
    """Return the connection of an async face.

    Raises:
        ConfigurationError: something that cannot work.
    """
    kinds = ("AsyncClient", "AsyncBaseTransport")
    _check(given, max_connections, http2, kinds=kinds, closes="aclose", fast="AsyncFastTransport")
    client: Any = given

    def make() -> AsyncTransport:
        if client is not None and not _httpx_names(client):
            return cast("AsyncTransport", client)
        from evalsessions._transports.over_httpx import open_async  # noqa: PLC0415 - a call needs httpx, not a face

        return open_async(client, base_url=base_url, max_connections=max_connections, http2=http2)

    return Connection(make)


def _check(
    given: object, max_connections: object, http2: bool, *, kinds: tuple[str, str], closes: str, fast: str
) -> None:
    is_own = _sends(getattr(given, "send", None)) and callable(getattr(given, closes, None))
    names = _httpx_names(given)
    if given is not None and not (names & set(kinds) if names else is_own):
        found = f"{type(given).__module__}.{type(given).__qualname__}"
        expected = f"an httpx.{kinds[0]}, an httpx.{kinds[1]} or a {fast}"
        raise ConfigurationError(f"http_client must be {expected}, not a {found}")
    checked_count("max_connections", max_connections, least=1)
    if http2:
        from importlib.util import find_spec  # noqa: PLC0415 - only HTTP/2 needs it

        if find_spec("h2") is None:
            raise ConfigurationError("HTTP/2 is an extra: pip install 'evalsessions[http2]'")


def _sends(send: Any) -> bool:  # noqa: ANN401 - whatever was given
    """Whether it is a `Transport.send`, and not that of another library."""
    if not callable(send):
        return False
    from inspect import signature  # noqa: PLC0415 - only a transport of one's own needs it

    try:
        signature(send).bind(None, None)
    except (TypeError, ValueError):
        return False
    return True


def _httpx_names(given: object) -> set[str]:
    """The names of httpx's classes that an object is of, without an import of httpx."""
    return {kind.__name__ for kind in type(given).__mro__ if kind.__module__.partition(".")[0] == "httpx"}
