"""What a run on an SDK says beyond its findings: the three verdicts on each rule, as JSON and on a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from speclock.reporting.report import Report, build_report, cleaned, location_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from speclock.core.secrets import Secrets
    from speclock.engine.events import Outcome
    from speclock.sdk.table import Verdicts

__all__ = ["print_verdicts", "sdk_report"]

#: Disagreements that a terminal lists; the report has all of them.
_LISTED = 40


def sdk_report(
    outcome: Outcome, rows: Sequence[Verdicts], secrets: Secrets, *, refuses: bool, server: str | None
) -> Report:
    """The report of a run on an SDK, free of credentials."""
    added: Report = {
        "sdk": {
            "subject": outcome.subject,
            "refuses": refuses,
            "server": server,
            "differ": sum(not row.agree for row in rows),
            "verdicts": [_verdicts(row) for row in rows],
        }
    }
    result = cleaned(added, secrets)
    assert isinstance(result, dict)
    return {**build_report(outcome, secrets), **result}


def _verdicts(row: Verdicts) -> Report:
    return {
        "operation": row.operation,
        "rule": row.rule,
        "kind": row.kind,
        "words": row.words,
        "location": location_of(row.location),
        "document": row.document,
        "server": row.server,
        "sdk": row.sdk,
        "agree": row.agree,
    }


def print_verdicts(rows: Sequence[Verdicts], secrets: Secrets, console: Console | None = None) -> None:
    """Print those that differ, and how many do not."""
    out = console or Console(file=sys.stdout, soft_wrap=True, highlight=False, emoji=False)
    apart = [row for row in rows if not row.agree]
    if apart:
        out.print("\n[bold]document, server and SDK differ[/]")
    width = max((len(row.rule) for row in apart[:_LISTED]), default=0)
    for row in apart[:_LISTED]:
        told = f"document: {row.document} · server: {row.server} · SDK: {row.sdk}"
        out.print(escape(secrets.hide(f"  {row.operation}  {row.rule:<{width}}  {told}")))
    if len(apart) > _LISTED:
        out.print(f"  and {len(apart) - _LISTED} more: see the report")
    mark = "[bold red]" if apart else "[bold green]"
    out.print(f"{mark}{len(apart)} of {len(rows)} rules[/] on which document, server and SDK differ")
