"""`speclock`: reading the command line, and the exit status.

0 no findings, 1 findings, 2 could not judge. What could not be done is one line on standard error; there is never a
traceback.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import Abort, TyperException

from speclock.core.errors import SpeclockError, UsageError

__all__ = ["main"]

_EXITS = (
    "Exit status: 0 no findings; 1 findings; 2 could not judge (unreadable contract, unreachable server, wrong use), "
    "with one line on standard error. 1 wins over 2."
)

#: What typer makes of an interrupt that nobody caught.
_INTERRUPTED = 130

app = typer.Typer(
    name="speclock",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Does a server keep the promises of its OpenAPI document?\n\n" + _EXITS,
)

_Contract = Annotated[
    Path, typer.Option("--contract", metavar="FILE", help="OpenAPI 3.0 or 3.1 document, YAML or JSON.")
]
_Reports = Annotated[
    list[str] | None,
    typer.Option("--report", metavar="FORMAT=PATH", help="Write a report; FORMAT is json. May be repeated."),
]


@app.command(
    epilog="Example:\n\n  speclock check --contract openapi.yaml --url http://127.0.0.1:8000 "
    "--profile profile.toml --report json=report.json\n\n" + _EXITS
)
def check(  # noqa: PLR0917 - typer reads them by name
    contract: _Contract,
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="The server; may carry a path prefix.")
    ] = None,
    app_: Annotated[
        str | None, typer.Option("--app", metavar="MODULE:ATTR", help="An ASGI application, run in this process.")
    ] = None,
    profile: Annotated[
        Path | None,
        typer.Option(
            "--profile", metavar="FILE", help="What to know of this server: credentials, ids, known findings (TOML)."
        ),
    ] = None,
    phases: Annotated[
        str, typer.Option("--phases", metavar="A,B", help="Which phases: examples, coverage, fuzzing, stateful.")
    ] = "examples,coverage,fuzzing,stateful",
    budget: Annotated[float | None, typer.Option("--budget", metavar="SECONDS", help="Stop after so long.")] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Same seed, same cases.")] = 1,
    workers: Annotated[int, typer.Option("--workers", metavar="N", help="Operations at a time.")] = 1,
    rate: Annotated[float | None, typer.Option("--rate", metavar="N", help="Requests a second at most.")] = None,
    include: Annotated[
        list[str] | None,
        typer.Option("--include", metavar="X", help="Only this operation id, tag or path. May be repeated."),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option("--exclude", metavar="X", help="Not this operation id, tag or path. May be repeated."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 2 when any case could not be judged.")] = False,
    report: _Reports = None,
) -> int:
    """Judge a server against its contract.

    The phases send the contract's examples, the boundaries of each value, random requests, and chains of operations
    along the contract's links. Every answer is judged: status, media type, schema, headers, credentials, and the
    rules under x-contract-rules.
    Without a budget each phase runs to its end: 60 random requests for each operation and 24 chains (a profile can
    change both).
    """
    from speclock.cli.check import Request, run  # noqa: PLC0415

    return run(
        Request(
            contract=contract,
            url=url,
            app=app_,
            profile=profile,
            phases=phases,
            budget=budget,
            seed=seed,
            workers=workers,
            rate=rate,
            include=tuple(include or ()),
            exclude=tuple(exclude or ()),
            strict=strict,
            reports=tuple(report or ()),
        ),
        os.environ,
    )


@app.command(epilog="Example:\n\n  speclock rules --contract openapi.yaml\n\n" + _EXITS)
def rules(contract: _Contract, report: _Reports = None) -> int:
    """Say what a contract promises beyond single values: its named rules."""
    from speclock.cli.rules import run  # noqa: PLC0415

    return run(contract, tuple(report or ()))


def main() -> None:
    """The entry point of the command."""
    sys.exit(_run(sys.argv[1:]))


def _run(arguments: list[str]) -> int:
    try:
        status = app(args=arguments or ["--help"], standalone_mode=False)
    except TyperException as error:
        return _complain(UsageError(f"{error.format_message()} (see speclock --help)"))
    except SpeclockError as error:
        return _complain(error)
    except (KeyboardInterrupt, Abort):
        return _complain(SpeclockError("interrupted"))
    except BrokenPipeError:
        # The reader of the output went away; a second complaint about that helps nobody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 2
    if status == _INTERRUPTED:
        return _complain(SpeclockError("interrupted"))
    return status if isinstance(status, int) else 0


def _complain(error: SpeclockError) -> int:
    text = " ".join(str(error).split())
    sys.stderr.write(f"speclock: {text}\n".encode("utf-8", "replace").decode())
    return 2
