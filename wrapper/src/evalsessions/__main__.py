"""The console script `evalsessions`, and `python -m evalsessions`."""

import sys
from importlib.util import find_spec
from typing import NoReturn

__all__ = ["main"]


def main() -> NoReturn:
    """Run the command line; without typer, say how to get it."""
    if find_spec("typer") is None:
        sys.stderr.write("error: the command line is an extra: pip install 'evalsessions[cli]'\n")
        sys.exit(2)
    from evalsessions.cli import run  # noqa: PLC0415 - it needs the extra

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
