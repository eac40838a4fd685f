"""`speclock mutants`: the mutation score shown to a person, its reports written, and an exit status made of it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from speclock.cli.reports import report_paths, write_all
from speclock.cli.running import guarded, ready
from speclock.core.errors import UsageError
from speclock.engine.run import Run
from speclock.mutants.hunting import Hunt, Listening, fits
from speclock.mutants.kit import kit_of
from speclock.mutants.making import make_mutants
from speclock.mutants.proxy import MutantTransport, mutant_server
from speclock.phases.base import PHASES
from speclock.reporting.mutants import mutants_report
from speclock.reporting.scoring import ScoreTerminal
from speclock.reporting.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speclock.cli.preparing import Options, Prepared
    from speclock.core.secrets import Secrets
    from speclock.engine.events import Outcome
    from speclock.mutants.score import Score

__all__ = ["Wanted", "run"]

_LAST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which mutants, and how many."""

    #: Patterns of ids (`*`, `?`); none: all.
    only: tuple[str, ...] = ()
    #: Every so many-th of them.
    every: int = 1
    #: Conditions of each mutant that the contract does not relate to its promise.
    conditions: int = 3
    #: The id of the one to serve, in place of a score, and the port to serve it at.
    serve: str | None = None
    port: int = 0


def run(options: Options, wanted: Wanted, reports: tuple[str, ...], environ: Mapping[str, str]) -> int:
    """Do what was asked; the exit status.

    Raises:
        SpeclockError: it cannot be done.
    """
    paths = report_paths(reports)
    if wanted.every < 1:
        raise UsageError(f"--sample {wanted.every}: expected 1 or more")
    if wanted.conditions < 0:
        raise UsageError(f"--conditions {wanted.conditions}: expected 0 or more")
    if not 0 <= wanted.port <= _LAST_PORT:
        raise UsageError(f"--port {wanted.port}: expected 0 to {_LAST_PORT}")
    prepared = ready(options, environ)
    secrets = prepared.secrets
    with guarded(secrets):
        if wanted.serve is not None:
            return _serve(prepared, wanted)
        outcome, score = _score(prepared, wanted, secrets, is_whole=_is_whole(options, wanted))
    if outcome.fatal is not None:
        sys.stderr.write(f"speclock: {secrets.hide(outcome.fatal)}\n")
        return 1 if outcome.findings else 2
    if not score.results:
        raise UsageError(f"--only {' '.join(wanted.only)}: no mutant has such an id")
    status = 1 if score.open else outcome.status(strict=options.strict)
    written = write_all(paths, mutants_report(outcome, score, secrets)) if paths else True
    return status if written else status or 2


def _is_whole(options: Options, wanted: Wanted) -> bool:
    narrowed = (
        options.include or options.exclude or wanted.only or wanted.every > 1 or options.phases != ",".join(PHASES)
    )
    return not narrowed


def _score(prepared: Prepared, wanted: Wanted, secrets: Secrets, *, is_whole: bool) -> tuple[Outcome, Score]:
    plan = prepared.plan
    shown = ScoreTerminal(secrets)
    terminal = Terminal(secrets)
    try:
        hunt = Hunt(
            plan,
            plan.profile.mutants_accepted,
            wanted.conditions,
            lambda name: not wanted.only or any(fits(name, pattern) for pattern in wanted.only),
            wanted.every,
            is_whole,
            shown.progress,
        )
        outcome, score = hunt.score([terminal])
    finally:
        terminal.close()
        shown.close()
    if outcome.fatal is None:
        shown.summary(score)
    return outcome, score


def _serve(prepared: Prepared, wanted: Wanted) -> int:
    """Run one mutant as a server until it is interrupted, for other tools to be tried on."""
    record = Listening()
    with Run(prepared.plan, [record]) as run_:
        outcome = run_.run()
        if outcome.fatal is not None or outcome.findings:
            told = outcome.fatal or f"{len(outcome.findings)} findings on it, see `speclock check`"
            sys.stderr.write(f"speclock: warning: the subject is not correct: {prepared.secrets.hide(told)}\n")
        kit = kit_of(run_, record.exchanges)
        mutants = {item.id: item for item in make_mutants(kit, prepared.plan.operations, wanted.conditions)}
        mutant = mutants.get(wanted.serve or "")
        if mutant is None:
            raise UsageError(
                f"--serve {wanted.serve}: no mutant has this id; `speclock mutants --report json=...` lists them"
            )
        transport = MutantTransport(run_.transport, kit.reader, mutant)
        try:
            server = mutant_server(transport, run_.url(mutant.operation), "127.0.0.1", wanted.port)
        except OSError as error:
            raise UsageError(f"--port {wanted.port}: {error.strerror}; give another one, or none") from None
        with server:
            sys.stdout.write(
                f"{mutant.words}\nserving it at http://127.0.0.1:{server.server_port}, until interrupted\n"
            )
            sys.stdout.flush()
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                sys.stdout.write(f"acted {transport.acted} times\n")
    return 0
