"""`speclock check`: a prepared run shown to a person, its reports written, and an exit status made of its outcome."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from speclock.cli.reports import report_paths, write_all
from speclock.cli.running import guarded, ready
from speclock.engine.run import run_check
from speclock.reporting.report import build_report
from speclock.reporting.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speclock.cli.preparing import Options

__all__ = ["run"]


def run(options: Options, reports: tuple[str, ...], environ: Mapping[str, str]) -> int:
    """Do what was asked; the exit status.

    Raises:
        SpeclockError: it cannot be done.
    """
    paths = report_paths(reports)
    prepared = ready(options, environ)
    secrets = prepared.secrets
    terminal = Terminal(secrets)
    try:
        with guarded(secrets):
            outcome = run_check(prepared.plan, [terminal])
    finally:
        terminal.close()
    if outcome.fatal is not None:
        sys.stderr.write(f"speclock: {secrets.hide(outcome.fatal)}\n")
    status = outcome.status(strict=options.strict)
    written = write_all(paths, build_report(outcome, secrets)) if paths else True
    return status if written else status or 2
