"""The faces of Galileo: the sessions of its projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evalsessions._core.engines import AsyncEngine, Engine
from evalsessions._core.faces import MAX_CONNECTIONS, MAX_RETRIES, TIMEOUT, AsyncFace, SyncFace
from evalsessions._core.settings import Settings, Vendor
from evalsessions._resources.project_sessions import CREATE_PROJECT_SESSION, AsyncProjectSessions, ProjectSessions
from evalsessions._transports.opening import async_connection, connection

if TYPE_CHECKING:
    from collections.abc import Callable

    from evalsessions._transports.opening import AsyncHttpClient, HttpClient
    from evalsessions._values.messages import Attempt

__all__ = ["AsyncGalileo", "Galileo"]

_GALILEO = Vendor("Galileo", "GALILEO_API_KEY", "GALILEO_API_URL")


class Galileo(SyncFace):
    """Galileo's API. It can be used from any number of threads.

    Example:
        >>> with Galileo(api_key="...") as galileo:
        ...     session = galileo.project_sessions.create(project_id=project_id, name="Support chat")

    Args:
        api_key: The key; not given, `GALILEO_API_KEY` of the environment.
        base_url: Where the API is; not given, `GALILEO_API_URL` of the environment, or the service of Galileo.
        timeout: Seconds; see `CallOptions`.
        max_retries: See `CallOptions`. What is repeated cannot double a write.
        http_client: An `httpx.Client`, which stays yours to close, an httpx transport, or a `FastTransport`.
        max_connections: How many connections are open at once, where no client was given.
        http2: Whether HTTP/2 is spoken where the server can (`evalsessions[http2]`), where no client was given.
        on_attempt: Told of each attempt to send a request. What it raises is logged, and has no other effect.
        key_header: The header that carries the key; not given, `Galileo-API-Key`.

    Raises:
        ConfigurationError: no key, or something that cannot work. Nothing is sent here.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float | None = TIMEOUT,
        max_retries: int = MAX_RETRIES,
        http_client: HttpClient | None = None,
        max_connections: int = MAX_CONNECTIONS,
        http2: bool = False,
        on_attempt: Callable[[Attempt], None] | None = None,
        key_header: str | None = None,
    ) -> None:
        settings = Settings.resolve(
            _GALILEO,
            CREATE_PROJECT_SESSION,
            api_key=api_key,
            base_url=base_url,
            timeout=timeout,
            max_retries=max_retries,
            on_attempt=on_attempt,
            key_header=key_header,
        )
        self._engine = Engine(
            settings,
            connection(http_client, base_url=settings.base_url, max_connections=max_connections, http2=http2),
        )

    @property
    def project_sessions(self) -> ProjectSessions:
        """Sessions of projects."""
        return ProjectSessions(self._engine)


class AsyncGalileo(AsyncFace):
    """Galileo's API, by coroutines. Arguments and errors are those of `Galileo`.

    Example:
        >>> async with AsyncGalileo(api_key="...") as galileo:
        ...     session = await galileo.project_sessions.create(project_id=project_id, name="Support chat")

    Args:
        api_key: The key; not given, `GALILEO_API_KEY` of the environment.
        base_url: Where the API is; not given, `GALILEO_API_URL` of the environment, or the service of Galileo.
        timeout: Seconds; see `CallOptions`.
        max_retries: See `CallOptions`. What is repeated cannot double a write.
        http_client: An `httpx.AsyncClient`, which stays yours to close, an httpx transport, or an `AsyncFastTransport`.
        max_connections: How many connections are open at once, where no client was given.
        http2: Whether HTTP/2 is spoken where the server can (`evalsessions[http2]`), where no client was given.
        on_attempt: Told of each attempt to send a request. What it raises is logged, and has no other effect.
        key_header: The header that carries the key; not given, `Galileo-API-Key`.

    Raises:
        ConfigurationError: no key, or something that cannot work. Nothing is sent here.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        timeout: float | None = TIMEOUT,
        max_retries: int = MAX_RETRIES,
        http_client: AsyncHttpClient | None = None,
        max_connections: int = MAX_CONNECTIONS,
        http2: bool = False,
        on_attempt: Callable[[Attempt], None] | None = None,
        key_header: str | None = None,
    ) -> None:
        settings = Settings.resolve(
            _GALILEO,
            CREATE_PROJECT_SESSION,
            api_key=api_key,
            base_url=base_url,
            timeout=timeout,
            max_retries=max_retries,
            on_attempt=on_attempt,
            key_header=key_header,
        )
        self._engine = AsyncEngine(
            settings,
            async_connection(http_client, base_url=settings.base_url, max_connections=max_connections, http2=http2),
        )

    @property
    def project_sessions(self) -> AsyncProjectSessions:
        """Sessions of projects."""
        return AsyncProjectSessions(self._engine)
