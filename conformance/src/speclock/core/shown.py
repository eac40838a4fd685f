"""The examples that a contract shows, of requests and of answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from speclock.core.contract import answer_bodies
from speclock.core.documents import JsonValue, join
from speclock.core.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.core.contract import Contract, Operation

__all__ = ["Shown", "shown", "shown_answers"]


@dataclass(frozen=True, slots=True)
class Shown:
    """One example; `pointer` is that of its value."""

    name: str
    pointer: str
    value: JsonValue
    #: That of the answer; None for a request.
    status: str | None = None


def shown(contract: Contract, holder: str, status: str | None = None) -> Iterator[Shown]:
    """Each example of a media type or parameter; `holder` is its pointer."""
    value = contract.document.at(holder)
    if not isinstance(value, dict):
        return
    listed = value.get("examples")
    for name in listed if isinstance(listed, dict) else ():
        try:
            pointer, example = contract.document.resolve(join(holder, "examples", name))
        except ContractError:
            continue  # told where the contract is read
        if isinstance(example, dict) and "value" in example:
            yield Shown(name, join(pointer, "value"), example["value"], status)
    if "example" in value:
        yield Shown("example", join(holder, "example"), value["example"], status)


def shown_answers(contract: Contract, operation: Operation) -> Iterator[Shown]:
    """Each example of an answer of the operation."""
    for status, _, pointer in answer_bodies(contract, operation):
        yield from shown(contract, pointer, status)
