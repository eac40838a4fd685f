"""`speclock sdk`: an SDK judged, beside the server where there is one, and an exit status made of it."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from speclock.cli.preparing import selected
from speclock.cli.reports import report_paths, write_all
from speclock.cli.running import guarded, ready
from speclock.cli.subjects import load_subject
from speclock.core.errors import SubjectError, UsageError
from speclock.core.reading import Reading
from speclock.core.secrets import Secrets
from speclock.engine.run import run_check
from speclock.reporting.sdk import print_verdicts, sdk_report
from speclock.reporting.terminal import Terminal
from speclock.sdk.making import SdkCases
from speclock.sdk.run import SdkRun
from speclock.sdk.table import verdicts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speclock.cli.preparing import Options
    from speclock.engine.events import Outcome

__all__ = ["Wanted", "run"]

#: What the server is asked, so that it says of each rule whether it refuses.
_OF_SERVER = "examples,combinations"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which SDK, and how much of it."""

    subject: str
    #: Only every so many-th case.
    every: int = 1


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
    subject = load_subject(wanted.subject)
    reading = Reading.of(options.contract)
    operations = selected(reading.contract, options)
    server, secrets = _server(options, environ)
    terminal = Terminal(secrets)
    try:
        with guarded(secrets):
            cases = SdkCases(reading, options.seed)
            outcome = SdkRun(subject, cases, operations, [terminal], wanted.every).run()
    finally:
        terminal.close()
    rows = verdicts(outcome.rules, None if server is None else server.rules)
    print_verdicts(rows, secrets)
    if outcome.fatal is not None:
        sys.stderr.write(f"speclock: {secrets.hide(outcome.fatal)}\n")
    status = outcome.status()
    if server is not None and server.findings:
        sys.stdout.write(f"the server has {len(server.findings)} findings of its own: see speclock check\n")
        status = 1
    report = sdk_report(
        outcome, rows, secrets, refuses=subject.refuses, server=None if server is None else server.subject
    )
    written = write_all(paths, report) if paths else True
    return status if written else status or 2


def _server(options: Options, environ: Mapping[str, str]) -> tuple[Outcome | None, Secrets]:
    """What the server says of the same rules; None where none was named."""
    if options.url is None and options.app is None and options.profile is None:
        return None, Secrets()
    prepared = ready(replace(options, phases=_OF_SERVER), environ)
    with guarded(prepared.secrets):
        outcome = run_check(prepared.plan, [])
    if outcome.fatal is not None:
        raise SubjectError(f"the server could not be judged: {prepared.secrets.hide(outcome.fatal)}")
    return outcome, prepared.secrets
