"""openapi.yaml as the tests read it: its operations, its schemas, and which constraints a value breaks.

Two validators judge every value, jsonschema-rs (fast) and jsonschema (the slow second opinion), both with format
checks. What they report is brought into one form: the name of the broken rule where the constraint belongs to one (the
nearest ancestor with a `title`), and else where the constraint stands.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import yaml

__all__ = [
    "CONTRACT",
    "ROOT",
    "VALIDATORS",
    "Operation",
    "broken_by_jsonschema",
    "broken_by_jsonschema_rs",
    "broken_constraints",
    "document",
    "operation",
    "operations",
    "properties",
    "properties_of",
    "resolve",
]

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = ROOT / "openapi.yaml"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the contract."""

    id: str
    method: str
    path: str
    item: Mapping[str, Any]

    @property
    def request(self) -> Mapping[str, Any]:
        """The JSON media type of the request body, with its schema and its examples."""
        content: Mapping[str, Any] = self.item["requestBody"]["content"]["application/json"]
        return content

    @property
    def responses(self) -> dict[str, Mapping[str, Any]]:
        """The documented responses by status, references followed."""
        return {status: resolve(response) for status, response in self.item["responses"].items()}

    @property
    def success(self) -> Mapping[str, Any]:
        """The documented 2xx response."""
        (found,) = [response for status, response in self.responses.items() if status.startswith("2")]
        return found

    @property
    def answer(self) -> Mapping[str, Any]:
        """The JSON media type of the documented 2xx response."""
        content: Mapping[str, Any] = self.success["content"]["application/json"]
        return content

    @property
    def rules(self) -> list[Mapping[str, Any]]:
        """The response rules."""
        return list(self.item["x-contract-rules"])


@cache
def document() -> dict[str, Any]:
    """The contract, parsed."""
    parsed: dict[str, Any] = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))
    return parsed


@cache
def operations() -> tuple[Operation, ...]:
    """Every operation, in document order."""
    return tuple(
        Operation(id=item["operationId"], method=method, path=path, item=item)
        for path, items in document()["paths"].items()
        for method, item in items.items()
    )


def operation(name: str) -> Operation:
    """The operation with this operationId."""
    (found,) = [candidate for candidate in operations() if candidate.id == name]
    return found


def resolve(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow `$ref` within the document until there is none."""
    while "$ref" in node:
        target: Any = document()
        for token in node["$ref"].removeprefix("#/").split("/"):
            target = target[token]
        node = target
    return node


def properties() -> list[tuple[str, Mapping[str, Any]]]:
    """Every property of every component schema, as (Component.property, schema)."""
    return [
        (f"{component}.{name}", property_schema)
        for component, schema in document()["components"]["schemas"].items()
        for name, property_schema in schema.get("properties", {}).items()
    ]


def properties_of(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties that a schema, or what it refers to, documents."""
    found: Mapping[str, Any] = resolve(schema).get("properties", {})
    return found


def broken_constraints(schema: Mapping[str, Any], value: object) -> list[str]:
    """What `value` breaks in `schema`, agreed on by both validators."""
    fast, slow = broken_by_jsonschema_rs(schema, value), broken_by_jsonschema(schema, value)
    assert fast == slow, f"jsonschema-rs says {fast}, jsonschema says {slow}, of {value!r}"
    return fast


def broken_by_jsonschema_rs(schema: Mapping[str, Any], value: object) -> list[str]:
    """What `value` breaks in `schema` by jsonschema-rs, format checks on."""
    root = _standalone(schema)
    errors = jsonschema_rs.Draft202012Validator(root, validate_formats=True).iter_errors(value)
    return sorted(_name(root, error.schema_path, error.instance_path) for error in errors)


def broken_by_jsonschema(schema: Mapping[str, Any], value: object) -> list[str]:
    """What `value` breaks in `schema` by jsonschema, format checks on."""
    root = _standalone(schema)
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    errors = jsonschema.Draft202012Validator(root, format_checker=checker).iter_errors(value)
    return sorted(_name(root, error.absolute_schema_path, error.absolute_path) for error in errors)


VALIDATORS = {"jsonschema-rs": broken_by_jsonschema_rs, "jsonschema": broken_by_jsonschema}


def _standalone(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with the components that it may refer to."""
    return {"$schema": _DIALECT, "components": document()["components"], **schema}


def _name(root: Mapping[str, Any], schema_path: Iterable[str | int], instance_path: Iterable[str | int]) -> str:
    """The broken rule's name or, outside of rules, the wrong place in the value and the broken keyword."""
    node: Any = root
    title: str | None = None
    token: str | int = ""
    for token in schema_path:
        if isinstance(node, Mapping) and token not in node:
            node = resolve(node)  # jsonschema leaves the step through `$ref` out, jsonschema-rs starts anew there
        node = node[token]
        title = node.get("title", title) if isinstance(node, Mapping) else title
    return title or f"{''.join(f'/{step}' for step in instance_path)} {token}"
