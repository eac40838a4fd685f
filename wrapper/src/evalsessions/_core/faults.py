"""What a JSON value breaks of a schema, in words: where, what was expected, what is there instead.

A fault of a named rule (the nearest schema around it with a `title`) says what the contract says of the rule; any other
is told from the schema. No more of a value is shown than it takes to recognise it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from evalsessions._values.json_values import pointer_to, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jsonschema_rs import Draft202012Validator, ValidationError

    from evalsessions._values.json_values import JsonObject, JsonValue

__all__ = ["Fault", "expected", "faults_of", "joined"]

# As many faults as the server tells before it only counts the rest.
_TOLD = 5
_KINDS = {
    "string": "a text",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "an array",
    "null": "null",
}

# What limits a value of a kind, in words.
_LIMITS_OF = {
    "minLength": (("string",), "of at least {} characters"),
    "maxLength": (("string",), "of at most {} characters"),
    "pattern": (("string",), "that matches {}"),
    "format": (("string",), "of the format {}"),
    "minimum": (("integer", "number"), "of at least {}"),
    "exclusiveMinimum": (("integer", "number"), "above {}"),
    "maximum": (("integer", "number"), "of at most {}"),
    "exclusiveMaximum": (("integer", "number"), "below {}"),
    "multipleOf": (("integer", "number"), "that is a multiple of {}"),
    "minItems": (("array",), "of at least {} items"),
    "maxItems": (("array",), "of at most {} items"),
    "uniqueItems": (("array",), "without repetition"),
    "minProperties": (("object",), "of at least {} properties"),
    "maxProperties": (("object",), "of at most {} properties"),
}
_LIMITS = _LIMITS_OF.keys()

Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where, in words, and the rule that it breaks if one has a name."""

    pointer: str
    text: str
    rule: str | None

    def __str__(self) -> str:
        return f"{self.pointer}: {self.text}" if self.pointer else self.text


def faults_of(value: JsonValue, validator: Draft202012Validator, root: Schema) -> list[Fault]:
    """Return all faults of a value, those of single values before those of rules, which keep the contract's order.

    Rules are judged where single values are sound, as the server judges them.
    """
    found = [_fault(error, root) for error in validator.iter_errors(value)]
    order = {rule: number for number, rule in enumerate(_rules(root, root, set()))}
    single = [fault for fault in found if fault.rule is None]
    return single or sorted(found, key=lambda fault: order[str(fault.rule)])


def _fault(error: ValidationError, root: Schema) -> Fault:
    around = _schemas(root, error.schema_path)
    schema, keyword, at = around[-1], error.schema_path[-1], [*error.instance_path]
    title = next((entry for entry in reversed(around) if isinstance(entry.get("title"), str)), None)
    if title is not None:
        return Fault(pointer_to([*at, *_to_remove(title)]), title["description"], title["title"])
    if keyword == "required":
        missing = next(name for name in schema["required"] if name not in cast("JsonObject", error.instance))
        kind = expected(schema.get("properties", {}).get(missing, {}), root)
        return Fault(pointer_to([*at, missing]), f"required: expected {kind}, got nothing", None)
    return Fault(pointer_to(at), f"expected {expected(schema, root)}, got {shown(error.instance)}", None)


def _schemas(root: Schema, path: Sequence[str | int]) -> list[Schema]:
    """The objects that a path to a keyword leads through."""
    found: Any = root
    around = [root]
    for step in path[:-1]:
        inner: Any = found[step]
        found = inner
        if isinstance(inner, dict):
            around.append(cast("Schema", inner))
    return around


def _to_remove(rule: Schema) -> Sequence[str]:
    """The property that a broken rule asks to remove: the last of a combination that it forbids."""
    forbidden = rule.get("not")
    return cast("Schema", forbidden).get("required", [])[-1:] if isinstance(forbidden, dict) else []


def _rules(schema: object, root: Schema, seen: set[str]) -> list[str]:
    """The names of the rules that a schema has, by itself or by reference, in the document's order."""
    if isinstance(schema, list):
        return [rule for item in cast("list[object]", schema) for rule in _rules(item, root, seen)]
    if not isinstance(schema, dict):
        return []
    members = cast("Schema", schema)
    found = [title] if isinstance(title := members.get("title"), str) else []
    reference = members.get("$ref")
    if isinstance(reference, str) and reference not in seen:
        seen.add(reference)
        found += _rules(_referred(reference, root), root, seen)
    for key in sorted(members.keys() - {"components"}, key=lambda name: name != "allOf"):
        found += _rules(members[key], root, seen)
    return found


def _referred(reference: str, root: Schema) -> Schema:
    found: Any = root
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return cast("Schema", found)


def expected(schema: Schema, root: Schema) -> str:
    """Return what a schema asks of one value, in words."""
    choices = list(dict.fromkeys(_choices(schema, root))) or ["another value"]
    return " or ".join([", ".join(choices[:-1]), choices[-1]] if len(choices) > 1 else choices)


def _choices(schema: Schema, root: Schema) -> list[str]:
    if "$ref" in schema:
        return _choices(_referred(schema["$ref"], root), root)
    for key in ("oneOf", "anyOf"):
        if key in schema:
            return [choice for branch in schema[key] for choice in _choices(branch, root)]
    if "enum" in schema:
        return [str(value) for value in schema["enum"]]
    kinds = schema.get("type", [])
    kinds = cast("list[str]", kinds if isinstance(kinds, list) else [kinds])
    return [_kind(kind, schema) for kind in kinds]


def _kind(kind: str, schema: Schema) -> str:
    if kind == "string" and schema.get("format") == "uuid":
        return "a UUID of version 4" if "-4[" in schema.get("pattern", "") else "a UUID"
    if kind == "string" and schema.get("format") == "date-time":
        return "a time of RFC 3339"
    if kind == "string" and schema.get("minLength") == 1 and schema.keys() & _LIMITS == {"minLength"}:
        return "a non-empty text"
    limits = [said.format(schema[key]) for key, (kinds, said) in _LIMITS_OF.items() if key in schema and kind in kinds]
    return _KINDS.get(kind, kind) + (f" {' and '.join(limits)}" if limits else "")


def joined(faults: Sequence[Fault]) -> str:
    """Return the faults in one line."""
    told = "; ".join(str(fault) for fault in faults[:_TOLD])
    return told if len(faults) <= _TOLD else f"{told}; and {len(faults) - _TOLD} more"
