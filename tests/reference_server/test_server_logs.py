"""The log is one JSON line for each request, can be followed by its id, and holds no credential."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.reference_server.calls import PROJECT, Sandbox, raw


def lines_of(sandbox: Sandbox, request_id: str) -> list[dict[str, Any]]:
    return [line for line in sandbox.server.log_lines() if line.get("request_id") == request_id]


def test_a_request_id_is_made_and_a_given_one_is_taken_over(sandbox: Sandbox, unique: str) -> None:
    made = sandbox.session().headers["x-request-id"]
    (line,) = lines_of(sandbox, made)
    assert (line["method"], line["route"], line["status"]) == ("POST", "/sessions", 201)
    assert line["milliseconds"] > 0
    given = sandbox.session(status="x").headers["x-request-id"]
    assert given != made
    answer = sandbox.post("/sessions", {}, **{"X-Request-Id": unique})
    assert answer.headers["x-request-id"] == unique
    assert lines_of(sandbox, unique)[0]["status"] == 400


@pytest.mark.parametrize(
    "hostile",
    [
        'a"b',
        "a b",
        "{}",
        "\u00e9",
        "a" * 65,
        "a" * 15,
        "",
        "-x",
        "\t",
        "gsk_secret",
        "Bearer:gsk_secret",
        "secret.9:x_y",
        "\x1b[31m",
    ],
)
def test_a_request_id_that_is_neither_a_uuid_nor_hexadecimal_is_replaced(sandbox: Sandbox, hostile: str) -> None:
    head = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-Id: " + hostile.encode() + b"\r\n\r\n"
    answer = raw(sandbox.server, head)
    assert hostile.encode() == b"" or b"x-request-id: " + hostile.encode() + b"\r" not in answer
    assert "secret" not in sandbox.server.log.read_text()


def test_no_key_reaches_the_log_even_where_keys_do_not_belong(sandbox: Sandbox) -> None:
    server = sandbox.server
    for key in (server.galtea_key, server.galtea_legacy_key, server.galileo_key):
        sandbox.client.post(f"/{key}", json={key: key})
        sandbox.client.post(f"/sessions?key={key}", json={"versionId": key}, headers=sandbox.headers("/sessions"))
        sandbox.client.post(f"/v2/projects/{key}/sessions", json={}, headers=sandbox.headers("/v2"))
        sandbox.post("/sessions", {"versionId": "ver_123"}, Authorization=f"Bearer {key}x")
        sandbox.post(f"/v2/projects/{PROJECT}/sessions", {}, **{"Galileo-API-Key": key})
        sandbox.post("/sessions", {"versionId": "ver_123"}, **{"X-Request-Id": key})
    text = server.log.read_text() + server.output.read_text()
    for key in (server.galtea_key, server.galtea_legacy_key, server.galileo_key):
        assert key not in text


def test_a_path_cannot_forge_a_line(sandbox: Sandbox) -> None:
    before = len(sandbox.server.log.read_text().splitlines())
    sandbox.client.get('/%0A{"level":"error"}%0D%0Ax%E2%80%A8y')
    text = sandbox.server.log.read_text()
    added = text.splitlines()[before:]
    assert len(added) == 1
    assert json.loads(added[0])["route"] == "(unknown)"


def test_settings_show_no_credential() -> None:
    from evalsessions_server import Settings

    settings = Settings.resolve({"GALTEA_API_KEY": "gsk_secret"}, database="postgresql://u:secret@h/d")
    assert "secret" not in repr(settings)
    assert settings.galileo_keys[0] not in repr(settings)


@pytest.mark.parametrize("given", ["a63bed74-8466-47ad-baa9-9df1fcdf4037", "0123456789abcdef", "A" * 64])
def test_a_uuid_and_hexadecimal_digits_are_taken_over(sandbox: Sandbox, given: str) -> None:
    assert sandbox.client.get("/healthz", headers={"X-Request-Id": given}).headers["x-request-id"] == given


def test_the_log_has_one_line_for_each_request_and_no_other(sandbox: Sandbox) -> None:
    before = len(sandbox.server.log_lines())
    for _ in range(3):
        sandbox.session()
    assert [line["message"] for line in sandbox.server.log_lines()[before:]] == ["request"] * 3
