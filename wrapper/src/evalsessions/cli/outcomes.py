"""What the command line tells of an outcome: the exit status, and one line on standard error."""

from __future__ import annotations

import sys
from enum import IntEnum
from typing import TYPE_CHECKING

from evalsessions.errors import (
    AmbiguousOutcomeError,
    BatchInterruptedError,
    ConfigurationError,
    ContractError,
    ResponseValidationError,
)

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

__all__ = ["STATUSES", "CommandError", "Status", "complain", "status_of", "status_of_all", "visible"]


class Status(IntEnum):
    """The exit statuses of every command."""

    DONE = 0
    NOT_DONE = 1
    NOT_SENT = 2
    UNKNOWN = 3
    FLAWED = 4
    INTERRUPTED = 130
    UNREAD = 141


# `\b` keeps the lines of a paragraph of typer's help as they are.
STATUSES = """\b
Exit status:
  0    done
  1    not done: the API refused it, or could not be reached
  2    nothing was sent: wrong use, a missing key, or a request that breaks the contract
  3    unknown: it was sent, and no answer says whether it was done
  4    done, but with failures in a batch, or with an answer that breaks the contract
  130  interrupted
  141  whoever read the output has gone
"""


class CommandError(Exception):
    """Why a command ends early."""

    def __init__(self, message: str, status: int = Status.NOT_SENT) -> None:
        super().__init__(message)
        self.status = status


def status_of(error: Exception) -> int:
    """Return the exit status of an error."""
    if isinstance(error, CommandError):
        return error.status
    if isinstance(error, AmbiguousOutcomeError) or (isinstance(error, BatchInterruptedError) and error.in_doubt):
        return Status.UNKNOWN
    if isinstance(error, ResponseValidationError):
        return Status.FLAWED
    return Status.NOT_SENT if isinstance(error, ConfigurationError | ContractError) else Status.NOT_DONE


def status_of_all(statuses: AbstractSet[int]) -> int:
    """Return the exit status of a batch whose parts had these: what is unknown counts most, then what was done."""
    if Status.UNKNOWN in statuses:
        return Status.UNKNOWN
    if not statuses - {Status.DONE}:
        return Status.DONE
    if statuses & {Status.DONE, Status.FLAWED}:
        return Status.FLAWED
    return Status.NOT_SENT if statuses == {Status.NOT_SENT} else Status.NOT_DONE


def complain(message: str) -> None:
    """Say in one line on standard error what is wrong."""
    _say(f"error: {visible(' '.join(message.split()))}\n")


def visible(text: str) -> str:
    """Return a text whose control characters are written out: none reaches a terminal from a server or a file."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def _say(text: str) -> None:
    if sys.stderr is None:  # pyright: ignore[reportUnnecessaryComparison] - it is, where it is closed
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        return
