"""The oracle of values: is this request body what the contract allows, and if not, what does it break?

jsonschema-rs judges, formats included. Each error is named by the nearest titled schema above it, which is how the
contract names its rules, and has the pointer of the keyword that failed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote

import jsonschema_rs

from speclock.core.documents import JsonValue, join
from speclock.core.errors import ContractError
from speclock.core.values import is_portable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.core.contract import Contract, Operation

__all__ = ["Breakage", "Schemas"]

_BASE = "urn:speclock:contract"


@dataclass(frozen=True, slots=True)
class Breakage:
    """One constraint that a value breaks."""

    #: The name of the rule; None for a constraint without a title.
    rule: str | None
    pointer: str
    instance_pointer: str
    message: str


class _SchemaError(Protocol):
    message: str
    schema_path: list[str | int]
    instance_path: list[str | int]


class _Validator(Protocol):
    def is_valid(self, instance: JsonValue) -> bool: ...
    def iter_errors(self, instance: JsonValue) -> Iterator[_SchemaError]: ...


class Schemas:
    """Validators for the JSON bodies of one contract, of requests and of responses."""

    def __init__(self, contract: Contract) -> None:
        """Compile the schema of every JSON body.

        Raises:
            ContractError: a schema is not one.
        """
        self._contract = contract
        value = contract.document.value
        root = _modernised(value) if contract.openapi == "3.0" else value
        # What a server owns need not be sent, what only a sender knows need not come back (OpenAPI, Schema Object).
        self._requests = _Compiler(contract, _without_required(root, "readOnly"))
        self._responses = _Compiler(contract, _without_required(root, "writeOnly"))
        self._by_operation = {
            operation.id: self._requests.compile(join(operation.body, "schema"))
            for operation in contract.operations
            if operation.body is not None and _has_schema(contract, operation.body)
        }
        self._by_response: dict[str, _Validator] = {}
        for operation in contract.operations:
            self._compile_responses(operation)

    def judges(self, operation: Operation) -> bool:
        """Whether the operation has a request body that this oracle can judge."""
        return operation.id in self._by_operation

    def breakages(self, operation: Operation, body: JsonValue) -> list[Breakage] | None:
        """What the request body breaks; None when it cannot be judged (a lone surrogate, no schema)."""
        validator = self._by_operation.get(operation.id)
        return None if validator is None else self._errors(validator, body)

    def is_valid(self, operation: Operation, body: JsonValue) -> bool | None:
        """Whether the request body keeps every constraint; None when it cannot be judged."""
        validator = self._by_operation.get(operation.id)
        if validator is None or not is_portable(body):
            return None
        try:
            return validator.is_valid(body)
        except (ValueError, OverflowError):
            return None

    def response_breakages(self, media_type_pointer: str, body: JsonValue) -> list[Breakage] | None:
        """What a response body breaks; None when there is no schema or it cannot be judged."""
        validator = self._by_response.get(media_type_pointer)
        return None if validator is None else self._errors(validator, body)

    def _errors(self, validator: _Validator, body: JsonValue) -> list[Breakage] | None:
        if not is_portable(body):
            return None
        try:
            errors = list(validator.iter_errors(body))
        except (ValueError, OverflowError):  # a lone surrogate is a UnicodeEncodeError, which is a ValueError
            return None
        found = []
        for error in errors:
            pointer = join("", *error.schema_path)
            found.append(Breakage(self.rule_of(pointer), pointer, join("", *error.instance_path), error.message))
        return found

    def rule_of(self, pointer: str) -> str | None:
        """The title of the nearest schema at or above `pointer`."""
        while pointer:
            value = self._contract.document.at(pointer) if pointer in self._contract.document.marks else None
            if isinstance(value, dict) and isinstance(value.get("title"), str):
                return str(value["title"])
            pointer = pointer.rpartition("/")[0]
        return None

    def _compile_responses(self, operation: Operation) -> None:
        document = self._contract.document
        for status in operation.statuses:
            pointer, response = document.resolve(join(operation.pointer, "responses", status))
            content = response.get("content") if isinstance(response, dict) else None
            for media_type in content if isinstance(content, dict) else ():
                place = join(pointer, "content", media_type)
                if place not in self._by_response and _has_schema(self._contract, place):
                    self._by_response[place] = self._responses.compile(join(place, "schema"))


class _Compiler:
    """Compiles schemas in one view of the document, so that errors carry the document's own pointers."""

    def __init__(self, contract: Contract, root: JsonValue) -> None:
        self._contract = contract
        self._registry = jsonschema_rs.Registry([(_BASE, root)], draft=jsonschema_rs.Draft202012)

    def compile(self, pointer: str) -> _Validator:
        reference = f"{_BASE}#{quote(pointer, safe='/~')}"
        try:
            return jsonschema_rs.Draft202012Validator(
                {"$ref": reference}, registry=self._registry, validate_formats=True
            )
        except (jsonschema_rs.ReferencingError, ValueError) as error:
            place = join("", *getattr(error, "instance_path", ())) or pointer
            text = getattr(error, "message", None) or str(error)
            raise ContractError(
                f"{self._contract.locate(place)}: the schema cannot be used: {' '.join(text.split())}"
            ) from None


def _has_schema(contract: Contract, pointer: str) -> bool:
    value = contract.document.at(pointer)
    return isinstance(value, dict) and "schema" in value


def _without_required(value: JsonValue, mark: str) -> JsonValue:
    """The document with properties that carry `mark` no longer required; pointers unchanged."""
    if isinstance(value, list):
        return [_without_required(item, mark) for item in value]
    if not isinstance(value, dict):
        return value
    result = {key: _without_required(item, mark) for key, item in value.items()}
    properties, required = result.get("properties"), result.get("required")
    if isinstance(properties, dict) and isinstance(required, list):
        marked = {name for name, schema in properties.items() if isinstance(schema, dict) and schema.get(mark) is True}
        if marked:
            result["required"] = [name for name in required if name not in marked]
    return result


def _modernised(value: JsonValue) -> JsonValue:
    """An OpenAPI 3.0 document with its schemas said in JSON Schema 2020-12, every pointer unchanged."""
    if isinstance(value, list):
        return [_modernised(item) for item in value]
    if not isinstance(value, dict):
        return value
    result = {key: _modernised(item) for key, item in value.items()}
    if result.get("nullable") is True and isinstance(result.get("type"), str):
        result["type"] = [result["type"], "null"]
        enum = result.get("enum")
        if isinstance(enum, list) and None not in enum:
            result["enum"] = [*enum, None]
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(result.get(exclusive), bool) and result.pop(exclusive) and bound in result:
            result[exclusive] = result.pop(bound)
    return result
