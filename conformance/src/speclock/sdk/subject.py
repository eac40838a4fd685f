"""What an SDK must offer to be judged: a structural protocol of plain data, so that no SDK imports the harness.

A request is a mapping of plain values: `operation` (the operationId), `method`, `template` (the path as the contract
has it), and for each part that has values `path`, `query`, `headers` and `cookies` (each by the name that the contract
has for it), and `body`; what is not there is not to be sent. `credentials` are the ways in which the contract has the
credential said for this operation, each with `in` (`header`, `query` or `cookie`), `name` and `prefix`; none: it needs
none. Those of one `alternative` (a number) are to be said together.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from speclock.core.cases import ABSENT
from speclock.core.documents import join

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speclock.core.cases import Draft
    from speclock.core.contract import Contract, Operation, SecurityScheme

__all__ = ["Connection", "PlainRequest", "Subject", "plain_request", "schemes"]

PlainRequest: TypeAlias = "Mapping[str, object]"


class Connection(Protocol):
    """An SDK that is set up for one address."""

    def call(self, request: PlainRequest) -> object:
        """Send the request as a user of the SDK would, and return what the SDK makes of the answer, as plain data.

        Raises:
            NotImplementedError: the SDK has no way to say this request.
            Exception: whatever the SDK raises.
        """

    def close(self) -> None:
        """Let go of connections."""


class Subject(Protocol):
    """An SDK."""

    @property
    def name(self) -> str:
        """What it is called in reports, with its version."""

    @property
    def refuses(self) -> bool:
        """Whether it claims to refuse, before it sends anything, what its contract forbids."""

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """The errors that it documents; any other is a finding."""

    @property
    def transport(self) -> Literal["httpx"] | None:
        """`httpx` where it can be given a transport of httpx; None where it must be given an address."""

    def connect(self, base_url: str, credential: str, transport: object) -> Connection:
        """Set the SDK up: for this address, with one credential for every security scheme, without repeats of its own.

        `transport` is an `httpx.BaseTransport`, and an `httpx.AsyncBaseTransport` too, to send by; or None.
        """


def schemes(contract: Contract, operation: Operation) -> list[SecurityScheme]:
    """The ways to say a credential that an operation knows, also where it needs none, in the order of the contract."""
    document, own = contract.document, join(operation.pointer, "security")
    place = next((pointer for pointer in (own, "/security") if document.has(pointer)), None)
    listed = [] if place is None else document.at(place)
    ways = listed if isinstance(listed, list) else []
    names = dict.fromkeys(name for way in ways if isinstance(way, dict) for name in way)
    return [scheme for name in names if (scheme := contract.scheme(name)) is not None]


def plain_request(contract: Contract, operation: Operation, draft: Draft) -> PlainRequest:
    """A draft as subjects are given it: a copy, since an SDK may change what it is given."""
    parts = {"path": draft.path, "query": draft.query, "headers": draft.headers, "cookies": draft.cookies}
    request: dict[str, object] = {"operation": operation.id, "method": operation.method, "template": operation.path}
    request["credentials"] = [
        {"in": scheme.place, "name": scheme.parameter, "prefix": scheme.prefix, "alternative": number}
        for number, way in enumerate(operation.security)
        for scheme in map(contract.scheme, way)
        if scheme is not None
    ]
    request |= {name: deepcopy(dict(values)) for name, values in parts.items() if values}
    if draft.body is not ABSENT:
        request["body"] = deepcopy(draft.body)
    return request
