"""The command line. Wrong use is one line on standard error and exit status 2."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path  # noqa: TC003 - typer reads the annotations when it runs
from typing import Annotated, NoReturn

import typer

from evalsessions_server import __version__
from evalsessions_server.serving import ServingError, bind, run
from evalsessions_server.settings import Settings, SettingsError

__all__ = ["main"]

_app = typer.Typer(
    name="evalsessions-server",
    help="A real server for the four operations of the evalsessions contract, with a database behind it.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"evalsessions-server {__version__}")
        raise typer.Exit


@_app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 - its callback has done all
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Keeps `serve` a command of its own although it is the only one."""
    if context.invoked_subcommand is None:
        # Asked for nothing: the help, on standard error, and the status of wrong use.
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(2)


@_app.command()
def serve(  # noqa: PLR0917 - typer calls it by name
    host: Annotated[str, typer.Option(metavar="H", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(metavar="N", min=0, max=65535, help="The port to listen on; 0 takes a free one.")
    ] = 8000,
    database: Annotated[
        str,
        typer.Option(
            metavar="URL",
            help="sqlite:// (memory, lost at the end), sqlite:///relative, sqlite:////absolute/path "
            "or postgresql://user@host/name.",
        ),
    ] = "sqlite://",
    galtea_key: Annotated[
        list[str] | None,
        typer.Option(
            metavar="K",
            help="A key for the Galtea operations, gsk_... or gsk-...; repeatable. Better from the environment, where "
            "other users do not see it: GALTEA_API_KEY, GALTEA_LEGACY_API_KEY. Without any, a random one is made.",
        ),
    ] = None,
    galileo_key: Annotated[
        list[str] | None,
        typer.Option(
            metavar="K",
            help="A key for the Galileo operation; repeatable. Better from the environment: GALILEO_API_KEY. "
            "Without any, a random one is made.",
        ),
    ] = None,
    catalog: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A YAML file of the versions, tests, metrics, specifications, projects, test cases and sessions that "
            "exist. The default one has the ids of the documented examples (ver_123, test_123, tc_123, ...).",
        ),
    ] = None,
    open_world: Annotated[
        bool, typer.Option("--open-world", help="Accept any id, whether the catalogue has it or not.")
    ] = False,
) -> None:
    """Serve the operations until SIGTERM or Ctrl-C; requests that were accepted are finished first.

    Two lines to try it:

      evalsessions-server serve --galtea-key gsk_try

      curl http://127.0.0.1:8000/sessions -H 'Authorization: Bearer gsk_try' --json '{"versionId": "ver_123"}'

    GET /healthz tells whether the database answers, GET /openapi.yaml is the contract. The log is JSON on standard
    error.
    """
    if not host:
        _stop("--host is empty: expected an address, such as 127.0.0.1, or 0.0.0.0 for all")
    try:
        settings = Settings.resolve(
            os.environ,
            database=database,
            galtea_keys=galtea_key or (),
            galileo_keys=galileo_key or (),
            catalog=catalog,
            open_world=open_world,
        )
        listener = bind(host, port)
        run(settings, listener, announce=lambda url: _announce(settings, url))
    except (SettingsError, ServingError) as error:
        _stop(str(error))


def main() -> NoReturn:
    """Run the command line."""
    try:
        status = _app(standalone_mode=False)
    except typer.Exit as stop:
        status = stop.exit_code
    except (typer.Abort, KeyboardInterrupt):
        status = 130
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        _stop(str(error.format_message()).rstrip(".") + ". Try evalsessions-server serve --help.")
    sys.exit(status or 0)


def _stop(message: str) -> NoReturn:
    typer.echo("evalsessions-server: " + " ".join(message.split()), err=True)
    sys.exit(2)


def _announce(settings: Settings, url: str) -> None:
    # Nobody may be listening: standard output is closed, or the reader of the pipe has gone.
    with contextlib.suppress(OSError):
        typer.echo("\n".join([f"Serving on {url}", *settings.announcements()]))
