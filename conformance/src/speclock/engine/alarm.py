"""The end of the time, also where nobody looks at the clock: a long draw, a slow answer, an application that hangs."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["alarm"]

#: Seconds between rings: Python drops an exception that is raised in a finaliser, so one ring may go unheard.
_AGAIN = 1.0


@contextmanager
def alarm(seconds: float | None, error: type[BaseException]) -> Iterator[None]:
    """Raise `error` after so long; only in the main thread of a system with interval timers, else never."""
    if seconds is None or not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(*_: object) -> None:
        raise error

    def tell(dropped: sys.UnraisableHookArgs) -> None:
        if not issubclass(dropped.exc_type, error):
            untold(dropped)

    untold, sys.unraisablehook = sys.unraisablehook, tell
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, min(max(seconds, 0.001), threading.TIMEOUT_MAX), _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        sys.unraisablehook = untold
