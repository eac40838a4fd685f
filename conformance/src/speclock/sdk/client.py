"""Any package that openapi-python-client generates, as a subject: nothing but its name is needed.

Its operations are found by what they send: each module under `api` says its method and path in `_get_kwargs`. Plain
values become what the signature of `sync_detailed` wants, the way that the generated models read them.
"""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import inspect
import pkgutil
import re
import typing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast

from speclock.core.errors import SubjectError, where_raised
from speclock.sdk.converting import as_wanted, letters, plain, unset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import ModuleType

    from speclock.sdk.subject import PlainRequest

__all__ = ["ClientSubject", "client_subject"]

#: Names under which a class of clients takes its address and its credential.
_ADDRESSES = ("base_url", "host", "api_url", "url")
_CREDENTIALS = ("token", "jwt_token", "access_token", "api_key", "key")
_PARTS = ("query", "headers", "cookies")
#: Headers that are no parameters (OpenAPI 3.1, section 4.8.12), and that a document may list all the same.
_OF_JSON = frozenset({"accept", "content-type"})
#: What `_get_kwargs` gathers the parameters of each part in.
_HOLDERS = {"params": "query", "headers": "headers", "cookies": "cookies"}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One generated operation."""

    call: Callable[..., Any]
    method: str
    #: Its path, with `{}` for each parameter, and the names of those, in order.
    template: str
    in_path: tuple[str, ...]
    #: What each parameter of `sync_detailed` is declared as.
    hints: Mapping[str, Any] = field(repr=False)
    #: The argument of each parameter, by its part and its name on the wire.
    named: Mapping[tuple[str, str], str] = field(repr=False)

    def client(self, *, known: bool) -> type:
        """The class of clients that it takes; of two, the one with a credential for somebody who is `known`."""
        hint = self.hints.get("client")
        found = [item for item in typing.get_args(hint) or (hint,) if isinstance(item, type)]
        return next((item for item in found if ("Authenticated" in item.__name__) is known), found[0])


@dataclass(frozen=True, slots=True)
class ClientSubject:
    """A generated package."""

    name: str
    endpoints: Mapping[tuple[str, str], Endpoint] = field(repr=False)
    errors: tuple[type[Exception], ...]
    transport: Literal["httpx"] | None
    #: Modules of it that cannot be imported, and why: what they send cannot be asked of it.
    unreadable: tuple[str, ...] = ()
    refuses: bool = False

    def connect(self, base_url: str, credential: str, transport: object) -> ClientConnection:
        """See Subject."""
        return ClientConnection(self, base_url, credential, transport)


@dataclass
class ClientConnection:
    """A generated package at one address."""

    subject: ClientSubject
    base_url: str
    credential: str
    transport: object
    _clients: dict[tuple[object, ...], Any] = field(default_factory=dict)

    def call(self, request: PlainRequest) -> object:
        """See Connection."""
        key = str(request["method"]), _anonymous(str(request["template"]))
        endpoint = self.subject.endpoints.get(key)
        if endpoint is None:
            broken = f"; it cannot import {', '.join(self.subject.unreadable)}" if self.subject.unreadable else ""
            raise NotImplementedError(f"no module of it sends {' '.join(key)}{broken}")
        unsaid = {name: mark for name, hint in endpoint.hints.items() if (mark := unset(hint)) is not None}
        arguments = unsaid | dict(_arguments(endpoint, request))
        response = endpoint.call(client=self._client(endpoint, request), **arguments)
        return plain(response.parsed)

    def close(self) -> None:
        """See Connection."""
        for client in self._clients.values():
            if hasattr(client, "__exit__"):
                client.__exit__(None, None, None)

    def _client(self, endpoint: Endpoint, request: PlainRequest) -> Any:  # noqa: ANN401 - a class of the package
        """A client that says its credential the way that this request needs, in a header where there is a choice."""
        ways = cast("list[dict[str, str]]", request["credentials"])
        way = next((item for item in ways if item["in"] == "header"), ways[0] if ways else None)
        beside = [item for item in ways if way and item is not way and item["alternative"] == way["alternative"]]
        kind = endpoint.client(known=way is not None and way["in"] == "header")
        key = (kind, *(tuple(item.values()) for item in (way, *beside) if item))
        if key not in self._clients:
            client = kind(**self._options(kind, way, beside))
            self._clients[key] = client.__enter__() if hasattr(client, "__enter__") else client
        return self._clients[key]

    def _options(
        self, kind: type, way: Mapping[str, str] | None, beside: Sequence[Mapping[str, str]]
    ) -> dict[str, Any]:
        names = inspect.signature(kind).parameters.keys()
        options: dict[str, Any] = {next(name for name in _ADDRESSES if name in names): self.base_url}
        options |= {name: self.credential for name in _CREDENTIALS if name in names}
        further: dict[str, Any] = {} if self.transport is None else {"transport": self.transport}
        if way is not None and way["in"] == "header" and "auth_header_name" in names:
            options |= {"auth_header_name": way["name"], "prefix": way["prefix"].strip()}
            way = None
        for item in (*beside, *([way] if way else [])):
            match item:
                case {"in": "header", "name": name, "prefix": prefix} if "headers" in names and beside:
                    options.setdefault("headers", {})[name] = prefix + self.credential
                case {"in": "cookie", "name": name} if "cookies" in names:
                    options.setdefault("cookies", {})[name] = self.credential
                case {"in": "query", "name": name}:
                    further.setdefault("params", {})[name] = self.credential
        return options | ({"httpx_args": further} if further and "httpx_args" in names else {})


def client_subject(package: str) -> ClientSubject:
    """The package of that name.

    Raises:
        SubjectError: it cannot be imported, or openapi-python-client did not make it.
    """
    where = f"--subject client:{package}"
    try:
        module = importlib.import_module(package)
        modules, unreadable = _modules(package)
        endpoints = {(item.method, item.template): item for item in map(_endpoint, modules) if item is not None}
        errors = tuple(dict.fromkeys(_errors(package, modules)))
        models = importlib.import_module(f"{package}.models")
        for name in getattr(models, "__all__", ()):
            getattr(models, name)
    except ModuleNotFoundError as error:
        raise SubjectError(f"{where}: there is no module {error.name!r}; expected a generated package") from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - an import runs any code
        raise SubjectError(f"{where}: importing it failed with {where_raised(error)}") from None
    if not endpoints:
        why = f"; it cannot import {unreadable[0]}" if unreadable else ""
        raise SubjectError(f"{where}: expected modules with `sync_detailed` under {package}.api, found none{why}")
    options = inspect.signature(next(iter(endpoints.values())).client(known=True)).parameters
    if not any(name in options for name in _ADDRESSES):
        raise SubjectError(f"{where}: expected a class of clients that takes one of {', '.join(_ADDRESSES)}")
    return ClientSubject(
        name=" ".join(filter(None, (package, _version(module)))),
        endpoints=endpoints,
        errors=errors,
        transport="httpx" if "httpx_args" in options else None,
        unreadable=tuple(unreadable),
    )


def _version(module: ModuleType) -> str:
    top = module.__name__.partition(".")[0]
    (name, *_) = importlib.metadata.packages_distributions().get(top) or [top]  # of an editable install it knows none
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _modules(package: str) -> tuple[list[ModuleType], list[str]]:
    """The modules under `api`, and those that cannot be imported: a generator may write what is no Python."""
    found: list[ModuleType] = []
    unreadable: list[str] = []
    api = importlib.import_module(f"{package}.api")
    for item in pkgutil.walk_packages(api.__path__, f"{api.__name__}.", onerror=lambda _name: None):
        try:
            module = importlib.import_module(item.name)
        except Exception as error:  # noqa: BLE001 - an import runs any code
            unreadable.append(f"{item.name} ({type(error).__name__})")
            continue
        if not item.ispkg:
            found.append(module)
    return found, unreadable


def _endpoint(module: ModuleType) -> Endpoint | None:
    call: Callable[..., Any] | None = getattr(module, "sync_detailed", None)
    build: Callable[..., Any] | None = getattr(module, "_get_kwargs", None)
    if call is None or build is None:
        return None
    tree = ast.parse(inspect.getsource(build))
    said = _sent_by(tree)
    if said is None:
        return None
    method, template = said
    names = tuple(re.findall(r"\{([^{}]*)\}", template))
    hints = typing.get_type_hints(call)
    return Endpoint(call, method, _anonymous(template), names, hints, dict(_named(tree, hints)))


def _named(tree: ast.AST, hints: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], str]]:
    """What `params["perPage"] = per_page` and its like say: the part and the name, and the argument."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(
                targets=[ast.Subscript(value=ast.Name(id=holder), slice=ast.Constant(value=str(name)))], value=value
            ) if holder in _HOLDERS:
                read = [inner.id.removeprefix("json_") for inner in ast.walk(value) if isinstance(inner, ast.Name)]
                argument = next((item for item in read if item in hints), None)
                if argument is not None:
                    yield (_HOLDERS[holder], name), argument


def _errors(package: str, modules: list[ModuleType]) -> Iterator[type[Exception]]:
    """The errors of the package: those that its modules of operations name."""
    top = package.partition(".")[0]
    for module in [importlib.import_module(f"{package}.errors"), *modules]:
        for item in vars(module).values():
            is_error = inspect.isclass(item) and issubclass(item, Exception)
            if is_error and item.__module__.partition(".")[0] == top:
                yield item


def _sent_by(tree: ast.AST) -> tuple[str, str] | None:
    """The method and the path that a `_get_kwargs` says."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Dict):
            continue
        said = {
            key.value: value for key, value in zip(node.keys, node.values, strict=True) if isinstance(key, ast.Constant)
        }
        method, path = _text(said.get("method")), _text(said.get("url", said.get("path")))
        if method is not None and path is not None:
            return method.upper(), path
    return None


def _text(node: ast.expr | None) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Attribute(attr=name):  # a member of an enum, such as RequestMethod.POST
            return name
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format")):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_piece(value) for value in values)
    return None


def _piece(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    names = [inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)]
    return "{" + (names[-1] if names else "") + "}"


def _anonymous(template: str) -> str:
    return re.sub(r"\{[^{}]*\}", "{}", template)


def _arguments(endpoint: Endpoint, request: PlainRequest) -> Iterator[tuple[str, Any]]:
    """The arguments of `sync_detailed` that say this request."""
    names = re.findall(r"\{([^{}]*)\}", str(request["template"]))
    for name, argument in zip(names, endpoint.in_path, strict=True):
        yield argument, as_wanted(endpoint.hints[argument], _part(request, "path")[name])
    for part in _PARTS:
        for name, value in _part(request, part).items():
            argument = _argument(endpoint, part, name)
            yield argument, as_wanted(endpoint.hints[argument], value)
    for (part, name), argument in endpoint.named.items():
        if part == "headers" and name.lower() in _OF_JSON:
            yield argument, as_wanted(endpoint.hints[argument], "application/json")
    if "body" in request:
        if "body" not in endpoint.hints:
            raise NotImplementedError("it sends no body")
        yield "body", as_wanted(endpoint.hints["body"], request["body"])


def _part(request: PlainRequest, part: str) -> Mapping[str, Any]:
    values: Any = request.get(part, {})
    return cast("Mapping[str, Any]", values)


def _argument(endpoint: Endpoint, part: str, name: str) -> str:
    """The argument of a parameter: what is sent under its name, or else what is called like it."""
    if (part, name) in endpoint.named:
        return endpoint.named[part, name]
    wanted, taken = letters(name), {*endpoint.in_path, *endpoint.named.values(), "client", "body", "return"}
    for argument in endpoint.hints.keys() - taken:
        if letters(argument) in {wanted, wanted + part, wanted + part.rstrip("s")}:
            return argument
    raise NotImplementedError(f"it has no argument for the {part.rstrip('s')} parameter {name}")
