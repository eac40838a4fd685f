"""The seven dependency patterns: a rule of each, its predicate in Python, and every way that we write it in a document.

The predicate is what the servers go by, the encodings are what the tools read: two readings of one rule, so that a
mistake in either shows. All documents share the same plain properties, any of which may mask a broken rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["COMMON", "KINDS", "PATTERNS", "Body", "Encoding", "Json", "Pattern", "document"]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Body: TypeAlias = Mapping[str, Json]
Predicate: TypeAlias = Callable[[Body], bool]

KINDS = ("draft", "final", "archived")
#: What every document has beside its rule. Only `name` must be there.
COMMON: dict[str, Json] = {
    "name": {"type": "string", "minLength": 1, "maxLength": 40},
    "kind": {"type": "string", "enum": list(KINDS)},
    "priority": {"type": "integer", "minimum": 1, "maximum": 9},
    "note": {"type": ["string", "null"], "maxLength": 80},
}
TEXT: Json = {"type": "string", "minLength": 1, "maxLength": 40}
SIZE: Json = {"type": "integer", "minimum": 1, "maximum": 4}


@dataclass(frozen=True, slots=True)
class Encoding:
    """One way to write a rule."""

    name: str
    keywords: dict[str, Json]
    """JSON Schema, laid beside the properties of the body."""
    cel: str | None = None
    """Where JSON Schema does not say the rule: what `x-contract-rules` says."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A rule over a few properties."""

    name: str
    words: str
    properties: dict[str, Json]
    keeps: Predicate
    overdone: Predicate
    """The legal bodies that a server refuses when it takes the rule too strictly."""
    encodings: tuple[Encoding, ...]


def document(pattern: Pattern, encoding: Encoding, *, more: Mapping[str, Json] | None = None) -> dict[str, Json]:
    """The OpenAPI 3.1 document of a server that keeps one rule; `more` paths stand beside its one."""
    answer: Json = {"$ref": "#/components/schemas/Document"}
    body: dict[str, Json] = {
        "type": "object",
        "description": f"Rule: {pattern.words}.",
        "required": ["name"],
        "properties": {**COMMON, **pattern.properties},
        "additionalProperties": False,
        **encoding.keywords,
    }
    create: dict[str, Json] = {
        "operationId": "createDocument",
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "201": {
                "description": "Made.",
                "content": {"application/json": {"schema": answer}},
                "links": {
                    name: {"operationId": name, "parameters": {"id": "$response.body#/id"}}
                    for name in ("getDocument", "deleteDocument")
                }
                if more
                else {},
            },
            **{status: _problem(words) for status, words in REFUSALS.items()},
        },
    }
    if encoding.cel is not None:
        create["x-contract-rules"] = [{"id": "the-rule", "description": pattern.words, "rule": encoding.cel}]
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{pattern.name}, {encoding.name}", "version": "1"},
        "paths": {"/documents": {"post": create}, **(more or {})},
        "components": {
            "schemas": {
                "Document": {
                    "type": "object",
                    "required": ["id", "name"],
                    "properties": {"id": {"type": "string", "minLength": 1}, **COMMON, **pattern.properties},
                    "additionalProperties": False,
                },
                "Problem": {
                    "type": "object",
                    "required": ["message"],
                    "properties": {"message": {"type": "string", "minLength": 1}},
                },
            }
        },
    }


REFUSALS = {"400": "Not JSON.", "415": "Another media type.", "422": "Against the contract."}


def _problem(words: str) -> Json:
    return {
        "description": words,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _has(*names: str) -> dict[str, Json]:
    return {"required": list(names)}


def _cases(name: str, other: str) -> list[Json]:
    """`name` at most `other`, value by value: the only way in which JSON Schema can say it."""
    values: list[Json] = [{"properties": {name: {"const": value}, other: {"minimum": value}}} for value in range(1, 5)]
    return [{"not": _has(name)}, {"not": _has(other)}, *values]


_URGENT_TEXT: dict[str, Json] = {
    "required": ["urgent", "channel"],
    "properties": {"urgent": {"const": True}, "channel": {"const": "post"}},
}

PATTERNS = (
    Pattern(
        name="Requires",
        words="a discount needs a coupon",
        properties={"discount": {"type": "integer", "minimum": 0, "maximum": 100}, "coupon": TEXT},
        keeps=lambda body: "discount" not in body or "coupon" in body,
        overdone=lambda body: "coupon" in body and "discount" not in body,
        encodings=(
            Encoding("dependentRequired", {"dependentRequired": {"discount": ["coupon"]}}),
            Encoding("dependentSchemas", {"dependentSchemas": {"discount": _has("coupon")}}),
            Encoding("if-then", {"if": _has("discount"), "then": _has("coupon")}),
            Encoding("anyOf", {"anyOf": [{"not": _has("discount")}, _has("coupon")]}),
            Encoding("not", {"not": {"allOf": [_has("discount"), {"not": _has("coupon")}]}}),
        ),
    ),
    Pattern(
        name="Or",
        words="an email or a phone must be there",
        properties={"email": TEXT, "phone": TEXT},
        keeps=lambda body: "email" in body or "phone" in body,
        overdone=lambda body: "email" in body and "phone" in body,
        encodings=(
            Encoding("anyOf", {"anyOf": [_has("email"), _has("phone")]}),
            Encoding("if-then", {"if": {"not": _has("email")}, "then": _has("phone")}),
            Encoding("not", {"not": {"allOf": [{"not": _has("email")}, {"not": _has("phone")}]}}),
        ),
    ),
    Pattern(
        name="OnlyOne",
        words="exactly one of text and file must be there",
        properties={"text": TEXT, "file": TEXT},
        keeps=lambda body: ("text" in body) != ("file" in body),
        overdone=lambda body: "file" in body and "text" not in body,
        encodings=(
            Encoding("oneOf", {"oneOf": [_has("text"), _has("file")]}),
            Encoding("if-then-else", {"if": _has("text"), "then": {"not": _has("file")}, "else": _has("file")}),
            Encoding("anyOf-not", {"anyOf": [_has("text"), _has("file")], "not": _has("text", "file")}),
        ),
    ),
    Pattern(
        name="AllOrNone",
        words="width and height go together",
        properties={"width": SIZE, "height": SIZE},
        keeps=lambda body: ("width" in body) == ("height" in body),
        overdone=lambda body: "width" not in body and "height" not in body,
        encodings=(
            Encoding("dependentRequired", {"dependentRequired": {"width": ["height"], "height": ["width"]}}),
            Encoding("if-then-else", {"if": _has("width"), "then": _has("height"), "else": {"not": _has("height")}}),
            Encoding(
                "oneOf", {"oneOf": [_has("width", "height"), {"not": {"anyOf": [_has("width"), _has("height")]}}]}
            ),
        ),
    ),
    Pattern(
        name="ZeroOrOne",
        words="projectId and teamId may not be there both",
        properties={"projectId": TEXT, "teamId": TEXT},
        keeps=lambda body: not ("projectId" in body and "teamId" in body),
        overdone=lambda body: "projectId" not in body and "teamId" not in body,
        encodings=(
            Encoding("not", {"not": _has("projectId", "teamId")}),
            Encoding("if-then", {"if": _has("projectId"), "then": {"properties": {"teamId": False}}}),
            Encoding("dependentSchemas", {"dependentSchemas": {"projectId": {"not": _has("teamId")}}}),
            Encoding("anyOf", {"anyOf": [{"not": _has("projectId")}, {"not": _has("teamId")}]}),
        ),
    ),
    Pattern(
        name="Arithmetic/Relational",
        words="first may not be above last",
        properties={"first": SIZE, "last": SIZE},
        keeps=lambda body: "first" not in body or "last" not in body or _number(body, "first") <= _number(body, "last"),
        overdone=lambda body: "first" in body and body.get("first") == body.get("last"),
        encodings=(
            Encoding(
                "x-contract-rules",
                {},
                cel="!has(request.body.first) || !has(request.body.last) || request.body.first <= request.body.last",
            ),
            Encoding("anyOf-values", {"anyOf": _cases("first", "last")}),
        ),
    ),
    Pattern(
        name="Complex",
        words="what is urgent and sent by post needs a reviewer",
        properties={
            "urgent": {"type": "boolean"},
            "channel": {"type": "string", "enum": ["post", "mail", "fax"]},
            "reviewer": TEXT,
        },
        keeps=lambda body: not (body.get("urgent") is True and body.get("channel") == "post") or "reviewer" in body,
        overdone=lambda body: body.get("urgent") is True and body.get("channel") == "mail" and "reviewer" not in body,
        encodings=(
            Encoding("if-then", {"if": _URGENT_TEXT, "then": _has("reviewer")}),
            Encoding("not", {"not": {"allOf": [_URGENT_TEXT, {"not": _has("reviewer")}]}}),
            Encoding("anyOf", {"anyOf": [{"not": _URGENT_TEXT}, _has("reviewer")]}),
        ),
    ),
)


def _number(body: Body, name: str) -> float:
    value = body[name]
    assert isinstance(value, int | float)
    return value
