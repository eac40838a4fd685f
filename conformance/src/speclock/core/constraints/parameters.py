"""The parameters of an operation: those of its path item, overridden by its own, with references followed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from speclock.core.constraints.model import Part, Place
from speclock.core.constraints.shapes import value_at
from speclock.core.documents import JsonValue, join
from speclock.core.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Callable

    from speclock.core.contract import Contract, Operation

__all__ = ["Parameter", "parameters"]

#: Header parameters that OpenAPI leaves to other parts of the document (OpenAPI 3.1, Parameter Object).
_IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation."""

    place: Place
    pointer: str
    #: The pointer of its schema; None when it has none.
    schema: str | None
    required: bool
    value: dict[str, JsonValue] = field(repr=False)


def parameters(
    contract: Contract, root: JsonValue, operation: Operation, refuse: Callable[[str, str], None] | None = None
) -> list[Parameter]:
    """The parameters of an operation; `refuse` is told of each that cannot be read: its pointer, and why."""
    found: dict[Place, Parameter] = {}
    for holder in (operation.pointer.rpartition("/")[0], operation.pointer):
        try:
            listed = value_at(root, join(holder, "parameters"))
        except KeyError:
            continue
        for index in range(len(listed) if isinstance(listed, list) else 0):
            start = join(holder, "parameters", index)
            try:
                pointer, value = contract.document.resolve(start)
            except ContractError as error:
                if refuse is not None:
                    refuse(start, f"a parameter that cannot be read: {str(error).partition(': ')[2]}")
                continue
            parameter = _parameter(pointer, value, root)
            if parameter is not None:
                found[parameter.place] = parameter
    return list(found.values())


def _parameter(pointer: str, value: JsonValue, root: JsonValue) -> Parameter | None:
    if not isinstance(value, dict) or value.get("in") not in ("path", "query", "header", "cookie"):
        return None
    name, part = str(value.get("name")), Part(str(value["in"]))
    if part is Part.HEADER and name.lower() in _IGNORED_HEADERS:
        return None
    schema: str | None = join(pointer, "schema") if "schema" in value else None
    content = value.get("content")
    if schema is None and isinstance(content, dict) and content:
        schema = join(pointer, "content", next(iter(content)), "schema")
    if schema is not None:
        try:
            value_at(root, schema)
        except KeyError:
            schema = None
    return Parameter(Place(part, (name,)), pointer, schema, part is Part.PATH or value.get("required") is True, value)
