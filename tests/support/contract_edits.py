"""A small contract and single edits of it, each with what it does to senders and to readers, in both directions.

The verdicts were written down by hand from the definitions of `docs/guides/contract-changes.md`, before any tool was
asked. `B` breaking, `C` compatible, `-` no change of meaning.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BASE", "EDITS", "Edit", "base"]

BASE = """
openapi: 3.1.0
info: {title: Library, version: 1.0.0}
servers: [{url: https://library.example}]
security: [{key: []}]
paths:
  /books:
    get:
      operationId: listBooks
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100, default: 20}}
        - {name: sort, in: query, schema: {type: string, enum: [title, year]}}
        - {name: tag, in: query, schema: {type: array, items: {type: string, minLength: 1}}}
        - {name: X-Trace, in: header, schema: {type: string, minLength: 1}}
        - {name: shelf, in: query, required: true, schema: {type: string, minLength: 1}}
      responses:
        '200':
          description: The books.
          headers:
            X-Total: {required: true, schema: {type: integer}}
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Book'}}
        '400': {$ref: '#/components/responses/Refused'}
    post:
      operationId: addBook
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/NewBook'}
      responses:
        '201':
          description: Added.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Book'}
        '400': {$ref: '#/components/responses/Refused'}
      x-contract-rules:
        - id: title-comes-back
          description: The title is the one that was sent.
          rule: response.body.title == request.body.title
  /books/{bookId}:
    get:
      operationId: readBook
      parameters: [{name: bookId, in: path, required: true, schema: {type: string, minLength: 1}}]
      responses:
        '200':
          description: The book.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Book'}
        '404': {$ref: '#/components/responses/Refused'}
    delete:
      operationId: dropBook
      parameters: [{name: bookId, in: path, required: true, schema: {type: string, minLength: 1}}]
      responses:
        '204': {description: Gone.}
        '404': {$ref: '#/components/responses/Refused'}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key}
    token: {type: http, scheme: bearer}
  responses:
    Refused:
      description: Refused.
      content:
        application/json:
          schema: {type: object, required: [message], properties: {message: {type: string}}}
  schemas:
    Person:
      type: object
      required: [name]
      properties:
        name: {type: string, minLength: 1}
        born: {type: integer}
    NewBook:
      type: object
      required: [title]
      properties:
        title: {type: string, minLength: 1, maxLength: 200}
        year: {type: integer, minimum: 0, maximum: 2100}
        price: {type: number, exclusiveMinimum: 0}
        isbn: {type: string, pattern: '^[0-9]{13}$'}
        form: {type: string, enum: [paper, ebook, audio]}
        tags: {type: array, maxItems: 5, items: {type: string, minLength: 1}}
        author: {$ref: '#/components/schemas/Person'}
        subtitle: {type: [string, 'null']}
        contact: {type: string, format: email}
        lent: {type: boolean, default: false}
        reader: {type: string, minLength: 1}
        due: {type: string, format: date}
      allOf:
        - title: lent-needs-reader
          description: A book that is lent has a reader.
          if: {required: [lent], properties: {lent: {const: true}}}
          then: {required: [reader]}
    Book:
      type: object
      required: [id, title, state, tags]
      properties:
        id: {type: string, minLength: 1}
        title: {type: string}
        state: {type: string, enum: [here, lent]}
        year: {type: integer}
        pages: {type: integer, minimum: 1}
        note: {type: [string, 'null']}
        tags: {type: array, items: {type: string}}
        author: {$ref: '#/components/schemas/Person'}
        form:
          oneOf: [{$ref: '#/components/schemas/Paper'}, {$ref: '#/components/schemas/Ebook'}]
    Paper:
      type: object
      required: [kind, weight]
      properties: {kind: {const: paper}, weight: {type: number}}
    Ebook:
      type: object
      required: [kind, size]
      properties: {kind: {const: ebook}, size: {type: integer}}
    Audio:
      type: object
      required: [kind, minutes]
      properties: {kind: {const: audio}, minutes: {type: integer}}
"""


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of the contract."""

    name: str
    apply: Callable[[Any], object]
    #: What it does to senders and readers, and what taking it back does.
    forward: tuple[str, str]
    backward: tuple[str, str]
    #: What it begins with, where the base is not the contract itself.
    before: Callable[[Any], object] | None = None

    def documents(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The contract before and after."""
        old = base()
        if self.before is not None:
            self.before(old)
        new = copy.deepcopy(old)
        self.apply(new)
        return old, new


def base() -> dict[str, Any]:
    """The contract."""
    document: dict[str, Any] = yaml.safe_load(BASE)
    return document


def _new(document: Any) -> Any:
    return document["components"]["schemas"]["NewBook"]


def _book(document: Any) -> Any:
    return document["components"]["schemas"]["Book"]


def _list(document: Any) -> Any:
    return document["paths"]["/books"]["get"]


def _add(document: Any) -> Any:
    return document["paths"]["/books"]["post"]


def _read(document: Any) -> Any:
    return document["paths"]["/books/{bookId}"]["get"]


def _sent(name: str, **keywords: Any) -> Callable[[Any], None]:
    """Give a property of the request these keywords; None takes one away."""
    return lambda document: _change(_new(document)["properties"].setdefault(name, {}), keywords)


def _came(name: str, **keywords: Any) -> Callable[[Any], None]:
    """Give a property of the answer these keywords."""
    return lambda document: _change(_book(document)["properties"].setdefault(name, {}), keywords)


def _parameter(name: str, **keywords: Any) -> Callable[[Any], None]:
    """Give the schema of a parameter these keywords."""
    return lambda document: _change(_named(document, name)["schema"], keywords)


def _named(document: Any, name: str) -> Any:
    return next(item for item in _list(document)["parameters"] if item["name"] == name)


def _change(schema: dict[str, Any], keywords: dict[str, Any]) -> None:
    for keyword, value in keywords.items():
        if value is None:
            schema.pop(keyword, None)
        else:
            schema[keyword] = value


def _do(*steps: Callable[[Any], object]) -> Callable[[Any], None]:
    def apply(document: Any) -> None:
        for step in steps:
            step(document)

    return apply


def _component_of_person(document: Any) -> None:
    """The schema of an author in place, and not by reference."""
    person = document["components"]["schemas"]["Person"]
    _new(document)["properties"]["author"] = copy.deepcopy(person)


def _renamed_component(document: Any) -> None:
    schemas = document["components"]["schemas"]
    schemas["Human"] = schemas.pop("Person")
    for holder in (_new(document), _book(document)):
        holder["properties"]["author"] = {"$ref": "#/components/schemas/Human"}


def _flattened(document: Any) -> None:
    """The properties of a new book in two parts, under `allOf`."""
    new = _new(document)
    listed = list(new["properties"].items())
    new["allOf"].append({"type": "object", "properties": dict(listed[6:])})
    new["properties"] = dict(listed[:6])


def _rule(document: Any, rule: dict[str, Any]) -> None:
    _new(document)["allOf"][0] = {
        "title": "lent-needs-reader",
        "description": "A book that is lent has a reader.",
        **rule,
    }


def _reversed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _reversed(value[key]) for key in reversed(list(value))}
    return [_reversed(item) for item in value] if isinstance(value, list) else value


def _reordered(document: Any) -> None:
    turned = _reversed(document)
    document.clear()
    document.update(turned)
    for schema in document["components"]["schemas"].values():
        schema["required"].reverse()
    _list(document)["parameters"].reverse()
    _new(document)["properties"]["form"]["enum"].reverse()


_LENT = {"required": ["lent"], "properties": {"lent": {"const": True}}}
_OTHER_RULE = "response.body.title != request.body.title"

#: Name, edit, what it does to (senders, readers), what taking it back does.
EDITS = (
    # Same meaning, other words
    Edit("everything in another order", _reordered, ("-", "-"), ("-", "-")),
    Edit("a component under another name", _renamed_component, ("-", "-"), ("-", "-")),
    Edit("a reference written out", _component_of_person, ("-", "-"), ("-", "-")),
    Edit("properties in two parts under allOf", _flattened, ("-", "-"), ("-", "-")),
    Edit(
        "const for an enum of one",
        _came("state", enum=["here"]),
        ("-", "-"),
        ("-", "-"),
        before=_came("state", enum=None, const="here"),
    ),
    Edit(
        "a union with null for a list of types",
        _sent("subtitle", type=None, anyOf=[{"type": "string"}, {"type": "null"}]),
        ("-", "-"),
        ("-", "-"),
    ),
    Edit(
        "oneOf with null for a list of types",
        _came("note", type=None, oneOf=[{"type": "null"}, {"type": "string"}]),
        ("-", "-"),
        ("-", "-"),
    ),
    Edit("another description", lambda d: _list(d).update(description="All of them."), ("-", "-"), ("-", "-")),
    Edit("an example", _sent("title", examples=["Emma"]), ("-", "-"), ("-", "-")),
    Edit(
        "a path parameter under another name",
        lambda d: d["paths"].update({"/books/{id}": _with_name(d["paths"].pop("/books/{bookId}"), "id")}),
        ("-", "-"),
        ("-", "-"),
    ),
    Edit(
        "a bound that says the same of whole numbers",
        _sent("year", minimum=None, exclusiveMinimum=-1),
        ("-", "-"),
        ("-", "-"),
    ),
    Edit(
        "a rule as not", lambda d: _rule(d, {"not": {**_LENT, "not": {"required": ["reader"]}}}), ("-", "-"), ("-", "-")
    ),
    Edit(
        "a rule as anyOf",
        lambda d: _rule(d, {"anyOf": [{"not": _LENT}, {"required": ["reader"]}]}),
        ("-", "-"),
        ("-", "-"),
    ),
    Edit(
        "a response by reference written out",
        lambda d: _add(d)["responses"].update({"400": copy.deepcopy(d["components"]["responses"]["Refused"])}),
        ("-", "-"),
        ("-", "-"),
    ),
    Edit(
        "security at the operation as at the top",
        lambda d: _add(d).update(security=[{"key": []}]),
        ("-", "-"),
        ("-", "-"),
    ),
    Edit(
        "a scheme under another name",
        lambda d: (
            d["components"]["securitySchemes"].update(secret=d["components"]["securitySchemes"].pop("key")),
            d.update(security=[{"secret": []}]),
        ),
        ("-", "-"),
        ("-", "-"),
    ),
    # Properties and parameters of requests
    Edit("an optional property is new", _sent("shelf", type="string"), ("C", "-"), ("C", "-")),
    Edit(
        "a required property is new",
        _do(_sent("shelf", type="string"), lambda d: _new(d)["required"].append("shelf")),
        ("B", "-"),
        ("C", "-"),
    ),
    Edit("a property must be there", lambda d: _new(d)["required"].append("year"), ("B", "-"), ("C", "-")),
    Edit(
        "undocumented properties are refused",
        lambda d: _new(d).update(additionalProperties=False),
        ("B", "-"),
        ("C", "-"),
    ),
    Edit(
        "a map's members are texts alone",
        lambda d: _new(d)["properties"]["more"].update(additionalProperties={"type": "string"}),
        ("B", "-"),
        ("C", "-"),
        before=_sent("more", type="object", additionalProperties={"type": ["string", "number"]}),
    ),
    Edit(
        "an optional parameter is new",
        lambda d: _list(d)["parameters"].append({"name": "page", "in": "query", "schema": {"type": "integer"}}),
        ("C", "-"),
        ("C", "-"),
    ),
    Edit(
        "a required parameter is new",
        lambda d: _list(d)["parameters"].append(
            {"name": "page", "in": "query", "required": True, "schema": {"type": "integer"}}
        ),
        ("B", "-"),
        ("C", "-"),
    ),
    Edit("a parameter must be there", lambda d: _named(d, "sort").update(required=True), ("B", "-"), ("C", "-")),
    Edit(
        "a required header is new",
        lambda d: _list(d)["parameters"].append(
            {"name": "X-Tenant", "in": "header", "required": True, "schema": {"type": "string"}}
        ),
        ("B", "-"),
        ("C", "-"),
    ),
    Edit(
        "a required parameter moves to a header",
        lambda d: _named(d, "shelf").update({"in": "header"}),
        ("B", "-"),
        ("B", "-"),
    ),
    Edit(
        "an optional parameter moves to a header",
        lambda d: _named(d, "sort").update({"in": "header"}),
        ("C", "-"),
        ("C", "-"),
    ),
    Edit("an array is written with commas", lambda d: _named(d, "tag").update(explode=False), ("B", "-"), ("B", "-")),
    Edit(
        "explode as it is anyway", lambda d: _named(d, "tag").update(style="form", explode=True), ("-", "-"), ("-", "-")
    ),
    # Values of requests
    Edit("a lower maximum", _sent("year", maximum=2000), ("B", "-"), ("C", "-")),
    Edit("a higher minimum", _sent("year", minimum=1450), ("B", "-"), ("C", "-")),
    Edit("a bound that is now within", _sent("price", exclusiveMinimum=None, minimum=0), ("C", "-"), ("B", "-")),
    Edit("a multiple", _sent("price", multipleOf=0.5), ("B", "-"), ("C", "-")),
    Edit("a shorter text", _sent("title", maxLength=100), ("B", "-"), ("C", "-")),
    Edit("a longer text", _sent("title", minLength=2), ("B", "-"), ("C", "-")),
    Edit("a shorter array", _sent("tags", maxItems=3), ("B", "-"), ("C", "-")),
    Edit("no member twice", _sent("tags", uniqueItems=True), ("B", "-"), ("C", "-")),
    Edit("another pattern", _sent("isbn", pattern="^97[89][0-9]{10}$"), ("B", "-"), ("C", "-")),
    Edit("no pattern", _sent("isbn", pattern=None), ("C", "-"), ("B", "-")),
    Edit("a format is new", _sent("reader", format="uuid"), ("B", "-"), ("C", "-")),
    Edit("a value is no longer allowed", _sent("form", enum=["paper", "ebook"]), ("B", "-"), ("C", "-")),
    Edit("any text for an enum", _sent("form", enum=None), ("C", "-"), ("B", "-")),
    Edit("null is allowed", _sent("reader", type=["string", "null"]), ("C", "-"), ("B", "-")),
    Edit("another type", _sent("year", type="string", minimum=None, maximum=None), ("B", "-"), ("B", "-")),
    Edit("a number for a whole number", _sent("year", type="number"), ("C", "-"), ("B", "-")),
    Edit(
        "more digits of a format",
        _sent("copies", type="integer", format="int64"),
        ("C", "-"),
        ("B", "-"),
        before=_sent("copies", type="integer", format="int32"),
    ),
    Edit("a lower maximum of a parameter", _parameter("limit", maximum=50), ("B", "-"), ("C", "-")),
    Edit("a value of a parameter is gone", _parameter("sort", enum=["title"]), ("B", "-"), ("C", "-")),
    Edit(
        "a parameter takes any text",
        _parameter("limit", type="string", minimum=None, maximum=None, default=None),
        ("B", "B"),
        ("B", "B"),
    ),
    Edit(
        "a text instead of a number in the query",
        lambda d: _named(d, "page")["schema"].update(type="string"),
        ("C", "-"),
        ("B", "-"),
        before=lambda d: _list(d)["parameters"].append({"name": "page", "in": "query", "schema": {"type": "integer"}}),
    ),
    Edit(
        "a property below a property",
        lambda d: _new(d)["properties"].update(
            author={
                "type": "object",
                "required": ["name"],
                "properties": {"name": {"type": "string", "minLength": 3}, "born": {"type": "integer"}},
            }
        ),
        ("B", "-"),
        ("C", "-"),
    ),
    # Rules
    Edit("a rule is new", lambda d: _new(d).update(dependentRequired={"due": ["reader"]}), ("B", "-"), ("C", "-")),
    Edit("a rule is gone", lambda d: _new(d).pop("allOf"), ("C", "-"), ("B", "-")),
    Edit(
        "a rule is wider",
        lambda d: _rule(d, {"if": _LENT, "then": {"anyOf": [{"required": ["reader"]}, {"required": ["due"]}]}}),
        ("C", "-"),
        ("B", "-"),
    ),
    Edit(
        "a rule is tighter",
        lambda d: _rule(d, {"if": _LENT, "then": {"required": ["reader", "due"]}}),
        ("B", "-"),
        ("C", "-"),
    ),
    Edit(
        "a rule in CEL is new",
        lambda d: _add(d)["x-contract-rules"].append(
            {
                "id": "ebook-weighs-nothing",
                "rule": "!has(request.body.form) || request.body.form != 'ebook' || !has(request.body.due)",
            }
        ),
        ("B", "-"),
        ("C", "-"),
    ),
    # Defaults and promises
    Edit("another default", _parameter("limit", default=50), ("B", "B"), ("B", "B")),
    Edit("another default of a property", _sent("lent", default=True), ("B", "B"), ("B", "B")),
    Edit(
        "another response rule",
        lambda d: _add(d)["x-contract-rules"][0].update(rule=_OTHER_RULE),
        ("B", "B"),
        ("B", "B"),
    ),
    Edit("a response rule is gone", lambda d: _add(d).pop("x-contract-rules"), ("B", "B"), ("B", "B")),
    Edit(
        "a response rule under another name",
        lambda d: _add(d)["x-contract-rules"][0].update(id="same-title"),
        ("-", "-"),
        ("-", "-"),
    ),
    # Bodies, media types, operations
    Edit("the body may be left out", lambda d: _add(d)["requestBody"].update(required=False), ("C", "-"), ("B", "-")),
    Edit(
        "another media type is taken too",
        lambda d: _add(d)["requestBody"]["content"].update(
            {"application/x-www-form-urlencoded": {"schema": {"$ref": "#/components/schemas/NewBook"}}}
        ),
        ("C", "-"),
        ("B", "-"),
    ),
    Edit(
        "another media type is taken instead",
        lambda d: _add(d)["requestBody"].update(
            content={"application/vnd.book+json": _add(d)["requestBody"]["content"]["application/json"]}
        ),
        ("B", "-"),
        ("B", "-"),
    ),
    Edit("an operation is gone", lambda d: d["paths"]["/books/{bookId}"].pop("delete"), ("B", "-"), ("C", "-")),
    Edit(
        "an operation is at another path",
        lambda d: d["paths"].update({"/volumes": d["paths"].pop("/books")}),
        ("B", "-"),
        ("B", "-"),
    ),
    Edit("another server", lambda d: d.update(servers=[{"url": "https://books.example"}]), ("B", "-"), ("B", "-")),
    Edit(
        "one more server", lambda d: d["servers"].append({"url": "https://eu.library.example"}), ("C", "-"), ("B", "-")
    ),
    Edit(
        "the same server with a slash",
        lambda d: d.update(servers=[{"url": "https://library.example/"}]),
        ("-", "-"),
        ("-", "-"),
    ),
    Edit(
        "names of a map are bound to a pattern",
        lambda d: _new(d)["properties"]["more"].update(propertyNames={"pattern": "^[a-z]+$"}),
        ("B", "-"),
        ("C", "-"),
        before=_sent("more", type="object"),
    ),
    Edit("an operation has another name", lambda d: _list(d).update(operationId="allBooks"), ("B", "-"), ("B", "-")),
    # Authentication
    Edit("no credential is needed", lambda d: _read(d).update(security=[]), ("C", "-"), ("B", "-")),
    Edit(
        "another credential suffices too",
        lambda d: d.update(security=[{"key": []}, {"token": []}]),
        ("C", "-"),
        ("B", "-"),
    ),
    Edit("two credentials are needed", lambda d: d.update(security=[{"key": [], "token": []}]), ("B", "-"), ("C", "-")),
    Edit(
        "the key is sent in the query",
        lambda d: d["components"]["securitySchemes"]["key"].update({"in": "query"}),
        ("B", "-"),
        ("B", "-"),
    ),
    # Answers
    Edit(
        "another status of success",
        lambda d: _add(d)["responses"].update({"202": {"description": "Later."}}),
        ("-", "B"),
        ("-", "C"),
    ),
    Edit(
        "another status of refusal",
        lambda d: _add(d)["responses"].update({"409": {"$ref": "#/components/responses/Refused"}}),
        ("-", "B"),
        ("-", "C"),
    ),
    Edit(
        "any other status",
        lambda d: _add(d)["responses"].update(default={"$ref": "#/components/responses/Refused"}),
        ("-", "B"),
        ("-", "C"),
    ),
    Edit(
        "another media type of an answer",
        lambda d: _read(d)["responses"]["200"]["content"].update({"text/plain": {"schema": {"type": "string"}}}),
        ("-", "B"),
        ("-", "C"),
    ),
    Edit("an answer without a body", lambda d: _add(d)["responses"]["201"].pop("content"), ("-", "B"), ("-", "B")),
    Edit("an answer's property may be missing", lambda d: _book(d)["required"].remove("tags"), ("-", "B"), ("-", "C")),
    Edit(
        "a required property of an answer is gone",
        lambda d: (_book(d)["required"].remove("tags"), _book(d)["properties"].pop("tags")),
        ("-", "B"),
        ("-", "C"),
    ),
    Edit(
        "an optional property of an answer is gone",
        lambda d: _book(d)["properties"].pop("pages"),
        ("-", "C"),
        ("-", "C"),
    ),
    Edit("an optional property of an answer is new", _came("shelf", type="string"), ("-", "C"), ("-", "C")),
    Edit("a value of an answer is new", _came("state", enum=["here", "lent", "lost"]), ("-", "B"), ("-", "C")),
    Edit("an answer's property may be null", _came("year", type=["integer", "null"]), ("-", "B"), ("-", "C")),
    Edit("an answer's property has another type", _came("year", type="string"), ("-", "B"), ("-", "B")),
    Edit("an answer's property may be a fraction", _came("pages", type="number"), ("-", "B"), ("-", "C")),
    Edit("a bound of an answer is gone", _came("pages", minimum=None), ("-", "B"), ("-", "C")),
    Edit(
        "one more form in an answer",
        lambda d: _book(d)["properties"]["form"]["oneOf"].append({"$ref": "#/components/schemas/Audio"}),
        ("-", "B"),
        ("-", "C"),
    ),
    Edit(
        "a property of one form in an answer",
        lambda d: d["components"]["schemas"]["Ebook"]["properties"]["size"].update(minimum=1),
        ("-", "C"),
        ("-", "B"),
    ),
    Edit("an answer is closed", lambda d: _book(d).update(additionalProperties=False), ("-", "C"), ("-", "B")),
    Edit(
        "a header need not come",
        lambda d: _list(d)["responses"]["200"]["headers"]["X-Total"].update(required=False),
        ("-", "B"),
        ("-", "C"),
    ),
    Edit("a header is gone", lambda d: _list(d)["responses"]["200"].pop("headers"), ("-", "B"), ("-", "C")),
    Edit(
        "a header is a text",
        lambda d: _list(d)["responses"]["200"]["headers"]["X-Total"].update(schema={"type": "string"}),
        ("-", "B"),
        ("-", "C"),
    ),
    Edit(
        "what servers own is no longer asked for",
        lambda d: _change(_new(d)["properties"]["stamp"], {"readOnly": True}),
        ("C", "-"),
        ("B", "-"),
        before=_do(_sent("stamp", type="string"), lambda d: _new(d)["required"].append("stamp")),
    ),
)


def _with_name(item: Any, name: str) -> Any:
    for operation in item.values():
        operation["parameters"][0]["name"] = name
    return item
