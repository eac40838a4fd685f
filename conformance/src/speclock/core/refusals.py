"""What a contract says of refusals, in `x-refusals` beside an operation.

    x-refusals:
      order: [401, 415, 413, 400, 404]     # when several things are wrong, which of them the answer tells
      rule: /rule                          # where the body of a 400 or 422 names the broken rule: a JSON pointer
      pointer: /pointer                    # where it says what of the request is wrong, as a JSON pointer into its body
      unportable: true                     # lone surrogates and numbers beyond a double are refused with 400 or 422

When several named rules are broken, the first one in the document is the one that is named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from speclock.core.documents import JsonValue, join
from speclock.core.errors import ContractError
from speclock.core.producers import value_at
from speclock.core.shown import shown_answers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speclock.core.contract import Contract, Operation

__all__ = ["Refusals", "read_refusals", "without_indices"]

_INDEX = re.compile(r"/\d+(?=/|$)")
_FIELDS = {"order", "rule", "pointer", "unportable"}


@dataclass(frozen=True, slots=True)
class Refusals:
    """The promises of one operation about its refusals."""

    #: The pointer of the extension in the contract.
    place: str
    #: Statuses, the one that comes first when several things are wrong in front.
    order: tuple[int, ...] = ()
    #: JSON pointers into the body of a refusal; None: nothing is promised.
    rule: str | None = None
    pointer: str | None = None
    #: Whether JSON is refused that RFC 8259 allows and not every reader can hold.
    unportable: bool = False
    #: By rule, what `pointer` then leads to in the examples of refusals, with `[]` for an index.
    shown: Mapping[str, frozenset[str]] = field(default_factory=dict)


def read_refusals(contract: Contract, operation: Operation) -> Refusals | None:
    """What is promised; None when nothing is.

    Raises:
        ContractError: another key, a status that is not documented, a pointer that is none, or another type.
    """
    place = join(operation.pointer, "x-refusals")
    if not contract.document.has(place):
        return None
    value = contract.document.at(place)
    if not isinstance(value, dict):
        raise ContractError(f"{contract.locate(place)}: expected an object with {', '.join(sorted(_FIELDS))}")
    for key in value:
        if key not in _FIELDS:
            where = contract.locate(join(place, key))
            raise ContractError(f"{where}: unknown key {key!r} in x-refusals; expected {', '.join(sorted(_FIELDS))}")
    rule = _pointer(contract, join(place, "rule"), value.get("rule"))
    pointer = _pointer(contract, join(place, "pointer"), value.get("pointer"))
    return Refusals(
        place,
        _order(contract, operation, join(place, "order"), value.get("order", [])),
        rule,
        pointer,
        _flag(contract, join(place, "unportable"), value.get("unportable", False)),
        {} if rule is None or pointer is None else _shown(contract, operation, rule, pointer),
    )


def without_indices(pointer: str) -> str:
    """The pointer with `[]` for each index."""
    return _INDEX.sub("/[]", pointer)


def _shown(contract: Contract, operation: Operation, rule: str, pointer: str) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for example in shown_answers(contract, operation):
        name, place = value_at(example.value, rule), value_at(example.value, pointer)
        if isinstance(name, str) and isinstance(place, str):
            found[name] = found.get(name, frozenset()) | {without_indices(place)}
    return found


def _order(contract: Contract, operation: Operation, place: str, value: JsonValue) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise ContractError(f"{contract.locate(place)}: expected a list of statuses")
    found: list[int] = []
    for index, status in enumerate(value):
        if not (isinstance(status, int) and operation.documents(status) and status not in found):
            where = contract.locate(join(place, index))
            raise ContractError(f"{where}: expected a status that {operation.id} documents, once; got {status!r}")
        found.append(status)
    return tuple(found)


def _pointer(contract: Contract, place: str, value: JsonValue) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or (value and not value.startswith("/")):
        raise ContractError(f"{contract.locate(place)}: expected a JSON pointer such as /rule, got {value!r}")
    return value


def _flag(contract: Contract, place: str, value: JsonValue) -> bool:
    if not isinstance(value, bool):
        raise ContractError(f"{contract.locate(place)}: expected true or false, got {value!r}")
    return value
