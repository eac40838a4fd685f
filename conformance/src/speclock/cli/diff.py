"""`speclock diff`: two contracts compared, shown to a person or a program, and an exit status made of the bump owed."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from speclock.cli.reports import report_paths, write_texts
from speclock.core.contract import load_contract
from speclock.core.errors import ContractError, SpeclockError, UsageError
from speclock.diff.comparison import compare
from speclock.reporting.changes import FORMATS
from speclock.reporting.terminal import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["run"]


def run(old: Path, new: Path, *, only_shared: bool, shown: str, reports: tuple[str, ...]) -> int:
    """Compare; the exit status: 1 when `info.version` does not pay for the bump that is owed.

    Raises:
        SpeclockError: a document cannot be read, or they have nothing in common.
    """
    if shown not in FORMATS:
        raise UsageError(f"--format {shown}: unknown format; known: {', '.join(FORMATS)}")
    paths = report_paths(reports, known=tuple(FORMATS))
    progress = _Progress()
    try:
        comparison = compare(load_contract(old), load_contract(new), only_shared=only_shared, progress=progress)
    except RecursionError:
        raise ContractError(f"{old} or {new}: nested too deeply to be compared") from None
    finally:
        progress.close()
    _print(FORMATS[shown](comparison))
    # What is on standard output may be read by a program: it is the one document.
    written = write_texts([(name, path, FORMATS[name](comparison)) for name, path in paths], sys.stderr)
    status = 0 if comparison.paid else 1
    return status if written else status or 2


def _print(text: str) -> None:
    try:
        sys.stdout.write(text.encode("utf-8", "replace").decode())
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the rest fails once more at the end
        raise SpeclockError(f"standard output cannot be written ({error.strerror or error})") from None


class _Progress:
    """A progress bar on standard error, where that is a terminal and it takes long enough."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        columns = TextColumn("comparing"), BarColumn(bar_width=24), TextColumn("{task.completed} of {task.total}")
        self._bar = Progress(*columns, TimeElapsedColumn(), console=console, transient=True)
        self._task = self._bar.add_task("", total=None)
        self._clock = threading.Timer(PATIENCE, self._bar.start)
        self._clock.daemon = True
        if console.is_terminal:
            self._clock.start()

    def __call__(self, done: int, of: int) -> None:
        self._bar.update(self._task, completed=done, total=of)

    def close(self) -> None:
        """Take the bar away."""
        self._clock.cancel()
        if self._clock.ident is not None:
            self._clock.join()
        if self._bar.live.is_started:  # one that never began would leave an empty line
            self._bar.stop()
