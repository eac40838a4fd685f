"""All mutants of a contract, in an order in which those that are alike stand together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speclock.mutants.accepting import accepting
from speclock.mutants.altering import altering
from speclock.mutants.authenticating import authenticating
from speclock.mutants.conditions import conditional
from speclock.mutants.crashing import crashing
from speclock.mutants.malforming import malforming
from speclock.mutants.refusing import refusing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from speclock.core.contract import Operation
    from speclock.mutants.kit import Kit
    from speclock.mutants.model import Mutant

__all__ = ["TURNS", "make_mutants"]

#: Conditions of each mutant that the contract does not relate to its promise.
TURNS = 3

_MAKERS = (accepting, refusing, malforming, altering, authenticating, crashing)


def make_mutants(kit: Kit, operations: Iterable[Operation], turns: int = TURNS) -> list[Mutant]:
    """The mutants of these operations; no two have the same id."""
    found: dict[str, Mutant] = {}
    for operation in operations:
        plain = {mutant.id: mutant for make in _MAKERS for mutant in make(kit, operation)}
        found |= plain
        found |= {mutant.id: mutant for mutant in conditional(kit, operation, list(plain.values()), turns)}
    return list(found.values())
