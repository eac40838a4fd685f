"""`--report FORMAT=PATH`, understood before anything runs, so that a typing error costs nothing."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from speclock.core.errors import UsageError
from speclock.reporting.formats import FORMATS, write_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from speclock.reporting.report import Report

__all__ = ["report_paths", "write_all", "write_texts"]


def report_paths(reports: tuple[str, ...], *, known: Sequence[str] = tuple(FORMATS)) -> list[tuple[str, Path]]:
    """The format and the path of each report asked for.

    Raises:
        UsageError: an unknown format, no path, or one that cannot be written.
    """
    paths: list[tuple[str, Path]] = []
    for report in reports:
        name, mark, path = report.partition("=")
        if not mark or not path:
            raise UsageError(f"--report {report}: expected FORMAT=PATH, such as json=report.json")
        if name not in known:
            raise UsageError(f"--report {report}: unknown format {name!r}; known: {', '.join(known)}")
        if Path(path).is_dir():
            raise UsageError(f"--report {report}: {path} is a directory; give a file")
        if not _is_writable(Path(path)):
            raise UsageError(f"--report {report}: {path} cannot be written; give a file in a folder that can")
        if any(Path(path) == other for _, other in paths):
            raise UsageError(f"--report {report}: {path} is that of another report; give a file of its own")
        paths.append((name, Path(path)))
    return paths


def write_all(paths: Sequence[tuple[str, Path]], report: Report) -> bool:
    """Write the reports, and say where each is; whether all could be written."""
    return write_texts([(name, path, FORMATS[name](report)) for name, path in paths], sys.stdout)


def write_texts(texts: Sequence[tuple[str, Path, str]], said: TextIO) -> bool:
    """Write the texts of reports, and say on `said` where each is; whether all could be written."""
    is_whole = True
    for name, path, text in texts:
        try:
            write_text(name, path, text)
        except UsageError as error:
            sys.stderr.write(f"speclock: {error}\n")
            is_whole = False
        else:
            said.write(f"report: {path}\n")
    return is_whole


def _is_writable(path: Path) -> bool:
    """Whether the file can be made or replaced, as far as one can tell beforehand."""
    if path.exists():
        return os.access(path, os.W_OK)
    above = path.absolute().parent
    while not above.exists() and above != above.parent:
        above = above.parent
    return above.is_dir() and os.access(above, os.W_OK)
