"""The server of the loopback interface: it keeps what really came, and its answers are framed as HTTP wants them."""

from __future__ import annotations

import http.client
import socket
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from speclock.core.cases import Answer
from speclock.sdk.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator

FULL = Answer(200, {"content-type": "application/json"}, b'{"a": 1}', 0.0)


@dataclass
class Nobody:
    """A subject that is called by hand."""

    name: str = "nobody"
    refuses: bool = False
    errors: tuple[type[Exception], ...] = ()
    transport: None = None

    def connect(self, _base_url: str, _credential: str, _transport: object) -> Nobody:
        return self

    def call(self, _request: object) -> object:
        raise NotImplementedError

    def close(self) -> None:
        """There is nothing to let go of."""


@pytest.fixture
def wire() -> Iterator[Wire]:
    with Wire(Nobody()) as made:
        yield made


@pytest.fixture
def client(wire: Wire) -> Iterator[http.client.HTTPConnection]:
    """One connection that is kept, so that whatever is wrongly framed shows in the next answer."""
    made = http.client.HTTPConnection(urlsplit(wire.base_url).netloc, timeout=5)
    yield made
    made.close()


def asked(client: http.client.HTTPConnection, method: str = "GET", target: str = "/a") -> tuple[int, bytes]:
    client.request(method, target)
    response = client.getresponse()
    return response.status, response.read()


def test_a_body_that_is_sent_in_chunks_is_kept_whole(wire: Wire, client: http.client.HTTPConnection) -> None:
    wire.expect(FULL)
    client.request("POST", "/a", body=iter([b'{"a"', b": 1}"]), encode_chunked=True)
    assert client.getresponse().read() == FULL.body
    assert [received.body for received in wire.received] == [b'{"a": 1}']
    assert asked(client) == (200, FULL.body)


def test_slashes_that_are_too_many_are_kept(wire: Wire, client: http.client.HTTPConnection) -> None:
    wire.expect(FULL)
    asked(client, target="//a//b?c=//")
    assert [received.target for received in wire.received] == ["//a//b?c=//"]


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_what_has_no_body_by_http_is_sent_without_one(method: str, status: int, wire: Wire) -> None:
    wire.expect(Answer(status, FULL.headers, FULL.body, 0.0))
    address = urlsplit(wire.base_url)
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        connection.sendall(f"{method} /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        told = b"".join(iter(lambda: connection.recv(65536), b""))
    assert told.startswith(f"HTTP/1.1 {status} ".encode())
    assert told.partition(b"\r\n\r\n")[2] == b""


def test_chunks_that_cannot_be_read_are_a_body_that_nobody_meant(wire: Wire, capfd: pytest.CaptureFixture[str]) -> None:
    wire.expect(FULL)
    address = urlsplit(wire.base_url)
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        connection.sendall(b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nmany\r\n{}\r\n")
        told = b"".join(iter(lambda: connection.recv(65536), b""))
    assert told.startswith(b"HTTP/1.1 200 ")
    assert [received.body[:19] for received in wire.received] == [b"what cannot be read"]
    assert capfd.readouterr().err == ""


def test_a_client_that_leaves_within_its_request_is_told_to_nobody(
    wire: Wire, client: http.client.HTTPConnection, capfd: pytest.CaptureFixture[str]
) -> None:
    wire.expect(FULL)
    address = urlsplit(wire.base_url)
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, and no end
        connection.sendall(b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{")
    assert asked(client) == (200, FULL.body)
    assert capfd.readouterr().err == ""
