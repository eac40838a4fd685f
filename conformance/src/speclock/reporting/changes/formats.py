"""The formats that a comparison is shown in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speclock.reporting.changes import markdown, sarif, text
from speclock.reporting.changes.report import changes_report
from speclock.reporting.formats import as_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from speclock.diff.changes import Comparison

__all__ = ["FORMATS"]


def _json(comparison: Comparison) -> str:
    return as_json(changes_report(comparison))


FORMATS: Mapping[str, Callable[[Comparison], str]] = {
    "text": text.render,
    "json": _json,
    "markdown": markdown.render,
    "sarif": sarif.render,
}
