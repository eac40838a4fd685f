"""Runs of `speclock check` for tests of what comes after one: its reports, merging, replaying, baselines.

Its subjects are the loans server, anew for every run, and servers on loopback for as long as a block.
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from tests.conformance.harness import CONTRACT, PROFILE, Ran, speclock
from tests.conformance.loans_server import app_with

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.applications import Starlette


__all__ = ["BRIEF", "Handler", "app_of", "apps", "check_loans", "serving"]

#: The phases that find most, in the least time.
BRIEF = ("--phases", "examples,combinations")


class _Apps:
    """For `--app`: each fault is an attribute, and each look at it is a server that has seen nothing yet."""

    def __getattr__(self, name: str) -> Starlette:
        return app_with(None if name == "correct" else name)


apps = _Apps()


def app_of(fault: str | None) -> str:
    """The name of the loans server with a fault, for `--app`."""
    return f"tests.conformance.command_runs:apps.{fault or 'correct'}"


def check_loans(fault: str | None, path: Path, *more: object) -> tuple[Ran, dict[str, Any]]:
    """Judge the loans server; what the command said, and its JSON report, which is written to `path`."""
    ran = speclock(
        *("check", "--contract", CONTRACT, "--app", app_of(fault), "--profile", PROFILE),
        *("--report", f"json={path}", *more),
    )
    report: dict[str, Any] = json.loads(path.read_text())
    return ran, report


class Handler(BaseHTTPRequestHandler):
    """A quiet server; a test writes its `answer`."""

    protocol_version = "HTTP/1.1"

    def answer(self, body: bytes) -> None:
        """Answer the request that was read."""
        raise NotImplementedError

    def reply(
        self, status: int, body: bytes = b"{}", media_type: str = "application/json", allow: str | None = None
    ) -> None:
        """Send an answer; `allow` names the methods that there are."""
        self.send_response(status)
        if allow is not None:
            self.send_header("Allow", allow)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _read(self) -> None:
        if self.headers.get("Transfer-Encoding") != "chunked":
            self.answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            return
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        self.answer(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _read  # noqa: N815 - http.server looks for these names

    def log_message(self, *_: object) -> None: ...


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Run a server on a free port; its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
