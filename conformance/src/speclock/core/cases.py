"""A case, and what came of it.

A case is one concrete request. It is positive (the contract allows it), negative (it breaks the contract, and
`breaks` names the rule when exactly one named rule is broken), or a probe (it says nothing about data: a foreign
method, a missing credential).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from speclock.core.values import is_deep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speclock.core.contract import Operation
    from speclock.core.documents import JsonValue

__all__ = ["MISSING", "TOO_DEEP", "Answer", "Case", "CaseKind", "Exchange", "Missing", "Request"]


class Missing(Enum):
    """Why there is no JSON value, where None would be JSON's null."""

    NO_JSON = "the bytes are no JSON"
    TOO_DEEP = "nested too deeply to be looked at"


MISSING, TOO_DEEP = Missing.NO_JSON, Missing.TOO_DEEP


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
    #: The properties and parameters that hold ids of things that exist, by the profile or from this run.
    bound: tuple[str, ...] = ()
    #: Those that look like ids, and of which nobody knows whether they exist.
    unbound: tuple[str, ...] = ()
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
