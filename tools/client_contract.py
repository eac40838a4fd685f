"""What the generator leaves out of openapi.yaml and the SDK enforces, as one more module of the generated client.

For each operation: its server, its key, what its request is made of under the names that Python has for it, the schema
of that request with the named rules and their messages, the request rules in CEL, what may be repeated, and the schema
that its answers are read by. That schema is wider than the
document's: an optional property may be null and an enum may have new values, for readers keep both.
"""

import pprint
import re
from collections.abc import Callable, Mapping
from typing import Any

from openapi_python_client.strings import PythonIdentifier

from tools.generator import GenerationError

__all__ = ["MODULE", "client_contract"]

MODULE = "evalsessions_client/contract.py"

_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_SCHEMA_MAPS = frozenset({"properties", "patternProperties", "$defs", "dependentSchemas"})
_SCHEMA_LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_SCHEMAS = frozenset(
    {"not", "if", "then", "else", "items", "contains", "additionalProperties", "propertyNames", "unevaluatedProperties"}
)
_ANNOTATIONS = frozenset({"description", "title", "example", "examples", "default", "deprecated", "$comment"})
_TEXT = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')
_NOT_THE_REQUEST = re.compile(r"\b(?:response|run)\b")

Json = dict[str, Any]


def client_contract(document: Mapping[str, Any]) -> str:
    """The text of the module, before it is formatted.

    Raises:
        GenerationError: an operation without an id, a server or a security scheme.
    """
    try:
        return _module(document)
    except (AttributeError, KeyError, TypeError) as error:
        problem = f"{type(error).__name__}: {error}"
        raise GenerationError(
            f"openapi.yaml: expected an OpenAPI document of JSON operations, but {problem}: mend it"
        ) from error


def _module(document: Mapping[str, Any]) -> str:
    components = document.get("components") or {}
    schemas = {name: _request_schema(schema) for name, schema in (components.get("schemas") or {}).items()}
    reading = {name: _reading_schema(schema) for name, schema in (components.get("schemas") or {}).items()}
    operations = {}
    for path, item in document["paths"].items():
        for method in _METHODS & item.keys():
            operation = _operation(document, path, method, item)
            operations[operation.pop("id")] = operation
    requests = [[operation["request"], operation["parameters"]] for operation in operations.values()]
    answers = [operation["responses"] for operation in operations.values()]
    return (
        '"""What openapi.yaml says beyond the generated code: request rules, keys, repeatability, answers."""\n\n'
        "from typing import Any\n\n"
        '__all__ = ["OPERATIONS", "READING_SCHEMAS", "REQUEST_SCHEMAS", "VERSION"]\n\n'
        f"VERSION = {str(document['info']['version'])!r}\n\n"
        f"OPERATIONS: dict[str, dict[str, Any]] = {_literal(dict(sorted(operations.items())))}\n\n"
        f"REQUEST_SCHEMAS: dict[str, Any] = {_literal(_reachable(requests, schemas))}\n\n"
        f"READING_SCHEMAS: dict[str, Any] = {_literal(_reachable(answers, reading))}\n"
    )


def _operation(document: Mapping[str, Any], path: str, method: str, item: Mapping[str, Any]) -> Json:
    operation = item[method]
    where = f"openapi.yaml, {method.upper()} {path}"
    servers = operation.get("servers") or item.get("servers") or document.get("servers")
    if "operationId" not in operation or not servers:
        raise GenerationError(f"{where}: expected an operationId and a server, found one of them missing: add it")
    parameters = [
        _resolved(document, entry) for entry in [*item.get("parameters", ()), *operation.get("parameters", ())]
    ]
    body = _resolved(document, operation.get("requestBody") or {})
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": operation.get("summary", operation["operationId"]),
        "server": servers[0]["url"],
        "key": _key(document, operation, where),
        "retry": operation.get("x-retry", "never"),
        "parameters": [
            {
                "name": entry["name"],
                "argument": _argument(entry["name"]),
                "in": entry["in"],
                "schema": _request_schema(entry.get("schema", {})),
            }
            for entry in parameters
        ],
        "properties": {_argument(name): name for name in _properties(document, body)},
        "request": _media(body, _request_schema),
        "expressions": [
            {key: rule[key] for key in ("id", "description", "when", "rule") if key in rule}
            for rule in operation.get("x-contract-rules", ())
            if _is_about_the_request(rule)
        ],
        "responses": {
            str(status): _media(_resolved(document, response), _reading_schema)
            for status, response in operation["responses"].items()
            if str(status).startswith("2")
        },
    }


def _key(document: Mapping[str, Any], operation: Mapping[str, Any], where: str) -> Json:
    """The header that carries the caller's key, and what stands before the key."""
    for requirement in operation.get("security", document.get("security", ())):
        for name in requirement:
            scheme = document["components"]["securitySchemes"][name]
            if scheme["type"] == "http" and scheme["scheme"].lower() == "bearer":
                return {"header": "Authorization", "prefix": "Bearer "}
            if scheme["type"] == "apiKey" and scheme["in"] == "header":
                return {"header": scheme["name"], "prefix": ""}
    raise GenerationError(
        f"{where}: expected a bearer key or a key in a header under `security`, found neither: add it"
    )


def _is_about_the_request(rule: Mapping[str, Any]) -> bool:
    expressions = _TEXT.sub("", f"{rule.get('when', '')} {rule['rule']}")
    return not _NOT_THE_REQUEST.search(expressions)


def _media(content: Mapping[str, Any], rewritten: Callable[[object], object]) -> object:
    """The schema of the JSON media type, or None where there is no body."""
    media = (content.get("content") or {}).get("application/json")
    return None if media is None else rewritten(media.get("schema", {}))


def _resolved(document: Mapping[str, Any], entry: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in entry:
        found: Any = document
        for step in entry["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        entry = found
    return entry


def _argument(name: str) -> str:
    """The name in Python, as the generated models have it."""
    return str(PythonIdentifier(name, prefix="field_"))


def _properties(document: Mapping[str, Any], body: Mapping[str, Any]) -> list[str]:
    """The names of the properties of a JSON body, those of all the parts that it is put together from."""
    names: dict[str, None] = {}
    waiting = [(body.get("content") or {}).get("application/json", {}).get("schema", {})]
    while waiting:
        schema = _resolved(document, waiting.pop())
        names |= dict.fromkeys(schema.get("properties", ()))
        waiting.extend(part for key in ("allOf", "anyOf", "oneOf") for part in schema.get(key, ()))
    return list(names)


def _request_schema(schema: object) -> object:
    """The schema without annotations, but for the name and the message of each rule."""
    kept = _rewritten(schema, _request_schema)
    if isinstance(kept, dict) and isinstance(schema, dict) and "title" in schema:
        kept = {"title": schema["title"], "description": schema.get("description", schema["title"]), **kept}
    return kept


def _reading_schema(schema: object) -> object:
    """The schema as readers take it."""
    kept = _rewritten(schema, _reading_schema)
    if isinstance(kept, dict):
        kept.pop("enum", None)
        required = kept.get("required", ())
        for name, entry in kept.get("properties", {}).items():
            if name not in required and not _takes_null(entry):
                kept["properties"][name] = {"anyOf": [entry, {"type": "null"}]}
    return kept


def _takes_null(schema: object) -> bool:
    if not isinstance(schema, dict):
        return bool(schema)
    kinds = schema.get("type", ())
    if kinds == "null" or "null" in (kinds if isinstance(kinds, list) else ()):
        return True
    return any(_takes_null(branch) for key in ("anyOf", "oneOf") for branch in schema.get(key, ()) if branch)


def _rewritten(schema: object, rewrite: Callable[[object], object]) -> object:
    if not isinstance(schema, dict):
        return schema
    kept: Json = {}
    for key, value in schema.items():
        if key in _ANNOTATIONS or key.startswith("x-"):
            continue
        if key in _SCHEMA_MAPS:
            kept[key] = {name: rewrite(entry) for name, entry in value.items()}
        elif key in _SCHEMA_LISTS:
            kept[key] = [rewrite(entry) for entry in value]
        elif key in _SCHEMAS:
            kept[key] = rewrite(value)
        else:
            kept[key] = value
    return kept


def _reachable(roots: object, schemas: Mapping[str, Any]) -> Json:
    """The components that the roots refer to, by any number of steps, in the document's order."""
    found: set[str] = set()
    waiting = [roots]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            name = str(value.get("$ref", "")).removeprefix("#/components/schemas/")
            if name in schemas and name not in found:
                found.add(name)
                waiting.append(schemas[name])
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return {name: schema for name, schema in schemas.items() if name in found}


def _literal(value: object) -> str:
    return pprint.pformat(value, width=100, sort_dicts=False)
