"""Which piece of work comes next.

Without a budget: phase by phase, each to its end. With one: always the piece that may still show most for its time, so
that what is cheap and certain comes first, and no phase starves the others; when all is done, the phases that always
have more to try go on until the time is over.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from speclock.phases.base import OPEN_PHASES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from speclock.phases.base import Work

__all__ = ["Schedule"]

#: Seconds that a case of each phase takes, before any was measured: generators take their time.
_SECONDS = {"coverage": 0.01, "fuzzing": 0.02, "stateful": 0.02}
_PLAIN_SECONDS = 0.003


@dataclass
class Schedule:
    """Hands out work; safe to use from several workers."""

    #: The work by turn: turn 0 is everything; the later ones are more of the phases that always have some.
    works: Callable[[int], Sequence[Work]]
    #: Whether there is a budget, to be shared and used up.
    is_shared: bool = False
    _queue: list[Work] = field(default_factory=list)
    _left: Counter[str] = field(default_factory=Counter)
    _cases: Counter[str] = field(default_factory=Counter)
    _seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _turn: int = 0
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """Take in the first turn."""
        self._refill()

    def next(self) -> Work | None:
        """The next piece; None when there is none."""
        with self._lock:
            if not self._queue and self.is_shared:
                self._refill()
            if not self._queue:
                return None
            best = max(self._queue, key=self._worth) if self.is_shared else self._queue[0]
            self._queue.remove(best)
            return best

    def done(self, work: Work, cases: int, seconds: float) -> bool:
        """Note that a piece is done; whether its phase is over, which an open one with a budget never is."""
        with self._lock:
            self._cases[work.phase] += cases
            self._seconds[work.phase] += seconds
            self._left[work.phase] -= 1
            return not self._left[work.phase] and not (self.is_shared and work.phase in OPEN_PHASES)

    def has_left(self, phase: str) -> bool:
        """Whether a phase was not done to its end."""
        return self._left[phase] > 0

    def _refill(self) -> None:
        self._queue += self.works(self._turn)
        self._left.update(work.phase for work in self._queue)
        self._turn += 1

    def _worth(self, work: Work) -> float:
        cases = self._cases[work.phase]
        per_case = self._seconds[work.phase] / cases if cases else _SECONDS.get(work.phase, _PLAIN_SECONDS)
        return work.promises / (work.cost * max(per_case, 1e-4))
