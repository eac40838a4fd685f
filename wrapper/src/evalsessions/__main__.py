"""The console script `evalsessions`, and `python -m evalsessions`."""

from __future__ import annotations

import sys
from typing import NoReturn

__all__ = ["main"]

_MISSING = "error: the command line is an extra: pip install 'evalsessions[cli]'\n"


def main() -> NoReturn:
    """Run the command line, or say what brings it."""
    try:
        from evalsessions.cli import run  # noqa: PLC0415 - it is an extra
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] not in {"typer", "rich"}:
            raise
        if sys.stderr is not None:  # pyright: ignore[reportUnnecessaryComparison] - it is, where it is closed
            sys.stderr.write(_MISSING)
        sys.exit(2)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
