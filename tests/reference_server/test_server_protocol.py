"""What is no HTTP, or asks for another protocol, takes no answer away from what was sent properly."""

from __future__ import annotations

import json

import pytest

from tests.reference_server.calls import Sandbox, raw

GARBAGE = b"\x16\x03\x01 no HTTP\r\n\r\n"


def request(sandbox: Sandbox, *lines: str, custom_id: str) -> bytes:
    body = json.dumps({"versionId": "ver_123", "customId": custom_id})
    head = ["POST /sessions HTTP/1.1", "Host: x", f"Authorization: Bearer {sandbox.server.galtea_key}"]
    head += ["Content-Type: application/json", f"Content-Length: {len(body)}", *lines]
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode("ascii")


@pytest.mark.parametrize("count", [1, 3])
def test_garbage_behind_requests_is_refused_after_their_answers(sandbox: Sandbox, unique: str, count: int) -> None:
    sent = b"".join(request(sandbox, custom_id=f"{unique}-{number}") for number in range(count))
    answer = raw(sandbox.server, sent + GARBAGE)
    answers = answer.split(b"HTTP/1.1 ")[1:]
    assert [part[:3] for part in answers] == [b"201"] * count + [b"400"]
    assert b"connection: close" in answers[-1]


def test_a_broken_body_behind_a_request_is_refused_after_its_answer(sandbox: Sandbox, unique: str) -> None:
    broken = b"POST /sessions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
    answer = raw(sandbox.server, request(sandbox, custom_id=unique) + broken)
    assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"201", b"400"]


def test_a_broken_body_alone_is_refused(sandbox: Sandbox) -> None:
    head = f"POST /sessions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {sandbox.server.galtea_key}\r\n"
    head += "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert raw(sandbox.server, head.encode() + b"zz\r\n").startswith(b"HTTP/1.1 400")


def test_the_refusal_of_what_is_no_http_has_a_request_id_that_finds_it_in_the_log(sandbox: Sandbox) -> None:
    head, _, body = raw(sandbox.server, GARBAGE).partition(b"\r\n\r\n")
    assert json.loads(body)["error"] == "Bad Request"
    (given,) = [line.partition(b": ")[2].decode() for line in head.split(b"\r\n") if line.startswith(b"x-request-id")]
    assert [line["status"] for line in sandbox.server.log_lines() if line.get("request_id") == given] == [400]


@pytest.mark.parametrize("protocol", ["h2c", "websocket"])
def test_a_wish_for_another_protocol_is_ignored(sandbox: Sandbox, unique: str, protocol: str) -> None:
    wish = (f"Upgrade: {protocol}", "Connection: Upgrade, HTTP2-Settings")
    plain = request(sandbox, custom_id=unique + "-2")
    answer = raw(sandbox.server, request(sandbox, *wish, custom_id=unique) + plain)
    assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"201", b"201"]


def test_a_wish_for_a_tunnel_is_refused_after_what_came_before(sandbox: Sandbox, unique: str) -> None:
    answer = raw(sandbox.server, request(sandbox, custom_id=unique) + b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"201", b"400"]
