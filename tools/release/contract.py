"""What changed in openapi.yaml since the last release, by `speclock diff`, and whether `info.version` says so."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.release.bumps import Bump, Debt
from tools.release.commands import finished
from tools.release.errors import ReleaseError

__all__ = ["Comparison", "compare_contracts"]

SPECLOCK = Path(sys.executable).with_name("speclock")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a contract owes, whether its own version pays it, and the table for the release notes."""

    debts: list[Debt]
    is_paid: bool
    markdown: str


def compare_contracts(old: Path, new: Path, reports: Path) -> Comparison:
    """Judge the new contract by the old one; the reports stay in a folder, as `contract.json` and `contract.md`.

    Raises:
        ReleaseError: `speclock diff` could not judge.
    """
    told, table = reports / "contract.json", reports / "contract.md"
    command = [SPECLOCK, "diff", old, new, "--report", f"json={told}", "--report", f"markdown={table}"]
    run = finished(command, folder=new.parent, statuses=(0, 1))
    try:
        report: dict[str, Any] = json.loads(told.read_text(encoding="utf-8"))
        bump, is_paid = Bump[report["bump"].upper()], bool(report["paid"])
        debts = [Debt(_bump(change), _line(change)) for change in report["changes"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ReleaseError(
            f"{told}: expected the report of `speclock diff`, but it cannot be read: {error!r}"
        ) from error
    if is_paid == bool(run.returncode):
        raise ReleaseError(f"`speclock diff` ended with {run.returncode}, but its report says paid: {is_paid}")
    return Comparison([*debts, Debt(bump, f"openapi.yaml owes {bump} in all")], is_paid, table.read_text("utf-8"))


def _bump(change: dict[str, Any]) -> Bump:
    """What one change owes by itself; the step that compatible ones owe is told for the whole."""
    return {"breaking": Bump.MAJOR, "undecided": Bump.MAJOR, "compatible": Bump.NONE}[change["kind"]]


def _line(change: dict[str, Any]) -> str:
    where = change["new"] or change["old"]
    place = f" ({where['file']}:{where['line']})" if isinstance(where, dict) and "line" in where else ""
    witness = change["witness"]
    shown = f"; witness: {json.dumps(witness)}" if witness is not None else ""
    return f"{change['kind']} for {change['for']}: {change['operation']}: {change['what']}{place}{shown}"
