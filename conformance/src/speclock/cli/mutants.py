"""`speclock mutants`: the mutation score shown to a person, its reports written, and an exit status made of it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from speclock.cli.preparing import Options, prepare
from speclock.cli.reports import report_paths, write_all
from speclock.core.errors import SpeclockError, UsageError
from speclock.engine.run import Run
from speclock.mutants.hunting import Hunt, Listening, kit_of
from speclock.mutants.making import make_mutants
from speclock.mutants.proxy import MutantTransport, mutant_server
from speclock.phases.reach import check_reachable
from speclock.reporting.mutants import mutants_report
from speclock.reporting.scoring import ScoreTerminal
from speclock.reporting.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speclock.cli.preparing import Prepared
    from speclock.core.secrets import Secrets
    from speclock.engine.events import Outcome
    from speclock.mutants.score import Score

__all__ = ["Wanted", "run"]


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
    if wanted.every < 1 or wanted.conditions < 0:
        raise UsageError("--sample: expected 1 or more; --conditions: expected 0 or more")
    prepared = prepare(options, environ)
    secrets = prepared.secrets
    for url in dict.fromkeys((prepared.plan.url, *prepared.plan.urls.values())):
        if url is not None:
            check_reachable(url)
    for warning in prepared.warnings:
        sys.stderr.write(f"speclock: warning: {secrets.hide(warning)}\n")
    try:
        if wanted.serve is not None:
            return _serve(prepared, wanted)
        outcome, score = _score(prepared, wanted, secrets)
    except KeyboardInterrupt:
        raise SpeclockError("interrupted; no report was written") from None
    except SpeclockError as error:
        raise type(error)(secrets.hide(str(error))) from None
    if outcome.fatal is not None:
        sys.stderr.write(f"speclock: {secrets.hide(outcome.fatal)}\n")
    if not score.results:
        raise UsageError(f"--only {' '.join(wanted.only)}: no mutant has such an id")
    status = 1 if score.open else outcome.status(strict=options.strict)
    written = write_all(paths, mutants_report(outcome, score, secrets)) if paths else True
    return status if written else status or 2


def _score(prepared: Prepared, wanted: Wanted, secrets: Secrets) -> tuple[Outcome, Score]:
    plan = prepared.plan
    shown = ScoreTerminal(secrets)
    terminal = Terminal(secrets)
    try:
        hunt = Hunt(
            plan,
            plan.profile.mutants_accepted,
            wanted.conditions,
            lambda name: not wanted.only or any(fnmatchcase(name, pattern) for pattern in wanted.only),
            wanted.every,
            shown.progress,
        )
        outcome, score = hunt.score([terminal])
    finally:
        terminal.close()
        shown.close()
    shown.summary(score)
    return outcome, score


def _serve(prepared: Prepared, wanted: Wanted) -> int:
    """Run one mutant as a server until it is interrupted, for other tools to be tried on."""
    record = Listening()
    with Run(prepared.plan, [record]) as run_:
        run_.run()
        kit = kit_of(run_, record.exchanges)
        mutants = {item.id: item for item in make_mutants(kit, prepared.plan.operations, wanted.conditions)}
        mutant = mutants.get(wanted.serve or "")
        if mutant is None:
            raise UsageError(
                f"--serve {wanted.serve}: no mutant has this id; `speclock mutants --report json=...` lists them"
            )
        transport = MutantTransport(run_.transport, kit.reader, mutant)
        with mutant_server(transport, run_.url(mutant.operation), "127.0.0.1", wanted.port) as server:
            sys.stdout.write(
                f"{mutant.words}\nserving it at http://127.0.0.1:{server.server_port}, until interrupted\n"
            )
            sys.stdout.flush()
            try:
                server.serve_forever()
            except KeyboardInterrupt:
                sys.stdout.write(f"acted {transport.acted} times\n")
    return 0
