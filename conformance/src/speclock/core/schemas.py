"""The oracle of values: is this request body what the contract allows, and if not, what does it break?

jsonschema-rs judges, formats included. Each error has the pointer of the keyword that failed, and of the value. A
schema of which no validator can be made is told once, with its place, and judges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast
from urllib.parse import quote

import jsonschema_rs

from speclock.core.contract import answer_bodies
from speclock.core.documents import JsonValue, join, split, value_at
from speclock.core.patterns import patterns, trouble, without_patterns
from speclock.core.values import is_portable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from speclock.core.contract import Contract, Operation
    from speclock.core.documents import Location

__all__ = ["Breakage", "ErrorKind", "SchemaError", "Schemas", "Unusable", "Validator", "changed"]

_BASE = "urn:speclock:contract"


@dataclass(frozen=True, slots=True)
class Breakage:
    """One constraint that a value breaks."""

    #: The keyword that failed; whose keyword that is, `speclock.core.constraints.oracle` says.
    pointer: str
    instance_pointer: str
    message: str
    #: Nobody fills it any more: `Oracle.broken` names what breaks. Goes when its last reader has gone.
    rule: str | None = None


class ErrorKind(Protocol):
    """Which keyword failed, and what it says of that."""

    name: str

    def as_dict(self) -> dict[str, object]: ...


class SchemaError(Protocol):
    """One error of jsonschema-rs."""

    message: str
    kind: ErrorKind
    evaluation_path: list[str | int]
    schema_path: list[str | int]
    instance_path: list[str | int]


class Validator(Protocol):
    """A compiled schema."""

    def is_valid(self, instance: JsonValue) -> bool: ...
    def iter_errors(self, instance: JsonValue) -> Iterator[SchemaError]: ...


@dataclass(frozen=True, slots=True)
class Unusable:
    """A schema of which no validator can be made, and why."""

    operation: str
    location: Location
    reason: str


class Schemas:
    """Validators for the JSON values of one contract, of requests and of responses; each is compiled on first use."""

    def __init__(self, contract: Contract) -> None:
        """Read the contract in the two views that its readers and its senders have."""
        self._contract = contract
        value: JsonValue = contract.document.value
        if contract.openapi == "3.0":
            value = _modernised(value)
        # A pattern that no validator takes would take its whole body with it; the analysis tells of each.
        unusable = frozenset(text for text in set(patterns(value)) if (trouble(text) or ("", True))[1] is False)
        self.lost_patterns = bool(unusable)
        if unusable:
            value = without_patterns(value, unusable)
        # What a server owns need not be sent, what only a sender knows need not come back (OpenAPI, Schema Object).
        self._root = _without_required(value, "readOnly", value)
        self._requests = _Compiler(contract, self._root)
        self._response_root = _without_required(value, "writeOnly", value)
        self._responses = _Compiler(contract, self._response_root)

    @property
    def response_root(self) -> JsonValue:
        """The document as readers of answers have it, in JSON Schema 2020-12; pointers as in the contract."""
        return self._response_root

    @property
    def root(self) -> JsonValue:
        """The document as senders of requests read it, in JSON Schema 2020-12; pointers as in the contract."""
        return self._root

    def unusable(self) -> tuple[Unusable, ...]:
        """The JSON bodies whose schemas no validator can be made of; compiles those that nobody asked for yet."""
        found: dict[str, Unusable] = {}
        for operation in self._contract.operations:
            compiled = [(self._requests, join(operation.body, "schema"))] if operation.body is not None else []
            bodies = answer_bodies(self._contract, operation)
            compiled += [(self._responses, join(place, "schema")) for _, _, place in bodies]
            for compiler, pointer in compiled:
                if compiler.get(pointer) is None and pointer in compiler.failures:
                    found.setdefault(pointer, Unusable(operation.id, *compiler.failures[pointer]))
        return tuple(found.values())

    def validator(self, pointer: str) -> Validator | None:
        """The validator of a schema of requests; None when there is none, or none can be made of it (`failure`)."""
        return self._requests.get(pointer)

    def failure(self, pointer: str) -> tuple[Location, str] | None:
        """Why there is no validator of a schema of requests: the place, and the reason."""
        return self._requests.failures.get(pointer) if self._requests.get(pointer) is None else None

    def alone(self, schema: JsonValue) -> Callable[[JsonValue], bool] | None:
        """Whether a value keeps a schema that is made of parts of the contract; None when it cannot be used."""
        return self._requests.alone(schema)

    def accepts(self, pointers: Sequence[str], value: JsonValue) -> bool:
        """Whether a value keeps the schemas of requests at all these pointers; unusable ones are left out."""
        try:
            return is_portable(value) and all(
                validator.is_valid(value) for pointer in pointers if (validator := self._requests.get(pointer))
            )
        except (ValueError, OverflowError):
            return False

    def requires_body(self, operation: Operation) -> bool:
        """Whether a request without a body is wrong, in whatever media type the body is."""
        _, body = self._contract.document.resolve(join(operation.pointer, "requestBody"))
        return isinstance(body, dict) and body.get("required") is True

    def judges(self, operation: Operation) -> bool:
        """Whether the operation has a request body that this oracle can judge."""
        return self._body(operation) is not None

    def breakages(self, operation: Operation, body: JsonValue) -> list[Breakage] | None:
        """What the request body breaks; None when it cannot be judged (a lone surrogate, no schema)."""
        validator = self._body(operation)
        return None if validator is None else _errors(validator, body)

    def is_valid(self, operation: Operation, body: JsonValue) -> bool | None:
        """Whether the request body keeps every constraint; None when it cannot be judged."""
        validator = self._body(operation)
        if validator is None or not is_portable(body):
            return None
        try:
            return validator.is_valid(body)
        except (ValueError, OverflowError):
            return None

    def response_breakages(self, media_type_pointer: str, body: JsonValue) -> list[Breakage] | None:
        """What a response body breaks; None when there is no schema or it cannot be judged."""
        validator = self._responses.get(join(media_type_pointer, "schema"))
        return None if validator is None else _errors(validator, body)

    def keeps(self, pointer: str, value: JsonValue) -> bool:
        """Whether a value of a response keeps the schema at `pointer`; one that cannot be judged by counts as kept."""
        validator = self._responses.get(pointer)
        try:
            return validator is None or not is_portable(value) or validator.is_valid(value)
        except (ValueError, OverflowError):
            return True

    def _body(self, operation: Operation) -> Validator | None:
        return None if operation.body is None else self._requests.get(join(operation.body, "schema"))


class _Compiler:
    """Compiles schemas in one view of the document, so that errors carry the document's own pointers."""

    def __init__(self, contract: Contract, root: JsonValue) -> None:
        self._contract, self._root = contract, root
        self._registry: jsonschema_rs.Registry | None = None
        self._compiled: dict[str, Validator | None] = {}
        self.failures: dict[str, tuple[Location, str]] = {}

    def get(self, pointer: str) -> Validator | None:
        if pointer not in self._compiled:
            self._compiled[pointer] = self._compile(pointer)
        return self._compiled[pointer]

    def alone(self, schema: JsonValue) -> Callable[[JsonValue], bool] | None:
        try:
            return self._made(_absolute(schema)).is_valid
        except (jsonschema_rs.ReferencingError, ValueError):
            return None

    def _made(self, schema: JsonValue) -> Validator:
        if self._registry is None:
            self._registry = jsonschema_rs.Registry([(_BASE, self._root)], draft=jsonschema_rs.Draft202012)
        return cast(
            "Validator",
            jsonschema_rs.Draft202012Validator(
                cast("dict[str, object]", schema), registry=self._registry, validate_formats=True
            ),
        )

    def _compile(self, pointer: str) -> Validator | None:
        if not _has(self._root, pointer):
            return None
        try:
            return self._made({"$ref": f"{_BASE}#{quote(pointer, safe='/~')}"})
        except (jsonschema_rs.ReferencingError, ValueError) as error:
            place = join("", *getattr(error, "instance_path", ())) or self._loose_end(pointer) or pointer
            text = getattr(error, "message", None) or str(error)
            reason = f"the schema cannot be used: {' '.join(text.split())}"
            self.failures[pointer] = (self._contract.locate(place), reason)
            return None

    def _loose_end(self, pointer: str) -> str | None:
        """The pointer of the first reference in or behind the schema at `pointer` that leads nowhere."""
        seen: set[str] = set()
        stack = [pointer]
        while stack:
            here = stack.pop()
            if here in seen:
                continue
            seen.add(here)
            value = value_at(self._root, here)
            keys = list(value) if isinstance(value, dict) else []
            keys = [str(index) for index in range(len(value))] if isinstance(value, list) else keys
            stack += [join(here, key) for key in reversed(keys)]
            reference = value.get("$ref") if isinstance(value, dict) else None
            if isinstance(reference, str):
                target = join("", *split(reference[1:]))
                if not reference.startswith("#") or not _has(self._root, target):
                    return join(here, "$ref")
                stack.append(target)
        return None


def _absolute(schema: JsonValue) -> JsonValue:
    if isinstance(schema, list):
        return [_absolute(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: f"{_BASE}{value}"
        if key == "$ref" and isinstance(value, str) and value.startswith("#")
        else _absolute(value)
        for key, value in schema.items()
    }


def _errors(validator: Validator, body: JsonValue) -> list[Breakage] | None:
    if not is_portable(body):
        return None
    try:
        errors = list(validator.iter_errors(body))
    except (ValueError, OverflowError):  # a lone surrogate is a UnicodeEncodeError, which is a ValueError
        return None
    return [Breakage(join("", *error.schema_path), join("", *error.instance_path), error.message) for error in errors]


def _has(root: JsonValue, pointer: str) -> bool:
    try:
        value_at(root, pointer)
    except KeyError:
        return False
    return True


def _without_required(value: JsonValue, mark: str, root: JsonValue) -> JsonValue:
    """The document with properties that carry `mark` no longer required; pointers unchanged, the rest shared."""
    value = changed(value, lambda item: _without_required(item, mark, root))
    if not isinstance(value, dict):
        return value
    properties, required = value.get("properties"), value.get("required")
    if isinstance(properties, dict) and isinstance(required, list):
        marked = {name for name, schema in properties.items() if _is_marked(schema, mark, root)}
        if marked:
            return {**value, "required": [name for name in required if name not in marked]}
    return value


def _is_marked(schema: JsonValue, mark: str, root: JsonValue) -> bool:
    """Whether a schema carries `mark`, itself or where its references lead."""
    seen: set[str] = set()
    while isinstance(schema, dict):
        if schema.get(mark) is True:
            return True
        reference = schema.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#") or reference in seen:
            return False
        seen.add(reference)
        pointer = join("", *split(reference[1:]))
        schema = value_at(root, pointer) if _has(root, pointer) else None
    return False


def changed(value: JsonValue, change: Callable[[JsonValue], JsonValue]) -> JsonValue:
    """`value` with its members changed; itself when none is."""
    if isinstance(value, list):
        items = [change(item) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    if isinstance(value, dict):
        members = {key: change(item) for key, item in value.items()}
        return members if any(members[key] is not item for key, item in value.items()) else value
    return value


def _modernised(value: JsonValue) -> JsonValue:
    """An OpenAPI 3.0 document with its schemas said in JSON Schema 2020-12, every pointer unchanged."""
    if isinstance(value, dict) and isinstance(value.get("$ref"), str):
        return {"$ref": value["$ref"]}  # siblings are ignored (OpenAPI 3.0.3, Reference Object)
    value = changed(value, _modernised)
    if not isinstance(value, dict):
        return value
    if value.get("nullable") is True:
        value = _with_null(value)
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(value.get(exclusive), bool):
            rest = {key: item for key, item in value.items() if key != exclusive}
            if value[exclusive] and bound in rest:
                rest[exclusive] = rest.pop(bound)
            value = rest
    return value


def _with_null(schema: dict[str, JsonValue]) -> dict[str, JsonValue]:
    schema = dict(schema)
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
    enum = schema.get("enum")
    if isinstance(enum, list) and None not in enum:
        schema["enum"] = [*enum, None]
    if "type" not in schema:  # strictly without meaning there, and what tools write for "or null" all the same
        for key in ("oneOf", "anyOf"):
            listed = schema.get(key)
            if isinstance(listed, list) and {"type": "null"} not in listed:
                schema[key] = [*listed, {"type": "null"}]
    return schema
