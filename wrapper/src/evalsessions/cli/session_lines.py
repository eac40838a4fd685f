"""JSON lines in, for `sessions create-many`: each line is the arguments of a session, or says why it is none.

Lines are read as the SDK asks for them. One that cannot be read is handed on as well, so that it has its outcome in its
place; the SDK sends nothing for it. A signal ends the lines, and interrupts nothing that was sent.
"""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from evalsessions.cli.operations import CREATE_SESSION
from evalsessions.cli.reading import kind_of, read_json, read_text, reason_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from types import FrameType

__all__ = ["BadLine", "SessionLine", "SessionLines"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_WAITING = b"\ninterrupted: waiting for what was sent; interrupt once more to leave at once\n"
_LEAVING = b"\nerror: interrupted: what was sent and has no line may have been done or not\n"


class SessionLine(dict[str, object]):
    """The arguments that a line sets, with its number, its size in bytes, and what it says."""

    def __init__(self, number: int, size: int, said: dict[str, object]) -> None:
        super().__init__(CREATE_SESSION.of_json(said))
        self.number = number
        self.size = size
        self.said = said


class BadLine:
    """A line that is none: nothing can be sent for it."""

    def __init__(self, number: int, size: int, problem: str) -> None:
        self.number = number
        self.size = size
        self.problem = problem


class SessionLines:
    """The lines of a file, until it or the patience of the user ends.

    Attributes:
        signal: the signal that ended them early, or None.
        problem: why they could not be read to their end, or None.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._is_reading = False
        self._number = 0
        self.signal: int | None = None
        self.problem: str | None = None

    def __iter__(self) -> Iterator[SessionLine | BadLine]:
        while content := self._next():
            self._number += 1
            if content.strip():
                yield _line(self._number, content)

    def _next(self) -> bytes:
        if self.signal is not None:
            return b""
        try:
            self._is_reading = True
            content = self._stream.readline()
            self._is_reading = False
        except KeyboardInterrupt:
            self._is_reading = False
            return b""
        except OSError as error:
            self._is_reading = False
            self.problem = reason_of(error)
            return b""
        return content

    @contextmanager
    def ended_by_signals(self) -> Generator[None]:
        """Let the first signal end the lines, and the second the process."""
        kept = {number: signal.getsignal(number) for number in _SIGNALS}
        for number, handler in kept.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, self._stop)
        try:
            yield
        finally:
            for number, handler in kept.items():
                signal.signal(number, handler)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        # Nothing is written through Python's buffers: the signal may have come in the midst of that.
        if self.signal is not None:
            os.write(2, _LEAVING)
            os._exit(128 + number)
        self.signal = number
        os.write(2, _WAITING)
        if self._is_reading:
            raise KeyboardInterrupt


def _line(number: int, content: bytes) -> SessionLine | BadLine:
    try:
        said = read_json(read_text(content))
        if isinstance(said, dict):
            return SessionLine(number, len(content), cast("dict[str, object]", said))
        problem = f"expected a JSON object, got {kind_of(said)}"
    except ValueError as error:
        problem = str(error)
    return BadLine(number, len(content), problem)
