"""Drawing from hypothesis so that the seed alone decides what is drawn.

Left to itself, hypothesis keeps what it found in earlier runs, and now and then draws a constant that stands in the
code of some module of this process that is no installed package: the application under test, or whatever else is
imported by then. Neither is wanted here, and the second has no setting.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import hypothesis
from hypothesis.internal.cache import LRUCache
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["by_seed_alone", "settings"]

_here = threading.local()
_every_constant = providers._get_local_constants  # noqa: SLF001 - see above
_NONE = Constants()
_theirs = providers.CONSTANTS_CACHE
_ours: LRUCache[providers.CacheKeyT, providers.CacheValueT] = LRUCache(_theirs.max_size)
_drawing = 0
_lock = threading.Lock()


def settings(examples: int, *, steps: int = 50) -> hypothesis.settings:
    """Generation alone: nothing is stored between runs, nothing is shrunk here, no deadline."""
    return hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
        verbosity=hypothesis.Verbosity.quiet,
        print_blob=False,
        stateful_step_count=steps,
    )


@contextmanager
def by_seed_alone() -> Iterator[None]:
    """Draw no constant of this process's code, in this thread, until the block ends."""
    before = getattr(_here, "is_drawing", False)
    _enter(1)
    _here.is_drawing = True
    try:
        yield
    finally:
        _here.is_drawing = before
        _enter(-1)


def _enter(threads: int) -> None:
    """Count those who draw; while there are any, what hypothesis remembers of others' constants is put aside."""
    global _drawing  # noqa: PLW0603
    with _lock:
        _drawing += threads
        providers.CONSTANTS_CACHE = _ours if _drawing else _theirs


def _constants() -> Constants:
    return _NONE if getattr(_here, "is_drawing", False) else _every_constant()


providers._get_local_constants = _constants  # noqa: SLF001
