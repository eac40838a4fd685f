"""Which cases are this shard's: any number of shards together send each case once.

A rule about all answers of an operation (no two ids alike) needs the answers in one place. So the legal requests of
such an operation, and of those that are linked with it, are all one shard's; everything else is spread.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from speclock.core.cases import CaseKind
from speclock.core.producers import linked_operations
from speclock.core.rules import RuleKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from speclock.core.cases import Case
    from speclock.core.contract import Contract
    from speclock.core.rules import Rule
    from speclock.phases.base import Work

__all__ = ["Shard"]


@dataclass(frozen=True, slots=True)
class Shard:
    """One of `count` shards; `number` counts from 1."""

    number: int = 1
    count: int = 1
    #: For the operations whose legal requests stay together: the name that they go by.
    homes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, number: int, count: int, contract: Contract, rules: Sequence[Rule]) -> Shard:
        """The shard, with the homes that the contract's rules ask for."""
        homes = {operation.id: operation.id for operation in contract.operations}

        def root(name: str) -> str:
            return name if homes[name] == name else root(homes[name])

        for operation in contract.operations:
            for other in linked_operations(contract, operation):
                homes[root(other)] = root(operation.id)
        kept = {root(rule.operation) for rule in rules if rule.kind is RuleKind.RUN}
        return cls(number, count, {name: root(name) for name in homes if root(name) in kept})

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def has_work(self, work: Work) -> bool:
        """Whether any of the work is this shard's."""
        if not work.is_whole:
            return True
        home = next((self.homes[item.id] for item in work.operations if item.id in self.homes), None)
        return self._is_mine(home if home is not None else f"{work.phase} {work.key}")

    def has_case(self, work: Work, index: int, case: Case) -> bool:
        """Whether the case, the `index`th of its work, is this shard's."""
        if work.is_whole:
            return True
        home = self.homes.get(case.operation.id)
        if case.kind is CaseKind.POSITIVE and home is not None:
            return self._is_mine(home)
        return self._is_mine(f"{work.phase} {work.key} {index}")

    def _is_mine(self, name: str) -> bool:
        return self.count == 1 or zlib.crc32(name.encode()) % self.count == self.number - 1
