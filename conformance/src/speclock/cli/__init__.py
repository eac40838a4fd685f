"""The command line."""

from speclock.cli.main import main

__all__ = ["main"]
