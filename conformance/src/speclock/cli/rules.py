"""`speclock rules`: what a contract promises, without a server."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from speclock.cli.reports import report_paths
from speclock.core.contract import load_contract
from speclock.core.findings import HarnessError
from speclock.core.rules import load_rules
from speclock.core.schemas import Schemas
from speclock.engine.events import RuleTally

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from speclock.core.contract import Contract
    from speclock.core.rules import Rule

__all__ = ["run"]


def run(contract_path: Path, reports: tuple[str, ...]) -> int:
    """List the named rules, and what is not judged; the exit status.

    Raises:
        SpeclockError: the contract cannot be read.
    """
    paths = report_paths(reports)
    contract = load_contract(contract_path)
    rules = load_rules(contract)
    unsupported = tuple(_unsupported(contract, Schemas(contract)))
    _print(contract, rules, unsupported)
    if paths:
        from speclock.reporting.report import rules_report, write_json  # noqa: PLC0415

        tallies = tuple(RuleTally(rule.id, rule.operation, rule.kind, 0, 0, "unjudged") for rule in rules)
        for path in paths:
            write_json(path, rules_report(contract, tallies, unsupported))
            sys.stdout.write(f"report: {path}\n")
    return 0


def _print(contract: Contract, rules: tuple[Rule, ...], unsupported: tuple[HarnessError, ...]) -> None:
    width = max((len(rule.id) for rule in rules), default=0)
    for operation in contract.operations:
        sys.stdout.write(f"{operation.id}  {operation.method} {operation.path}\n")
        for rule in rules:
            if rule.operation == operation.id:
                text = " ".join(rule.description.split())
                sys.stdout.write(f"  {rule.id:<{width}}  {rule.kind:<8}  {rule.location}  {text}\n")
    for part in unsupported:
        where = f"{part.operation}: " if part.operation else ""
        sys.stdout.write(f"not supported: {where}{part.message}\n")
    sys.stdout.write(f"{len(contract.operations)} operations, {len(rules)} rules, {len(unsupported)} unsupported\n")


def _unsupported(contract: Contract, schemas: Schemas) -> Iterator[HarnessError]:
    """What the document says and no check can judge."""
    for operation in contract.operations:
        if operation.has_body and not schemas.judges(operation):
            text = "a request body that is not JSON, or has no schema: sent, but no rule of it is judged"
            yield HarnessError(operation.id, "rules", "unsupported", text)
        for name in sorted({name for alternative in operation.security for name in alternative}):
            if contract.scheme(name) is None:
                text = f"the security scheme {name}: not one that a header, query or cookie carries"
                yield HarnessError(operation.id, "rules", "unsupported", text)
