"""What the SDK said became of each write, held against the server's database."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evalsessions import AmbiguousOutcomeError, EvalSessionsError, ResponseValidationError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Ledger", "fate"]


def fate(error: EvalSessionsError | None) -> str:
    """Return what a call's end says: `done`, `not done` or `ambiguous`."""
    if error is None or isinstance(error, ResponseValidationError):
        return "done"
    return "ambiguous" if isinstance(error, AmbiguousOutcomeError) else "not done"


@dataclass(slots=True)
class Ledger:
    """Writes by a mark of their own, which stands in their metadata."""

    said: dict[str, str] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)

    def note(self, mark: str, error: EvalSessionsError | None) -> None:
        assert mark not in self.said, f"two outcomes for {mark}"
        self.said[mark] = fate(error)
        self.errors[type(error).__name__ if error else "created"] += 1

    def lies(self, database: Path) -> list[str]:
        """Return each write that was lost, doubled, or done against what was said."""
        with closing(sqlite3.connect(database)) as connection:
            rows = connection.execute("SELECT document FROM sessions").fetchall()
        documents = (json.loads(row[0]) for row in rows)
        stored = Counter(str(found["metadata"]["mark"]) for found in documents if found["metadata"])
        allowed = {"done": {1}, "not done": {0}, "ambiguous": {0, 1}}
        return [
            f"{mark}: said {fate_said}, stored {stored[mark]} times"
            for mark, fate_said in self.said.items()
            if stored[mark] not in allowed[fate_said]
        ] + [f"{mark}: stored, and nothing was said" for mark in stored if mark not in self.said]
