"""`speclock rules`: what a contract promises, without a server."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from speclock.cli.reports import report_paths
from speclock.core.contract import load_contract
from speclock.core.rules import load_rules
from speclock.core.schemas import Schemas
from speclock.engine.events import RuleTally

if TYPE_CHECKING:
    from pathlib import Path

    from speclock.core.documents import JsonValue

__all__ = ["run"]


def run(contract_path: Path, reports: tuple[str, ...]) -> int:
    """List the named rules; the exit status.

    Raises:
        SpeclockError: the contract cannot be read.
    """
    paths = report_paths(reports)
    contract = load_contract(contract_path)
    rules = load_rules(contract)
    Schemas(contract)
    width = max((len(rule.id) for rule in rules), default=0)
    for operation in contract.operations:
        sys.stdout.write(f"{operation.id}  {operation.method} {operation.path}\n")
        for rule in rules:
            if rule.operation == operation.id:
                text = " ".join(rule.description.split())
                sys.stdout.write(f"  {rule.id:<{width}}  {rule.kind:<8}  {rule.location}  {text}\n")
    sys.stdout.write(f"{len(contract.operations)} operations, {len(rules)} rules\n")
    if paths:
        from speclock.reporting.report import FORMAT_VERSION, rule_rows, write_json  # noqa: PLC0415

        tallies = tuple(RuleTally(rule.id, rule.operation, rule.kind, 0, 0, "unjudged") for rule in rules)
        report: dict[str, JsonValue] = {
            "speclock": FORMAT_VERSION,
            "contract": {"title": contract.title, "version": contract.version, "sha256": contract.document.sha256},
            "rules": rule_rows(tallies),
        }
        for path in paths:
            write_json(path, report)
            sys.stdout.write(f"report: {path}\n")
    return 0
