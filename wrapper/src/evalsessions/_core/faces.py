"""What the faces of both vendors have in common: how they are set otherwise, closed and shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self, Unpack

    from evalsessions._core.engines import AsyncEngine, Engine
    from evalsessions._core.settings import CallOptions

__all__ = ["MAX_CONNECTIONS", "MAX_RETRIES", "TIMEOUT", "AsyncFace", "SyncFace"]

TIMEOUT = 60.0
"""Seconds; a batch evaluation of 1000 sessions takes its time."""
MAX_RETRIES = 2
MAX_CONNECTIONS = 100


EngineT = TypeVar("EngineT", "Engine", "AsyncEngine")


class _Face(Generic[EngineT]):
    """What has an engine, and can be had with other options."""

    _engine: EngineT

    def with_options(self, **options: Unpack[CallOptions]) -> Self:
        """Return a face with other options for each of its calls; this one stays as it is.

        Both use the same connections, which closing either closes.

        Raises:
            ConfigurationError: an option that cannot work.
        """
        face = type(self).__new__(type(self))
        face._engine = self._engine.with_options(options)
        return face

    @property
    def base_url(self) -> str:
        """The address that requests go to."""
        return self._engine.settings.base_url

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self.base_url!r})"


class SyncFace(_Face["Engine"]):
    """One vendor's operations, called from threads."""

    def close(self) -> None:
        """Close the connections. An `httpx.Client` that was given stays open."""
        self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class AsyncFace(_Face["AsyncEngine"]):
    """One vendor's operations, called from coroutines."""

    async def aclose(self) -> None:
        """Close the connections. An `httpx.AsyncClient` that was given stays open."""
        await self._engine.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()
