"""`--report FORMAT=PATH`, understood before anything runs, so that a typing error costs nothing."""

from __future__ import annotations

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
        paths.append(Path(path))
    return paths
