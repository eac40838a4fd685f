"""A case, and what came of it.

A case is one concrete request. It is positive (the contract allows it), negative (it breaks the contract, and
`breaks` names the constraint when exactly one is broken), or a probe (it says nothing about data: a foreign
method, a missing credential). What it sends is a draft of our own, or a generator's native object.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from speclock.core.values import is_deep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speclock.core.contract import Operation
    from speclock.core.documents import JsonValue

__all__ = [
    "ABSENT",
    "MISSING",
    "SILENCE",
    "TOO_DEEP",
    "Absent",
    "Answer",
    "Case",
    "CaseKind",
    "Demand",
    "Draft",
    "Exchange",
    "Missing",
    "Request",
]


class Missing(Enum):
    """Why there is no JSON value, where None would be JSON's null."""

    NO_JSON = "the bytes are no JSON"
    TOO_DEEP = "nested too deeply to be looked at"


MISSING, TOO_DEEP = Missing.NO_JSON, Missing.TOO_DEEP


class Absent(Enum):
    """No body at all, where None would be JSON's null."""

    ABSENT = "no body"


ABSENT = Absent.ABSENT


class CaseKind(StrEnum):
    """What the contract says of a request."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    PROBE = "probe"


@dataclass(frozen=True, slots=True)
class Draft:
    """A request as it is meant, before credentials: values, not yet written as the contract says (style, explode)."""

    path: Mapping[str, JsonValue] = field(default_factory=dict)
    query: Mapping[str, JsonValue] = field(default_factory=dict)
    headers: Mapping[str, JsonValue] = field(default_factory=dict)
    cookies: Mapping[str, JsonValue] = field(default_factory=dict)
    body: JsonValue | Absent = ABSENT
    #: The Content-Type to send; None: the one that the contract documents for the body.
    media_type: str | None = None
    #: These very bytes in place of the written body.
    raw: bytes | None = None
    #: Another method than the operation's.
    method: str | None = None

    def with_parameters(self, part: str, values: Mapping[str, JsonValue]) -> Draft:
        """The request with these parameters in place of all of that part (`path`, `query`, `header` or `cookie`)."""
        match part:
            case "path":
                return replace(self, path=values)
            case "query":
                return replace(self, query=values)
            case "header":
                return replace(self, headers=values)
        return replace(self, cookies=values)

    def parameters(self, part: str) -> Mapping[str, JsonValue]:
        """The parameters of a part."""
        return {"path": self.path, "query": self.query, "header": self.headers, "cookie": self.cookies}[part]


@dataclass(frozen=True, slots=True)
class Demand:
    """What the answer to a case must be, where the case's kind alone does not say it."""

    #: The name of the check that fails otherwise, such as `credential_rejection`.
    check: str
    rule: str
    #: The statuses that answer it rightly.
    statuses: frozenset[int]
    #: The place of the promise in the contract.
    pointer: str
    #: What was sent, in words that can follow "does not refuse" or "refuses".
    given: str
    #: Texts of the request that the answer must have too.
    echoes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One request to be made, as a `draft` of ours or as the generator's own `native` object."""

    operation: Operation
    phase: str
    kind: CaseKind
    description: str
    #: The id of the one constraint that it breaks.
    breaks: str | None = None
    #: The rules that it breaks, where it breaks several on purpose; in document order.
    names: tuple[str, ...] = ()
    #: The pointer of the keyword that it breaks.
    keyword: str | None = None
    #: The id of the constraint at whose legal side it stands: a nearest neighbour of a violation.
    borders: str | None = None
    draft: Draft | None = None
    demand: Demand | None = None
    #: Credential by security scheme in place of the run's own; empty: none.
    credentials: Mapping[str, str] | None = field(default=None, repr=False)
    #: The properties and parameters that hold ids of things that exist, by who says so: the profile, the contract's
    #: links, or names that suggest it.
    known: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()
    guessed: tuple[str, ...] = ()
    #: Those that look like ids, and of which nobody knows whether they exist.
    unbound: tuple[str, ...] = ()
    #: Those that were never sent before, and must be new again when the case is repeated.
    fresh: tuple[str, ...] = ()
    native: object = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it went over the wire."""

    method: str
    url: str
    path: str
    #: The path and query below the subject's URL.
    target: str
    headers: Mapping[str, str]
    body: bytes
    path_parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as it came."""

    #: 0: none came.
    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float
    native: object = field(default=None, repr=False, compare=False)

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


#: In place of an answer, where none came.
SILENCE = Answer(0, {}, b"", 0.0)


@dataclass(frozen=True)
class Exchange:
    """A case with its request and answer."""

    case: Case
    request: Request
    answer: Answer

    @cached_property
    def request_json(self) -> JsonValue | Missing:
        """The request body as the server reads it; MISSING when there is none or it is no JSON, or TOO_DEEP."""
        return _parse(self.request.body)

    @cached_property
    def answer_json(self) -> JsonValue | Missing:
        """The response body; MISSING when it is no JSON, or TOO_DEEP."""
        return _parse(self.answer.body)


def _parse(body: bytes) -> JsonValue | Missing:
    try:
        value: JsonValue = json.loads(body)
    except ValueError:
        return MISSING
    except RecursionError:
        return TOO_DEEP
    return TOO_DEEP if is_deep(value) else value
