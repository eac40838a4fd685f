"""The commands, and what their help says."""

from __future__ import annotations

from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any, cast

import typer

from evalsessions._core.many import CONCURRENCY
from evalsessions._version import __version__
from evalsessions.cli.arguments import option
from evalsessions.cli.calling import Calling, calling_options
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
from evalsessions.cli.outcomes import STATUSES, Status
from evalsessions.cli.running import call_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from evalsessions.cli.arguments import Operation
    from evalsessions.models import Model

__all__ = ["app"]

_HELP = """Sessions, test cases and evaluations at Galtea, and sessions at Galileo.

What the API must refuse is refused before it is sent, and no write is doubled. The result is what the API said: JSON in
one line, or a table where the output is a terminal.

The keys are GALTEA_API_KEY and GALILEO_API_KEY of the environment. No option takes one: it would stay in the history of
the shell and show in the list of processes.
"""
_JSON = (
    "A file (- is standard input) with an object of the API's own property names, as results have them. Options win "
    "over it."
)
_ANYWHERE = (
    "The options of `evalsessions --help`, such as --output, may stand here, too; the exit statuses are the same."
)
# More threads than this are no faster.
_MOST_AT_ONCE = 1000
_SETTINGS: dict[str, Any] = {"rich_markup_mode": None, "pretty_exceptions_enable": False}

app = typer.Typer(name="evalsessions", help=_HELP, epilog=STATUSES, **_SETTINGS)


def _show_version(value: bool | None) -> None:
    if value:
        typer.echo(f"evalsessions {__version__}")
        raise typer.Exit


def _help_alone(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        # Asked for nothing: the help, on standard error, and the status of wrong use.
        typer.echo(ctx.get_help(), err=True)
        raise typer.Exit(Status.NOT_SENT)


def _root(ctx: typer.Context, **given: object) -> None:
    ctx.obj = given
    _help_alone(ctx)


def _with_options(function: Callable[..., Any], options: Iterable[Parameter]) -> Callable[..., Any]:
    """Say of a function that takes any keywords which options typer is to make them of."""
    ctx = Parameter("ctx", Parameter.KEYWORD_ONLY, annotation=typer.Context)
    cast("Any", function).__signature__ = Signature([ctx, *options])
    return function


app.callback(invoke_without_command=True)(
    _with_options(
        _root,
        [
            option("version", bool, "--version", callback=_show_version, is_eager=True, help="Show the version."),
            *calling_options(hidden=False),
        ],
    )
)


def _group(name: str, told: str) -> typer.Typer:
    group = typer.Typer(help=told, callback=_help_alone, invoke_without_command=True, add_completion=False, **_SETTINGS)
    app.add_typer(group, name=name)
    return group


def _calling(ctx: typer.Context, given: Mapping[str, Any]) -> Calling:
    calling = Calling.of(ctx.find_root().obj, given)
    calling.log()
    return calling


def _add(
    group: typer.Typer,
    name: str,
    operation: Operation,
    ask: Callable[[Calling, dict[str, Any]], Model],
    *,
    told: str,
    example: str,
) -> None:
    """Add the command of an operation."""

    def command(ctx: typer.Context, **given: object) -> int:
        return call_once(operation, ask, _calling(ctx, given), given)

    options = [parameter for argument in operation.arguments for parameter in argument.options()]
    file = option("json_file", str, "--json", metavar="FILE|-", help=_JSON)
    group.command(name, help=told, epilog=f"Example:\n\n  {example}\n\n{_ANYWHERE}")(
        _with_options(command, [*options, file, *calling_options(hidden=True)])
    )


_sessions = _group("sessions", "Sessions at Galtea.")
_add(
    _sessions,
    "create",
    CREATE_SESSION,
    create_session,
    told="Create a session: a production one, one that plays a test case, or an imported one "
    "(no test case, --no-is-production).",
    example="evalsessions sessions create --version-id ver_123 --test-case-id tc_123",
)
_add(
    _group("test-cases", "Test cases at Galtea."),
    "create",
    CREATE_TEST_CASE,
    create_test_case,
    told="Create a test case.",
    example="evalsessions test-cases create --test-id test_123 --input 'What is the capital of France?'",
)
_add(
    _group("evaluations", "Evaluations at Galtea."),
    "create-from-sessions",
    CREATE_EVALUATIONS,
    create_evaluations,
    told="Evaluate sessions: listed ones, any number of them, or at most 1000 of a version. It spends credits.",
    example="evalsessions evaluations create-from-sessions --session-id ses_123 --metric-id metric_123",
)
_add(
    _group("project-sessions", "Sessions of projects at Galileo."),
    "create",
    CREATE_PROJECT_SESSION,
    create_project_session,
    told="Create a session in a project.",
    example="evalsessions project-sessions create --project-id 6f1e2d3c-4b5a-4978-8a6b-0c1d2e3f4a5b",
)


def _create_many(ctx: typer.Context, **given: object) -> int:
    from evalsessions.cli.many import create_many  # noqa: PLC0415 - the other commands need no threads

    return create_many(
        _calling(ctx, given),
        file=cast("str", given["jsonl"]),
        concurrency=cast("int | None", given["concurrency"]) or CONCURRENCY,
        stop_on_error=bool(given["stop_on_error"]),
    )


_sessions.command(
    "create-many",
    help="""Create a session for each line of JSON, and write a line of JSON for what became of each, in order.

    Lines have the properties that --json of `sessions create` has. An outcome is {"line": 1, "outcome": "done",
    "result": ...}; a line that failed has "not done" or "unknown", an "error", and its "input", so that it can be
    tried again. Memory does not grow with the number of lines. Ctrl-C waits for what was sent: each line that was taken
    has its outcome.""",
    epilog=f"Example:\n\n  evalsessions sessions create-many --jsonl sessions.jsonl > outcomes.jsonl\n\n{_ANYWHERE}",
)(
    _with_options(
        _create_many,
        [
            Parameter(
                "jsonl",
                Parameter.KEYWORD_ONLY,
                default=typer.Option(..., "--jsonl", metavar="FILE|-", help="The lines; - is standard input."),
                annotation=str,
            ),
            option(
                "concurrency",
                int,
                "--concurrency",
                metavar="N",
                min=1,
                max=_MOST_AT_ONCE,
                help=f"How many calls are in flight at once; {CONCURRENCY}.",
            ),
            option("stop_on_error", bool, "--stop-on-error", help="Send nothing more after a line that failed."),
            *calling_options(hidden=True),
        ],
    )
)
