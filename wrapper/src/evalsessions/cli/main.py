"""One run of `evalsessions`: whatever goes wrong is one line on standard error, never a traceback, and a status."""

from __future__ import annotations

import os
import sys
from typing import Any, cast

import typer

from evalsessions.cli.commands import app
from evalsessions.cli.outcomes import CommandError, Status, complain, status_of
from evalsessions.cli.reading import reason_of
from evalsessions.cli.running import fault_of, told
from evalsessions.errors import EvalSessionsError

__all__ = ["run"]


def run(arguments: list[str]) -> int:
    """Run the command line, and return its exit status."""
    if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison] - it is, where it is closed
        complain("standard output is closed: there is no place for the result")
        return Status.NOT_SENT
    try:
        status = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        status = Status.UNREAD
    except OSError as error:
        complain(f"standard output cannot be written: {reason_of(error)}")
        status = Status.NOT_DONE
    _forget_output()
    return status


def _run(arguments: list[str]) -> int:
    try:
        status = cast("object", app(args=arguments, prog_name="evalsessions", standalone_mode=False))
    except (CommandError, EvalSessionsError) as error:
        complain(told(error))
        return status_of(error)
    except (KeyboardInterrupt, typer.Abort):
        status = Status.INTERRUPTED
    except SystemExit as leaving:
        # typer leaves so where it cannot write, and after it told of completion.
        if isinstance(leaving.__context__, BrokenPipeError):
            return Status.UNREAD
        return leaving.code if isinstance(leaving.code, int) else Status.DONE
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - of typer's errors only this is sure: they have a message of their own
        if not hasattr(error, "format_message"):
            raise CommandError(fault_of(error), Status.NOT_DONE) from None
        context = getattr(error, "ctx", None)
        where = "evalsessions" if context is None else context.command_path
        complain(f"{str(cast('Any', error).format_message()).rstrip('.')} (see {where} --help)")
        return Status.NOT_SENT
    if status == Status.INTERRUPTED:  # also typer's own reading of an interrupt that nobody caught
        complain("interrupted")
    return status if isinstance(status, int) else Status.DONE


def _forget_output() -> None:
    """Keep Python from complaining once more, at its end, of an output that cannot be written."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
