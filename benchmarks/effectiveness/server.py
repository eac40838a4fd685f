"""A server of one document, right or with one fault, that notes when the fault first shows in an answer.

It runs in a thread on a free port of the loopback interface. Nothing in it reads a schema.
"""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from benchmarks.effectiveness import wide
from benchmarks.effectiveness.fields import FIELDS
from benchmarks.effectiveness.patterns import COMMON
from tests.support.listening import listening

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Receive, Scope, Send

    from benchmarks.effectiveness.faults import Fault
    from benchmarks.effectiveness.patterns import Json, Pattern

__all__ = ["Subject", "serving"]


@dataclass(slots=True)
class Subject:
    """A server, and what it remembers."""

    pattern: Pattern
    fault: Fault | None = None
    documents: dict[str, dict[str, Json] | None] = field(default_factory=dict)
    """By id; None once it is deleted."""
    bodies: list[Json] = field(default_factory=list)
    """What was read of the requests to make a document."""
    requests: int = 0
    first_wrong: int | None = None
    """The number of the first request that a right server answers otherwise."""
    first_wrong_at: float | None = None
    """When that was, on the monotonic clock."""

    def does(self, name: str) -> bool:
        """Whether this is the server's fault; to be asked last, where it makes the answer another one."""
        if self.fault is None or self.fault.name != name:
            return False
        self._note()
        return True

    def problem(self, body: Json) -> str | None:
        """Why a body is refused, if it is."""
        self.bodies.append(body)
        if self.shows(body):
            self._note()
        return self._problem(body, self.fault)

    def shows(self, body: Json) -> bool:
        """Whether the fault makes a refused body accepted, or the other way round."""
        return (self._problem(body, None) is None) != (self._problem(body, self.fault) is None)

    def _problem(self, body: Json, fault: Fault | None) -> str | None:
        if not isinstance(body, dict):
            return "the body is no object"
        known = {*COMMON, *self.pattern.properties}
        if body.keys() - known and not (fault and fault.takes_unknown):
            return "there is an unknown property"
        if "name" not in body:
            return "name is missing"
        checks = FIELDS | (dict(fault.fields) if fault else {})
        for name in known & body.keys():
            if not checks[name](body[name]):
                return f"{name} is wrong"
        if not self.pattern.keeps(body) and not (fault and fault.forgets(body)):
            return f"against the rule: {self.pattern.words}"
        return "too strict" if fault and fault.refuses(body) else None

    def _note(self) -> None:
        if self.first_wrong is None:
            self.first_wrong, self.first_wrong_at = self.requests, time.monotonic()


@contextmanager
def serving(subject: Subject) -> Iterator[str]:
    """Run a server of a subject; its URL."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        subject.requests += 1
        response = await _answer(subject, Request(scope, receive))
        await response(scope, receive, send)

    with listening(app) as url:
        yield url


async def _answer(subject: Subject, request: Request) -> Response:
    method = "GET" if request.method == "HEAD" else request.method
    match request.scope["path"].split("/")[1:]:
        case ["documents"]:
            return await _create(subject, request) if method == "POST" else wide.not_allowed(subject, "POST")
        case ["documents", name] if name:
            return wide.document(subject, method, name)
        case ["search"]:
            return wide.search(subject, method, request.query_params)
        case ["labels"]:
            return await wide.label(subject, request)
    return wide.refusal(404, "there is nothing here")


async def _create(subject: Subject, request: Request) -> Response:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_plain = media_type == "text/plain" and subject.does("a body of text/plain is read as JSON")
    if media_type != "application/json" and not is_plain:
        return wide.refusal(415, "the media type is not JSON")
    try:
        body: Json = json.loads(await request.body(), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return wide.refusal(400, "the body is no JSON")
    if (problem := subject.problem(body)) is not None:
        return wide.refusal(422, problem)
    assert isinstance(body, dict)
    if wide.crashes(subject, body):
        return JSONResponse({"message": "crashed"}, 500)
    name = str(len(subject.documents) + 1)
    subject.documents[name] = {**body, "id": name}
    shown = wide.shown(subject, {**body, "id": name})
    return JSONResponse(shown, 200 if subject.does("a made document is answered with 200") else 201)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
