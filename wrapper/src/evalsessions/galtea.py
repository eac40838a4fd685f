"""The faces of Galtea: its sessions, test cases and evaluations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evalsessions._core.engines import AsyncEngine, Engine
from evalsessions._core.faces import MAX_CONNECTIONS, MAX_RETRIES, TIMEOUT, AsyncFace, SyncFace
from evalsessions._core.settings import Settings, Vendor
from evalsessions._resources.evaluations import AsyncEvaluations, Evaluations
from evalsessions._resources.sessions import CREATE_SESSION, AsyncSessions, Sessions
from evalsessions._resources.test_cases import AsyncTestCases, TestCases
from evalsessions._transports.opening import async_connection, connection

if TYPE_CHECKING:
    from collections.abc import Callable

    from evalsessions._transports.opening import AsyncHttpClient, HttpClient
    from evalsessions._values.messages import Attempt

__all__ = ["AsyncGaltea", "Galtea"]

_GALTEA = Vendor("Galtea", "GALTEA_API_KEY", "GALTEA_API_URL")


class Galtea(SyncFace):
    """Galtea's API. It can be used from any number of threads.

    Example:
        >>> with Galtea(api_key="gsk_...") as galtea:
        ...     session = galtea.sessions.create(version_id="ver_123", test_case_id="tc_123")

    Args:
        api_key: The key; not given, `GALTEA_API_KEY` of the environment.
        base_url: Where the API is; not given, `GALTEA_API_URL` of the environment, or the service of Galtea.
        timeout: Seconds; see `CallOptions`.
        max_retries: See `CallOptions`. What is repeated cannot double a write.
        http_client: An `httpx.Client`, which stays yours to close, an httpx transport, or a `FastTransport`.
        max_connections: How many connections are open at once, where no client was given.
        http2: Whether HTTP/2 is spoken where the server can (`evalsessions[http2]`), where no client was given.
        on_attempt: Told of each attempt to send a request. What it raises is logged, and has no other effect.

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
    ) -> None:
        settings = Settings.resolve(
            _GALTEA,
            CREATE_SESSION,
            api_key=api_key,
            base_url=base_url,
            timeout=timeout,
            max_retries=max_retries,
            on_attempt=on_attempt,
        )
        self._engine = Engine(
            settings,
            connection(http_client, base_url=settings.base_url, max_connections=max_connections, http2=http2),
        )

    @property
    def sessions(self) -> Sessions:
        """Sessions: production, test-driven and imported ones."""
        return Sessions(self._engine)

    @property
    def test_cases(self) -> TestCases:
        """Test cases, which test-driven sessions play."""
        return TestCases(self._engine)

    @property
    def evaluations(self) -> Evaluations:
        """Evaluations of sessions, many at once."""
        return Evaluations(self._engine)


class AsyncGaltea(AsyncFace):
    """Galtea's API, by coroutines. Arguments and errors are those of `Galtea`.

    Example:
        >>> async with AsyncGaltea(api_key="gsk_...") as galtea:
        ...     session = await galtea.sessions.create(version_id="ver_123", test_case_id="tc_123")

    Args:
        api_key: The key; not given, `GALTEA_API_KEY` of the environment.
        base_url: Where the API is; not given, `GALTEA_API_URL` of the environment, or the service of Galtea.
        timeout: Seconds; see `CallOptions`.
        max_retries: See `CallOptions`. What is repeated cannot double a write.
        http_client: An `httpx.AsyncClient`, which stays yours to close, an httpx transport, or an `AsyncFastTransport`.
        max_connections: How many connections are open at once, where no client was given.
        http2: Whether HTTP/2 is spoken where the server can (`evalsessions[http2]`), where no client was given.
        on_attempt: Told of each attempt to send a request. What it raises is logged, and has no other effect.

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
    ) -> None:
        settings = Settings.resolve(
            _GALTEA,
            CREATE_SESSION,
            api_key=api_key,
            base_url=base_url,
            timeout=timeout,
            max_retries=max_retries,
            on_attempt=on_attempt,
        )
        self._engine = AsyncEngine(
            settings,
            async_connection(http_client, base_url=settings.base_url, max_connections=max_connections, http2=http2),
        )

    @property
    def sessions(self) -> AsyncSessions:
        """Sessions: production, test-driven and imported ones."""
        return AsyncSessions(self._engine)

    @property
    def test_cases(self) -> AsyncTestCases:
        """Test cases, which test-driven sessions play."""
        return AsyncTestCases(self._engine)

    @property
    def evaluations(self) -> AsyncEvaluations:
        """Evaluations of sessions, many at once."""
        return AsyncEvaluations(self._engine)
