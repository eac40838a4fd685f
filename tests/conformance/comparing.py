"""Comparing contracts in tests: documents written to a folder, and the worst verdict for each audience."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from speclock.core.contract import load_contract
from speclock.diff.comparison import compare

if TYPE_CHECKING:
    from pathlib import Path

    from speclock.diff.changes import Comparison

__all__ = ["compared", "verdicts", "written"]

_LETTERS = (("breaking", "B"), ("undecided", "U"), ("compatible", "C"))


def written(folder: Path, old: Any, new: Any) -> tuple[Path, Path]:
    """Both documents as files."""
    paths = folder / "old.json", folder / "new.json"
    for path, document in zip(paths, (old, new), strict=True):
        path.write_text(json.dumps(document, indent=1))
    return paths


def compared(folder: Path, old: Any, new: Any, *, only_shared: bool = False) -> Comparison:
    """The comparison of two documents."""
    one, other = written(folder, old, new)
    return compare(load_contract(one), load_contract(other), only_shared=only_shared)


def verdicts(comparison: Comparison) -> tuple[str, str]:
    """The worst verdict for senders and for readers: B, U, C, or - for none."""
    found = []
    for audience in ("senders", "readers"):
        kinds = {change.verdict for change in comparison.changes if change.audience == audience}
        found.append(next((letter for kind, letter in _LETTERS if kind in kinds), "-"))
    return found[0], found[1]
