"""`speclock sdk`: an SDK judged, beside the server where there is one, and an exit status made of it."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from speclock.cli.preparing import selected
from speclock.cli.reports import report_paths, write_all
from speclock.cli.running import guarded, ready
from speclock.cli.subjects import load_subject
from speclock.core.errors import SpeclockError, SubjectError, UsageError
from speclock.core.profiles import load_profile
from speclock.core.reading import Reading
from speclock.core.secrets import Secrets
from speclock.engine.run import run_check
from speclock.reporting.sdk import counted, print_score, print_verdicts, sdk_report
from speclock.reporting.terminal import Terminal
from speclock.sdk.hiding import OF_CREDENTIALS
from speclock.sdk.hunting import SdkHunt, sources_of
from speclock.sdk.making import SdkCases
from speclock.sdk.run import SdkRun
from speclock.sdk.table import verdicts
from speclock.sdk.wire import CREDENTIAL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from speclock.cli.preparing import Options
    from speclock.core.contract import Operation
    from speclock.engine.events import Outcome
    from speclock.sdk.hunting import SdkScore

__all__ = ["Wanted", "credentials_of", "run"]

#: What the server is asked, so that it says of each rule whether it refuses.
_OF_SERVER = "examples,combinations"

#: A shorter value of the environment would black out ordinary words.
_SHORTEST = 6
#: What stands before the host of a URL: who, and by what word.
_OF_URL = re.compile(r"://[^/@\s:]*:([^/@\s]+)@")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which SDK, and how much of it."""

    subject: str
    #: Only every so many-th case, or mutant.
    every: int = 1
    #: The package to hunt the mutants of, after the run; and patterns of their ids (`*`, `?`; none: all).
    mutants: str | None = None
    only: tuple[str, ...] = ()


def run(options: Options, wanted: Wanted, reports: tuple[str, ...], environ: Mapping[str, str]) -> int:
    """Do what was asked; the exit status.

    Raises:
        SpeclockError: it cannot be done.
    """
    paths = report_paths(reports)
    if wanted.every < 1:
        raise UsageError(f"--sample {wanted.every}: expected 1 or more")
    if options.seed < 0:
        raise UsageError(f"--seed {options.seed}: expected 0 or more")
    if wanted.only and wanted.mutants is None:
        raise UsageError(f"--only {wanted.only[0]}: expected --mutants PACKAGE beside it, whose mutants it selects")
    with guarded(Secrets.of(credentials_of(environ))):
        subject = load_subject(wanted.subject)
    reading = Reading.of(options.contract, strict=options.strict)
    operations = selected(reading.contract, options)
    accepted: Mapping[str, str] = {}
    if wanted.mutants is not None:
        sources_of(wanted.mutants)
        accepted = {} if options.profile is None else load_profile(options.profile).mutants_accepted
        options = replace(options, profile=None if options.url is None and options.app is None else options.profile)
    server, secrets = _server(options, environ)
    terminal = Terminal(secrets)
    try:
        with guarded(secrets):
            cases = SdkCases(reading, options.seed)
            every = wanted.every if wanted.mutants is None else 1
            outcome = SdkRun(subject, cases, operations, [terminal], every).run()
    finally:
        terminal.close()
    rows = verdicts(outcome.rules, None if server is None else server.rules)
    print_verdicts(rows, secrets)
    if outcome.fatal is not None:
        sys.stderr.write(f"speclock: {secrets.hide(outcome.fatal)}\n")
    status = outcome.status(strict=options.strict)
    if server is not None and server.findings:
        sys.stdout.write(f"the server has {len(server.findings)} findings of its own: see speclock check\n")
        status = 1
    score = None
    if wanted.mutants is not None and outcome.fatal is None:
        try:
            with guarded(secrets):
                score = _score(wanted, cases, operations, accepted)
        except SpeclockError as error:  # what was found stands, and is reported
            sys.stderr.write(f"speclock: {error}\n")
            status = status or 2
        else:
            print_score(score, secrets)
            status = 1 if score.open else status
    report = sdk_report(
        outcome, rows, score, secrets, refuses=subject.refuses, server=None if server is None else server.subject
    )
    written = write_all(paths, report) if paths else True
    return status if written else status or 2


def _score(wanted: Wanted, cases: SdkCases, operations: Sequence[Operation], accepted: Mapping[str, str]) -> SdkScore:
    package = wanted.mutants or ""
    own = wanted.subject.removeprefix("client:").partition(":")[0].partition(".")[0]
    with counted("mutants") as progress:
        hunt = SdkHunt(
            lambda: load_subject(wanted.subject),
            package,
            (own,),
            cases,
            operations,
            accepted,
            wanted.only,
            wanted.every,
            progress,
        )
        return hunt.run()


def _server(options: Options, environ: Mapping[str, str]) -> tuple[Outcome | None, Secrets]:
    """What the server says of the same rules; None where none was named."""
    made_up = Secrets.of([("CREDENTIAL", CREDENTIAL), *credentials_of(environ)])
    if options.url is None and options.app is None and options.profile is None:
        return None, made_up
    prepared = ready(replace(options, phases=_OF_SERVER), environ)
    with guarded(prepared.secrets):
        outcome = run_check(prepared.plan, [])
    if outcome.fatal is not None:
        raise SubjectError(f"the server could not be judged: {prepared.secrets.hide(outcome.fatal)}")
    return outcome, made_up.beside(prepared.secrets)


def credentials_of(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What the environment has under a name of credentials: an SDK may take it instead of the one that it is given."""
    for name, value in environ.items():
        is_path = value.startswith(("/", "~", "."))
        if OF_CREDENTIALS.search(name) and not is_path and len(value) >= _SHORTEST:
            yield name, value
        for word in _OF_URL.findall(value):
            yield name, word
