"""`--report FORMAT=PATH`, understood before anything runs, so that a typing error costs nothing."""

from __future__ import annotations

import os
from pathlib import Path

from speclock.core.errors import UsageError

__all__ = ["report_paths"]

_FORMATS = ("json",)


def report_paths(reports: tuple[str, ...]) -> list[Path]:
    """The paths of the JSON reports asked for.

    Raises:
        UsageError: another format, or no path.
    """
    paths = []
    for report in reports:
        name, mark, path = report.partition("=")
        if not mark or not path:
            raise UsageError(f"--report {report}: expected FORMAT=PATH, such as json=report.json")
        if name not in _FORMATS:
            raise UsageError(f"--report {report}: unknown format {name!r}; known: {', '.join(_FORMATS)}")
        if Path(path).is_dir():
            raise UsageError(f"--report {report}: {path} is a directory; give a file")
        if not _is_writable(Path(path)):
            raise UsageError(f"--report {report}: {path} cannot be written; give a file in a folder that can")
        paths.append(Path(path))
    return paths


def _is_writable(path: Path) -> bool:
    """Whether the file can be made or replaced, as far as one can tell beforehand."""
    if path.exists():
        return os.access(path, os.W_OK)
    above = path.absolute().parent
    while not above.exists() and above != above.parent:
        above = above.parent
    return above.is_dir() and os.access(above, os.W_OK)
