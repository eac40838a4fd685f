"""`sessions create-many`: a session for each line of JSON, and a line of JSON for what became of each, in order."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from evalsessions._core.faces import MAX_CONNECTIONS
from evalsessions.cli.calling import galtea
from evalsessions.cli.outcomes import CommandError, Status, complain, status_of, status_of_all
from evalsessions.cli.progress import Bar
from evalsessions.cli.reading import name_of, opened, reason_of
from evalsessions.cli.running import fault_of, told
from evalsessions.cli.session_lines import BadLine, SessionLine, SessionLines
from evalsessions.cli.writing import write_line
from evalsessions.errors import AmbiguousOutcomeError, ResponseValidationError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from evalsessions import EvalSessionsError, Outcome, Session, SessionArguments
    from evalsessions.cli.calling import Calling

__all__ = ["create_many"]

# How an outcome is named in its line.
_DONE, _NOT_DONE, _UNKNOWN = "done", "not done", "unknown"

_Line = SessionLine | BadLine


class _Tally:
    """How many outcomes there were of each status."""

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}

    def add(self, status: int) -> None:
        self.counts[status] = self.counts.get(status, 0) + 1

    @property
    def done(self) -> int:
        return self.counts.get(Status.DONE, 0)

    @property
    def failed(self) -> int:
        return sum(self.counts.values()) - self.done

    def told(self) -> str:
        """What went wrong, in numbers; empty where nothing did."""
        unknown, flawed = self.counts.get(Status.UNKNOWN, 0), self.counts.get(Status.FLAWED, 0)
        undone = self.failed - unknown - flawed
        parts = [
            f"{undone} were not created" if undone else "",
            f"{unknown} may have been created or not" if unknown else "",
            f"{flawed} were created and answered against the contract" if flawed else "",
        ]
        return ", ".join(filter(None, parts))


def create_many(calling: Calling, *, file: str, concurrency: int, stop_on_error: bool) -> int:
    """Create the sessions of a file, and write the outcome of each.

    Raises:
        CommandError: nothing was sent, it was interrupted, or the outcomes cannot be written.
        ConfigurationError: an option cannot work.
    """
    with galtea(calling, connections=max(MAX_CONNECTIONS, concurrency)) as face, opened(file) as stream:
        lines, tally = SessionLines(stream), _Tally()
        outcomes = face.sessions.create_many(
            cast("Iterable[SessionArguments]", lines), concurrency=concurrency, stop_on_error=stop_on_error
        )
        with lines.ended_by_signals(), Bar(_size(stream)) as bar:
            _write_all(cast("Generator[Outcome[_Line, Session], None, None]", outcomes), tally, bar)
    failures = tally.told()
    if lines.signal is not None:
        message = f"interrupted: each line that was taken until then has its outcome{failures and '; '}{failures}"
        raise CommandError(message, 128 + lines.signal)
    statuses = {*tally.counts}
    if lines.problem is not None:
        statuses.add(Status.NOT_SENT)
        failures = f"{name_of(file)} cannot be read to its end: {lines.problem}{failures and '; '}{failures}"
    elif failures:
        failures = f"of {tally.done + tally.failed} sessions {failures}"
    if failures:
        complain(failures)
    return status_of_all(statuses)


def _write_all(outcomes: Generator[Outcome[_Line, Session], None, None], tally: _Tally, bar: Bar) -> None:
    try:
        for outcome in outcomes:
            line = outcome.item
            tally.add(Status.DONE if outcome.error is None else status_of(outcome.error))
            write_line(_told(line, outcome.result, outcome.error))
            bar.tell(done=tally.done, failed=tally.failed, size=line.size)
    except BrokenPipeError:
        raise
    except OSError as error:
        message = f"outcomes cannot be written: {reason_of(error)}; what has no line may have been done or not"
        raise CommandError(message, Status.UNKNOWN) from None
    except Exception as error:  # noqa: BLE001 - a fault of a program has no line, and may have come after a request
        raise CommandError(f"{fault_of(error)}; what has no line may have been done or not", Status.UNKNOWN) from None
    finally:
        # Nothing more is sent, and what was sent comes to its end.
        outcomes.close()


def _told(line: _Line, result: Session | None, error: EvalSessionsError | None) -> dict[str, object]:
    if isinstance(line, BadLine):
        problem = {"type": "InvalidLine", "message": line.problem}
        return {"line": line.number, "outcome": _NOT_DONE, "error": problem}
    if error is None:
        return {"line": line.number, "outcome": _DONE, "result": cast("Session", result).to_dict()}
    if isinstance(error, ResponseValidationError):
        failure = {**_failure(error), "body": error.response.text}
        return {"line": line.number, "outcome": _DONE, "error": failure}
    outcome = _UNKNOWN if isinstance(error, AmbiguousOutcomeError) else _NOT_DONE
    return {"line": line.number, "outcome": outcome, "error": _failure(error), "input": line.said}


def _failure(error: EvalSessionsError) -> dict[str, object]:
    known: dict[str, Any] = {
        "status": getattr(error, "status_code", None),
        "requestId": getattr(error, "request_id", None),
        "rule": getattr(error, "rule", None),
        "pointer": getattr(error, "pointer", None),
    }
    given = {name: value for name, value in known.items() if value is not None}
    return {"type": type(error).__name__, "message": told(error), **given}


def _size(stream: BinaryIO) -> int | None:
    """How many bytes are to be read, where that is known."""
    about = os.fstat(stream.fileno())
    return about.st_size if stat.S_ISREG(about.st_mode) else None
