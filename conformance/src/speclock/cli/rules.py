"""`speclock rules`: what a contract promises, and what would be sent to try it, without a server."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from speclock.cli.reports import report_paths, write_all
from speclock.core.constraints import Oracle
from speclock.core.findings import HarnessError
from speclock.core.profiles import Profile
from speclock.core.reading import Reading
from speclock.engine.ledger import Ledger
from speclock.generation.planning import OperationPlan
from speclock.reporting.report import rules_report

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from speclock.core.contract import Contract
    from speclock.engine.events import RuleTally

__all__ = ["run"]


def run(contract_path: Path, reports: tuple[str, ...]) -> int:
    """Print the plan; the exit status: 0 whatever is not supported, 2 when a report could not be written.

    Raises:
        SpeclockError: the contract cannot be read.
    """
    paths = report_paths(reports, known=("json",))
    reading = Reading.of(contract_path)
    contract = reading.contract
    oracle = Oracle(contract, reading.schemas, reading.rules)
    unsupported = [HarnessError(flaw.operation, "rules", "contract", flaw.text) for flaw in reading.flaws]
    ledger = Ledger(contract, Profile())
    cases = 0
    for operation in contract.operations:
        analysis = oracle.analysis(operation)
        plan = OperationPlan(analysis, oracle, reading.rules)
        cases += len(plan.cases)
        ledger.promise(analysis, [rule for rule in reading.rules if rule.operation == operation.id])
        ledger.planned(operation, tuple(plan.constraints()))
        unsupported += [
            HarnessError(operation.id, "rules", "unsupported", f"{part.location}: {part.reason}")
            for part in analysis.unsupported
        ]
        unsupported += [HarnessError(operation.id, "rules", "unsupported", gap) for gap in plan.gaps()]
    unsupported += _unsupported(contract)
    tallies = ledger.tallies()
    _print(contract, tallies, unsupported, cases)
    written = write_all(paths, rules_report(contract, tallies, tuple(unsupported))) if paths else True
    return 0 if written else 2


def _print(contract: Contract, tallies: tuple[RuleTally, ...], unsupported: list[HarnessError], cases: int) -> None:
    for operation in contract.operations:
        own = [tally for tally in tallies if tally.operation == operation.id]
        width = max((len(tally.id) for tally in own), default=0)
        sys.stdout.write(f"{operation.id}  {operation.method} {operation.path}\n")
        for tally in own:
            pattern = f"  [{tally.dependency}]" if tally.dependency else ""
            sys.stdout.write(f"  {tally.id:<{width}}  {tally.kind:<8}  {tally.location}  {tally.words}{pattern}\n")
            if not tally.kind.is_constraint:
                continue
            told = f"{tally.isolated.planned} break it alone, {tally.boundary.planned} stand right beside it"
            if tally.reason:
                told = f"nothing breaks it alone: {tally.reason}; {tally.boundary.planned} stand right beside it"
            tied = f"ties {', '.join(tally.ties)}; " if len(tally.ties) > 1 else f"{', '.join(tally.keywords)}; "
            sys.stdout.write(f"  {'':<{width}}  {tied}{told}\n")
    for part in unsupported:
        where = f"{part.operation}: " if part.operation else ""
        sys.stdout.write(f"not supported: {where}{part.message}\n")
    alone = sum(tally.reason is not None for tally in tallies)
    sys.stdout.write(
        f"{len(contract.operations)} operations, {len(tallies)} constraints and rules, {cases} cases planned; "
        f"{alone} that nothing breaks alone, {len(unsupported)} parts not supported\n"
    )


def _unsupported(contract: Contract) -> Iterator[HarnessError]:
    """What the document says and no check can judge."""
    for operation in contract.operations:
        for name in sorted({name for alternative in operation.security for name in alternative}):
            if contract.scheme(name) is None:
                text = f"the security scheme {name}: not one that a header, query or cookie carries"
                yield HarnessError(operation.id, "rules", "unsupported", text)
