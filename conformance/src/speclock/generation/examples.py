"""What the contract itself shows of requests: named examples that are legal, and named ones that break one rule."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from speclock.core.constraints.parameters import parameters
from speclock.core.documents import JsonValue, join
from speclock.core.errors import ContractError
from speclock.core.shown import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.core.cases import Draft
    from speclock.core.contract import Contract, Operation

__all__ = ["Example", "InvalidExample", "examples", "invalid_examples"]


@dataclass(frozen=True, slots=True)
class Example:
    """A request that the contract shows, in an otherwise plain request."""

    name: str
    pointer: str
    draft: Draft


@dataclass(frozen=True, slots=True)
class InvalidExample:
    """A request body that the contract shows as one that breaks a rule (`x-invalid-examples`)."""

    name: str
    pointer: str
    rule: str
    draft: Draft


def examples(contract: Contract, root: JsonValue, operation: Operation, plain: Draft) -> Iterator[Example]:
    """The examples of the JSON body and of each parameter; `root` is the document in JSON Schema 2020-12."""
    if operation.body is not None:
        for item in shown(contract, operation.body):
            yield Example(item.name, item.pointer, replace(plain, body=item.value))
    for parameter in parameters(contract, root, operation):
        place = parameter.place
        for item in shown(contract, parameter.pointer):
            values = {**plain.parameters(place.part), place.steps[0]: item.value}
            yield Example(f"{place.steps[0]} {item.name}", item.pointer, plain.with_parameters(place.part, values))


def invalid_examples(contract: Contract, operation: Operation, plain: Draft) -> Iterator[InvalidExample]:
    """The bodies under `x-invalid-examples`, beside the media type's examples.

    Raises:
        ContractError: an entry without rule or value.
    """
    if operation.body is None:
        return
    holder = join(operation.body, "x-invalid-examples")
    if not contract.document.has(holder):
        return
    listed = contract.document.at(holder)
    if not isinstance(listed, dict):
        raise ContractError(f"{contract.locate(holder)}: expected invalid examples by name")
    for name, entry in listed.items():
        pointer = join(holder, name)
        if not isinstance(entry, dict) or not isinstance(entry.get("rule"), str) or "value" not in entry:
            place = contract.locate(pointer)
            raise ContractError(
                f"{place}: an invalid example needs `rule`, the name of the rule it breaks, and `value`"
            )
        yield InvalidExample(name, pointer, str(entry["rule"]), replace(plain, body=entry["value"]))
