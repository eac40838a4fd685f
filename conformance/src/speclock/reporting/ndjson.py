"""The report as lines of JSON, one for the run and for each finding, rule and error, for tools that read by line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from speclock.reporting.report import Report

__all__ = ["render"]


def render(report: Report) -> str:
    """The lines; each is an object with `type` (`run`, `finding`, `rule` or `error`) and the fields of its part."""
    rows = [{"type": "run", "speclock": report["speclock"], "contract": report["contract"], **(report["run"] or {})}]
    for name in ("findings", "rules", "errors"):
        rows += [{"type": name[:-1], **item} for item in report[name]]
    return "".join(f"{json.dumps(row)}\n" for row in rows)
