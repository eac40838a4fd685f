"""What a person sees: plain lines while the run goes on, and a summary at the end.

On a terminal, and only when the run takes longer than a moment, a line of progress as well.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from speclock.engine.events import (
    CaseJudged,
    Event,
    FindingNoted,
    Outcome,
    PhaseFinished,
    PhaseStarted,
    RuleTally,
    RunFinished,
    RunStarted,
)
from speclock.reporting.curl import curl_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from speclock.core.findings import Finding
    from speclock.core.secrets import Secrets

__all__ = ["Terminal"]

#: Seconds that a run may take before progress is shown.
PATIENCE = 2.0
#: Characters of a curl line that a terminal shows; the report has all of it.
_WIDTH = 2000
#: Constraints that nothing could be said of which a terminal lists; the report has all of them.
_LISTED = 10


class Terminal:
    """Listens to a run and tells a person."""

    def __init__(self, secrets: Secrets, console: Console | None = None) -> None:
        self._secrets = secrets
        self._console = console or Console(file=sys.stdout, soft_wrap=True, highlight=False, emoji=False)
        self._progress: Progress | None = None
        self._started = time.monotonic()
        self._phases: tuple[str, ...] = ()
        self._done = 0
        self._phase = ""
        self._cases = 0
        self._found = 0
        self._closed = False
        self._lock = threading.Lock()
        self._clock = threading.Timer(PATIENCE, self._wake)  # shows progress also while nothing is answered
        self._clock.daemon = True

    def __call__(self, event: Event) -> None:
        """Take one event."""
        with self._lock:
            if isinstance(event, RunStarted):
                self._start(event)
            elif isinstance(event, PhaseStarted):
                self._phase = event.phase
                self._show()
            elif isinstance(event, CaseJudged):
                self._cases += 1
                self._show()
            elif isinstance(event, FindingNoted):
                self._found += event.finding.expected is None
            elif isinstance(event, PhaseFinished):
                self._finish_phase(event)
            elif isinstance(event, RunFinished):
                self.close()
                self._summary(event.outcome)

    def close(self) -> None:
        """Take the progress line away."""
        self._closed = True
        self._clock.cancel()
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def _start(self, event: RunStarted) -> None:
        self._phases = event.phases
        if self._console.is_terminal:
            self._clock.start()
        contract = event.contract
        self._line(
            f"[bold]{self._safe(contract.title)}[/] {self._safe(contract.version)} against "
            f"{self._safe(event.subject)}: {event.operations} operations, {event.rules} rules, seed {event.seed}"
        )

    def _wake(self) -> None:
        with self._lock:
            self._show()

    def _show(self) -> None:
        if not self._console.is_terminal or time.monotonic() - self._started < PATIENCE or self._closed:
            return
        if self._progress is None:
            columns = (
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(bar_width=24),
                TextColumn("{task.fields[cases]} cases, {task.fields[found]} findings"),
                TimeElapsedColumn(),
            )
            self._progress = Progress(*columns, console=self._console, transient=True)
            self._progress.add_task(self._phase, total=len(self._phases), cases=0, found=0)
            self._progress.start()
        task = self._progress.task_ids[0]
        self._progress.update(task, description=self._phase, completed=self._done, cases=self._cases, found=self._found)

    def _finish_phase(self, event: PhaseFinished) -> None:
        self._done += 1
        cut = f", cut short ({event.cut_short})" if event.cut_short else ""
        self._line(f"  {event.phase:<12} {event.cases:>6} cases in {event.seconds:.1f} s{cut}")

    def _summary(self, outcome: Outcome) -> None:
        for finding in outcome.findings:
            self._finding(finding)
        for finding in outcome.expected:
            self._line(f"expected: {self._safe(finding.title)} ({self._safe(finding.expected or '')})")
        for item in outcome.absent:
            rule = f" {item.rule}" if item.rule else ""
            self._line(self._safe(f"no longer occurs: {item.check}{rule} of {item.operation} ({item.reason})"))
        for error, count in sorted(outcome.errors, key=lambda item: -item[1]):
            where = f"{error.operation}: " if error.operation else ""
            self._line(f"[yellow]error[/] ({count}x, {error.phase}) {self._safe(where + error.message)}")
        self._constraints([tally for tally in outcome.rules if tally.kind.is_constraint])
        verdicts = Counter(tally.verdict for tally in outcome.rules)
        rules = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items())) or "none"
        errors = sum(count for _, count in outcome.errors)
        mark = "[bold red]" if outcome.findings else "[bold yellow]" if outcome.fatal else "[bold green]"
        rate = outcome.cases / outcome.seconds if outcome.seconds else 0
        self._line(
            f"{mark}{len(outcome.findings)} findings[/], {outcome.cases} cases "
            f"({outcome.judged} judged, {errors} errors) in {outcome.seconds:.1f} s ({rate:.0f}/s); rules: {rules}"
        )

    def _constraints(self, tallies: Sequence[RuleTally]) -> None:
        if "combinations" not in self._phases or not any(tally.isolated.sent for tally in tallies):
            return
        planned = [tally.isolated for tally in tallies if tally.isolated.planned]
        refused = sum(isolated.sent > 0 and isolated.right == isolated.sent for isolated in planned)
        accepted = sum(tally.boundary.sent > 0 and tally.boundary.right == tally.boundary.sent for tally in tallies)
        self._line(
            f"constraints: {refused} of {len(tallies)} broken alone and always refused, "
            f"{accepted} always accepted at their boundary"
        )
        silent = [tally for tally in tallies if tally.verdict == "unjudged"]
        for tally in silent[:_LISTED]:
            reason = tally.reason or "no answer to a request that breaks it alone could be judged"
            self._line(f"  unjudged: {self._safe(f'{tally.operation} {tally.id}: {reason}')}")
        if len(silent) > _LISTED:
            self._line(f"  and {len(silent) - _LISTED} more: see the report, or `speclock rules`")

    def _finding(self, finding: Finding) -> None:
        times = f" ({finding.count}x)" if finding.count > 1 else ""
        self._line(f"\n[bold red]{self._safe(finding.title)}[/]{times}")
        self._line(f"  {finding.check} · {self._safe(finding.kind)} · {finding.id}")
        self._line(f"  {self._safe(finding.message)}")
        self._line(f"  promised at {self._safe(str(finding.location))} ({self._safe(finding.location.pointer)})")
        if finding.exchange is not None:
            line = curl_line(finding.exchange.request, self._secrets)
            shown = line if len(line) <= _WIDTH else line[:_WIDTH] + " … (whole in the report)"
            self._line(f"  {self._safe(shown)}\n")

    def _line(self, text: str) -> None:
        self._console.print(text)

    def _safe(self, text: str) -> str:
        """Free of credentials, of rich's markup, and of what no terminal can show."""
        return escape(self._secrets.hide(text)).encode("utf-8", "replace").decode()
