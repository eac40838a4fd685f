"""Calling a server in tests: one helper per operation, plus bytes on a bare socket."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.support.server_process import ServerProcess

__all__ = ["OPERATIONS", "PROJECT", "Operation", "Sandbox", "raw"]

PROJECT = "6f1e2d3c-4b5a-4978-8a6b-0c1d2e3f4a5b"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation with a small valid body, its status, and the status of an invalid body."""

    name: str
    path: str
    body: Mapping[str, Any]
    status: int
    invalid: int

    @property
    def is_galileo(self) -> bool:
        return self.path.startswith("/v2")

    def message(self, body: Any) -> str:
        """Return all that an error body says, in one text."""
        return body["message"] if not self.is_galileo else json.dumps(body["detail"])


OPERATIONS = (
    Operation("createSession", "/sessions", {"versionId": "ver_123"}, 201, 400),
    Operation("createTestCase", "/testCases", {"testId": "test_123"}, 201, 400),
    Operation("createEvaluationsFromSessions", "/evaluations/fromSessions", {"sessionIds": ["ses_123"]}, 200, 400),
    Operation("createProjectSession", f"/v2/projects/{PROJECT}/sessions", {}, 200, 422),
)


class Sandbox:
    """A server with its keys."""

    def __init__(self, server: ServerProcess) -> None:
        self.server = server
        self.client = httpx.Client(base_url=server.url, timeout=60)

    def close(self) -> None:
        self.client.close()

    def headers(self, path: str) -> dict[str, str]:
        if path.startswith("/v2"):
            return {"Galileo-API-Key": self.server.galileo_key}
        return {"Authorization": f"Bearer {self.server.galtea_key}"}

    def send(self, path: str, content: bytes, **headers: str) -> httpx.Response:
        sent = {**self.headers(path), "Content-Type": "application/json", **headers}
        return self.client.post(path, content=content, headers=sent)

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return self.send(path, json.dumps(body).encode(), **headers)

    def session(self, **body: Any) -> httpx.Response:
        return self.post("/sessions", {"versionId": "ver_123", **body})

    def test_case(self, **body: Any) -> httpx.Response:
        return self.post("/testCases", {"testId": "test_123", **body})

    def evaluate(self, **body: Any) -> httpx.Response:
        return self.post("/evaluations/fromSessions", body)

    def project_session(self, *, project: str = PROJECT, **body: Any) -> httpx.Response:
        return self.post(f"/v2/projects/{project}/sessions", body)


def raw(server: ServerProcess, message: bytes, *, half_close: bool = False) -> bytes:
    """Send bytes as they are and return all that comes back until the server closes or falls silent."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=2) as connection:
        connection.sendall(message)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while part := connection.recv(65536):
                answer += part
        except TimeoutError:
            return answer
        return answer
