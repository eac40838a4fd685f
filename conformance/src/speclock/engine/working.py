"""Doing the scheduled work, by one worker or several, and keeping the time of each phase."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from speclock.engine.events import PhaseFinished, PhaseStarted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from speclock.engine.events import Event
    from speclock.engine.schedule import Schedule
    from speclock.phases.base import Work

__all__ = ["Workers"]


@dataclass
class _Phase:
    cases: int = 0
    seconds: float = 0.0
    started: bool = False
    finished: bool = False


@dataclass
class Workers:
    """Work through a schedule; phases are told of as they begin and end."""

    schedule: Schedule
    phases: Sequence[str]
    emit: Callable[[Event], None]
    #: Does one piece of work; the number of cases that it sent.
    do: Callable[[Work], int]
    #: Whether the time is over.
    is_over: Callable[[], bool]
    #: Ends whatever other workers do.
    stop: Callable[[], None]
    #: Held by the worker that generates: neither hypothesis nor Python 3.11's parser, which it calls, can be entered by
    #: two threads at once.
    turn: threading.Lock = field(default_factory=threading.Lock)
    _books: dict[str, _Phase] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, count: int) -> bool:
        """Work until nothing is left, with so many workers; False when the time was over before."""
        self._books = {name: _Phase() for name in self.phases}
        if count == 1:
            return self._loop()
        with ThreadPoolExecutor(count) as pool:
            try:
                futures = [pool.submit(self._take_turns) for _ in range(count)]
                return all(future.result() for future in futures)
            except BaseException:
                self.stop()  # else leaving the pool would wait for all that is still to come
                raise

    def close(self, cut: str | None) -> None:
        """Tell the end of every phase that has not told its own; `cut` says why the run ended early."""
        for name, phase in self._books.items():
            if phase.finished:
                continue
            if not phase.started:
                self.emit(PhaseStarted(name))
            short = cut if self.schedule.has_left(name) else None
            self.emit(PhaseFinished(name, phase.cases, phase.seconds, short))

    def current(self) -> str:
        """A phase that is under way; the first when none has begun."""
        begun = [name for name, phase in self._books.items() if phase.started and not phase.finished]
        return begun[0] if begun else self.phases[0]

    def _take_turns(self) -> bool:
        with self.turn:
            return self._loop()

    def _loop(self) -> bool:
        while not self.is_over():
            work = self.schedule.next()
            if work is None:
                return True
            self._work(work)
        return False

    def _work(self, work: Work) -> None:
        phase = self._books[work.phase]
        with self._lock:
            begins, phase.started = not phase.started, True
        if begins:
            self.emit(PhaseStarted(work.phase))
        started = time.monotonic()
        cases = 0
        try:
            cases = self.do(work)
        finally:
            seconds = time.monotonic() - started
            with self._lock:
                phase.cases += cases
                phase.seconds += seconds
        if self.schedule.done(work, cases, seconds):
            phase.finished = True
            self.emit(PhaseFinished(work.phase, phase.cases, phase.seconds))
