"""Single edits of small contracts, thought of by a reviewer who had not written `speclock diff`.

As in `tests/support/contract_edits.py`, the verdicts were written down by hand from the definitions before the tool was
asked: `B` breaking, `C` compatible, `-` no change of meaning. `U`, undecided, is the right one where no schema tells:
callbacks, webhooks, discriminators, formats that nothing checks.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from tests.support.contract_edits import Edit

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["OPEN", "REVIEWED"]

OLDER = "3.0.3"
SAME = ("-", "-")
SENDERS_BREAK, SENDERS_KEEP = ("B", "-"), ("C", "-")
READERS_BREAK, READERS_KEEP = ("-", "B"), ("-", "C")


def _edit(name: str, old: Any, new: Any, forward: tuple[str, str], backward: tuple[str, str]) -> Edit:
    """One document for another, as an edit."""
    return Edit(name, _becomes(new), forward, backward, before=_becomes(old))


def _becomes(document: Any) -> Callable[[Any], None]:
    def apply(other: Any) -> None:
        other.clear()
        other.update(copy.deepcopy(document))

    return apply


def _api(body: Any = None, answer: Any = None, **parts: Any) -> dict[str, Any]:
    """A contract of one operation."""
    operation: dict[str, Any] = {"operationId": parts.get("opid", "makeThing")}
    if operation["operationId"] is None:
        del operation["operationId"]
    if "params" in parts:
        operation["parameters"] = parts["params"]
    content = parts.get("content", None if body is None else {"application/json": {"schema": body}})
    if content is not None:
        operation["requestBody"] = {"required": parts.get("required", True), "content": content}
    found = _answer(answer) | ({"headers": parts["rheaders"]} if "rheaders" in parts else {})
    operation["responses"] = parts.get("responses", {"200": found})
    operation |= parts.get("op", {})
    item = {parts.get("method", "post"): operation, **parts.get("pitem", {})}
    document: dict[str, Any] = {
        "openapi": parts.get("version", "3.1.0"),
        "info": {"title": "Things", "version": "1.0.0"},
        "servers": [{"url": "https://t.example"}],
        "paths": {parts.get("path", "/things"): item},
    }
    if "comps" in parts:
        document["components"] = parts["comps"]
    document.update(parts.get("top", {}))
    return document


def _answering(schema: Any) -> dict[str, Any]:
    return _api(answer=schema)


def _answer(schema: Any = None) -> dict[str, Any]:
    response: dict[str, Any] = {"description": "An answer."}
    if schema is not None:
        response["content"] = {"application/json": {"schema": schema}}
    return response


def _object(required: tuple[str, ...] = (), addl: Any = None, **properties: Any) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    if required:
        schema["required"] = list(required)
    if addl is not None:
        schema["additionalProperties"] = addl
    return schema


def _parameter(name: str = "p", schema: Any = None, where: str = "query", **more: Any) -> dict[str, Any]:
    return {"name": name, "in": where, "schema": TEXT if schema is None else schema, **more}


def _in_path(name: str = "id", schema: Any = None, **more: Any) -> dict[str, Any]:
    return _parameter(name, schema, "path", required=True, **more)


def _header(schema: Any = None, **more: Any) -> dict[str, Any]:
    return {"X-N": {"schema": schema or {"type": "integer"}, **more}}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _pet(mapping: Any = None) -> dict[str, Any]:
    said = {"propertyName": "kind"} | ({"mapping": mapping} if mapping else {})
    return {"oneOf": [_ref("Cat"), _ref("Dog")], "discriminator": said}


def _tree(value: Any) -> dict[str, Any]:
    """A schema that contains itself, in two ways."""
    properties = {"v": value, "l": _ref("N"), "r": {"anyOf": [_ref("N"), {"type": "null"}]}}
    return {"schemas": {"N": {"type": "object", "required": ["v"], "properties": properties}}}


def _secured(*security: Any) -> dict[str, Any]:
    return _api(comps=SCHEMES, op={"security": list(security)})


def _hook(schema: Any) -> dict[str, Any]:
    return {
        "post": {
            "requestBody": {"content": {"application/json": {"schema": schema}}},
            "responses": {"200": {"description": "Heard."}},
        }
    }


def _calling(schema: Any) -> dict[str, Any]:
    return {"callbacks": {"done": {"{$request.body#/u}": _hook(schema)}}}


def _hooked(schema: Any) -> dict[str, Any]:
    return {"webhooks": {"ev": _hook(schema)}}


def _apart(kind: str, document: dict[str, Any]) -> dict[str, Any]:
    """The path item, or the request body, among the components."""
    holder, name = document["paths"], "/things"
    if kind == "requestBodies":
        holder, name = holder["/things"]["post"], "requestBody"
    document["components"] = {kind: {"Part": holder[name]}}
    holder[name] = {"$ref": f"#/components/{kind}/Part"}
    return document


def _two(document: dict[str, Any], method: str = "get", opid: str = "other") -> dict[str, Any]:
    """With one more operation of the same path."""
    document["paths"]["/things"][method] = {"operationId": opid, "responses": {"200": _answer(TEXT)}}
    return document


TEXT = {"type": "string"}
LIST = {"type": "array", "items": TEXT}
PAIR = {"type": "object", "properties": {"a": TEXT, "b": TEXT}}
ERROR = _object(("m",), m=TEXT)
PETS = {"schemas": {"Cat": _object(("kind", "c"), kind=TEXT, c=TEXT), "Dog": _object(("kind", "d"), kind=TEXT, d=TEXT)}}
SCHEMES = {
    "securitySchemes": {
        "k": {"type": "apiKey", "in": "header", "name": "X-K"},
        "b": {"type": "http", "scheme": "bearer"},
        "ba": {"type": "http", "scheme": "basic"},
        "o": {
            "type": "oauth2",
            "flows": {"clientCredentials": {"tokenUrl": "https://t.example/t", "scopes": {"r": "", "w": ""}}},
        },
    }
}

#: Judged as the definitions say.
REVIEWED = (
    _edit(
        "path primitive simple->label",
        _api(params=[_in_path()], path="/things/{id}"),
        _api(params=[_in_path(style="label")], path="/things/{id}"),
        SENDERS_BREAK,
        SENDERS_BREAK,
    ),
    _edit(
        "path primitive simple->matrix",
        _api(params=[_in_path()], path="/things/{id}"),
        _api(params=[_in_path(style="matrix")], path="/things/{id}"),
        SENDERS_BREAK,
        SENDERS_BREAK,
    ),
    _edit(
        "path array simple explode",
        _api(params=[_in_path(schema=LIST)], path="/things/{id}"),
        _api(params=[_in_path(schema=LIST, explode=True)], path="/things/{id}"),
        SAME,
        SAME,
    ),
    _edit(
        "header array explode",
        _api(params=[_parameter("X-A", LIST, where="header")]),
        _api(params=[_parameter("X-A", LIST, where="header", explode=True)]),
        SAME,
        SAME,
    ),
    _edit(
        "header object explode",
        _api(params=[_parameter("X-A", PAIR, where="header")]),
        _api(params=[_parameter("X-A", PAIR, where="header", explode=True)]),
        SENDERS_BREAK,
        SENDERS_BREAK,
    ),
    _edit(
        "query primitive explode false",
        _api(params=[_parameter()]),
        _api(params=[_parameter(explode=False)]),
        SAME,
        SAME,
    ),
    _edit(
        "query array form default spelled out",
        _api(params=[_parameter(schema=LIST)]),
        _api(params=[_parameter(schema=LIST, style="form", explode=True)]),
        SAME,
        SAME,
    ),
    _edit(
        "query array pipe",
        _api(params=[_parameter(schema=LIST, style="form", explode=False)]),
        _api(params=[_parameter(schema=LIST, style="pipeDelimited", explode=False)]),
        SENDERS_BREAK,
        SENDERS_BREAK,
    ),
    _edit(
        "query object explode",
        _api(params=[_parameter(schema=PAIR)]),
        _api(params=[_parameter(schema=PAIR, explode=False)]),
        SENDERS_BREAK,
        SENDERS_BREAK,
    ),
    _edit(
        "query deepObject->form",
        _api(params=[_parameter(schema=PAIR, style="deepObject", explode=True)]),
        _api(params=[_parameter(schema=PAIR)]),
        SENDERS_BREAK,
        SENDERS_BREAK,
    ),
    _edit(
        "deepObject explode flag",
        _api(params=[_parameter(schema=PAIR, style="deepObject", explode=True)]),
        _api(params=[_parameter(schema=PAIR, style="deepObject")]),
        SAME,
        SAME,
    ),
    _edit(
        "content param vs schema param object",
        _api(params=[_parameter(schema=PAIR)]),
        _api(params=[{"name": "p", "in": "query", "content": {"application/json": {"schema": PAIR}}}]),
        SENDERS_BREAK,
        SENDERS_BREAK,
    ),
    _edit(
        "array in oneOf param style",
        _api(params=[_parameter(schema={"oneOf": [TEXT, LIST]})]),
        _api(params=[_parameter(schema={"oneOf": [TEXT, LIST]}, explode=False)]),
        SENDERS_BREAK,
        SENDERS_BREAK,
    ),
    _edit(
        "header param other case",
        _api(params=[_parameter("X-Abc", where="header", required=True)]),
        _api(params=[_parameter("x-abc", where="header", required=True)]),
        SAME,
        SAME,
    ),
    _edit(
        "query param other case",
        _api(params=[_parameter("Abc", required=True)]),
        _api(params=[_parameter("abc", required=True)]),
        SENDERS_BREAK,
        SENDERS_BREAK,
    ),
    _edit(
        "ignored header Authorization required",
        _api(params=[]),
        _api(params=[_parameter("Authorization", where="header", required=True)]),
        SAME,
        SAME,
    ),
    _edit(
        "cookie optional new",
        _api(params=[]),
        _api(params=[_parameter("sid", where="cookie")]),
        SENDERS_KEEP,
        SENDERS_KEEP,
    ),
    _edit(
        "path-level params to operation",
        _api(path="/t/{id}", pitem={"parameters": [_in_path(), _parameter("x", required=True)]}),
        _api(path="/t/{id}", params=[_in_path(), _parameter("x", required=True)]),
        SAME,
        SAME,
    ),
    _edit(
        "operation overrides path-level",
        _api(
            path="/t/{id}",
            pitem={"parameters": [_in_path(), _parameter("x", required=True)]},
            params=[_parameter("x", schema={"type": "string", "maxLength": 3}, required=True)],
        ),
        _api(path="/t/{id}", pitem={"parameters": [_in_path(), _parameter("x", required=True)]}),
        SENDERS_KEEP,
        SENDERS_BREAK,
    ),
    _edit(
        "param by $ref",
        _api(params=[_parameter("x", {"type": "integer"})]),
        _api(
            params=[{"$ref": "#/components/parameters/X"}],
            comps={"parameters": {"X": _parameter("x", {"type": "integer"})}},
        ),
        SAME,
        SAME,
    ),
    _edit(
        "two path params renamed",
        _api(path="/a/{x}/b/{y}", params=[_in_path("x"), _in_path("y", {"type": "integer"})]),
        _api(path="/a/{y}/b/{x}", params=[_in_path("y"), _in_path("x", {"type": "integer"})]),
        SAME,
        SAME,
    ),
    _edit(
        "path param renamed no opid",
        _api(path="/a/{x}", params=[_in_path("x")], opid=None),
        _api(path="/a/{z}", params=[_in_path("z")], opid=None),
        SAME,
        SAME,
    ),
    _edit(
        "path param type int->string",
        _api(path="/a/{x}", params=[_in_path("x", {"type": "integer"})]),
        _api(path="/a/{x}", params=[_in_path("x", TEXT)]),
        SENDERS_KEEP,
        SENDERS_BREAK,
    ),
    _edit("allowEmptyValue", _api(params=[_parameter()]), _api(params=[_parameter(allowEmptyValue=True)]), SAME, SAME),
    _edit(
        "param default in 3.0",
        _api(params=[_parameter(schema={"type": "integer", "default": 1})], version=OLDER),
        _api(params=[_parameter(schema={"type": "integer", "default": 2})], version=OLDER),
        ("B", "B"),
        ("B", "B"),
    ),
    _edit(
        "param int32",
        _api(params=[_parameter(schema={"type": "integer"})]),
        _api(params=[_parameter(schema={"type": "integer", "format": "int32"})]),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "param array items enum",
        _api(params=[_parameter(schema={"type": "array", "items": {"type": "string", "enum": ["a", "b"]}})]),
        _api(params=[_parameter(schema={"type": "array", "items": {"type": "string", "enum": ["a"]}})]),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "param required with default",
        _api(params=[_parameter(schema={"type": "string", "default": "a"})]),
        _api(params=[_parameter(schema={"type": "string", "default": "a"}, required=True)]),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "json content param tighter",
        _api(params=[{"name": "f", "in": "query", "content": {"application/json": {"schema": _object(a=TEXT)}}}]),
        _api(
            params=[{"name": "f", "in": "query", "content": {"application/json": {"schema": _object(("a",), a=TEXT)}}}]
        ),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit("operationId added", _api(opid=None), _api(opid="makeThing"), SENDERS_KEEP, SENDERS_BREAK),
    _edit("operationId changed", _api(opid="a"), _api(opid="b"), SENDERS_BREAK, SENDERS_BREAK),
    _edit("method changed", _api(method="post"), _api(method="put"), SENDERS_BREAK, SENDERS_BREAK),
    _edit("trailing slash", _api(path="/things"), _api(path="/things/"), SENDERS_BREAK, SENDERS_BREAK),
    _edit("tags", _api(), _api(op={"tags": ["a"]}), SAME, SAME),
    _edit("deprecated", _api(), _api(op={"deprecated": True}), SAME, SAME),
    _edit("unused component", _api(), _api(comps={"schemas": {"X": TEXT}}), SAME, SAME),
    _edit(
        "path item by ref", _api(params=[_parameter()]), _apart("pathItems", _api(params=[_parameter()])), SAME, SAME
    ),
    _edit(
        "default answers to explicit 404",
        _api(responses={"200": _answer(TEXT), "default": _answer(ERROR)}),
        _api(responses={"200": _answer(TEXT), "404": _answer(ERROR)}),
        READERS_KEEP,
        READERS_BREAK,
    ),
    _edit(
        "explicit 404 beside default, same",
        _api(responses={"200": _answer(TEXT), "default": _answer(ERROR)}),
        _api(responses={"200": _answer(TEXT), "404": _answer(ERROR), "default": _answer(ERROR)}),
        SAME,
        SAME,
    ),
    _edit(
        "explicit 404 beside default, other schema",
        _api(responses={"200": _answer(TEXT), "default": _answer(ERROR)}),
        _api(responses={"200": _answer(TEXT), "404": _answer(_object(("n",), n=TEXT)), "default": _answer(ERROR)}),
        READERS_BREAK,
        READERS_BREAK,
    ),
    _edit(
        "4XX -> default",
        _api(responses={"200": _answer(TEXT), "4XX": _answer(ERROR)}),
        _api(responses={"200": _answer(TEXT), "default": _answer(ERROR)}),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "4XX and 404 other body: wider",
        _api(responses={"200": _answer(TEXT), "4XX": _answer(ERROR)}),
        _api(responses={"200": _answer(TEXT), "4XX": _answer(ERROR), "404": _answer()}),
        READERS_BREAK,
        READERS_BREAK,
    ),
    _edit(
        "2XX -> 200",
        _api(responses={"2XX": _answer(TEXT)}),
        _api(responses={"200": _answer(TEXT)}),
        READERS_KEEP,
        READERS_BREAK,
    ),
    _edit(
        "all 4XX ranges spelled 4xx",
        _api(responses={"200": _answer(TEXT), "4XX": _answer(ERROR)}),
        _api(responses={"200": _answer(TEXT), "4xx": _answer(ERROR)}),
        SAME,
        SAME,
    ),
    _edit(
        "new 304",
        _api(responses={"200": _answer(TEXT)}),
        _api(responses={"200": _answer(TEXT), "304": _answer()}),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "1XX new",
        _api(responses={"200": _answer(TEXT)}),
        _api(responses={"200": _answer(TEXT), "1XX": _answer()}),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "answer range to particular, wider schema",
        _api(
            responses={
                "200": {"description": "", "content": {"application/*": {"schema": {"type": "string", "maxLength": 3}}}}
            }
        ),
        _api(responses={"200": {"description": "", "content": {"application/json": {"schema": TEXT}}}}),
        READERS_BREAK,
        READERS_BREAK,
    ),
    _edit(
        "answer range to particular same",
        _api(responses={"200": {"description": "", "content": {"application/*": {"schema": TEXT}}}}),
        _api(responses={"200": {"description": "", "content": {"application/json": {"schema": TEXT}}}}),
        READERS_KEEP,
        READERS_BREAK,
    ),
    _edit(
        "request particular beside range, tighter",
        _api(content={"*/*": {"schema": TEXT}}),
        _api(content={"*/*": {"schema": TEXT}, "application/json": {"schema": {"type": "string", "maxLength": 3}}}),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "media type parameter version",
        _api(content={"application/json; version=1": {"schema": TEXT}}),
        _api(content={"application/json; version=2": {"schema": TEXT}}),
        SENDERS_BREAK,
        SENDERS_BREAK,
    ),
    _edit(
        "media type charset",
        _api(content={"application/json": {"schema": TEXT}}),
        _api(content={"application/json; charset=utf-8": {"schema": TEXT}}),
        SAME,
        SAME,
    ),
    _edit(
        "answer media type parameter",
        _api(responses={"200": {"description": "", "content": {"application/json; v=1": {"schema": TEXT}}}}),
        _api(responses={"200": {"description": "", "content": {"application/json; v=2": {"schema": TEXT}}}}),
        READERS_BREAK,
        READERS_BREAK,
    ),
    _edit(
        "media type case",
        _api(content={"application/JSON": {"schema": TEXT}}),
        _api(content={"application/json": {"schema": TEXT}}),
        SAME,
        SAME,
    ),
    _edit(
        "vendor media type in answer",
        _api(answer=TEXT),
        _api(responses={"200": {"description": "", "content": {"application/vnd.x+json": {"schema": TEXT}}}}),
        READERS_BREAK,
        READERS_BREAK,
    ),
    _edit(
        "vendor+json narrowed",
        _api(content={"application/vnd.x+json": {"schema": _object(a=TEXT)}}),
        _api(content={"application/vnd.x+json": {"schema": _object(("a",), a=TEXT)}}),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "second json media type narrowed",
        _api(
            content={
                "application/json": {"schema": _object(a=TEXT)},
                "application/vnd.x+json": {"schema": _object(a=TEXT)},
            }
        ),
        _api(
            content={
                "application/json": {"schema": _object(a=TEXT)},
                "application/vnd.x+json": {"schema": _object(("a",), a=TEXT)},
            }
        ),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "form prop int->string",
        _api(content={"application/x-www-form-urlencoded": {"schema": _object(a={"type": "integer"})}}),
        _api(content={"application/x-www-form-urlencoded": {"schema": _object(a=TEXT)}}),
        SENDERS_KEEP,
        SENDERS_BREAK,
    ),
    _edit(
        "form encoding style",
        _api(content={"application/x-www-form-urlencoded": {"schema": _object(a=LIST)}}),
        _api(
            content={
                "application/x-www-form-urlencoded": {
                    "schema": _object(a=LIST),
                    "encoding": {"a": {"style": "form", "explode": False}},
                }
            }
        ),
        ("U", "-"),
        ("U", "-"),
    ),
    _edit(
        "multipart encoding contentType",
        _api(content={"multipart/form-data": {"schema": _object(a=TEXT)}}),
        _api(
            content={
                "multipart/form-data": {"schema": _object(a=TEXT), "encoding": {"a": {"contentType": "image/png"}}}
            }
        ),
        ("U", "-"),
        ("U", "-"),
    ),
    _edit(
        "multipart new required part",
        _api(content={"multipart/form-data": {"schema": _object(a=TEXT)}}),
        _api(content={"multipart/form-data": {"schema": _object(("b",), a=TEXT, b=TEXT)}}),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "requestBody.required default",
        _api(body=_object(a=TEXT), required=False),
        _api(body=_object(a=TEXT), required=True),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit("requestBody by ref", _api(_object(a=TEXT)), _apart("requestBodies", _api(_object(a=TEXT))), SAME, SAME),
    _edit("optional body gone", _api(body=_object(a=TEXT), required=False), _api(), SENDERS_KEEP, SENDERS_KEEP),
    _edit(
        "3.0 nullable",
        _api(_object(a={"type": "string", "nullable": True}), version=OLDER),
        _api(_object(a={"type": ["string", "null"]})),
        SAME,
        SAME,
    ),
    _edit(
        "3.0 exclusiveMinimum",
        _api(_object(a={"type": "number", "minimum": 1, "exclusiveMinimum": True}), version=OLDER),
        _api(_object(a={"type": "number", "exclusiveMinimum": 1})),
        SAME,
        SAME,
    ),
    _edit(
        "3.0 exclusiveMaximum false",
        _api(_object(a={"type": "number", "maximum": 1, "exclusiveMaximum": False}), version=OLDER),
        _api(_object(a={"type": "number", "maximum": 1})),
        SAME,
        SAME,
    ),
    _edit(
        "3.0 nullable enum with null",
        _api(_object(a={"type": "string", "nullable": True, "enum": ["x", None]}), version=OLDER),
        _api(_object(a={"enum": ["x", None]})),
        SAME,
        SAME,
    ),
    _edit(
        "3.0 example->examples",
        _api(_object(a={"type": "string", "example": "x"}), version=OLDER),
        _api(_object(a={"type": "string", "examples": ["x"]})),
        SAME,
        SAME,
    ),
    _edit(
        "3.0 nullable removed answer",
        _api(answer=_object(a={"type": "string", "nullable": True}), version=OLDER),
        _api(answer=_object(a=TEXT), version=OLDER),
        READERS_KEEP,
        READERS_BREAK,
    ),
    _edit(
        "3.0 byte -> contentEncoding",
        _api(_object(a={"type": "string", "format": "byte"}), version=OLDER),
        _api(_object(a={"type": "string", "contentEncoding": "base64"})),
        SAME,
        SAME,
    ),
    _edit(
        "default in oneOf branch",
        _api(_object(a={"oneOf": [{"type": "string", "default": "x"}, {"type": "null"}]})),
        _api(_object(a={"oneOf": [{"type": "string", "default": "y"}, {"type": "null"}]})),
        ("B", "B"),
        ("B", "B"),
    ),
    _edit(
        "default out of oneOf branch",
        _api(_object(a={"oneOf": [{"type": "string", "default": "x"}, {"type": "null"}]})),
        _api(_object(a={"type": ["string", "null"], "default": "x"})),
        SAME,
        SAME,
    ),
    _edit(
        "default in ref sibling in branch gone",
        _api(
            _object(a={"anyOf": [{"$ref": "#/components/schemas/E", "default": "x"}, {"type": "null"}]}),
            comps={"schemas": {"E": {"enum": ["x", "y"]}}},
        ),
        _api(
            _object(a={"anyOf": [{"$ref": "#/components/schemas/E"}, {"type": "null"}]}),
            comps={"schemas": {"E": {"enum": ["x", "y"]}}},
        ),
        ("B", "B"),
        ("B", "B"),
    ),
    _edit(
        "unevaluated closed, prop removed",
        _api({**_object(a=TEXT, b=TEXT), "unevaluatedProperties": False}),
        _api({**_object(a=TEXT), "unevaluatedProperties": False}),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "unevaluated closed answer, prop new",
        _api(answer={**_object(a=TEXT), "unevaluatedProperties": False}),
        _api(answer={**_object(a=TEXT, b=TEXT), "unevaluatedProperties": False}),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "unevaluated closed over allOf vs flat additional",
        _api({"allOf": [_object(a=TEXT), _object(b=TEXT)], "unevaluatedProperties": False}),
        _api(_object(a=TEXT, b=TEXT, addl=False)),
        SAME,
        SAME,
    ),
    _edit(
        "prefix items false gone",
        _api(_object(a={"type": "array", "prefixItems": [TEXT], "items": False})),
        _api(_object(a={"type": "array", "prefixItems": [TEXT]})),
        SENDERS_KEEP,
        SENDERS_BREAK,
    ),
    _edit(
        "prefix items false gone answer",
        _api(answer=_object(a={"type": "array", "prefixItems": [TEXT], "items": False})),
        _api(answer=_object(a={"type": "array", "prefixItems": [TEXT]})),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "prefix longer under items false",
        _api(_object(a={"type": "array", "prefixItems": [TEXT], "items": False})),
        _api(_object(a={"type": "array", "prefixItems": [TEXT, TEXT], "items": False})),
        SENDERS_KEEP,
        SENDERS_BREAK,
    ),
    _edit(
        "items false for maxItems",
        _api(_object(a={"type": "array", "items": False})),
        _api(_object(a={"type": "array", "maxItems": 0})),
        SAME,
        SAME,
    ),
    _edit(
        "items schema to true",
        _api(_object(a={"type": "array", "items": TEXT})),
        _api(_object(a={"type": "array"})),
        SENDERS_KEEP,
        SENDERS_BREAK,
    ),
    _edit(
        "contains minContains 1",
        _api(_object(a={"type": "array", "contains": TEXT})),
        _api(_object(a={"type": "array", "contains": TEXT, "minContains": 1})),
        SAME,
        SAME,
    ),
    _edit(
        "minContains 2",
        _api(_object(a={"type": "array", "contains": TEXT})),
        _api(_object(a={"type": "array", "contains": TEXT, "minContains": 2})),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "minContains 0 says nothing",
        _api(_object(a={"type": "array"})),
        _api(_object(a={"type": "array", "contains": TEXT, "minContains": 0})),
        SAME,
        SAME,
    ),
    _edit(
        "maxContains",
        _api(_object(a={"type": "array", "contains": {"const": "x"}})),
        _api(_object(a={"type": "array", "contains": {"const": "x"}, "maxContains": 1})),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "uniqueItems false",
        _api(_object(a={"type": "array"})),
        _api(_object(a={"type": "array", "uniqueItems": False})),
        SAME,
        SAME,
    ),
    _edit(
        "multipleOf 0.01->0.1",
        _api(_object(a={"type": "number", "multipleOf": 0.01})),
        _api(_object(a={"type": "number", "multipleOf": 0.1})),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "multipleOf 0.3 in 0.1",
        _api(_object(a={"type": "number", "multipleOf": 0.3})),
        _api(_object(a={"type": "number", "multipleOf": 0.1})),
        SENDERS_KEEP,
        SENDERS_BREAK,
    ),
    _edit(
        "multipleOf 6 for 2 and 3",
        _api(_object(a={"allOf": [{"type": "integer", "multipleOf": 2}, {"multipleOf": 3}]})),
        _api(_object(a={"type": "integer", "multipleOf": 6})),
        SAME,
        SAME,
    ),
    _edit(
        "multipleOf 1 for integer",
        _api(_object(a={"type": "number", "multipleOf": 1})),
        _api(_object(a={"type": "integer"})),
        SAME,
        SAME,
    ),
    _edit(
        "integer types list",
        _api(_object(a={"type": ["integer", "null"]})),
        _api(_object(a={"anyOf": [{"type": "null"}, {"type": "integer"}]})),
        SAME,
        SAME,
    ),
    _edit(
        "number|integer list",
        _api(_object(a={"type": ["integer", "number"]})),
        _api(_object(a={"type": "number"})),
        SAME,
        SAME,
    ),
    _edit(
        "null,integer int32 dropped",
        _api(_object(a={"type": ["null", "integer"], "format": "int32"})),
        _api(_object(a={"type": ["null", "integer"]})),
        SENDERS_KEEP,
        SENDERS_BREAK,
    ),
    _edit(
        "int32 to int64 answer",
        _api(answer=_object(a={"type": "integer", "format": "int32"})),
        _api(answer=_object(a={"type": "integer", "format": "int64"})),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "int32 spelled as bounds",
        _api(_object(a={"type": "integer", "format": "int32"})),
        _api(_object(a={"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1})),
        SAME,
        SAME,
    ),
    _edit(
        "format float->double",
        _api(_object(a={"type": "number", "format": "float"})),
        _api(_object(a={"type": "number", "format": "double"})),
        ("U", "-"),
        ("U", "-"),
    ),
    _edit(
        "format unknown x",
        _api(_object(a={"type": "string", "format": "x-foo"})),
        _api(_object(a={"type": "string"})),
        SENDERS_KEEP,
        ("U", "-"),
    ),
    _edit(
        "format date->date-time answer",
        _api(answer=_object(a={"type": "string", "format": "date"})),
        _api(answer=_object(a={"type": "string", "format": "date-time"})),
        READERS_BREAK,
        READERS_BREAK,
    ),
    _edit(
        "format uuid new answer",
        _api(answer=_object(a=TEXT)),
        _api(answer=_object(a={"type": "string", "format": "uuid"})),
        READERS_KEEP,
        READERS_BREAK,
    ),
    _edit(
        "pattern re-encoded",
        _api(_object(a={"type": "string", "pattern": "^[0-9]+$"})),
        _api(_object(a={"type": "string", "pattern": "^\\d\\d*$"})),
        SAME,
        SAME,
    ),
    _edit(
        "pattern for lengths",
        _api(_object(a={"type": "string", "pattern": "^[a-z]{2,4}$"})),
        _api(_object(a={"type": "string", "pattern": "^[a-z]+$", "minLength": 2, "maxLength": 4})),
        SAME,
        SAME,
    ),
    _edit(
        "pattern implied minLength",
        _api(_object(a={"type": "string", "pattern": "^[a-z]{2}$"})),
        _api(_object(a={"type": "string", "pattern": "^[a-z]{2}$", "minLength": 1})),
        SAME,
        SAME,
    ),
    _edit(
        "enum implied minLength",
        _api(_object(a={"enum": ["ab", "cd"]})),
        _api(_object(a={"enum": ["ab", "cd"], "type": "string", "minLength": 2})),
        SAME,
        SAME,
    ),
    _edit(
        "anyOf of enums",
        _api(_object(a={"enum": ["a", "b", "c"]})),
        _api(_object(a={"anyOf": [{"const": "a"}, {"enum": ["b", "c"]}]})),
        SAME,
        SAME,
    ),
    _edit(
        "oneOf consts (docs each)",
        _api(_object(a={"type": "string", "enum": ["a", "b"]})),
        _api(_object(a={"oneOf": [{"const": "a", "title": "A"}, {"const": "b", "title": "B"}]})),
        SAME,
        SAME,
    ),
    _edit(
        "oneOf consts one gone",
        _api(_object(a={"oneOf": [{"const": "a"}, {"const": "b"}]})),
        _api(_object(a={"oneOf": [{"const": "a"}]})),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit("allOf of one", _api(_object(a=TEXT)), _api(_object(a={"allOf": [TEXT]})), SAME, SAME),
    _edit(
        "not const",
        _api(_object(a=TEXT)),
        _api(_object(a={"type": "string", "not": {"const": ""}})),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "not null type", _api(_object(a={})), _api(_object(a={"not": {"type": "null"}})), SENDERS_BREAK, SENDERS_KEEP
    ),
    _edit(
        "not required",
        _api(_object(a=TEXT, b=TEXT)),
        _api({**_object(a=TEXT, b=TEXT), "not": {"required": ["a", "b"]}}),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "dependentRequired vs if",
        _api({**_object(a=TEXT, b=TEXT), "dependentRequired": {"a": ["b"]}}),
        _api({**_object(a=TEXT, b=TEXT), "if": {"required": ["a"]}, "then": {"required": ["b"]}}),
        SAME,
        SAME,
    ),
    _edit(
        "dependentSchemas vs dependentRequired",
        _api({**_object(a=TEXT, b=TEXT), "dependentSchemas": {"a": {"required": ["b"]}}}),
        _api({**_object(a=TEXT, b=TEXT), "dependentRequired": {"a": ["b"]}}),
        SAME,
        SAME,
    ),
    _edit(
        "anyOf required vs not",
        _api({**_object(a=TEXT, b=TEXT), "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}),
        _api({**_object(a=TEXT, b=TEXT), "not": {"not": {"anyOf": [{"required": ["b"]}, {"required": ["a"]}]}}}),
        SAME,
        SAME,
    ),
    _edit(
        "oneOf required -> anyOf required",
        _api({**_object(a=TEXT, b=TEXT), "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}),
        _api({**_object(a=TEXT, b=TEXT), "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}),
        SENDERS_KEEP,
        SENDERS_BREAK,
    ),
    _edit(
        "if then in answer gone",
        _api(
            answer={
                **_object(a={"type": "boolean"}, b=TEXT),
                "if": {"properties": {"a": {"const": True}}, "required": ["a"]},
                "then": {"required": ["b"]},
            }
        ),
        _api(answer=_object(a={"type": "boolean"}, b=TEXT)),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "if-then only else",
        _api({**_object(a=TEXT, b=TEXT), "if": {"required": ["a"]}, "then": {}}),
        _api(_object(a=TEXT, b=TEXT)),
        SAME,
        SAME,
    ),
    _edit(
        "patternProperties tightened",
        _api({"type": "object", "patternProperties": {"^x-": TEXT}, "additionalProperties": False}),
        _api(
            {
                "type": "object",
                "patternProperties": {"^x-": {"type": "string", "maxLength": 2}},
                "additionalProperties": False,
            }
        ),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "patternProperties in answer loosened",
        _api(answer={"type": "object", "patternProperties": {"^x-": TEXT}}),
        _api(answer={"type": "object", "patternProperties": {"^x-": {}}}),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "patternProperties beside new optional prop",
        _api({**_object(a=TEXT), "patternProperties": {"^x-": TEXT}}),
        _api({**_object(a=TEXT, b=TEXT), "patternProperties": {"^x-": TEXT}}),
        SENDERS_KEEP,
        SENDERS_KEEP,
    ),
    _edit(
        "propertyNames tighter",
        _api({"type": "object", "propertyNames": {"maxLength": 5}}),
        _api({"type": "object", "propertyNames": {"maxLength": 3}}),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "minProperties 1 implied by required",
        _api(_object(("a",), a=TEXT)),
        _api({**_object(("a",), a=TEXT), "minProperties": 1}),
        SAME,
        SAME,
    ),
    _edit(
        "maxProperties",
        _api(_object(a=TEXT, b=TEXT)),
        _api({**_object(a=TEXT, b=TEXT), "maxProperties": 1}),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit("additionalProperties true spelled", _api(_object(a=TEXT)), _api(_object(a=TEXT, addl=True)), SAME, SAME),
    _edit(
        "additionalProperties {} for true", _api(_object(a=TEXT, addl=True)), _api(_object(a=TEXT, addl={})), SAME, SAME
    ),
    _edit(
        "map values null",
        _api(answer={"type": "object", "additionalProperties": TEXT}),
        _api(answer={"type": "object", "additionalProperties": {"type": ["string", "null"]}}),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "type inferred from properties",
        _api({"properties": {"a": TEXT}}),
        _api(_object(a=TEXT)),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "enum and type disagree",
        _api(_object(a={"type": "string", "enum": ["a", 1]})),
        _api(_object(a={"type": "string", "enum": ["a"]})),
        SAME,
        SAME,
    ),
    _edit(
        "required undeclared name", _api(_object(a=TEXT)), _api(_object(("z",), a=TEXT)), SENDERS_BREAK, SENDERS_KEEP
    ),
    _edit(
        "required undeclared name answer",
        _api(answer=_object(("z",), a=TEXT)),
        _api(answer=_object(a=TEXT)),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "mapping implicit spelled out",
        _api(_pet(), comps=PETS),
        _api(_pet({"Cat": "#/components/schemas/Cat", "Dog": "#/components/schemas/Dog"}), comps=PETS),
        SAME,
        SAME,
    ),
    _edit(
        "mapping value renamed",
        _api(_pet({"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"}), comps=PETS),
        _api(_pet({"cat": "#/components/schemas/Cat", "hound": "#/components/schemas/Dog"}), comps=PETS),
        ("U", "-"),
        ("U", "-"),
    ),
    _edit(
        "mapping value renamed answer",
        _api(answer=_pet({"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"}), comps=PETS),
        _api(answer=_pet({"cat": "#/components/schemas/Cat", "hound": "#/components/schemas/Dog"}), comps=PETS),
        ("-", "U"),
        ("-", "U"),
    ),
    _edit(
        "discriminator propertyName",
        _api(answer=_pet(), comps=PETS),
        _api(answer={**_pet(), "discriminator": {"propertyName": "c"}}, comps=PETS),
        ("-", "U"),
        ("-", "U"),
    ),
    _edit(
        "readOnly on required answer",
        _api(answer=_object(("a",), a=TEXT)),
        _api(answer=_object(("a",), a={"type": "string", "readOnly": True})),
        SAME,
        SAME,
    ),
    _edit(
        "writeOnly required in answer",
        _api(answer=_object(("a",), a=TEXT)),
        _api(answer=_object(("a",), a={"type": "string", "writeOnly": True})),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "readOnly required request via ref",
        _api(_object(("a",), a={"$ref": "#/components/schemas/I"}), comps={"schemas": {"I": TEXT}}),
        _api(
            _object(("a",), a={"$ref": "#/components/schemas/I"}),
            comps={"schemas": {"I": {"type": "string", "readOnly": True}}},
        ),
        SENDERS_KEEP,
        SENDERS_BREAK,
    ),
    _edit(
        "recursive answer widen",
        _api(answer={"$ref": "#/components/schemas/N"}, comps=_tree({"type": "integer"})),
        _api(answer={"$ref": "#/components/schemas/N"}, comps=_tree({"type": "number"})),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "recursive inlined once",
        _api({"$ref": "#/components/schemas/N"}, comps=_tree(TEXT)),
        _api(_tree(TEXT)["schemas"]["N"], comps=_tree(TEXT)),
        SAME,
        SAME,
    ),
    _edit(
        "mutual recursion renamed",
        _api(
            {"$ref": "#/components/schemas/A"},
            comps={
                "schemas": {
                    "A": _object(b={"$ref": "#/components/schemas/B"}),
                    "B": _object(a={"$ref": "#/components/schemas/A"}, x=TEXT),
                }
            },
        ),
        _api(
            {"$ref": "#/components/schemas/P"},
            comps={
                "schemas": {
                    "P": _object(b={"$ref": "#/components/schemas/Q"}),
                    "Q": _object(a={"$ref": "#/components/schemas/P"}, x=TEXT),
                }
            },
        ),
        SAME,
        SAME,
    ),
    _edit("optional security {}", _secured({"k": []}), _secured({"k": []}, {}), SENDERS_KEEP, SENDERS_BREAK),
    _edit("alternative order", _secured({"k": []}, {"b": []}), _secured({"b": []}, {"k": []}), SAME, SAME),
    _edit("scope more", _secured({"o": ["r"]}), _secured({"o": ["r", "w"]}), SENDERS_BREAK, SENDERS_KEEP),
    _edit("scope order", _secured({"o": ["w", "r"]}), _secured({"o": ["r", "w"]}), SAME, SAME),
    _edit("alternative gone", _secured({"k": []}, {"b": []}), _secured({"k": []}), SENDERS_BREAK, SENDERS_KEEP),
    _edit("bearer->basic", _secured({"b": []}), _secured({"ba": []}), SENDERS_BREAK, SENDERS_BREAK),
    _edit("redundant alternative", _secured({"k": []}), _secured({"k": []}, {"k": [], "b": []}), SAME, SAME),
    _edit(
        "header key case",
        _api(
            comps={"securitySchemes": {"k": {"type": "apiKey", "in": "header", "name": "X-K"}}},
            top={"security": [{"k": []}]},
        ),
        _api(
            comps={"securitySchemes": {"k": {"type": "apiKey", "in": "header", "name": "x-k"}}},
            top={"security": [{"k": []}]},
        ),
        SAME,
        SAME,
    ),
    _edit("server at operation", _api(), _api(op={"servers": [{"url": "https://t.example"}]}), SAME, SAME),
    _edit(
        "server variable enum",
        _api(
            top={
                "servers": [
                    {"url": "https://{r}.t.example", "variables": {"r": {"default": "eu", "enum": ["eu", "us"]}}}
                ]
            }
        ),
        _api(
            top={"servers": [{"url": "https://{r}.t.example", "variables": {"r": {"default": "eu", "enum": ["eu"]}}}]}
        ),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "server variable written out",
        _api(
            top={
                "servers": [
                    {"url": "https://{r}.t.example", "variables": {"r": {"default": "eu", "enum": ["eu", "us"]}}}
                ]
            }
        ),
        _api(top={"servers": [{"url": "https://eu.t.example"}, {"url": "https://us.t.example"}]}),
        SAME,
        SAME,
    ),
    _edit(
        "server variable renamed",
        _api(top={"servers": [{"url": "https://{r}.t.example", "variables": {"r": {"default": "eu"}}}]}),
        _api(top={"servers": [{"url": "https://{z}.t.example", "variables": {"z": {"default": "eu"}}}]}),
        SAME,
        SAME,
    ),
    _edit("server host case", _api(), _api(top={"servers": [{"url": "https://T.example"}]}), SAME, SAME),
    _edit(
        "answer header schema wider",
        _api(answer=TEXT, rheaders=_header({"type": "string", "enum": ["a"]}, required=True)),
        _api(answer=TEXT, rheaders=_header({"type": "string", "enum": ["a", "b"]}, required=True)),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "answer header content schema",
        _api(answer=TEXT, rheaders={"X-N": {"content": {"application/json": {"schema": _object(("a",), a=TEXT)}}}}),
        _api(answer=TEXT, rheaders={"X-N": {"content": {"application/json": {"schema": _object(a=TEXT)}}}}),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "answer header explode object",
        _api(answer=TEXT, rheaders=_header(PAIR, required=True)),
        _api(answer=TEXT, rheaders=_header(PAIR, required=True, explode=True)),
        READERS_BREAK,
        READERS_BREAK,
    ),
    _edit(
        "answer header by ref",
        _api(answer=TEXT, rheaders=_header(required=True)),
        _api(
            answer=TEXT,
            rheaders={"x-n": {"$ref": "#/components/headers/N"}},
            comps={"headers": {"N": {"required": True, "schema": {"type": "integer"}}}},
        ),
        SAME,
        SAME,
    ),
    _edit(
        "answer header newly promised",
        _api(answer=TEXT),
        _api(answer=TEXT, rheaders=_header(required=True)),
        READERS_KEEP,
        READERS_BREAK,
    ),
    _edit(
        "answer header new optional",
        _api(answer=TEXT),
        _api(answer=TEXT, rheaders=_header()),
        READERS_KEEP,
        READERS_KEEP,
    ),
    _edit(
        "callback schema",
        _api(_object(u=TEXT), op=_calling(_object(a=TEXT))),
        _api(_object(u=TEXT), op=_calling(_object(("a",), a=TEXT))),
        ("U", "U"),
        ("U", "U"),
    ),
    _edit(
        "callback described",
        _api(_object(u=TEXT), op=_calling(_object(a=TEXT))),
        _api(_object(u=TEXT), op=_calling(_object(a={"type": "string", "description": "z"}))),
        SAME,
        SAME,
    ),
    _edit(
        "webhook schema",
        _api(top=_hooked(_object(a=TEXT))),
        _api(top=_hooked(_object(a={"type": "integer"}))),
        ("U", "U"),
        ("U", "U"),
    ),
    _edit(
        "link",
        _api(answer=TEXT),
        _api(
            responses={
                "200": {
                    "description": "ok",
                    "content": {"application/json": {"schema": TEXT}},
                    "links": {"x": {"operationId": "makeThing"}},
                }
            }
        ),
        SAME,
        SAME,
    ),
    _edit(
        "non-json answer text enum",
        _api(
            responses={
                "200": {"description": "", "content": {"text/plain": {"schema": {"type": "string", "enum": ["a"]}}}}
            }
        ),
        _api(
            responses={
                "200": {
                    "description": "",
                    "content": {"text/plain": {"schema": {"type": "string", "enum": ["a", "b"]}}},
                }
            }
        ),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "answer property type widened in array",
        _api(answer={"type": "array", "items": _object(("a",), a=TEXT)}),
        _api(answer={"type": "array", "items": _object(("a",), a={"type": ["string", "null"]})}),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "answer nested allOf required dropped",
        _api(
            answer={"allOf": [{"$ref": "#/components/schemas/B"}, _object(("b",), b=TEXT)]},
            comps={"schemas": {"B": _object(("a",), a=TEXT)}},
        ),
        _api(
            answer={"allOf": [{"$ref": "#/components/schemas/B"}, _object(b=TEXT)]},
            comps={"schemas": {"B": _object(("a",), a=TEXT)}},
        ),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "answer schema gone",
        _api(answer=TEXT),
        _api(responses={"200": {"description": "", "content": {"application/json": {}}}}),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "answer property moved to other branch",
        _api(answer={"oneOf": [_object(("a", "x"), a=TEXT, x=TEXT), _object(("b",), b=TEXT)]}),
        _api(answer={"oneOf": [_object(("a",), a=TEXT, x=TEXT), _object(("b", "x"), b=TEXT, x=TEXT)]}),
        READERS_BREAK,
        READERS_BREAK,
    ),
    _edit(
        "anyOf overlapping integer/number",
        _api(_object(a={"anyOf": [{"type": "integer"}, {"type": "number"}]})),
        _api(_object(a={"type": "number"})),
        SAME,
        SAME,
    ),
    _edit("const null", _api(_object(a={"const": None})), _api(_object(a={"type": "null"})), SAME, SAME),
    _edit(
        "boolean enum",
        _api(_object(a={"type": "boolean", "enum": [True, False]})),
        _api(_object(a={"type": "boolean"})),
        SAME,
        SAME,
    ),
    _edit("const object", _api(_object(a={"const": {"x": 1}})), _api(_object(a={"enum": [{"x": 1.0}]})), SAME, SAME),
    _edit(
        "title/xml/externalDocs",
        _api(_object(a=TEXT)),
        _api(
            _object(
                a={"type": "string", "title": "A", "xml": {"name": "z"}, "externalDocs": {"url": "https://x.example"}}
            )
        ),
        SAME,
        SAME,
    ),
    _edit(
        "$defs ref",
        _api(
            {
                **_object(a={"$ref": "#/paths/~1things/post/requestBody/content/application~1json/schema/$defs/A"}),
                "$defs": {"A": TEXT},
            }
        ),
        _api(_object(a=TEXT)),
        SAME,
        SAME,
    ),
    _edit(
        "$ref with sibling maxLength 3.1",
        _api(_object(a={"$ref": "#/components/schemas/A"}), comps={"schemas": {"A": TEXT}}),
        _api(_object(a={"$ref": "#/components/schemas/A", "maxLength": 3}), comps={"schemas": {"A": TEXT}}),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "$ref sibling ignored in 3.0",
        _api(_object(a={"$ref": "#/components/schemas/A"}), comps={"schemas": {"A": TEXT}}, version=OLDER),
        _api(
            _object(a={"$ref": "#/components/schemas/A", "maxLength": 3}), comps={"schemas": {"A": TEXT}}, version=OLDER
        ),
        SAME,
        SAME,
    ),
    _edit(
        "jsonSchemaDialect said",
        _api(_object(a=TEXT)),
        _api(_object(a=TEXT), top={"jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema"}),
        SAME,
        SAME,
    ),
    _edit(
        "property named default",
        _api(_object(default=TEXT)),
        _api(_object(default={"type": "string", "maxLength": 2})),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "property named $ref",
        _api({"type": "object", "properties": {"$ref": TEXT}}),
        _api({"type": "object", "properties": {"$ref": {"type": "string", "maxLength": 2}}}),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "property named properties/required",
        _api(_object(properties=_object(a=TEXT))),
        _api(_object(properties=_object(("a",), a=TEXT))),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "unicode length",
        _api(_object(a={"type": "string", "maxLength": 2})),
        _api(_object(a={"type": "string", "maxLength": 1})),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "large bounds",
        _api(_object(a={"type": "integer", "maximum": 10**15})),
        _api(_object(a={"type": "integer", "maximum": 10**14})),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "oneOf discriminated: branch prop required",
        _api(
            answer={"oneOf": [_ref("C"), _ref("D")]},
            comps={
                "schemas": {
                    "C": _object(("k",), k={"const": "c"}, x=TEXT),
                    "D": _object(("k", "y"), k={"const": "d"}, y=TEXT),
                }
            },
        ),
        _api(
            answer={"oneOf": [_ref("C"), _ref("D")]},
            comps={
                "schemas": {
                    "C": _object(("k", "x"), k={"const": "c"}, x=TEXT),
                    "D": _object(("k", "y"), k={"const": "d"}, y=TEXT),
                }
            },
        ),
        READERS_KEEP,
        READERS_BREAK,
    ),
    _edit(
        "anyOf null ref request narrows below",
        _api(
            _object(a={"anyOf": [_ref("C"), {"type": "null"}]}),
            comps={"schemas": {"C": _object(x={"type": "string", "maxLength": 5})}},
        ),
        _api(
            _object(a={"anyOf": [_ref("C"), {"type": "null"}]}),
            comps={"schemas": {"C": _object(x={"type": "string", "maxLength": 4})}},
        ),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "anyOf string|array -> array",
        _api(_object(a={"anyOf": [TEXT, LIST]})),
        _api(_object(a=LIST)),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "string|array of it order",
        _api(_object(a={"anyOf": [TEXT, LIST]})),
        _api(_object(a={"oneOf": [LIST, TEXT]})),
        SAME,
        SAME,
    ),
    _edit(
        "answer oneOf -> anyOf disjoint",
        _answering({"oneOf": [{"type": "integer"}, TEXT]}),
        _answering({"anyOf": [{"type": "integer"}, TEXT]}),
        SAME,
        SAME,
    ),
    _edit(
        "oneOf overlapping answer -> anyOf",
        _answering({"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 0}]}),
        _answering({"anyOf": [{"type": "integer"}, {"type": "number", "minimum": 0}]}),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "objects merged: oneOf of two to one with optionals",
        _answering({"oneOf": [_object(("a",), a=TEXT), _object(("b",), b=TEXT)]}),
        _answering(_object(a=TEXT, b=TEXT)),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "request accepts both forms",
        _api({"oneOf": [_object(("a",), a=TEXT, addl=False), _object(("b",), b=TEXT, addl=False)]}),
        _api(_object(a=TEXT, b=TEXT, addl=False)),
        SENDERS_KEEP,
        SENDERS_BREAK,
    ),
    _edit(
        "allOf part gone with constraints",
        _api({"allOf": [_object(("a",), a=TEXT), _object(b={"type": "string", "maxLength": 3})]}),
        _api(_object(("a",), a=TEXT, b=TEXT)),
        SENDERS_KEEP,
        SENDERS_BREAK,
    ),
    _edit(
        "allOf closed parts",
        _api({"allOf": [_object(a=TEXT, addl=False)]}),
        _api(_object(a=TEXT)),
        SENDERS_KEEP,
        SENDERS_BREAK,
    ),
    _edit(
        "enum narrowed via allOf",
        _answering({"allOf": [{"enum": ["a", "b", "c"]}, {"enum": ["a", "b"]}]}),
        _answering({"enum": ["a", "b", "c"]}),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "ref sibling enum narrows answer",
        _api(answer={"$ref": "#/components/schemas/E", "enum": ["a"]}, comps={"schemas": {"E": {"enum": ["a", "b"]}}}),
        _api(answer=_ref("E"), comps={"schemas": {"E": {"enum": ["a", "b"]}}}),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "not enum grows request",
        _api(_object(a={"type": "string", "not": {"enum": ["x"]}})),
        _api(_object(a={"type": "string", "not": {"enum": ["x", "y"]}})),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "not enum shrinks answer",
        _answering(_object(a={"type": "string", "not": {"enum": ["x", "y"]}})),
        _answering(_object(a={"type": "string", "not": {"enum": ["x"]}})),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "if/then/else else gone",
        _api(
            {
                **_object(k={"enum": ["a", "b"]}, x=TEXT, y=TEXT),
                "if": {"properties": {"k": {"const": "a"}}, "required": ["k"]},
                "then": {"required": ["x"]},
                "else": {"required": ["y"]},
            }
        ),
        _api(
            {
                **_object(k={"enum": ["a", "b"]}, x=TEXT, y=TEXT),
                "if": {"properties": {"k": {"const": "a"}}, "required": ["k"]},
                "then": {"required": ["x"]},
            }
        ),
        SENDERS_KEEP,
        SENDERS_BREAK,
    ),
    _edit(
        "if/then/else as oneOf",
        _api(
            {
                **_object(("k",), k={"enum": ["a", "b"]}, x=TEXT, y=TEXT),
                "if": {"properties": {"k": {"const": "a"}}, "required": ["k"]},
                "then": {"required": ["x"]},
                "else": {"required": ["y"]},
            }
        ),
        _api(
            {
                **_object(("k",), k={"enum": ["a", "b"]}, x=TEXT, y=TEXT),
                "anyOf": [
                    {"properties": {"k": {"const": "a"}}, "required": ["x"]},
                    {"properties": {"k": {"const": "b"}}, "required": ["y"]},
                ],
            }
        ),
        SAME,
        SAME,
    ),
    _edit(
        "then bound tightened",
        _api(
            {
                **_object(k={"enum": ["a", "b"]}, n={"type": "integer"}),
                "if": {"properties": {"k": {"const": "a"}}, "required": ["k"]},
                "then": {"properties": {"n": {"maximum": 10}}},
            }
        ),
        _api(
            {
                **_object(k={"enum": ["a", "b"]}, n={"type": "integer"}),
                "if": {"properties": {"k": {"const": "a"}}, "required": ["k"]},
                "then": {"properties": {"n": {"maximum": 9}}},
            }
        ),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "contains const in answer",
        _answering({"type": "array", "items": TEXT, "contains": {"const": "x"}}),
        _answering({"type": "array", "items": TEXT}),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "uniqueItems answer gone",
        _answering({"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": True}),
        _answering({"type": "array", "items": {"enum": ["a", "b"]}}),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "map key pattern answer",
        _answering({"type": "object", "additionalProperties": TEXT, "propertyNames": {"pattern": "^[a-z]$"}}),
        _answering({"type": "object", "additionalProperties": TEXT, "propertyNames": {"pattern": "^[a-z]+$"}}),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "map to named",
        _answering({"type": "object", "additionalProperties": {"type": "integer"}}),
        _answering({**_object(a={"type": "integer"}), "additionalProperties": {"type": "integer"}}),
        READERS_KEEP,
        READERS_KEEP,
    ),
    _edit(
        "map value narrowed request",
        _api(_object(m={"type": "object", "additionalProperties": {"type": "integer"}})),
        _api(_object(m={"type": "object", "additionalProperties": {"type": "integer", "minimum": 0}})),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "closed with new optional prop answer",
        _answering(_object(a=TEXT, addl=False)),
        _answering(_object(a=TEXT, b=TEXT, addl=False)),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "closed request new required",
        _api(_object(a=TEXT, addl=False)),
        _api(_object(("b",), a=TEXT, b=TEXT, addl=False)),
        SENDERS_BREAK,
        SENDERS_BREAK,
    ),
    _edit(
        "answer required new",
        _answering(_object(a=TEXT)),
        _answering(_object(("b",), a=TEXT, b=TEXT)),
        READERS_KEEP,
        READERS_BREAK,
    ),
    _edit(
        "answer property renamed",
        _answering(_object(("a",), a=TEXT)),
        _answering(_object(("b",), b=TEXT)),
        READERS_BREAK,
        READERS_BREAK,
    ),
    _edit(
        "request property renamed required",
        _api(_object(("a",), a=TEXT)),
        _api(_object(("b",), b=TEXT)),
        SENDERS_BREAK,
        SENDERS_BREAK,
    ),
    _edit(
        "request property renamed optional", _api(_object(a=TEXT)), _api(_object(b=TEXT)), SENDERS_KEEP, SENDERS_KEEP
    ),
    _edit(
        "type list gains",
        _api(_object(a=TEXT)),
        _api(_object(a={"type": ["string", "integer"]})),
        SENDERS_KEEP,
        SENDERS_BREAK,
    ),
    _edit(
        "minLength in answer raised",
        _answering(_object(a={"type": "string", "minLength": 1})),
        _answering(_object(a={"type": "string", "minLength": 2})),
        READERS_KEEP,
        READERS_BREAK,
    ),
    _edit(
        "nested arrays",
        _api(_object(a={"type": "array", "items": {"type": "array", "items": {"type": "integer", "maximum": 5}}})),
        _api(_object(a={"type": "array", "items": {"type": "array", "items": {"type": "integer", "maximum": 4}}})),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "deep answer",
        _answering(
            _object(("a",), a=_object(("b",), b={"type": "array", "items": _object(("c",), c={"enum": ["x"]})}))
        ),
        _answering(
            _object(("a",), a=_object(("b",), b={"type": "array", "items": _object(("c",), c={"enum": ["x", "y"]})}))
        ),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "readOnly new required in answer&request shared",
        _api(_ref("T"), _ref("T"), comps={"schemas": {"T": _object(("a",), a=TEXT)}}),
        _api(
            _ref("T"),
            _ref("T"),
            comps={"schemas": {"T": _object(("a", "id"), a=TEXT, id={"type": "string", "readOnly": True})}},
        ),
        ("C", "C"),
        ("C", "B"),
    ),
    _edit(
        "shared required new",
        _api(_ref("T"), _ref("T"), comps={"schemas": {"T": _object(("a",), a=TEXT)}}),
        _api(_ref("T"), _ref("T"), comps={"schemas": {"T": _object(("a", "b"), a=TEXT, b=TEXT)}}),
        ("B", "C"),
        ("C", "B"),
    ),
    _edit(
        "shared enum value new",
        _api(_ref("E"), _ref("E"), comps={"schemas": {"E": {"enum": ["a"]}}}),
        _api(_ref("E"), _ref("E"), comps={"schemas": {"E": {"enum": ["a", "b"]}}}),
        ("C", "B"),
        ("B", "C"),
    ),
    _edit(
        "writeOnly password",
        _api(_ref("T"), _ref("T"), comps={"schemas": {"T": _object(("p",), p=TEXT)}}),
        _api(_ref("T"), _ref("T"), comps={"schemas": {"T": _object(("p",), p={"type": "string", "writeOnly": True})}}),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "deep object param prop",
        _api(params=[_parameter("f", _object(a={"type": "integer"}), style="deepObject", explode=True)]),
        _api(params=[_parameter("f", _object(a={"type": "integer", "maximum": 9}), style="deepObject", explode=True)]),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "array param maxItems",
        _api(params=[_parameter("t", LIST)]),
        _api(params=[_parameter("t", {**LIST, "maxItems": 2})]),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "param integer -> number",
        _api(params=[_parameter("t", {"type": "integer"})]),
        _api(params=[_parameter("t", {"type": "number"})]),
        SENDERS_KEEP,
        SENDERS_BREAK,
    ),
    _edit(
        "param pattern header",
        _api(params=[_parameter("X-T", {"type": "string", "pattern": "^a"}, where="header")]),
        _api(params=[_parameter("X-T", {"type": "string", "pattern": "^ab"}, where="header")]),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "param moves path->query",
        _api(path="/t/{id}", params=[_in_path()]),
        _api(path="/t", params=[_parameter("id", required=True)]),
        SENDERS_BREAK,
        SENDERS_BREAK,
    ),
    _edit(
        "media form added",
        _api(_object(a=TEXT)),
        _api(
            content={
                "application/json": {"schema": _object(a=TEXT)},
                "multipart/form-data": {"schema": _object(a=TEXT)},
            }
        ),
        SENDERS_KEEP,
        SENDERS_BREAK,
    ),
    _edit(
        "answer second 2xx",
        _api(responses={"200": _answer(TEXT)}),
        _api(responses={"200": _answer(TEXT), "201": _answer(TEXT)}),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "answer body gains where none",
        _api(responses={"200": _answer()}),
        _api(responses={"200": _answer(TEXT)}),
        READERS_BREAK,
        READERS_BREAK,
    ),
    _edit(
        "answer 4XX to 400 and 404",
        _api(responses={"200": _answer(TEXT), "4XX": _answer(ERROR)}),
        _api(responses={"200": _answer(TEXT), "400": _answer(ERROR), "404": _answer(ERROR)}),
        READERS_KEEP,
        READERS_BREAK,
    ),
    _edit(
        "default response gone",
        _api(responses={"200": _answer(TEXT), "default": _answer(ERROR)}),
        _api(responses={"200": _answer(TEXT)}),
        READERS_KEEP,
        READERS_BREAK,
    ),
    _edit(
        "error body field nullable",
        _api(responses={"200": _answer(TEXT), "400": _answer(ERROR)}),
        _api(responses={"200": _answer(TEXT), "400": _answer(_object(("m",), m={"type": ["string", "null"]}))}),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "format email answer gone",
        _answering(_object(a={"type": "string", "format": "email"})),
        _answering(_object(a=TEXT)),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "format uri request new",
        _api(_object(a=TEXT)),
        _api(_object(a={"type": "string", "format": "uri"})),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "const changes",
        _answering(_object(("a",), a={"const": "x"})),
        _answering(_object(("a",), a={"const": "y"})),
        READERS_BREAK,
        READERS_BREAK,
    ),
    _edit(
        "number bounds float",
        _api(_object(a={"type": "number", "maximum": 1.5})),
        _api(_object(a={"type": "number", "maximum": 1.25})),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "exclusive vs inclusive",
        _api(_object(a={"type": "number", "maximum": 1})),
        _api(_object(a={"type": "number", "exclusiveMaximum": 1})),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "integer max 1.5",
        _api(_object(a={"type": "integer", "maximum": 1.5})),
        _api(_object(a={"type": "integer", "maximum": 1})),
        SAME,
        SAME,
    ),
    _edit(
        "enum of all types",
        _api(_object(a={"enum": [1, "a", None, True]})),
        _api(_object(a={"enum": [True, None, "a", 1.0]})),
        SAME,
        SAME,
    ),
    _edit("empty required list", _api(_object(a=TEXT)), _api({**_object(a=TEXT), "required": []}), SAME, SAME),
    _edit("true schema property", _api(_object(a=True)), _api(_object(a={})), SAME, SAME),
    _edit("false schema property", _api(_object(a=TEXT)), _api(_object(a=False)), SENDERS_BREAK, SENDERS_KEEP),
    _edit(
        "schema true vs absent answer",
        _api(responses={"200": {"description": "", "content": {"application/json": {}}}}),
        _answering({}),
        SAME,
        SAME,
    ),
    _edit("anyOf with empty schema", _api(_object(a={"anyOf": [TEXT, {}]})), _api(_object(a={})), SAME, SAME),
    _edit("oneOf one branch", _api(_object(a={"oneOf": [TEXT]})), _api(_object(a=TEXT)), SAME, SAME),
    _edit(
        "openapi 3.0->3.1 whole",
        _api(
            _object(("a",), a={"type": "integer", "minimum": 0, "exclusiveMinimum": True, "nullable": True}),
            answer=_object(b={"allOf": [{"$ref": "#/components/schemas/Z"}], "nullable": True}),
            version=OLDER,
            comps={"schemas": {"Z": _object(z=TEXT)}},
        ),
        _api(
            _object(("a",), a={"type": ["integer", "null"], "exclusiveMinimum": 0}),
            answer=_object(b={"$ref": "#/components/schemas/Z"}),
            comps={"schemas": {"Z": _object(z=TEXT)}},
        ),
        SAME,
        SAME,
    ),
    _edit(
        "default object order",
        _api(_object(a={"type": "object", "default": {"x": 1, "y": 2}})),
        _api(_object(a={"type": "object", "default": {"y": 2, "x": 1.0}})),
        SAME,
        SAME,
    ),
    _edit(
        "default null said",
        _api(_object(a={"type": ["string", "null"]})),
        _api(_object(a={"type": ["string", "null"], "default": None})),
        ("B", "B"),
        ("B", "B"),
    ),
    _edit(
        "default of array items",
        _api(_object(a={"type": "array", "items": {"type": "integer", "default": 1}})),
        _api(_object(a={"type": "array", "items": {"type": "integer", "default": 2}})),
        ("B", "B"),
        ("B", "B"),
    ),
    _edit(
        "security at top gone",
        _api(comps=SCHEMES, top={"security": [{"k": []}]}),
        _api(comps=SCHEMES),
        SENDERS_KEEP,
        SENDERS_BREAK,
    ),
    _edit(
        "security op [] over top",
        _api(comps=SCHEMES, top={"security": [{"k": []}]}),
        _api(comps=SCHEMES, top={"security": [{"k": []}]}, op={"security": []}),
        SENDERS_KEEP,
        SENDERS_BREAK,
    ),
    _edit(
        "apikey cookie name",
        _api(
            comps={"securitySchemes": {"k": {"type": "apiKey", "in": "cookie", "name": "a"}}},
            top={"security": [{"k": []}]},
        ),
        _api(
            comps={"securitySchemes": {"k": {"type": "apiKey", "in": "cookie", "name": "b"}}},
            top={"security": [{"k": []}]},
        ),
        SENDERS_BREAK,
        SENDERS_BREAK,
    ),
    _edit(
        "oauth flow url",
        _api(comps=SCHEMES, top={"security": [{"o": ["r"]}]}),
        _api(
            comps={
                "securitySchemes": {
                    **SCHEMES["securitySchemes"],
                    "o": {
                        "type": "oauth2",
                        "flows": {
                            "clientCredentials": {"tokenUrl": "https://u.example/t", "scopes": {"r": "", "w": ""}}
                        },
                    },
                }
            },
            top={"security": [{"o": ["r"]}]},
        ),
        ("U", "-"),
        ("U", "-"),
    ),
    _edit(
        "required in allOf only, property elsewhere",
        _api({"allOf": [_object(a=TEXT), {"required": ["a"]}]}),
        _api(_object(("a",), a=TEXT)),
        SAME,
        SAME,
    ),
    _edit(
        "recursion through allOf",
        _api(
            _ref("N"),
            comps={"schemas": {"N": {"allOf": [_object(v=TEXT), _object(c={"type": "array", "items": _ref("N")})]}}},
        ),
        _api(_ref("N"), comps={"schemas": {"N": _object(v=TEXT, c={"type": "array", "items": _ref("N")})}}),
        SAME,
        SAME,
    ),
    _edit(
        "recursive narrowed deep",
        _api(
            _ref("N"),
            comps={
                "schemas": {"N": _object(v={"type": "string", "maxLength": 5}, c={"type": "array", "items": _ref("N")})}
            },
        ),
        _api(
            _ref("N"),
            comps={
                "schemas": {"N": _object(v={"type": "string", "maxLength": 4}, c={"type": "array", "items": _ref("N")})}
            },
        ),
        SENDERS_BREAK,
        SENDERS_KEEP,
    ),
    _edit(
        "$id-less anchor ref",
        _api({**_object(a={"$ref": "#/components/schemas/Z"})}, comps={"schemas": {"Z": TEXT}}),
        _api({**_object(a={"$ref": "#zed"})}, comps={"schemas": {"Z": {"$anchor": "zed", "type": "string"}}}),
        ("U", "-"),
        ("U", "-"),
    ),
    _edit("HEAD added", _api(), _two(_api(), method="head"), SENDERS_KEEP, SENDERS_BREAK),
    _edit(
        "operation swapped ids",
        _two(_api(opid="p", answer=TEXT), opid="g"),
        _two(_api(opid="g", answer=TEXT), opid="p"),
        SENDERS_BREAK,
        SENDERS_BREAK,
    ),
)

#: Not judged rightly yet.
OPEN = (
    _edit(
        "3.0 binary -> 3.1 empty",
        _api(content={"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}, version=OLDER),
        _api(content={"application/octet-stream": {}}),
        SAME,
        SAME,
    ),
    _edit(
        "pattern to enum",
        _api(_object(a={"type": "string", "pattern": "^(a|b)$"})),
        _api(_object(a={"type": "string", "enum": ["a", "b"]})),
        SAME,
        SAME,
    ),
    _edit(
        "not const '' vs minLength 1",
        _api(_object(a={"type": "string", "not": {"const": ""}})),
        _api(_object(a={"type": "string", "minLength": 1})),
        SAME,
        SAME,
    ),
    _edit(
        "split range",
        _api(_object(a={"type": "integer", "minimum": 0, "maximum": 10})),
        _api(
            _object(
                a={
                    "anyOf": [
                        {"type": "integer", "minimum": 0, "maximum": 5},
                        {"type": "integer", "minimum": 6, "maximum": 10},
                    ]
                }
            )
        ),
        SAME,
        SAME,
    ),
    _edit(
        "dependentSchemas answer loosened",
        _answering({**_object(a=TEXT, b=TEXT), "dependentSchemas": {"a": {"properties": {"b": {"maxLength": 2}}}}}),
        _answering({**_object(a=TEXT, b=TEXT), "dependentSchemas": {"a": {"properties": {"b": {"maxLength": 3}}}}}),
        READERS_BREAK,
        READERS_KEEP,
    ),
    _edit(
        "bool param to enum text",
        _api(params=[_parameter("t", {"type": "boolean"})]),
        _api(params=[_parameter("t", {"type": "string", "enum": ["true", "false"]})]),
        SAME,
        SAME,
    ),
    _edit(
        "int param to enum text",
        _api(params=[_parameter("t", {"type": "integer", "enum": [1, 2]})]),
        _api(params=[_parameter("t", {"type": "string", "enum": ["1", "2"]})]),
        SAME,
        SAME,
    ),
    _edit(
        "param single -> array form",
        _api(params=[_parameter("t")]),
        _api(params=[_parameter("t", LIST)]),
        SENDERS_KEEP,
        SENDERS_BREAK,
    ),
    _edit(
        "number enum vs integer bounds",
        _api(_object(a={"type": "integer", "minimum": 1, "maximum": 3})),
        _api(_object(a={"enum": [1, 2, 3]})),
        SAME,
        SAME,
    ),
)
