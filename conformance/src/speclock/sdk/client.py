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
from typing import TYPE_CHECKING, Any, Literal

from speclock.core.errors import SubjectError
from speclock.sdk.converting import as_wanted, letters, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import ModuleType

    from speclock.sdk.subject import PlainRequest

__all__ = ["ClientSubject", "client_subject"]

#: Names under which a class of clients takes its address and its credential.
_ADDRESSES = ("base_url", "host", "api_url", "url")
_CREDENTIALS = ("token", "api_key", "key")
_PARTS = ("query", "headers", "cookies")


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

    @property
    def client(self) -> type:
        """The class of clients that it takes; of two, the one with a credential."""
        hint = self.hints.get("client")
        listed = typing.get_args(hint) or (hint,)
        found = [item for item in listed if isinstance(item, type)]
        return next((item for item in found if "Authenticated" in item.__name__), found[0])


@dataclass(frozen=True, slots=True)
class ClientSubject:
    """A generated package."""

    name: str
    endpoints: Mapping[tuple[str, str], Endpoint] = field(repr=False)
    errors: tuple[type[Exception], ...]
    transport: Literal["httpx"] | None
    refuses: bool = False

    def connect(self, base_url: str, credential: str, transport: object) -> ClientConnection:
        """See Subject."""
        return ClientConnection(self.endpoints, base_url, credential, transport)


@dataclass
class ClientConnection:
    """A generated package at one address."""

    endpoints: Mapping[tuple[str, str], Endpoint]
    base_url: str
    credential: str
    transport: object
    _clients: dict[type, Any] = field(default_factory=dict)

    def call(self, request: PlainRequest) -> object:
        """See Connection."""
        key = str(request["method"]), _anonymous(str(request["template"]))
        endpoint = self.endpoints.get(key)
        if endpoint is None:
            raise NotImplementedError(f"no module of it sends {' '.join(key)}")
        response = endpoint.call(client=self._client(endpoint.client), **dict(_arguments(endpoint, request)))
        return plain(response.parsed)

    def close(self) -> None:
        """See Connection."""
        for client in self._clients.values():
            if hasattr(client, "__exit__"):
                client.__exit__(None, None, None)

    def _client(self, kind: type) -> Any:  # noqa: ANN401 - a class of the package
        if kind not in self._clients:
            names = inspect.signature(kind).parameters.keys()
            options: dict[str, Any] = {next(name for name in _ADDRESSES if name in names): self.base_url}
            options |= {name: self.credential for name in _CREDENTIALS if name in names}
            if self.transport is not None:
                options["httpx_args"] = {"transport": self.transport}
            client = kind(**options)
            self._clients[kind] = client.__enter__() if hasattr(client, "__enter__") else client
        return self._clients[kind]


def client_subject(package: str) -> ClientSubject:
    """The package of that name.

    Raises:
        SubjectError: it cannot be imported, or openapi-python-client did not make it.
    """
    where = f"--subject client:{package}"
    try:
        module = importlib.import_module(package)
        importlib.import_module(f"{package}.api")
        endpoints = {(item.method, item.template): item for item in _endpoints(package)}
        models = importlib.import_module(f"{package}.models")
        for name in getattr(models, "__all__", ()):
            getattr(models, name)
    except ModuleNotFoundError as error:
        raise SubjectError(f"{where}: there is no module {error.name!r}; expected a generated package") from None
    except Exception as error:  # noqa: BLE001 - an import runs any code
        raise SubjectError(f"{where}: importing it failed with {type(error).__name__}: {error}") from None
    if not endpoints:
        raise SubjectError(f"{where}: expected modules with `sync_detailed` under {package}.api, found none")
    first = next(iter(endpoints.values()))
    takes_transport = "httpx_args" in inspect.signature(first.client).parameters
    return ClientSubject(
        name=" ".join(filter(None, (package, _version(module)))),
        endpoints=endpoints,
        errors=tuple(dict.fromkeys(_errors(package))),
        transport="httpx" if takes_transport else None,
    )


def _version(module: ModuleType) -> str:
    top = module.__name__.partition(".")[0]
    names = importlib.metadata.packages_distributions().get(top, [])
    return importlib.metadata.version(names[0]) if names else ""


def _modules(package: str) -> Iterator[ModuleType]:
    api = importlib.import_module(f"{package}.api")
    for found in pkgutil.walk_packages(api.__path__, f"{api.__name__}."):
        if not found.ispkg:
            yield importlib.import_module(found.name)


def _endpoints(package: str) -> Iterator[Endpoint]:
    for module in _modules(package):
        call: Callable[..., Any] | None = getattr(module, "sync_detailed", None)
        build: Callable[..., Any] | None = getattr(module, "_get_kwargs", None)
        said = _sent_by(build) if build is not None else None
        if call is not None and said is not None:
            method, template = said
            names = tuple(re.findall(r"\{([^{}]*)\}", template))
            yield Endpoint(call, method, _anonymous(template), names, typing.get_type_hints(call))


def _errors(package: str) -> Iterator[type[Exception]]:
    """The errors of the package: those that its modules of operations name."""
    top = package.partition(".")[0]
    for module in [importlib.import_module(f"{package}.errors"), *_modules(package)]:
        for item in vars(module).values():
            is_error = inspect.isclass(item) and issubclass(item, Exception)
            if is_error and item.__module__.partition(".")[0] == top:
                yield item


def _sent_by(build: Callable[..., Any]) -> tuple[str, str] | None:
    """The method and the path that a `_get_kwargs` says."""
    for node in ast.walk(ast.parse(inspect.getsource(build))):
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
    if "body" in request:
        if "body" not in endpoint.hints:
            raise NotImplementedError("it sends no body")
        yield "body", as_wanted(endpoint.hints["body"], request["body"])


def _part(request: PlainRequest, part: str) -> Mapping[str, Any]:
    values: Any = request.get(part, {})
    return typing.cast("Mapping[str, Any]", values)


def _argument(endpoint: Endpoint, part: str, name: str) -> str:
    """The argument of a parameter: its name in Python, told from another part's by a suffix."""
    wanted = letters(name)
    for form in (wanted, wanted + part, wanted + part.rstrip("s"), f"field{wanted}"):
        for argument in endpoint.hints.keys() - {"client", "body", "return", *endpoint.in_path}:
            if letters(argument) == form:
                return argument
    raise NotImplementedError(f"it has no argument for the {part.rstrip('s')} parameter {name}")
