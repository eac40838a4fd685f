"""The environment of a process that coverage is not to measure: it makes one several times slower and larger."""

from __future__ import annotations

import os

__all__ = ["uncovered"]


def uncovered(**more: str) -> dict[str, str]:
    """This process's environment without coverage's part, and with `more`."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")} | more
