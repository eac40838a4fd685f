"""A request and its response as values, which show no credential and no content when they are printed."""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from evalsessions._values.json_values import JsonValue, decode

__all__ = ["Attempt", "Headers", "RawResponse", "Request", "Response"]

ModelT = TypeVar("ModelT")

# Everything else may be a credential, under whatever name a proxy gives it.
_SHOWN = frozenset({"accept", "content-length", "content-type", "date", "retry-after", "user-agent", "x-request-id"})


class Headers(Mapping[str, str]):
    """Header fields by name, in any case of letters; a repeated one is joined by commas (RFC 9110, section 5.3)."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._fields: dict[str, str] = {}
        for name, value in fields:
            known = self._fields.get(name.lower())
            self._fields[name.lower()] = value if known is None else f"{known}, {value}"

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._fields

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def items(self) -> ItemsView[str, str]:
        return self._fields.items()

    def __reduce__(self) -> tuple[type[Headers], tuple[list[tuple[str, str]]]]:
        return Headers, (list(self.items()),)

    def __repr__(self) -> str:
        shown = {name: value if name in _SHOWN else "[hidden]" for name, value in self.items()}
        return f"Headers({shown!r})"


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent.

    Attributes:
        operation: the operationId in the contract.
        method: the method, in upper case.
        url: the whole address.
        headers: its header fields, the credential among them.
        content: the body, byte for byte.
    """

    operation: str
    method: str
    url: str
    headers: Headers
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """What came back.

    Attributes:
        status_code: the status, also one that HTTP does not know.
        headers: its header fields.
        content: the body, decoded from its transfer and content codings.
        request: what it answers.
        flaw: why `content` is not the whole body, or None.
    """

    status_code: int
    headers: Headers
    content: bytes = field(repr=False)
    request: Request
    flaw: str | None = None

    @property
    def request_id(self) -> str | None:
        """The answer's `X-Request-Id`, or None."""
        return self.headers.get("x-request-id")

    @property
    def text(self) -> str:
        """The body as text in UTF-8; what is none is replaced."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> JsonValue:
        """Return the body's JSON value.

        Raises:
            ValueError: it is no JSON.
        """
        return decode(self.content)


@dataclass(frozen=True, slots=True)
class RawResponse(Response, Generic[ModelT]):
    """A response that was not read yet, as `with_raw_response` returns it."""

    reader: Callable[[Response, bool], ModelT] = field(repr=False, kw_only=True)

    def parse(self, *, strict: bool = True) -> ModelT:
        """Return the model of the body.

        Raises:
            ResponseValidationError: the body breaks the contract; with `strict=False`, it cannot be read at all.
        """
        return self.reader(self, strict)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to send a request, as `on_attempt` is told of it.

    Attributes:
        operation: the operationId in the contract.
        number: which attempt of its call it was, counted from 1.
        method: the method.
        url: the whole address.
        status_code: the status of the answer, or None where there was none.
        request_id: the answer's `X-Request-Id`, or None.
        problem: why there was no answer, or None.
        seconds: how long it took.
        retry_in: the seconds after which the next attempt is made, or None where this was the last.
    """

    operation: str
    number: int
    method: str
    url: str
    status_code: int | None
    request_id: str | None
    problem: str | None
    seconds: float
    retry_in: float | None
