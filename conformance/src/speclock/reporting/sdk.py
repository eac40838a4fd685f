"""What a run on an SDK says beyond its findings, as JSON and on a terminal: three verdicts, the score of mutants."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from speclock.reporting.report import Report, build_report, cleaned, location_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from speclock.core.secrets import Secrets
    from speclock.engine.events import Outcome
    from speclock.sdk.hunting import SdkResult, SdkScore
    from speclock.sdk.table import Verdicts

__all__ = ["counted", "print_score", "print_verdicts", "sdk_report"]

#: Disagreements, and mutants, that a terminal lists; the report has all of them.
_LISTED = 40
#: Characters of changed code: in the report, and on a line of a terminal.
_SHOWN, _WIDTH = 400, 60
#: Digits behind the point of a score.
_DIGITS = 4


def sdk_report(
    outcome: Outcome,
    rows: Sequence[Verdicts],
    score: SdkScore | None,
    secrets: Secrets,
    *,
    refuses: bool,
    server: str | None,
) -> Report:
    """The report of a run on an SDK, free of credentials."""
    added: Report = {
        "sdk": {
            "subject": outcome.subject,
            "refuses": refuses,
            "server": server,
            "differ": sum(not row.agree for row in rows),
            "verdicts": [_verdicts(row) for row in rows],
            "mutants": None if score is None else _score(score),
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


def _score(score: SdkScore) -> Report:
    made = len(score.results)
    return {
        "score": round(score.killed / made, _DIGITS),
        "made": made,
        "killed": score.killed,
        "open": len(score.open),
        "kinds": [{"kind": kind, "killed": killed, "made": all_} for kind, (killed, all_) in score.by_kind().items()],
        "list": [_result(result) for result in score.results],
        "unmatched": [{"pattern": pattern, "reason": reason} for pattern, reason in score.idle],
    }


def _result(result: SdkResult) -> Report:
    mutant, kill = result.mutant, result.kill
    return {
        "id": mutant.id,
        "kind": mutant.kind.value,
        "file": mutant.file,
        "line": mutant.line,
        "before": mutant.before[:_SHOWN],
        "after": mutant.after[:_SHOWN],
        "state": result.state.value,
        "killed_by": None if kill is None else {"check": kill.check, "title": kill.title, "case": kill.case},
        "reason": result.reason,
    }


def print_score(score: SdkScore, secrets: Secrets, console: Console | None = None) -> None:
    """Print the mutants that live, and the score."""
    out = console or Console(file=sys.stdout, soft_wrap=True, highlight=False, emoji=False)
    for result in score.open[:_LISTED]:
        out.print(f"[bold red]survived[/] {escape(secrets.hide(result.mutant.id))}")
        before, after = (" ".join(text.split())[:_WIDTH] for text in (result.mutant.before, result.mutant.after))
        out.print(escape(secrets.hide(f"  line {result.mutant.line}: {before} -> {after}")))
    if len(score.open) > _LISTED:
        out.print(f"  and {len(score.open) - _LISTED} more: see the report")
    for pattern, reason in score.idle:
        out.print(escape(f"accounts for nothing: {pattern} ({reason})"))
    out.print("\n[bold]mutation score[/]")
    for kind, (killed, made) in score.by_kind().items():
        out.print(f"  {kind:<24} {killed:>5} of {made}")
    made = len(score.results)
    mark = "[bold red]" if score.open else "[bold green]"
    accounted = made - score.killed - len(score.open)
    out.print(
        f"{mark}{score.killed / made:.1%}[/] of {made} mutants killed; {len(score.open)} live without a reason, "
        f"{accounted} with one"
    )


@contextmanager
def counted(what: str, console: Console | None = None) -> Iterator[Callable[[int, int], None]]:
    """A line of progress on a terminal; what is given takes how many of how many are done."""
    out = console or Console(file=sys.stdout, soft_wrap=True, highlight=False, emoji=False)
    columns = (TextColumn(what), BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as progress:
        task = progress.add_task(what)
        yield lambda done, count: progress.update(task, completed=done, total=count)


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
