"""`speclock`: reading the command line, and the exit status.

0 no findings, 1 findings, 2 could not judge. What could not be done is one line on standard error; there is never a
traceback.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import Abort, TyperException

from speclock import __version__
from speclock.core.errors import SpeclockError, UsageError
from speclock.phases.base import PHASES

__all__ = ["main"]

#: When the command began: a budget is of the whole of it, imports included.
_BEGUN = time.monotonic()

_EXITS = (
    "Exit status: 0 no findings; 1 findings; 2 could not judge (unreadable contract, unreachable server, wrong use), "
    "with one line on standard error. 1 wins over 2."
)
_FORMATS = "json, html, junit, sarif, markdown, ndjson"

#: What typer makes of an interrupt that nobody caught.
_INTERRUPTED = 130

app = typer.Typer(
    name="speclock",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Do a server and an SDK keep the promises of their OpenAPI document?\n\n" + _EXITS,
)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"speclock {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


_Contract = Annotated[
    Path, typer.Option("--contract", metavar="FILE", help="OpenAPI 3.0 or 3.1 document, YAML or JSON.")
]
_Reports = Annotated[
    list[str] | None,
    typer.Option("--report", metavar="FORMAT=PATH", help=f"Write a report: {_FORMATS}. May be repeated."),
]
_Url = Annotated[str | None, typer.Option("--url", metavar="URL", help="The server; may carry a path prefix.")]
_App = Annotated[
    str | None, typer.Option("--app", metavar="MODULE:ATTR", help="An ASGI application, run in this process.")
]
_ALL_PHASES = ",".join(PHASES)
_Phases = Annotated[str, typer.Option("--phases", metavar="A,B", help="Which phases: " + ", ".join(PHASES) + ".")]
_Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Same seed, same cases.")]
_Include = Annotated[
    list[str] | None,
    typer.Option("--include", metavar="X", help="Only this operation id, tag or path. May be repeated."),
]
_Exclude = Annotated[
    list[str] | None,
    typer.Option("--exclude", metavar="X", help="Not this operation id, tag or path. May be repeated."),
]
_Profile = Annotated[
    Path | None,
    typer.Option(
        "--profile", metavar="FILE", help="What to know of this server: credentials, ids, known findings (TOML)."
    ),
]

_Strict = Annotated[
    bool,
    typer.Option("--strict", help="Exit 2 when any case could not be judged, or the contract is wrong anywhere."),
]


@app.command(
    epilog="Example:\n\n  speclock check --contract openapi.yaml --url http://127.0.0.1:8000 "
    "--profile profile.toml --report json=report.json --report sarif=report.sarif\n\n" + _EXITS
)
def check(  # noqa: PLR0917 - typer reads them by name
    contract: _Contract,
    url: _Url = None,
    app_: _App = None,
    profile: _Profile = None,
    phases: _Phases = _ALL_PHASES,
    budget: Annotated[
        float | None,
        typer.Option("--budget", metavar="SECONDS", help="Use so much time, first for what may show most."),
    ] = None,
    seed: _Seed = 1,
    strength: Annotated[
        int, typer.Option("--strength", metavar="T", help="How many properties at a time are combined.")
    ] = 2,
    workers: Annotated[int, typer.Option("--workers", metavar="N", help="Pieces of work at a time.")] = 1,
    rate: Annotated[
        str | None, typer.Option("--rate", metavar="N/s", help="Requests a second at most; also N/m.")
    ] = None,
    include: _Include = None,
    exclude: _Exclude = None,
    shard: Annotated[
        str | None, typer.Option("--shard", metavar="I/N", help="Only part I of N; `speclock merge` joins the reports.")
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", metavar="FILE", help="A JSON report whose findings are accepted; new ones fail."),
    ] = None,
    strict: _Strict = False,
    report: _Reports = None,
) -> int:
    """Judge a server against its contract.

    The phases send the contract's examples; each promise broken alone, and its legal side right beside it; all sorts
    of credentials; hostile input; the boundaries of each value; random requests; and chains of operations along the
    contract's links. Every answer is judged: status, media type, schema, headers, credentials, and the rules under
    x-contract-rules. A finding is shown by the smallest request that has it; `speclock replay` sends it again.
    Without a budget each phase runs to its end.
    """
    from speclock.cli.check import run  # noqa: PLC0415
    from speclock.cli.preparing import Options  # noqa: PLC0415

    options = Options(
        contract=contract,
        url=url,
        app=app_,
        profile=profile,
        phases=phases,
        budget=budget,
        started=_BEGUN,
        seed=seed,
        strength=strength,
        workers=workers,
        rate=rate,
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
        shard=shard,
        baseline=baseline,
        strict=strict,
    )
    return run(options, tuple(report or ()), os.environ)


@app.command(
    epilog="Example:\n\n  speclock rules --contract openapi.yaml --report json=plan.json\n\n"
    "Exit status: 0, whatever is not supported; 2 when the contract cannot be read or the report not be written."
)
def rules(
    contract: _Contract,
    report: Annotated[
        list[str] | None, typer.Option("--report", metavar="json=PATH", help="Write the plan as a JSON report.")
    ] = None,
) -> int:
    """Say what a contract promises, and what would be sent to try it.

    Each constraint and rule has a name, its place in the file, what it says in words, the properties that it ties
    together, and how many requests break it alone or stand right beside it. What nothing can break alone, and what is
    not supported, is said with the reason. No server is needed.
    """
    from speclock.cli.rules import run  # noqa: PLC0415

    return run(contract, tuple(report or ()))


@app.command(
    epilog="Example:\n\n  speclock mutants --contract openapi.yaml --url http://127.0.0.1:8000 "
    "--profile profile.toml --report html=mutants.html\n\nExit status: 0 every mutant is killed, equivalent or "
    "accounted for; 1 one lives without a reason, or the subject itself has findings; 2 could not judge."
)
def mutants(  # noqa: PLR0917 - typer reads them by name
    contract: _Contract,
    url: _Url = None,
    app_: _App = None,
    profile: _Profile = None,
    phases: _Phases = _ALL_PHASES,
    seed: _Seed = 1,
    include: _Include = None,
    exclude: _Exclude = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="PATTERN", help="Only mutants whose id fits (`*` and `?`). May be repeated."),
    ] = None,
    sample: Annotated[int, typer.Option("--sample", metavar="N", help="Only every N-th mutant, always the same.")] = 1,
    conditions: Annotated[
        int,
        typer.Option(
            "--conditions", metavar="N", help="How many conditions on other properties each mutant is tried under."
        ),
    ] = 3,
    serve: Annotated[
        str | None,
        typer.Option("--serve", metavar="ID", help="Serve this one mutant over HTTP, for another tool to be tried on."),
    ] = None,
    port: Annotated[
        int, typer.Option("--port", metavar="N", help="The port for --serve; any free one by default.")
    ] = 0,
    report: _Reports = None,
) -> int:
    """Measure how much of a broken contract would be noticed.

    The subject must be correct. After a run on it, one promise of the contract after another is broken between the
    harness and the subject: an illegal request is accepted, a legal one refused, an answer loses a property or has a
    wrong but legal value, a credential is not checked, input crashes it; many of them only beside one value of another
    property. A mutant is killed when a check notices. The score is killed / made; survivors are accounted for in the
    profile ([mutants.accepted]), and promises that nobody guards are listed with rules that would guard them.
    """
    from speclock.cli.mutants import Wanted, run  # noqa: PLC0415
    from speclock.cli.preparing import Options  # noqa: PLC0415

    options = Options(
        contract=contract,
        url=url,
        app=app_,
        profile=profile,
        phases=phases,
        seed=seed,
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
    )
    wanted = Wanted(tuple(only or ()), sample, conditions, serve, port)
    return run(options, wanted, tuple(report or ()), os.environ)


@app.command(
    epilog="Example:\n\n  speclock sdk --contract openapi.yaml --subject client:my_generated_client\n\n" + _EXITS
)
def sdk(  # noqa: PLR0917 - typer reads them by name
    contract: _Contract,
    subject: Annotated[
        str,
        typer.Option(
            "--subject",
            metavar="SUBJECT",
            help="client:PACKAGE, which openapi-python-client generated, or MODULE:ATTR, a subject of its own.",
        ),
    ],
    url: _Url = None,
    app_: _App = None,
    profile: _Profile = None,
    seed: _Seed = 1,
    include: _Include = None,
    exclude: _Exclude = None,
    mutants: Annotated[
        str | None,
        typer.Option(
            "--mutants",
            metavar="PACKAGE",
            help="Also change the sources of this package, one line at a time, and see each change noticed.",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="PATTERN", help="Only mutants whose id fits (`*` and `?`). May be repeated."),
    ] = None,
    sample: Annotated[
        int,
        typer.Option("--sample", metavar="N", help="Only every N-th case (with --mutants: mutant), always the same."),
    ] = 1,
    strict: _Strict = False,
    report: _Reports = None,
) -> int:
    """Hold an SDK to the same contract as the server.

    What it puts on the wire must be the request that was meant, no more and no less; what the contract forbids it must
    refuse before it sends anything, if it claims to. Every documented answer must come out as it was sent, in all the
    forms that are legal, and a broken one must raise one of the SDK's documented errors. No server is needed. With one
    (--url, --app or a profile) the verdicts of document, server and SDK on each rule stand side by side.

    --mutants measures the suite: a copy of the generated package gets one mistake after another (a field renamed, a
    header lost, a type coerced, an entry gone), and each must make something fail that did not fail before.
    """
    from speclock.cli.preparing import Options  # noqa: PLC0415
    from speclock.cli.sdk import Wanted, run  # noqa: PLC0415

    options = Options(
        contract=contract,
        url=url,
        app=app_,
        profile=profile,
        seed=seed,
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
        strict=strict,
    )
    wanted = Wanted(subject, sample, mutants, tuple(only or ()))
    return run(options, wanted, tuple(report or ()), os.environ)


@app.command(
    epilog="Example:\n\n  speclock merge shard-1.json shard-2.json --report json=report.json "
    "--report junit=junit.xml\n\n" + _EXITS
)
def merge(
    shards: Annotated[list[Path], typer.Argument(metavar="REPORT...", help="The JSON reports of all shards of a run.")],
    report: _Reports = None,
) -> int:
    """Join the reports of `speclock check --shard I/N`, all N of them, into that of one run."""
    from speclock.cli.merge import run  # noqa: PLC0415

    return run(tuple(shards), tuple(report or ()))


@app.command(
    epilog="Example:\n\n  speclock diff released.yaml openapi.yaml\n\n  speclock diff --only-shared openapi.yaml "
    "vendor.json --format markdown\n\nExit status: 0 info.version pays for what has changed; 1 it does not; 2 could "
    "not compare (an unreadable document, wrong use), with one line on standard error."
)
def diff(
    old: Annotated[
        Path, typer.Argument(metavar="OLD", help="The document as it was: OpenAPI 3.0 or 3.1, YAML or JSON.")
    ],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="The document as it is now.")],
    only_shared: Annotated[
        bool,
        typer.Option(
            "--only-shared",
            help="Compare just the operations that both have (same method and path), such as a vendor's.",
        ),
    ] = False,
    shown: Annotated[
        str, typer.Option("--format", metavar="FORMAT", help="What to print: text, json, markdown, sarif.")
    ] = "text",
    report: Annotated[
        list[str] | None,
        typer.Option(
            "--report", metavar="FORMAT=PATH", help="Write a report: text, json, markdown, sarif. May be repeated."
        ),
    ] = None,
) -> int:
    """Say what a change of a contract breaks, for whom, and the version bump that it owes.

    Documents are compared by what they allow, not by how they are written. Breaking for senders: a request that was
    legal no longer is. Breaking for readers: an answer can come that could not. Breaking for both: another default or
    response rule. Each change comes with a witness, the smallest request or answer that shows it, and with its place
    in both documents. What is neither shown nor proved is called undecided, and owes as much as what breaks.
    """
    from speclock.cli.diff import run  # noqa: PLC0415

    return run(old, new, only_shared=only_shared, shown=shown, reports=tuple(report or ()))


@app.command(
    epilog="Example:\n\n  speclock replay report.json 3f9c2a --profile profile.toml\n\n"
    "Exit status: 0 the finding no longer shows; 1 it does; 2 could not judge."
)
def replay(
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="A JSON report of `speclock check`.")],
    finding: Annotated[str, typer.Argument(metavar="FINDING", help="The id of a finding, or how it begins.")],
    url: Annotated[
        str | None,
        typer.Option("--url", metavar="URL", help="The server; else the one that the report is of."),
    ] = None,
    profile: _Profile = None,
) -> int:
    """Send the smallest request of a finding again, and judge the answer."""
    from speclock.cli.replay import run  # noqa: PLC0415

    return run(report, finding, url, profile, os.environ)


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
