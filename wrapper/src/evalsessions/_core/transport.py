"""The seam to the network: a request and a timeout in, a response or the reason why there is none out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from evalsessions._values.messages import Request, Response

__all__ = ["LARGEST_ANSWER", "AsyncTransport", "NoAnswer", "Transport", "too_large"]

LARGEST_ANSWER = 16 * 2**20
"""How many bytes of an answer are read, decoded; every answer of the contract is far smaller."""


class NoAnswer(Exception):  # noqa: N818 - it becomes one of the SDK's errors
    """There is no answer. The cause is the error of the library below, which goes no further."""

    def __init__(self, problem: str, *, was_sent: bool, timed_out: bool = False) -> None:
        super().__init__(problem)
        self.was_sent = was_sent
        """Whether any part of the request may have arrived."""
        self.timed_out = timed_out


class Transport(Protocol):
    """Sends for the sync faces."""

    def send(self, request: Request, timeout: float | None) -> Response:
        """Send once, following no redirect.

        Raises:
            NoAnswer: no whole answer came.
        """
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


class AsyncTransport(Protocol):
    """Sends for the async faces."""

    async def send(self, request: Request, timeout: float | None) -> Response:
        """Send once, following no redirect.

        Raises:
            NoAnswer: no whole answer came.
        """
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


def too_large() -> str:
    """Return the flaw of an answer that was not read to its end for its size."""
    return f"the answer is larger than {LARGEST_ANSWER // 2**20} MiB"
