"""The faces of the SDK under one way of calling, so that one test speaks of the sync and the async ones."""

from __future__ import annotations

import asyncio
import inspect
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import evalsessions

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

__all__ = [
    "BOTH",
    "BOTH_ON_EACH_TRANSPORT",
    "CALLS",
    "GALILEO_KEY",
    "GALTEA_KEY",
    "PROJECT",
    "SESSION",
    "Caller",
    "Kind",
    "Made",
    "OperationCall",
    "answer_of",
]

GALTEA_KEY = "gsk_0123456789abcdef"
GALILEO_KEY = "galileo-0123456789abcdef"
PROJECT = "6f1e2d3c-4b5a-4978-8a6b-0c1d2e3f4a5b"

SESSION = {
    "id": "ses_901",
    "versionId": "ver_123",
    "status": "COMPLETED",
    "isProduction": True,
    "createdAt": "2026-03-02T09:15:00Z",
}
"""The least that the contract lets a server say of a session."""

_ANSWERS: dict[str, tuple[int, dict[str, Any]]] = {
    "createSession": (201, SESSION),
    "createTestCase": (201, {"id": "tc_901", "testId": "test_123", "createdAt": "2026-03-02T09:20:00Z"}),
    "createEvaluationsFromSessions": (
        200,
        {
            "sessionsEvaluated": 1,
            "sessionsFailed": 0,
            "evaluationsCreated": 1,
            "failures": [],
            "message": "evaluated 1 session",
            "totalSessionsAvailable": None,
            "truncated": False,
        },
    ),
    "createProjectSession": (
        200,
        {
            "id": "9c3d5e7f-1a2b-4c3d-8e4f-5a6b7c8d9e0f",
            "name": None,
            "project_id": PROJECT,
            "project_name": "sandbox",
        },
    ),
}


def answer_of(operation: str) -> tuple[int, dict[str, Any]]:
    """Return the status and a body that a right server answers an operation with."""
    status, body = _ANSWERS[operation]
    return status, dict(body)


@dataclass(frozen=True, slots=True)
class OperationCall:
    """An operation as a method of a face, with the least arguments."""

    operation: str
    face: str
    resource: str
    method: str
    least: dict[str, Any]
    model: str
    path: str

    def __str__(self) -> str:
        return self.operation

    def creator(self, face: Any, *, raw: bool = False) -> Any:
        """Return what has the operation's method: of a face, or of a face that returns raw responses."""
        resource = getattr(face, self.resource)
        return resource.with_raw_response if raw else resource

    def __call__(self, face: Any, *, raw: bool = False, **arguments: Any) -> Any:
        """Call it with the least arguments and with these."""
        return getattr(self.creator(face, raw=raw), self.method)(**{**self.least, **arguments})


CALLS = (
    OperationCall("createSession", "Galtea", "sessions", "create", {"version_id": "ver_123"}, "Session", "/sessions"),
    OperationCall(
        "createTestCase", "Galtea", "test_cases", "create", {"test_id": "test_123"}, "TestCase", "/testCases"
    ),
    OperationCall(
        "createEvaluationsFromSessions",
        "Galtea",
        "evaluations",
        "create_from_sessions",
        {"session_ids": ["ses_123"]},
        "BatchEvaluation",
        "/evaluations/fromSessions",
    ),
    OperationCall(
        "createProjectSession",
        "Galileo",
        "project_sessions",
        "create",
        {"project_id": PROJECT},
        "ProjectSession",
        f"/v2/projects/{PROJECT}/sessions",
    ),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """How a face works: by coroutines or not, with the fast transport or with httpx."""

    is_async: bool
    is_fast: bool

    def __str__(self) -> str:
        return f"{'async' if self.is_async else 'sync'}{'-fast' if self.is_fast else ''}"


BOTH = (Kind(is_async=False, is_fast=False), Kind(is_async=True, is_fast=False))
BOTH_ON_EACH_TRANSPORT = (*BOTH, Kind(is_async=False, is_fast=True), Kind(is_async=True, is_fast=True))


class Made:
    """A face, and how to call it: what it returns is awaited if it is a coroutine."""

    def __init__(self, face: Any, caller: Caller) -> None:
        self.face = face
        self._caller = caller

    def __call__(self, call: OperationCall, **arguments: Any) -> Any:
        """Call an operation with the least arguments and with these."""
        return self._caller.result(call(self.face, **arguments))

    def raw(self, call: OperationCall, **arguments: Any) -> Any:
        """Call an operation for its raw response."""
        return self._caller.result(call(self.face, raw=True, **arguments))

    def session(self, **arguments: Any) -> Any:
        return self(CALLS[0], **arguments)

    def test_case(self, **arguments: Any) -> Any:
        return self(CALLS[1], **arguments)

    def evaluations(self, **arguments: Any) -> Any:
        return self._caller.result(self.face.evaluations.create_from_sessions(**arguments))

    def project_session(self, **arguments: Any) -> Any:
        return self(CALLS[3], **arguments)

    def with_options(self, **options: Any) -> Made:
        return Made(self.face.with_options(**options), self._caller)

    def close(self) -> None:
        self._caller.close(self.face)


class Caller:
    """Makes faces of one kind, calls them, and closes them in the end."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self._runner = asyncio.Runner() if kind.is_async else None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        if self._runner is not None:
            self._stack.enter_context(self._runner)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    def make(self, name: str, url: str, **options: Any) -> Made:
        """Make `Galtea` or `Galileo` of this kind; the key is the name's own unless another is given."""
        key = GALTEA_KEY if name == "Galtea" else GALILEO_KEY
        if self.kind.is_fast and "http_client" not in options:
            options["http_client"] = self.fast_transport()
        face = self.type_of(name)(**{"api_key": key, "base_url": url, **options})
        self._stack.callback(self.close, face)
        return Made(face, self)

    def for_call(self, call: OperationCall, url: str, **options: Any) -> Made:
        """Make the face that has an operation."""
        return self.make(call.face, url, **options)

    def galtea(self, url: str, **options: Any) -> Made:
        return self.make("Galtea", url, **options)

    def galileo(self, url: str, **options: Any) -> Made:
        return self.make("Galileo", url, **options)

    def type_of(self, name: str) -> Any:
        return getattr(evalsessions, f"Async{name}" if self.kind.is_async else name)

    def fast_transport(self) -> Any:
        return evalsessions.AsyncFastTransport() if self.kind.is_async else evalsessions.FastTransport()

    def result(self, made: Any) -> Any:
        """Return what a call returns, by whichever way it does."""
        if not inspect.iscoroutine(made):
            return made
        assert self._runner is not None, "a sync face must not return a coroutine"
        return self._runner.run(made)

    def close(self, face: Any) -> None:
        """Close a face, as often as you like."""
        self.result(face.aclose() if self.kind.is_async else face.close())

    def items(self, outcomes: Any, *, at_most: int | None = None) -> list[Any]:
        """Return what an iterator hands out, and close it."""
        if not self.kind.is_async:
            return _taken(outcomes, at_most)
        taken: list[Any] = self.result(_taken_async(outcomes, at_most))
        return taken


def _taken(outcomes: Any, at_most: int | None) -> list[Any]:
    taken: list[Any] = []
    while len(taken) != at_most:
        try:
            taken.append(next(outcomes))
        except StopIteration:
            break
    outcomes.close()
    return taken


async def _taken_async(outcomes: Any, at_most: int | None) -> list[Any]:
    taken: list[Any] = []
    while len(taken) != at_most:
        try:
            taken.append(await anext(outcomes))
        except StopAsyncIteration:
            break
    await outcomes.aclose()
    return taken
