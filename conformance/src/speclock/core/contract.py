"""The contract: what of an OpenAPI document the harness needs to know, with a place in the file for all of it.

Only what is asked of every document is decided here: which operations there are, what they document and which
credentials they want. Schemas stay in the document; `speclock.core.schemas` judges values by them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from speclock.core.documents import Document, JsonValue, Location, join, load_document
from speclock.core.errors import ContractError
from speclock.core.media_types import is_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["SAFE_METHODS", "Contract", "Flaw", "Operation", "SecurityScheme", "answer_bodies", "load_contract"]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
#: Those that change nothing (RFC 9110, section 9.2.1).
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """One way to say who is asking: where the credential goes, and what stands before it."""

    name: str
    place: Literal["header", "query", "cookie"]
    parameter: str
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: a method on a path template."""

    id: str
    method: str
    path: str
    tags: tuple[str, ...]
    pointer: str
    #: Alternatives; each names the schemes that are needed together. Empty: no credential needed.
    security: tuple[tuple[str, ...], ...]
    statuses: tuple[str, ...]
    path_parameters: tuple[str, ...]
    has_body: bool
    #: Pointer of the JSON request body's media type object; None without a JSON body.
    body: str | None

    @property
    def is_safe(self) -> bool:
        """Whether its method changes nothing."""
        return self.method in SAFE_METHODS

    @property
    def has_success(self) -> bool:
        """Whether any of the statuses that it documents may be one of success."""
        return any(name == "default" or name[:1] in {"1", "2", "3"} for name in self.statuses)

    @property
    def media_type(self) -> str:
        """That of its JSON body; of an operation without one, what JSON is sent as."""
        return self.body.rpartition("/")[2].replace("~1", "/").replace("~0", "~") if self.body else "application/json"

    def documents(self, status: int) -> bool:
        """Whether the status has a response of its own, of its class (`4XX`), or by `default`."""
        return self.response_key(status) is not None

    def response_key(self, status: int) -> str | None:
        """The key under `responses` that describes `status`, most particular first."""
        for key in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default"):
            if key in self.statuses:
                return key
        return None


@dataclass(frozen=True, slots=True)
class Flaw:
    """A mistake in the document, for which a part of it is not judged."""

    #: The operation that is not judged, or not wholly; None for what no single operation owns.
    operation: str | None
    #: What is wrong: the place in the file first.
    text: str


@dataclass(frozen=True, slots=True)
class Contract:
    """An OpenAPI document, read."""

    document: Document = field(repr=False)
    openapi: Literal["3.0", "3.1"]
    title: str
    version: str
    operations: tuple[Operation, ...]
    schemes: tuple[SecurityScheme, ...]
    #: Parts of the document that are wrong, and that are left out for it.
    flaws: tuple[Flaw, ...] = ()

    def operation(self, operation_id: str) -> Operation:
        """The operation of that id; KeyError when there is none."""
        for operation in self.operations:
            if operation.id == operation_id:
                return operation
        raise KeyError(operation_id)

    def scheme(self, name: str) -> SecurityScheme | None:
        """The security scheme of that name, when it is one that a request can carry."""
        return next((scheme for scheme in self.schemes if scheme.name == name), None)

    def locate(self, pointer: str) -> Location:
        """Where `pointer` stands in the source."""
        return self.document.locate(pointer)


def answer_bodies(contract: Contract, operation: Operation) -> Iterator[tuple[str, str, str]]:
    """Status, media type and pointer of the media type object of each documented answer."""
    for status in operation.statuses:
        try:
            pointer, response = contract.document.resolve(join(operation.pointer, "responses", status))
        except ContractError:
            continue  # told where the contract is read
        content = response.get("content") if isinstance(response, dict) else None
        for media_type in content if isinstance(content, dict) else ():
            yield status, media_type, join(pointer, "content", media_type)


def load_contract(path: Path) -> Contract:
    """Read an OpenAPI 3.0 or 3.1 document. An operation that is wrong in itself is left out, and told of as a flaw.

    Raises:
        ContractError: it cannot be read, is not OpenAPI 3.0 or 3.1, or has no operation that can be judged.
    """
    document = load_document(path)
    openapi = _version(document)
    info = document.value.get("info")
    if not isinstance(info, dict) or not isinstance(info.get("title"), str) or "version" not in info:
        raise ContractError(f"{document.locate('/info')}: expected `info` with a title and a version")
    flaws: list[Flaw] = []
    schemes = tuple(_schemes(document, flaws))
    operations = tuple(_operations(document, flaws))
    if not operations:
        raise ContractError(
            flaws[0].text
            if flaws
            else f"{document.locate('/paths')}: the contract has no operations; nothing can be judged"
        )
    return Contract(document, openapi, str(info["title"]), str(info["version"]), operations, schemes, tuple(flaws))


def _version(document: Document) -> Literal["3.0", "3.1"]:
    value = document.value.get("openapi")
    if value is None and "swagger" in document.value:
        raise ContractError(
            f"{document.locate('/swagger')}: Swagger {document.value['swagger']} is not supported; "
            "expected OpenAPI 3.0 or 3.1: convert the document first"
        )
    if value is None:
        raise ContractError(f"{document.file}: not an OpenAPI document (no `openapi` at its top); expected 3.0 or 3.1")
    text = str(value)
    match text.split(".")[:2]:
        case ["3", "0"]:
            return "3.0"
        case ["3", "1"]:
            return "3.1"
    raise ContractError(f"{document.locate('/openapi')}: OpenAPI {text!r} is not supported; expected 3.0 or 3.1")


def _schemes(document: Document, flaws: list[Flaw]) -> Iterator[SecurityScheme]:
    components = document.value.get("components", {})
    schemes = components.get("securitySchemes", {}) if isinstance(components, dict) else {}
    for name in schemes if isinstance(schemes, dict) else ():
        try:
            scheme = _scheme(document, name)
        except ContractError as error:
            flaws.append(Flaw(None, str(error)))
            continue
        if scheme is not None:
            yield scheme


def _scheme(document: Document, name: str) -> SecurityScheme | None:
    pointer, scheme = document.resolve(join("/components/securitySchemes", name))
    if not isinstance(scheme, dict):
        raise ContractError(f"{document.locate(pointer)}: expected a security scheme (an object)")
    kind, http = scheme.get("type"), str(scheme.get("scheme", "")).lower()
    if kind == "apiKey":
        place = scheme.get("in")
        if place not in ("header", "query", "cookie") or not isinstance(scheme.get("name"), str):
            raise ContractError(
                f"{document.locate(pointer)}: an apiKey scheme needs `name`, and `in` as header, query or cookie"
            )
        return SecurityScheme(name, _place(place), str(scheme["name"]))
    if kind == "http" and http == "basic":
        return SecurityScheme(name, "header", "Authorization", "Basic ")
    if kind == "http" and http != "bearer":
        raise ContractError(f"{document.locate(pointer)}: expected `scheme: bearer` or `basic`, got {http or 'none'!r}")
    if kind in ("http", "oauth2", "openIdConnect"):
        return SecurityScheme(name, "header", "Authorization", "Bearer ")
    return None


def _place(value: JsonValue) -> Literal["header", "query", "cookie"]:
    return "query" if value == "query" else "cookie" if value == "cookie" else "header"


def _operations(document: Document, flaws: list[Flaw]) -> Iterator[Operation]:
    paths = document.value.get("paths", {})
    if not isinstance(paths, dict):
        raise ContractError(f"{document.locate('/paths')}: expected `paths` as an object of path templates")
    known: dict[str, Operation] = {}
    for path in paths:
        if path.startswith("x-"):
            continue
        try:
            base, item = _path_item(document, path)
        except ContractError as error:
            flaws.append(Flaw(None, str(error)))
            continue
        for method in METHODS:
            if method not in item:
                continue
            try:
                operation = _operation(document, path, method, join(base, method), base)
            except ContractError as error:
                flaws.append(Flaw(f"{method.upper()} {path}", str(error)))
                continue
            twin = known.setdefault(operation.id, operation)
            if twin is operation:
                yield operation
                continue
            place = document.locate(join(operation.pointer, "operationId"))
            text = f"{place}: the operationId {operation.id!r} is also that of {twin.method} {twin.path}"
            flaws.append(Flaw(f"{method.upper()} {path}", text))


def _path_item(document: Document, path: str) -> tuple[str, dict[str, JsonValue]]:
    base, item = document.resolve(join("/paths", path))
    if not path.startswith("/") or not isinstance(item, dict):
        raise ContractError(
            f"{document.locate(base)}: expected a path template that starts with '/' over an object, got {path!r}"
        )
    return base, item


def _operation(document: Document, path: str, method: str, pointer: str, base: str) -> Operation:
    raw = document.at(pointer)
    if not isinstance(raw, dict):
        raise ContractError(f"{document.locate(pointer)}: expected an operation (an object)")
    responses = raw.get("responses", {})
    if not isinstance(responses, dict) or not responses:
        raise ContractError(f"{document.locate(join(pointer, 'responses'))}: {method.upper()} {path} has no responses")
    for status in responses:
        if not _is_status(status):
            place = document.locate(join(pointer, "responses", status))
            raise ContractError(f"{place}: expected a status such as '200', '4XX' or 'default', got {status!r}")
        document.resolve(join(pointer, "responses", status))
    tags = raw.get("tags")
    return Operation(
        id=str(raw.get("operationId") or f"{method.upper()} {path}"),
        method=method.upper(),
        path=path,
        tags=tuple(str(tag) for tag in tags) if isinstance(tags, list) else (),
        pointer=pointer,
        security=_security(document, raw, pointer),
        statuses=tuple(responses),
        path_parameters=tuple(_path_parameters(document, pointer, base)),
        has_body="requestBody" in raw,
        body=_json_body(document, pointer),
    )


def _is_status(key: str) -> bool:
    return (
        key.startswith("x-")
        or key == "default"
        or (len(key) == 3 and key[0] in "12345" and (key[1:].isdigit() or key[1:].upper() == "XX"))
    )


def _security(document: Document, raw: dict[str, JsonValue], pointer: str) -> tuple[tuple[str, ...], ...]:
    own = "security" in raw
    value = raw["security"] if own else document.value.get("security", [])
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        place = document.locate(join(pointer, "security") if own else "/security")
        raise ContractError(f"{place}: expected `security` as a list of objects")
    alternatives = tuple(tuple(entry) for entry in value if isinstance(entry, dict))
    for name in {name for alternative in alternatives for name in alternative}:
        if not document.has(join("/components/securitySchemes", name)):
            place = document.locate(join(pointer, "security") if own else "/security")
            raise ContractError(f"{place}: the security scheme {name!r} is not under components/securitySchemes")
    return () if () in alternatives else alternatives


def _path_parameters(document: Document, pointer: str, base: str) -> Iterator[str]:
    for holder in (base, pointer):
        value = document.at(holder)
        listed = value.get("parameters", []) if isinstance(value, dict) else []
        if not isinstance(listed, list):
            raise ContractError(f"{document.locate(join(holder, 'parameters'))}: expected a list of parameters")
        for index in range(len(listed)):
            place, parameter = document.resolve(join(holder, "parameters", index))
            if not isinstance(parameter, dict) or not parameter.get("name") or not parameter.get("in"):
                raise ContractError(f"{document.locate(place)}: a parameter needs `name` and `in`")
            if parameter["in"] == "path":
                yield str(parameter["name"])


def _json_body(document: Document, pointer: str) -> str | None:
    body = join(pointer, "requestBody")
    try:
        document.at(body)
    except KeyError:
        return None
    body, value = document.resolve(body)
    content = value.get("content") if isinstance(value, dict) else None
    if not isinstance(content, dict):
        raise ContractError(f"{document.locate(body)}: a request body needs `content`, an object of media types")
    for media_type in content:
        if is_json(media_type):
            return document.resolve(join(body, "content", media_type))[0]
    return None
