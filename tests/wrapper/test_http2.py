"""HTTP/2, over TLS, with a server that speaks nothing else."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import h2.config
import h2.connection
import h2.events
import pytest

from evalsessions import AmbiguousOutcomeError, AsyncGaltea, ConfigurationError, Galtea

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ANSWER = {
    "id": "ses_1",
    "versionId": "ver_123",
    "status": "COMPLETED",
    "isProduction": True,
    "createdAt": "2026-03-02T09:15:00Z",
}
FIELDS = [(":status", "201"), ("content-type", "application/json"), ("x-request-id", "by-http-2")]


# DATA on stream 0, and HEADERS on a stream that nobody opened: errors of the server, found by the client.
BAD_FRAMES = {
    "data on stream 0": b"\x00\x00\x01\x00\x00\x00\x00\x00\x00x",
    "an unknown stream": b"\x00\x00\x01\x01\x05\x00\x00\x00\x09\x88",
}


@contextmanager
def http2_server(folder: Path, answer: bytes | None = None) -> Iterator[tuple[str, Path, list[bytes]]]:
    """Serve one connection after another until the block ends: URL, certificate, bodies that arrived.

    `answer` is sent in place of frames that answer the request.
    """
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"]
    make += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(make, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["h2"])
    bodies: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    plain, _ = listener.accept()
                except OSError:
                    return
                plain.settimeout(5)
                with context.wrap_socket(plain, server_side=True) as connection:
                    bodies.append(_answer_one(connection, answer))

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"https://127.0.0.1:{listener.getsockname()[1]}", certificate, bodies
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def _answer_one(connection: ssl.SSLSocket, answer: bytes | None) -> bytes:
    speaker = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
    speaker.initiate_connection()
    connection.sendall(speaker.data_to_send())
    body = b""
    while received := connection.recv(65_536):
        for event in speaker.receive_data(received):
            if isinstance(event, h2.events.DataReceived):
                body += event.data or b""
            if isinstance(event, h2.events.StreamEnded):
                assert event.stream_id is not None
                if answer is not None:
                    connection.sendall(answer)
                    continue
                speaker.send_headers(event.stream_id, FIELDS)
                speaker.send_data(event.stream_id, json.dumps(ANSWER).encode(), end_stream=True)
        connection.sendall(speaker.data_to_send())
    return body


def test_http2_is_spoken_where_the_server_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with http2_server(tmp_path) as (url, certificate, bodies):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with Galtea(api_key="gsk_x", base_url=url, http2=True) as galtea:
            answer = galtea.sessions.with_raw_response.create(version_id="ver_123")
        assert (answer.request_id, answer.parse().id) == ("by-http-2", "ses_1")

        async def by_coroutine() -> str:
            async with AsyncGaltea(api_key="gsk_x", base_url=url, http2=True) as galtea:
                return (await galtea.sessions.create(version_id="ver_123")).id

        assert asyncio.run(by_coroutine()) == "ses_1"
    assert bodies == [b'{"versionId":"ver_123"}'] * 2


@pytest.mark.parametrize("frame", BAD_FRAMES.values(), ids=BAD_FRAMES)
def test_a_bad_frame_in_place_of_an_answer_is_ambiguous_and_nothing_is_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, frame: bytes
) -> None:
    with http2_server(tmp_path, frame) as (url, certificate, bodies):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        with Galtea(api_key="gsk_x", base_url=url, http2=True) as galtea, pytest.raises(AmbiguousOutcomeError):
            galtea.sessions.create(version_id="ver_123")
    assert len(bodies) == 1


def test_without_its_extra_http2_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match=r"evalsessions\[http2\]"):
        Galtea(api_key="gsk_x", base_url="https://127.0.0.1", http2=True)
