"""How far many calls have come, as a bar for people: on a terminal only, and only when it takes a while."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from rich.progress import Progress, ProgressColumn, TaskID

__all__ = ["Bar"]

# Seconds until there is something worth watching.
_QUIET = 2.0


class Bar:
    """A bar on standard error, where that is a terminal and standard output, which shows each outcome, is none.

    Args:
        total: the size of the input in bytes, or None where it is not known.
    """

    def __init__(self, total: int | None) -> None:
        is_seen = sys.stderr is not None and sys.stderr.isatty()  # pyright: ignore[reportUnnecessaryComparison]
        self._is_wanted = is_seen and not sys.stdout.isatty()
        self._begun = time.monotonic()
        self._total = total
        self._read = 0
        self._shown: tuple[Progress, TaskID] | None = None

    def tell(self, *, done: int, failed: int, size: int) -> None:
        """Take in an outcome: how many were done and how many not, and how many bytes its line has."""
        self._read += size
        if not self._is_wanted or time.monotonic() - self._begun < _QUIET:
            return
        text = f"{done} done, {failed} failed"
        if self._shown is None:
            self._shown = self._begin(text)
        progress, task = self._shown
        progress.update(task, completed=self._read, description=text)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._shown is not None:
            self._shown[0].stop()

    def _begin(self, text: str) -> tuple[Progress, TaskID]:
        from rich.console import Console  # noqa: PLC0415 - most runs need none
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn  # noqa: PLC0415

        columns: list[ProgressColumn] = [TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()]
        if self._total is not None:
            columns.append(TimeRemainingColumn())
        progress = Progress(*columns, console=Console(file=sys.stderr), redirect_stdout=False, redirect_stderr=False)
        progress.start()
        return progress, progress.add_task(text, total=self._total, completed=self._read)
