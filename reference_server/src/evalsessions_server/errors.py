"""What a refusal says: one ``Problem``, told in the shape of the vendor that owns the path.

Galtea answers ``{"error", "message"}`` and, for a fault in the body, ``rule`` and ``pointer``. Galileo answers
``{"detail"}``: a list in FastAPI's shape for faults of the request, otherwise a text.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from evalsessions_server.strict_json import pointer_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evalsessions_server.json_types import JsonObject

__all__ = ["MAX_FAULTS", "Fault", "Problem", "Vendor", "describe", "invalid"]

# How many faults one message tells before it only counts the rest.
_TOLD = 5

MAX_FAULTS = 50
"""How many faults of one request are noted; a body of 1 MiB has room for half a million, and nobody reads them."""

# RFC 9110, section 15; Python's own table changes its words from one version to the next.
_PHRASES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class Vendor(StrEnum):
    """Whose operation it is; decides the key, the shape of errors and the status of an invalid body."""

    GALTEA = "galtea"
    GALILEO = "galileo"

    @classmethod
    def of_path(cls, path: str) -> Vendor:
        """Return whose shape a path answers in, known route or not."""
        return cls.GALILEO if path == "/v2" or path.startswith("/v2/") else cls.GALTEA


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a request: where (first step ``body`` or ``path``), of which kind, and in words."""

    location: tuple[str | int, ...]
    kind: str
    message: str
    rule: str | None = None

    @property
    def pointer(self) -> str:
        """The JSON pointer into the body."""
        return pointer_of(self.location[1:])

    def __str__(self) -> str:
        where = pointer_of(self.location[1:]) if self.location[0] == "body" else "path " + str(self.location[1])
        return f"{where}: {self.message}" if where else self.message


class Problem(Exception):  # noqa: N818 - a refusal is an answer, not an error of this program
    """The request is refused; the message says what was wrong, where, and what to do."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.faults = tuple(faults)
        self.headers = dict(headers or {})


def invalid(vendor: Vendor, faults: Sequence[Fault]) -> Problem:
    """Return the refusal of a request with ``faults`` (at least one)."""
    told = "; ".join(str(fault) for fault in faults[:_TOLD])
    more = len(faults) - _TOLD
    if more > 0:
        told += f"; and {'at least ' if len(faults) >= MAX_FAULTS else ''}{more} more"
    return Problem(400 if vendor is Vendor.GALTEA else 422, told, faults=faults)


def describe(problem: Problem, vendor: Vendor) -> JsonObject:
    """Return the error body of ``problem``."""
    if vendor is Vendor.GALILEO:
        if not problem.faults:
            return {"detail": problem.message}
        return {
            "detail": [
                {"loc": list(fault.location), "msg": fault.message, "type": fault.rule or fault.kind}
                for fault in problem.faults
            ]
        }
    body: JsonObject = {"error": _PHRASES.get(problem.status, "Error"), "message": problem.message}
    if problem.faults:
        first = problem.faults[0]
        if first.rule is not None:
            body["rule"] = first.rule
        body["pointer"] = first.pointer
    return body
