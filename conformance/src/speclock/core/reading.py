"""A contract read whole: its operations, schemas and rules, and what of it is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from speclock.core.constraints import Oracle
from speclock.core.contract import Contract, Flaw, load_contract
from speclock.core.errors import ContractError
from speclock.core.refusals import Refusals, read_refusals
from speclock.core.rules import Rule, read_rules
from speclock.core.schemas import Schemas

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from speclock.core.constraints import Analysis

__all__ = ["Reading", "request_flaws"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a run needs of a contract."""

    contract: Contract
    schemas: Schemas
    rules: tuple[Rule, ...]
    #: What is promised of refusals, by operation.
    refusals: Mapping[str, Refusals]
    #: What is wrong with operations, rules and schemas of answers; of requests, the analysis says it.
    flaws: tuple[Flaw, ...]

    @classmethod
    def of(cls, path: Path, *, strict: bool = False) -> Reading:
        """Read the file.

        Raises:
            ContractError: it cannot be read, or has no operation that can be judged; with `strict`, any flaw.
        """
        contract = load_contract(path)
        rules, refused = read_rules(contract)
        schemas = Schemas(contract)
        unusable = [Flaw(item.operation, f"{item.location}: {item.reason}") for item in (*refused, *schemas.unusable())]
        refusals: dict[str, Refusals] = {}
        for operation in contract.operations:
            try:
                promised = read_refusals(contract, operation)
            except ContractError as error:
                unusable.append(Flaw(operation.id, str(error)))
                continue
            if promised is not None:
                refusals[operation.id] = promised
        reading = cls(contract, schemas, rules, refusals, (*contract.flaws, *unusable))
        if strict:
            oracle = Oracle(contract, schemas, rules)
            flaws = [*reading.flaws, *request_flaws(map(oracle.analysis, contract.operations))]
            if flaws:
                more = f" (and {len(flaws) - 1} more; without --strict the rest is judged)" if len(flaws) > 1 else ""
                raise ContractError(f"{flaws[0].text}{more}")
        return reading

    def names(self) -> frozenset[str]:
        """Those of all rules and constraints, alone and after their operation's."""
        oracle = Oracle(self.contract, self.schemas, self.rules)
        owned = {(rule.operation, rule.id) for rule in self.rules}
        for operation in self.contract.operations:
            owned |= {(operation.id, constraint.id) for constraint in oracle.analysis(operation).constraints}
        return frozenset(name for operation, rule in owned for name in (rule, f"{operation}.{rule}"))


def request_flaws(analyses: Iterable[Analysis]) -> list[Flaw]:
    """What is wrong with the requests of operations."""
    return [
        Flaw(part.operation, f"{part.location}: {part.reason}")
        for analysis in analyses
        for part in analysis.unsupported
        if part.is_flaw
    ]
