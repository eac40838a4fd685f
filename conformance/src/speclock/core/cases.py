"""A case, and what came of it.

A case is one concrete request. It is positive (the contract allows it), negative (it breaks the contract, and
`breaks` names the rule when exactly one named rule is broken), or a probe (it says nothing about data: a foreign
method, a missing credential).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speclock.core.contract import Operation
    from speclock.core.documents import JsonValue

__all__ = ["MISSING", "Answer", "Case", "CaseKind", "Exchange", "Missing", "Request"]


class Missing:
    """No JSON value at all, where None would be JSON's null."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING = Missing()


class CaseKind(StrEnum):
    """What the contract says of a request."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    PROBE = "probe"


@dataclass(frozen=True, slots=True)
class Case:
    """One request to be made; `native` is the generator's own object, opaque to everyone else."""

    operation: Operation
    phase: str
    kind: CaseKind
    description: str
    breaks: str | None = None
    #: The profile's bindings that were put into the case.
    bound: tuple[str, ...] = ()
    native: object = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it went over the wire."""

    method: str
    url: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    path_parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """A response as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float
    native: object = field(default=None, repr=False, compare=False)

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


@dataclass(frozen=True)
class Exchange:
    """A case with its request and answer."""

    case: Case
    request: Request
    answer: Answer

    @cached_property
    def request_json(self) -> JsonValue | Missing:
        """The request body as the server reads it; MISSING when there is none or it is no JSON."""
        return _parse(self.request.body)

    @cached_property
    def answer_json(self) -> JsonValue | Missing:
        """The response body; MISSING when it is no JSON."""
        return _parse(self.answer.body)


def _parse(body: bytes) -> JsonValue | Missing:
    try:
        value: JsonValue = json.loads(body)
    except (ValueError, RecursionError):
        return MISSING
    return value
