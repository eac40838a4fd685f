"""What a server sees of a request: the operation that it is of, and its values, from the bytes on the wire."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from speclock.core.cases import ABSENT, Case, CaseKind, Draft, Exchange, Missing, Request
from speclock.core.constraints import Part
from speclock.core.constraints.parameters import Parameter, parameters
from speclock.core.media_types import essence
from speclock.mutants.model import Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from speclock.core.cases import Absent, Answer
    from speclock.core.constraints import Oracle
    from speclock.core.contract import Contract, Operation
    from speclock.core.documents import JsonValue
    from speclock.core.schemas import Schemas

__all__ = ["Reader", "header", "is_foreign_method", "is_of_contract"]


@dataclass
class Reader:
    """Reads requests of one contract."""

    contract: Contract
    schemas: Schemas
    oracle: Oracle
    #: What stands before the path of an operation.
    base: Callable[[Operation], str]
    _routes: list[tuple[re.Pattern[str], Operation]] = field(init=False)
    _parameters: dict[str, list[Parameter]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Sort the routes: a literal path comes before one with parameters in its place."""
        ordered = sorted(self.contract.operations, key=lambda operation: operation.path.count("{"))
        self._routes = [(_route(operation), operation) for operation in ordered]

    def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[Operation, Request] | None:
        """The request and its operation, one of the same path where the method is foreign; None: of none."""
        found: list[tuple[Operation, Request]] = []
        for route, operation in self._routes:
            base = self.base(operation)
            target = url.removeprefix(base)
            values = route.fullmatch(target.partition("?")[0]) if url.startswith(base) else None
            if values is not None:
                names = re.findall(r"\{([^{}/]+)\}", operation.path)
                named = {name: unquote(text) for name, text in zip(names, values.groups(), strict=True)}
                path = urlsplit(url).path
                found.append((operation, Request(method, url, path, target, headers, body, named)))
        return next((item for item in found if item[0].method == method), found[0] if found else None)

    def is_first(self, operation: Operation) -> bool:
        """Whether it is the operation that requests of a foreign method count as, of those of its path."""
        return operation is next(item for _, item in self._routes if item.path == operation.path)

    def parameters(self, operation: Operation) -> Sequence[Parameter]:
        """The parameters of an operation."""
        if operation.id not in self._parameters:
            self._parameters[operation.id] = parameters(self.contract, self.schemas.root, operation)
        return self._parameters[operation.id]

    def seen(self, exchange: Exchange) -> Seen:
        """What a server sees of a request, and the answer."""
        operation = exchange.case.operation
        return Seen(operation, exchange, self._draft(operation, exchange), self.oracle)

    def read(self, operation: Operation, request: Request, answer: Answer) -> Seen:
        """The same of a request that is no case."""
        return self.seen(Exchange(Case(operation, "mutant", CaseKind.PROBE, "a request"), request, answer))

    def _draft(self, operation: Operation, exchange: Exchange) -> Draft | None:
        request = exchange.request
        body: JsonValue | Absent = ABSENT
        if request.body:
            read = exchange.request_json
            if isinstance(read, Missing) or not _is_documented(operation, header(request, "content-type")):
                return None
            body = read
        if request.method != operation.method:
            return None
        known = self.parameters(operation)
        return Draft(
            path=dict(request.path_parameters),
            query=_query(urlsplit(request.url).query, known),
            headers={
                item.place.steps[0]: value
                for item in known
                if item.place.part is Part.HEADER and (value := header(request, item.place.steps[0])) is not None
            },
            cookies=_cookies(header(request, "cookie")),
            body=body,
        )


def header(request: Request, name: str) -> str | None:
    """The value of a header, whatever the case of its name."""
    return next((value for key, value in request.headers.items() if key.lower() == name.lower()), None)


def _route(operation: Operation) -> re.Pattern[str]:
    """The paths of an operation; the groups are its parameters, in order."""
    parts = re.split(r"\{[^{}/]+\}", operation.path)
    return re.compile("([^/]+)".join(map(re.escape, parts)))


def is_foreign_method(seen: Seen) -> bool:
    """Whether the request is of a method that its path does not have."""
    return seen.request.method != seen.operation.method


def is_of_contract(seen: Seen) -> bool:
    """Whether the request says that its body is what the operation documents."""
    return _is_documented(seen.operation, header(seen.request, "content-type"))


def _is_documented(operation: Operation, media_type: str | None) -> bool:
    return operation.body is not None and essence(media_type or "") == essence(operation.media_type)


def _query(text: str, known: Sequence[Parameter]) -> dict[str, JsonValue]:
    """The query by names; what is given several times is a list, and `name[key]` a member of an object."""
    found: dict[str, JsonValue] = {}
    lists = {item.place.steps[0] for item in known if item.place.part is Part.QUERY and _is_list(item)}
    for name, value in parse_qsl(text, keep_blank_values=True):
        holder, mark, rest = name.partition("[")
        held = found.get(holder)
        if mark and rest.endswith("]") and (held is None or isinstance(held, dict)):
            found[holder] = {**(held or {}), rest[:-1]: value}
        elif name in found or name in lists:
            before = found.get(name, [])
            found[name] = [*(before if isinstance(before, list) else [before]), value]
        else:
            found[name] = value
    return found


def _is_list(parameter: Parameter) -> bool:
    schema = parameter.value.get("schema")
    return isinstance(schema, dict) and schema.get("type") == "array" and parameter.value.get("explode") is not False


def _cookies(text: str | None) -> Mapping[str, JsonValue]:
    pairs = [part.strip().partition("=") for part in (text or "").split(";") if "=" in part]
    return {name: value for name, _, value in pairs}
