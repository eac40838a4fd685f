"""Runs a command to its end, quietly, and says in one line what it said when it fails."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from tools.release.errors import ReleaseError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["finished", "output"]


def finished(
    command: Sequence[object],
    *,
    folder: Path,
    statuses: Sequence[int] = (0,),
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command, whose parts are texts or paths, in a folder.

    Raises:
        ReleaseError: it cannot be started, or ends with a status that is not among `statuses`.
    """
    line = " ".join(str(part) for part in command[:4])
    try:
        run = subprocess.run(
            [str(part) for part in command],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise ReleaseError(
            f"`{line}` cannot be run: {error.strerror}: install {command[0]}, or run this by `nox -s release`"
        ) from error
    if run.returncode not in statuses:
        said = [text.strip() for text in (run.stderr.strip() or run.stdout.strip() or "nothing").splitlines()]
        raise ReleaseError(f"`{line} ...` ended with status {run.returncode}: {' | '.join(said[-6:])}")
    return run


def output(command: Sequence[object], *, folder: Path) -> str:
    """What a command prints, without white space around it.

    Raises:
        ReleaseError: it fails.
    """
    return finished(command, folder=folder).stdout.strip()
