"""One call: its arguments together, the result out, and the exit status.

Nothing that was done goes untold: of an answer that breaks the contract the body is written as it came, of a batch that
ended early what was done and which sessions are in doubt or not done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evalsessions.cli.outcomes import CommandError, Status, complain
from evalsessions.cli.reading import STANDARD_INPUT, name_of, read_object, reason_of
from evalsessions.cli.writing import write_bytes, write_json, write_table
from evalsessions.errors import BatchInterruptedError, EvalSessionsError, ResponseValidationError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from evalsessions.cli.arguments import Operation
    from evalsessions.cli.calling import Calling
    from evalsessions.models import Model

__all__ = ["call_once", "fault_of", "told"]


def call_once(
    operation: Operation,
    ask: Callable[[Calling, dict[str, Any]], Model],
    calling: Calling,
    given: Mapping[str, Any],
) -> int:
    """Ask for one operation, and write what came of it.

    Raises:
        CommandError: nothing was sent, or the result cannot be written.
        EvalSessionsError: what the SDK raised.
    """
    arguments = _arguments(operation, given)
    if not calling.no_validate:
        operation.check_complete(arguments)
    try:
        said = ask(calling, arguments).to_dict()
    except KeyboardInterrupt:
        raise CommandError(f"interrupted: {operation.name} may have been done or not", Status.INTERRUPTED) from None
    except ResponseValidationError as error:
        content = error.response.content
        _deliver(operation, lambda: write_bytes(content))
        raise
    except BatchInterruptedError as error:
        ended = {**error.result.to_dict(), "inDoubt": [*error.in_doubt], "notDone": [*error.not_done]}
        _deliver(operation, lambda: _write(ended, calling))
        raise
    except (CommandError, EvalSessionsError):
        raise
    except Exception as error:  # noqa: BLE001 - whatever went wrong, it may have been after the request was sent
        raise CommandError(f"{fault_of(error)}; {operation.name} may have been done or not", Status.UNKNOWN) from None
    _deliver(operation, lambda: _write(said, calling), said.get("id"))
    failures = said.get("failures")
    if isinstance(failures, list) and failures:
        complain(f"not all sessions could be evaluated, {len(failures)} failed: see failures in the result")
        return Status.FLAWED
    return Status.DONE


def told(error: Exception) -> str:
    """Return what an error says, with the reason of a batch that ended early."""
    cause = error.__cause__ if isinstance(error, BatchInterruptedError) else None
    return f"{error}: {cause}" if cause is not None else str(error)


def fault_of(error: Exception) -> str:
    """Return the name of a fault of this program and where it is, without the values that a traceback would show."""
    place, trace = "evalsessions", error.__traceback__
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.startswith("evalsessions"):
            place = f"{module}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"internal error: {type(error).__name__} in {place}, please report it"


def _arguments(operation: Operation, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the options set, else the JSON object."""
    file: str | None = given["json_file"]
    if file == given.get("session_ids_from") == STANDARD_INPUT:
        raise CommandError("--json and --session-ids-from cannot both be standard input")
    try:
        arguments = operation.of_json({} if file is None else read_object(file))
    except ValueError as error:
        raise CommandError(f"{name_of(file or '')}: {error}") from None
    return arguments | operation.of_options(given)


def _write(said: Mapping[str, object], calling: Calling) -> None:
    if calling.is_table:
        write_table(said)
    else:
        write_json(said)


def _deliver(operation: Operation, write: Callable[[], None], made: object = None) -> None:
    """Write a result of what was done; that it was done is told also where it cannot be written."""
    try:
        write()
    except BrokenPipeError:
        raise
    except OSError as error:
        named = f" (id {made})" if isinstance(made, str) else ""
        message = f"{operation.name} was done{named}, but its result cannot be written: {reason_of(error)}"
        raise CommandError(message, Status.FLAWED) from None
