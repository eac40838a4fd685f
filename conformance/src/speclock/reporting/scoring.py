"""The mutation score as a person sees it: progress during the hunt, survivors and the score at its end."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from speclock.mutants.score import State

if TYPE_CHECKING:
    from speclock.core.secrets import Secrets
    from speclock.mutants.score import Result, Score, Tally, Unguarded

__all__ = ["ScoreTerminal"]

#: Mutants of one sort that a terminal lists; the report has all of them.
_LISTED = 40


class ScoreTerminal:
    """Shows a hunt."""

    def __init__(self, secrets: Secrets, console: Console | None = None) -> None:
        self._secrets = secrets
        self._console = console or Console(file=sys.stdout, soft_wrap=True, highlight=False, emoji=False)
        self._progress: Progress | None = None

    def progress(self, done: int, count: int) -> None:
        """So many mutants of so many are done."""
        if not self._console.is_terminal:
            return
        if self._progress is None:
            columns = (TextColumn("mutants"), BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn())
            self._progress = Progress(*columns, console=self._console, transient=True)
            self._progress.add_task("mutants", total=count)
            self._progress.start()
        self._progress.update(self._progress.task_ids[0], completed=done)

    def close(self) -> None:
        """Take the progress line away."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def summary(self, score: Score) -> None:
        """Tell the survivors, the unguarded promises and the score."""
        self._mutants([result for result in score.open if result.state is State.SURVIVED], "survived")
        self._mutants([result for result in score.open if result.state is State.NEVER], "never exercised")
        for item in score.unguarded:
            if item.reason is None:
                self._unguarded(item)
        for pattern, reason in score.idle:
            self._line(f"accounts for nothing: {self._safe(f'{pattern} ({reason})')}")
        killers = Counter((result.kill.phase, result.kill.check) for result in score.results if result.kill)
        self._line("\n[bold]killed by[/]")
        for (phase, check), count in sorted(killers.items(), key=lambda item: -item[1]):
            self._line(f"  {phase:<12} {check:<28} {count:>6}")
        self._line("\n[bold]mutation score[/]")
        for kind, tally in score.by_kind().items():
            self._line(f"  {kind:<18} {self._tally(tally)}")
        accounted = sum(result.reason is not None and result.state is not State.EQUIVALENT for result in score.results)
        requests = sum(result.requests for result in score.results)
        mark = "[bold red]" if score.open else "[bold green]"
        self._line(
            f"{mark}{_percent(score.tally)}[/] of {score.tally.made} mutants killed; {len(score.open)} live without a "
            f"reason, {accounted} with one, {score.tally.equivalent} equivalent "
            f"({requests} answers judged in {score.seconds:.1f} s)"
        )

    def _mutants(self, results: list[Result], word: str) -> None:
        for result in results[:_LISTED]:
            place = result.mutant.location
            self._line(f"[bold red]{word}[/] {self._safe(result.mutant.words)}")
            self._line(f"  promised at {self._safe(str(place))}; changed {result.acted} answers")
        if len(results) > _LISTED:
            self._line(f"  and {len(results) - _LISTED} more that {word}: see the report")

    def _unguarded(self, item: Unguarded) -> None:
        self._line(
            f"[yellow]unguarded[/] {self._safe(f'{item.operation} {item.status} {item.pointer}')}: another legal value "
            f"there would go unnoticed ({self._safe(str(item.location))})"
        )
        for rule in item.suggested:
            when = f" when {rule.when}" if rule.when else ""
            self._line(self._safe(f"  suggested, true of {rule.seen} answers: {rule.rule}{when}"))

    def _tally(self, tally: Tally) -> str:
        return (
            f"{_percent(tally):>7}  {tally.killed} of {tally.made} killed, {tally.survived} survived, "
            f"{tally.never} never exercised, {tally.equivalent} equivalent"
        )

    def _line(self, text: str) -> None:
        self._console.print(text)

    def _safe(self, text: str) -> str:
        return escape(self._secrets.hide(text))


def _percent(tally: Tally) -> str:
    """Rounded down: only what is whole is shown as 100 %."""
    return "none" if tally.score is None else f"{int(tally.score * 1000) / 10:.1f} %"
