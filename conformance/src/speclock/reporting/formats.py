"""The formats of `--report FORMAT=PATH`, each made of the JSON report, and the writing of files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from speclock.core.errors import UsageError
from speclock.reporting import html, junit, markdown, ndjson, sarif

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from speclock.reporting.report import Report

__all__ = ["FORMATS", "as_json", "write_report", "write_text"]


def as_json(report: Report) -> str:
    """The report as it is."""
    # ASCII alone: an answer may hold a lone surrogate, which no encoding of text can carry.
    return json.dumps(report, indent=2) + "\n"


FORMATS: Mapping[str, Callable[[Report], str]] = {
    "json": as_json,
    "html": html.render,
    "junit": junit.render,
    "sarif": sarif.render,
    "markdown": markdown.render,
    "ndjson": ndjson.render,
}


def write_report(name: str, path: Path, report: Report) -> None:
    """Write a report in the format of that name, replacing the file as a whole.

    Raises:
        UsageError: the file cannot be written.
    """
    write_text(name, path, FORMATS[name](report))


def write_text(name: str, path: Path, text: str) -> None:
    """Write the text of a report, replacing the file as a whole.

    Raises:
        UsageError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "replace"))
    except OSError as error:
        raise UsageError(f"--report {name}={path}: cannot be written ({error.strerror or error})") from None
