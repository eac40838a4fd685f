"""The command line: options and JSON in, JSON or a table out, and an exit status that says whether it was done."""

from evalsessions.cli.main import run

__all__ = ["run"]
