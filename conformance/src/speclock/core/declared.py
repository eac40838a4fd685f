"""Which properties and parameters the paths of a rule's expression may name: those that the contract declares.

A path is followed as far as the contract declares what is there; where it leaves an object open, any name will do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from speclock.core.contract import answer_bodies
from speclock.core.documents import JsonValue, join
from speclock.core.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.core.contract import Contract, Operation

__all__ = ["unknown_name"]

_TEXT = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")
_PATH = re.compile(r"(?<![\w.])(request|response)\.(body|path|query)((?:\.[A-Za-z_]\w*)+)(\s*\()?")
#: Keywords whose schemas speak of the same value.
_BESIDE = ("allOf", "oneOf", "anyOf")


def unknown_name(contract: Contract, operation: Operation, source: str) -> str | None:
    """What an expression reads though the contract does not declare it, in a sentence; None when there is nothing."""
    for whose, part, text, called in _PATH.findall(_TEXT.sub('""', source)):
        steps = text.split(".")[1:]
        if called:
            steps.pop()  # the method, such as `startsWith`
        if part != "body":
            wrong = _unknown_parameter(contract, operation, part, steps) if whose == "request" else None
        else:
            wrong = _unknown_property(contract, _schemas(contract, operation, whose), steps, f"{whose}.body")
        if wrong is not None:
            return wrong
    return None


def _unknown_parameter(contract: Contract, operation: Operation, part: str, steps: list[str]) -> str | None:
    known = [
        str(value["name"])
        for holder in (operation.pointer.rpartition("/")[0], operation.pointer)
        for value in _listed(contract, join(holder, "parameters"))
        if value.get("in") == part
    ]
    if not steps or steps[0] in known:
        return None
    return f"it reads request.{part}.{steps[0]}, which is not there; {_said(known)}"


def _unknown_property(contract: Contract, pointers: list[str], steps: list[str], path: str) -> str | None:
    for step in steps:
        found: dict[str, list[str]] = {}
        is_open = [_gather(contract, pointer, found, frozenset()) for pointer in pointers]
        if not found or any(is_open):
            return None
        if step not in found:
            return f"it reads {path}.{step}, which is not there; {_said(list(found))}"
        pointers, path = found[step], f"{path}.{step}"
    return None


def _gather(contract: Contract, pointer: str, found: dict[str, list[str]], inside: frozenset[str]) -> bool:
    """Note what is declared at `pointer`; whether names beside that are described too, or cannot be known."""
    if pointer in inside:
        return False
    try:
        schema = contract.document.at(pointer)
    except KeyError:
        return True
    if not isinstance(schema, dict):
        return False
    inside |= {pointer}
    is_open = isinstance(schema.get("additionalProperties"), dict) or "patternProperties" in schema
    if isinstance(schema.get("$ref"), str):
        try:
            is_open |= _gather(contract, contract.document.resolve(pointer)[0], found, inside)
        except ContractError:
            return True
    properties = schema.get("properties")
    for name in properties if isinstance(properties, dict) else ():
        found.setdefault(name, []).append(join(pointer, "properties", name))
    below = [join(pointer, key) for key in ("then", "else") if key in schema]
    for key in _BESIDE:
        listed = schema.get(key)
        below += [join(pointer, key, index) for index in range(len(listed) if isinstance(listed, list) else 0)]
    for item in below:
        is_open |= _gather(contract, item, found, inside)
    return is_open


def _schemas(contract: Contract, operation: Operation, whose: str) -> list[str]:
    """The pointers of the schemas of JSON bodies: of the request, or of its documented successes."""
    if whose == "request":
        return [] if operation.body is None else [join(operation.body, "schema")]
    bodies = answer_bodies(contract, operation)
    return [join(pointer, "schema") for status, name, pointer in bodies if status[0] == "2" and "json" in name.lower()]


def _listed(contract: Contract, pointer: str) -> Iterator[dict[str, JsonValue]]:
    try:
        pointer, listed = contract.document.resolve(pointer)
    except ContractError:
        return
    for index in range(len(listed) if isinstance(listed, list) else 0):
        try:
            value = contract.document.resolve(join(pointer, index))[1]
        except ContractError:
            continue
        if isinstance(value, dict):
            yield value


def _said(names: list[str]) -> str:
    listed = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f"there are {listed}" if names else "there are none"
