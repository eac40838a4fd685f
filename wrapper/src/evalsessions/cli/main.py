"""`evalsessions`: the commands, and what becomes of their errors: one line on standard error, and never a traceback."""

from __future__ import annotations

import os
import sys
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any, cast

import typer

from evalsessions._version import __version__
from evalsessions.cli.arguments import Operation, option
from evalsessions.cli.calling import Calling, calling_options, galileo, galtea
from evalsessions.cli.operations import (
    CREATE_EVALUATIONS,
    CREATE_PROJECT_SESSION,
    CREATE_SESSION,
    CREATE_TEST_CASE,
    create_evaluations,
    create_project_session,
    create_session,
    create_test_case,
)
from evalsessions.cli.outcomes import STATUSES, CommandError, Status, complain, status_of
from evalsessions.cli.running import call_once, fault_of, told
from evalsessions.errors import EvalSessionsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["run"]

Given = dict[str, Any]

_HELP = f"""Sessions, test cases and evaluations at Galtea, and sessions at Galileo.

What the API must refuse is refused before it is sent, and no write is doubled. The result is what the API said, as JSON
in one line, or on a terminal as a table.

The keys are taken from GALTEA_API_KEY and GALILEO_API_KEY of the environment. No option takes one, for it would stay in
the history of the shell and show in the list of processes.

{STATUSES}"""

_ANYWHERE = "The options of `evalsessions --help` (--output, --base-url, --timeout, ...) may stand here, too."

_SETTINGS: dict[str, Any] = {"rich_markup_mode": None, "pretty_exceptions_enable": False}


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
        complain(f"standard output cannot be written: {error.strerror}")
        status = Status.NOT_DONE
    _forget_output()
    return status


def _run(arguments: list[str]) -> int:
    try:
        status = cast("object", _app(args=arguments, prog_name="evalsessions", standalone_mode=False))
    except (CommandError, EvalSessionsError) as error:
        complain(told(error))
        return status_of(error)
    except (KeyboardInterrupt, typer.Abort):
        return _interrupted()
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - of typer's own errors only this is sure: they have a message
        if not hasattr(error, "format_message"):
            complain(fault_of(error))
            return Status.NOT_DONE
        context = getattr(error, "ctx", None)
        where = "evalsessions" if context is None else context.command_path
        message = str(cast("Any", error).format_message())
        complain(f"{message.rstrip('.')} (see {where} --help)")
        return Status.NOT_SENT
    if status == Status.INTERRUPTED:  # typer's own reading of an interrupt that nobody caught
        return _interrupted()
    return status if isinstance(status, int) else Status.DONE


def _interrupted() -> int:
    complain("interrupted: nothing was sent")
    return Status.INTERRUPTED


def _forget_output() -> None:
    """Keep Python from complaining once more, at its end, of an output that cannot be written."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show_version(value: bool | None) -> None:
    if value:
        typer.echo(f"evalsessions {__version__}")
        raise typer.Exit


def _help_alone(context: typer.Context) -> None:
    """Asked for nothing: the help, on standard error, and the status of wrong use."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(Status.NOT_SENT)


def _root(context: typer.Context, **given: Any) -> None:
    context.obj = given
    _help_alone(context)


def _with_options(function: Callable[..., Any], options: Iterable[Parameter]) -> Callable[..., Any]:
    """Give a function that takes any keywords the options that typer is to make them of."""
    context = Parameter("context", Parameter.KEYWORD_ONLY, annotation=typer.Context)
    cast("Any", function).__signature__ = Signature([context, *options])
    return function


def _group(name: str, told_: str) -> typer.Typer:
    group = typer.Typer(
        name=name, help=told_, callback=_help_alone, invoke_without_command=True, add_completion=False, **_SETTINGS
    )
    _app.add_typer(group)
    return group


def _add(
    group: typer.Typer,
    name: str,
    operation: Operation,
    call: Callable[[Calling, Given], Any],
    *,
    told_: str,
    example: str,
) -> None:
    """Add the command of one operation."""

    def command(context: typer.Context, **given: Any) -> int:
        calling = _calling(context, given)
        return call_once(operation, lambda arguments: call(calling, arguments), calling, given)

    options = [parameter for argument in operation.arguments for parameter in argument.options()]
    file = option("json_file", str, "--json", metavar="FILE|-", help=_JSON)
    group.command(name, help=told_, epilog=f"Example:\n\n  {example}\n\n{_ANYWHERE}")(
        _with_options(command, [*options, file, *calling_options(hidden=True)])
    )


_JSON = (
    "A file (- is standard input) with a JSON object of the API's property names, as the output has them; "
    "options win over it."
)


def _calling(context: typer.Context, given: Mapping[str, Any]) -> Calling:
    calling = Calling.of(context.find_root().obj, given)
    calling.log()
    return calling


def _create_session(calling: Calling, arguments: Given) -> Any:
    with galtea(calling) as face:
        return create_session(face, arguments)


def _create_test_case(calling: Calling, arguments: Given) -> Any:
    with galtea(calling) as face:
        return create_test_case(face, arguments)


def _create_evaluations(calling: Calling, arguments: Given) -> Any:
    with galtea(calling) as face:
        return create_evaluations(face, arguments)


def _create_project_session(calling: Calling, arguments: Given) -> Any:
    with galileo(calling) as face:
        return create_project_session(face, arguments)
