"""Servers that take down what they are asked: around an application in this process, or on loopback."""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from speclock.cli.preparing import Options, prepare
from speclock.engine.run import run_check
from tests.conformance.command_runs import Handler, serving
from tests.conformance.harness import CONTRACT, SECRET
from tests.conformance.loans_server import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from speclock.engine.events import Outcome
    from speclock.phases.asgi import AsgiApp

__all__ = ["Asked", "Recorder", "check_with", "recording"]


@dataclass(frozen=True)
class Asked:
    """One request, as a server saw it."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    #: `time.monotonic()` when it was there.
    at: float

    @property
    def json(self) -> Any:
        """Its body."""
        return json.loads(self.body)


@dataclass
class Recorder:
    """An ASGI application around another one."""

    app: AsgiApp
    asked: list[Asked] = field(default_factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Take the request down, then let the application answer it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self.asked.append(Asked(scope["method"], scope["path"], headers, body, time.monotonic()))

        async def again() -> dict[str, object]:
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, again, send)

    def of(self, path: str) -> list[Asked]:
        """What was asked at a path."""
        return [asked for asked in self.asked if asked.path == path]


@contextmanager
def recording() -> Iterator[tuple[str, list[Asked]]]:
    """A server on loopback that has nothing at all; its URL, and what it was asked."""
    seen: list[Asked] = []

    class Nothing(Handler):
        def answer(self, body: bytes) -> None:
            path = self.path.partition("?")[0]
            seen.append(Asked(self.command, path, dict(self.headers.items()), body, time.monotonic()))
            self.reply(404, b'{"message": "nothing here"}')

    with serving(Nothing) as url:
        yield url, seen


def check_with(
    app: AsgiApp, *, contract: Path = CONTRACT, environ: Mapping[str, str] | None = None, **options: Any
) -> Outcome:
    """Judge an application with options of the command line, and further variables of the environment."""
    with patch.dict(os.environ, {KEY: SECRET, **(environ or {})}):
        prepared = prepare(Options(contract, app=app, **options), os.environ)
        return run_check(prepared.plan, [])
