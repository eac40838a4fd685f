"""`speclock check`: a prepared run shown to a person, its reports written, and an exit status made of its outcome."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from speclock.cli.preparing import Options, prepare
from speclock.cli.reports import report_paths, write_all
from speclock.core.errors import SpeclockError
from speclock.engine.run import run_check
from speclock.phases.reach import check_reachable
from speclock.reporting.report import build_report
from speclock.reporting.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speclock.engine.events import Outcome
    from speclock.engine.run import Plan

__all__ = ["run"]


def run(options: Options, reports: tuple[str, ...], environ: Mapping[str, str]) -> int:
    """Do what was asked; the exit status.

    Raises:
        SpeclockError: it cannot be done.
    """
    paths = report_paths(reports)
    prepared = prepare(options, environ)
    secrets = prepared.secrets
    for url in dict.fromkeys((prepared.plan.url, *prepared.plan.urls.values())):
        if url is not None:
            check_reachable(url)
    for warning in prepared.warnings:
        sys.stderr.write(f"speclock: warning: {secrets.hide(warning)}\n")
    terminal = Terminal(secrets)
    try:
        outcome = _run(prepared.plan, terminal)
    except SpeclockError as error:
        raise type(error)(secrets.hide(str(error))) from None
    finally:
        terminal.close()
    if outcome.fatal is not None:
        sys.stderr.write(f"speclock: {secrets.hide(outcome.fatal)}\n")
    status = outcome.status(strict=options.strict)
    written = write_all(paths, build_report(outcome, secrets)) if paths else True
    return status if written else status or 2


def _run(plan: Plan, terminal: Terminal) -> Outcome:
    try:
        return run_check(plan, [terminal])
    except SpeclockError:
        raise
    except KeyboardInterrupt:
        raise SpeclockError("interrupted; no report was written") from None
    except Exception as error:  # noqa: BLE001
        # A fault of the harness itself: named, without the values that a traceback would show.
        raise SpeclockError(
            f"internal error: {type(error).__name__} in {_innermost(error)}; please report it"
        ) from None


def _innermost(error: BaseException) -> str:
    place = "speclock"
    trace = error.__traceback__
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.startswith("speclock"):
            place = f"{module}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
