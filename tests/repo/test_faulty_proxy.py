"""The faulty proxy does to a request what its script says, in front of a real server, and leaves nothing behind."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import islice
from typing import TYPE_CHECKING

import httpx
import psutil
import pytest

from tests.support import proxy_faults as faults
from tests.support.faulty_proxy import FaultyProxy, faulty_proxy
from tests.support.refusing_port import refusing_port
from tests.support.server_process import ServerProcess, start_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.proxy_faults import Fault

_SECONDS = 20.0


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with start_server() as running:
        yield running


@contextmanager
def client_of(url: str, key: str, timeout: float = _SECONDS) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=timeout, trust_env=False
    ) as client:
        yield client


def post(client: httpx.Client, custom_id: str | None = None) -> httpx.Response:
    return client.post("/sessions", json={"versionId": "ver_123", "customId": custom_id or uuid.uuid4().hex})


def has(server: ServerProcess, custom_id: str) -> bool:
    """Whether the server has a session of that id; asking makes one."""
    with client_of(server.url, server.galtea_key) as client:
        return knows(client, custom_id)


def knows(client: httpx.Client, custom_id: str) -> bool:
    status = post(client, custom_id).status_code
    assert status in {201, 409}
    return status == 409


@contextmanager
def scripted(
    server: ServerProcess, *script: Fault, timeout: float = _SECONDS
) -> Iterator[tuple[FaultyProxy, httpx.Client]]:
    with (
        faulty_proxy(server.url, script) as proxy,
        client_of(proxy.url, server.galtea_key, timeout=timeout) as client,
    ):
        yield proxy, client


@contextmanager
def dialled(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=_SECONDS) as connection:
        yield connection


def request_bytes(server: ServerProcess, custom_id: str, *, more: str = "") -> bytes:
    body = json.dumps({"versionId": "ver_123", "customId": custom_id})
    return (
        f"POST /sessions HTTP/1.1\r\nHost: sandbox\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"Authorization: Bearer {server.galtea_key}\r\n{more}\r\n{body}"
    ).encode()


def read_to_end(connection: socket.socket) -> bytes:
    received, is_reset = read_to_end_or_reset(connection)
    assert not is_reset
    return received


def read_to_end_or_reset(connection: socket.socket) -> tuple[bytes, bool]:
    """What comes, and whether it ends with a reset."""
    received = b""
    try:
        while part := connection.recv(2**16):
            received += part
    except ConnectionResetError:
        return received, True
    return received, False


def length_of(head: bytes) -> int:
    fields = dict(line.lower().split(b":", 1) for line in head.split(b"\r\n")[1:])
    return int(fields[b"content-length"])


def test_a_request_is_passed_on_when_nothing_is_scripted(server: ServerProcess) -> None:
    with scripted(server) as (proxy, client):
        answer = post(client, "passed-on")
    assert answer.status_code == 201
    assert answer.json()["customId"] == "passed-on"
    assert has(server, "passed-on")
    (request,) = proxy.requests
    assert (request.method, request.path) == ("POST", "/sessions")
    assert request.headers["authorization"] == f"Bearer {server.galtea_key}"
    assert json.loads(request.body) == {"versionId": "ver_123", "customId": "passed-on"}
    assert request.fault.name == "pass_on"
    assert request.delivered
    assert request.upstream_status == 201
    assert request.bytes_sent > len(answer.content)


def test_an_answer_comes_through_as_the_server_gave_it(server: ServerProcess) -> None:
    with scripted(server) as (_, client), client_of(server.url, server.galtea_key) as direct:
        through, beside = (c.post("/sessions?a=1", json={"versionId": ""}) for c in (client, direct))
    assert through.status_code == beside.status_code == 400
    assert through.reason_phrase == beside.reason_phrase
    assert through.json() == beside.json()
    assert set(through.headers) == set(beside.headers)


def test_a_client_keeps_its_connection(server: ServerProcess) -> None:
    with scripted(server, faults.answer(503), faults.truncate_body()) as (proxy, client):
        statuses = [post(client).status_code for _ in range(5)]
    assert statuses == [503, 201, 201, 201, 201]
    assert proxy.connections == 1


def test_a_client_that_asks_for_the_end_of_its_connection_gets_it(server: ServerProcess) -> None:
    with scripted(server) as (proxy, _), dialled(proxy.port) as connection:
        connection.sendall(request_bytes(server, "closes", more="Connection: close\r\n"))
        assert read_to_end(connection).startswith(b"HTTP/1.1 201 ")


def test_faults_are_dealt_in_turn_and_then_requests_are_passed_on(server: ServerProcess) -> None:
    with scripted(server, faults.answer(500), faults.pass_on(), faults.answer(429)) as (proxy, client):
        assert [post(client).status_code for _ in range(4)] == [500, 201, 429, 201]
        proxy.script([faults.answer(502)])
        assert [post(client).status_code for _ in range(2)] == [502, 201]
    assert [request.delivered for request in proxy.requests] == [False, True, False, True, False, True]


CUTS: list[tuple[Callable[[], Fault], type[Exception], bool]] = [
    (faults.cut_before_forwarding, httpx.RemoteProtocolError, False),
    (faults.reset_before_forwarding, httpx.ReadError, False),
    (faults.reset_while_reading, httpx.TransportError, False),
    (faults.garbage, httpx.RemoteProtocolError, False),
    (faults.cut_after_forwarding, httpx.RemoteProtocolError, True),
    (faults.reset_after_forwarding, httpx.ReadError, True),
    (faults.reset_while_answering, httpx.ReadError, True),
    (faults.cut_body, httpx.RemoteProtocolError, True),
]


@pytest.mark.parametrize(("make", "error", "is_delivered"), CUTS, ids=lambda value: getattr(value, "__name__", None))
def test_a_cut_is_felt_and_the_server_has_the_session_or_not(
    server: ServerProcess, make: Callable[[], Fault], error: type[Exception], is_delivered: bool
) -> None:
    custom_id = f"cut-{make.__name__}"
    with scripted(server, make()) as (proxy, client):
        with pytest.raises(error):
            post(client, custom_id)
        assert post(client).status_code == 201
    first, second = proxy.requests
    assert first.fault.name == make.__name__
    assert (first.delivered, first.upstream_status) == ((True, 201) if is_delivered else (False, None))
    assert second.delivered
    assert proxy.connections == 2
    assert has(server, custom_id) == is_delivered


@pytest.mark.parametrize("make", [faults.cut_before_forwarding, faults.cut_after_forwarding])
def test_a_cut_ends_the_stream_without_a_byte(server: ServerProcess, make: Callable[[], Fault]) -> None:
    with scripted(server, make()) as (proxy, _), dialled(proxy.port) as connection:
        connection.sendall(request_bytes(server, uuid.uuid4().hex))
        assert read_to_end(connection) == b""
    assert proxy.requests[0].bytes_sent == 0


@pytest.mark.parametrize("make", [faults.reset_before_forwarding, faults.reset_after_forwarding])
def test_a_reset_is_no_end_of_stream(server: ServerProcess, make: Callable[[], Fault]) -> None:
    with scripted(server, make()) as (proxy, _), dialled(proxy.port) as connection:
        connection.sendall(request_bytes(server, uuid.uuid4().hex))
        assert read_to_end_or_reset(connection) == (b"", True)


def test_a_long_request_is_reset_before_it_is_whole(server: ServerProcess) -> None:
    with scripted(server, faults.reset_while_reading()) as (proxy, _), dialled(proxy.port) as connection:
        connection.sendall(b"POST /sessions HTTP/1.1\r\nHost: sandbox\r\nContent-Length: 100000000\r\n\r\n")
        with pytest.raises(ConnectionError):
            connection.sendall(b" " * 100_000_000)
    assert proxy.requests[0].body == b""


def test_a_reset_while_answering_comes_after_half_of_the_body(server: ServerProcess) -> None:
    with scripted(server, faults.reset_while_answering()) as (proxy, _), dialled(proxy.port) as connection:
        connection.sendall(request_bytes(server, uuid.uuid4().hex))
        received, is_reset = read_to_end_or_reset(connection)
    assert is_reset
    head, _, body = received.partition(b"\r\n\r\n")
    assert len(body) == length_of(head) // 2 > 0


def test_a_cut_body_is_half_of_what_its_head_announces(server: ServerProcess) -> None:
    with scripted(server, faults.cut_body()) as (proxy, _), dialled(proxy.port) as connection:
        connection.sendall(request_bytes(server, uuid.uuid4().hex))
        head, _, body = read_to_end(connection).partition(b"\r\n\r\n")
    assert len(body) == length_of(head) // 2 > 0


def test_a_truncated_body_is_whole_to_http_and_broken_to_json(server: ServerProcess) -> None:
    with scripted(server, faults.truncate_body()) as (proxy, client):
        answer = post(client, "truncated")
    assert answer.status_code == 201
    assert int(answer.headers["content-length"]) == len(answer.content) > 0
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert proxy.requests[0].delivered
    assert has(server, "truncated")


def test_a_connection_cut_after_its_answer_had_promised_to_stay(server: ServerProcess) -> None:
    with scripted(server, faults.cut_after_answer()) as (proxy, _), dialled(proxy.port) as connection:
        connection.sendall(request_bytes(server, uuid.uuid4().hex))
        head, _, body = read_to_end(connection).partition(b"\r\n\r\n")
    assert b"\r\nconnection:" not in head.lower()
    assert len(body) == length_of(head)


def test_a_delayed_request_arrives_although_its_client_gave_up(server: ServerProcess) -> None:
    with scripted(server, faults.delay(0.6), timeout=0.2) as (proxy, client):
        with pytest.raises(httpx.ReadTimeout):
            post(client, "delayed")
        before = proxy.requests[0].delivered
        proxy.settle()
        assert (before, proxy.requests[0].delivered) == (False, True)
    assert has(server, "delayed")


def test_a_delayed_answer_follows_a_request_that_was_delivered_at_once(server: ServerProcess) -> None:
    with scripted(server, faults.delay_answer(5), timeout=1) as (proxy, client):
        with pytest.raises(httpx.ReadTimeout):
            post(client, "late")
        assert proxy.requests[0].delivered
        assert has(server, "late")


@pytest.mark.parametrize("make", [faults.delay, faults.delay_answer])
def test_a_patient_client_gets_its_late_answer(server: ServerProcess, make: Callable[[float], Fault]) -> None:
    with scripted(server, make(0.3)) as (_, client):
        began = time.monotonic()
        assert post(client).status_code == 201
    assert time.monotonic() - began >= 0.3


def test_a_dripping_answer_takes_a_pause_for_each_byte(server: ServerProcess) -> None:
    with scripted(server, faults.drip(0.001), timeout=_SECONDS) as (proxy, client):
        began = time.monotonic()
        answer = post(client)
        took = time.monotonic() - began
    assert answer.status_code == 201
    assert answer.json()["versionId"] == "ver_123"
    assert took >= 0.001 * proxy.requests[0].bytes_sent


CANNED: list[tuple[Fault, int, str, bytes]] = [
    (faults.answer(200, "<html>", {"Content-Type": "text/html"}), 200, "OK", b"<html>"),
    (faults.answer(204), 204, "No Content", b""),
    (faults.answer(418, reason="Short and stout"), 418, "Short and stout", b""),
    (faults.answer(429, b"{}"), 429, "Too Many Requests", b"{}"),
    (faults.answer(502, "<h1>Bad Gateway</h1>"), 502, "Bad Gateway", b"<h1>Bad Gateway</h1>"),
    (faults.answer(503, headers={"Retry-After": "2"}), 503, "Service Unavailable", b""),
    (faults.answer(520, "\u00e9"), 520, "", b"\xc3\xa9"),
    (faults.answer(599), 599, "", b""),
    (faults.answer(799), 799, "", b""),
]


@pytest.mark.parametrize(("fault", "status", "reason", "body"), CANNED, ids=lambda value: getattr(value, "name", None))
def test_a_canned_answer_comes_as_written_and_nothing_is_delivered(
    server: ServerProcess, fault: Fault, status: int, reason: str, body: bytes
) -> None:
    with scripted(server, fault) as (proxy, client):
        answer = post(client)
        assert post(client).status_code == 201
    assert (answer.status_code, answer.extensions["reason_phrase"].decode(), answer.content) == (status, reason, body)
    assert proxy.requests[0].fault is fault
    assert not proxy.requests[0].delivered
    assert proxy.connections == 1


def test_a_canned_answer_has_its_headers(server: ServerProcess) -> None:
    date = "Wed, 21 Oct 2026 07:28:00 GMT"
    with scripted(server, faults.answer(503, "x", {"Retry-After": date, "X-Request-Id": "req-1"})) as (_, client):
        answer = post(client)
    assert dict(answer.headers) == {"retry-after": date, "x-request-id": "req-1", "content-length": "1"}


def test_an_answer_without_a_body_has_no_length(server: ServerProcess) -> None:
    with scripted(server, faults.answer(204)) as (_, client):
        assert "content-length" not in post(client).headers


def test_a_redirect_leads_to_another_proxy(server: ServerProcess) -> None:
    with faulty_proxy(server.url) as other:
        target = f"{other.url}/sessions"
        with scripted(server, faults.answer(307, headers={"Location": target})) as (proxy, client):
            answer = client.post("/sessions", json={"versionId": "ver_123"}, follow_redirects=True)
    assert answer.status_code == 401, "httpx sends no credentials to another origin"
    assert [request.path for request in (*proxy.requests, *other.requests)] == ["/sessions", "/sessions"]
    assert other.requests[0].body == proxy.requests[0].body


@pytest.mark.parametrize("status", [200, 500, 502, 504])
def test_an_answer_after_forwarding_hides_what_the_server_did(server: ServerProcess, status: int) -> None:
    custom_id = f"hidden-{status}"
    with scripted(server, faults.answer_after_forwarding(status, "<html>")) as (proxy, client):
        answer = post(client, custom_id)
    assert (answer.status_code, answer.text) == (status, "<html>")
    assert (proxy.requests[0].delivered, proxy.requests[0].upstream_status) == (True, 201)
    assert has(server, custom_id)


def test_garbage_after_forwarding_hides_what_the_server_did(server: ServerProcess) -> None:
    fault = faults.after_forwarding(faults.garbage(b"no HTTP"))
    with scripted(server, fault) as (proxy, _), dialled(proxy.port) as connection:
        connection.sendall(request_bytes(server, "garbled"))
        assert read_to_end(connection) == b"no HTTP"
    assert proxy.requests[0].delivered
    assert has(server, "garbled")


@pytest.mark.parametrize("make", [lambda: faults.announce(10 * 10**9), faults.endless_chunks])
def test_an_endless_answer_stops_when_its_client_goes_away(server: ServerProcess, make: Callable[[], Fault]) -> None:
    with scripted(server, make()) as (proxy, client):
        with client.stream("POST", "/sessions", json={"versionId": "ver_123"}) as answer:
            received = sum(len(part) for part in islice(answer.iter_raw(2**16), 16))
        assert received == 2**20
        assert answer.headers.get("content-length") in {None, "10000000000"}
        proxy.settle()
    assert 2**20 <= proxy.requests[0].bytes_sent < faults.STREAM_BOUND


@pytest.mark.parametrize(
    "make", [lambda: faults.announce(10 * 10**9, bound=2**20), lambda: faults.endless_chunks(bound=2**20)]
)
def test_an_endless_answer_stops_at_its_bound(server: ServerProcess, make: Callable[[], Fault]) -> None:
    with scripted(server, make()) as (proxy, client), pytest.raises(httpx.RemoteProtocolError):
        post(client)
    assert 2**20 <= proxy.requests[0].bytes_sent < 2**20 + 2**12
    assert not proxy.requests[0].delivered


def test_a_client_that_reads_nothing_does_not_hold_the_proxy_up(server: ServerProcess) -> None:
    with scripted(server, faults.announce(10 * 10**9)) as (proxy, _), dialled(proxy.port) as connection:
        connection.sendall(request_bytes(server, uuid.uuid4().hex))
        connection.recv(1)
        with pytest.raises(TimeoutError):
            proxy.settle(0.3)
        began = time.monotonic()
    assert time.monotonic() - began < 5
    assert proxy.requests[0].bytes_sent < faults.STREAM_BOUND


def test_a_gzip_bomb_is_short_on_the_wire_and_long_when_read(server: ServerProcess) -> None:
    with (
        scripted(server, faults.gzip_bomb()) as (proxy, client),
        client.stream("POST", "/sessions", json={"versionId": "ver_123"}) as answer,
    ):
        size = sum(len(part) for part in answer.iter_bytes())
    assert size == faults.BOMB_SIZE == 200 * 2**20
    assert proxy.requests[0].bytes_sent < 2**20


def test_the_content_of_a_gzip_bomb_is_json(server: ServerProcess) -> None:
    with scripted(server, faults.gzip_bomb(3_000_000)) as (_, client):
        assert post(client).json() == "a" * 2_999_998


def test_a_refusing_proxy_is_dead_to_old_and_new_connections_and_comes_back(server: ServerProcess) -> None:
    with scripted(server) as (proxy, client):
        assert post(client).status_code == 201
        for _ in range(2):
            proxy.refuse()
            with pytest.raises(httpx.ConnectError):
                post(client)
            proxy.accept()
            assert post(client).status_code == 201
    assert proxy.connections == 3


def test_a_refusing_proxy_ends_what_it_does(server: ServerProcess) -> None:
    with scripted(server, faults.delay(0.5)) as (proxy, _), dialled(proxy.port) as connection:
        connection.sendall(request_bytes(server, uuid.uuid4().hex))
        while not proxy.requests:
            time.sleep(0.01)
        proxy.refuse()
        assert connection.recv(2**16).startswith(b"HTTP/1.1 201 ")


def test_refusing_and_accepting_twice_is_the_same_as_once(server: ServerProcess) -> None:
    with scripted(server) as (proxy, client):
        proxy.accept()
        proxy.refuse()
        proxy.refuse()
        proxy.accept()
        assert post(client).status_code == 201


def test_a_server_that_is_gone_ends_the_connection_and_another_takes_its_place(server: ServerProcess) -> None:
    with refusing_port() as port, scripted(server) as (proxy, client):
        proxy.retarget(f"http://127.0.0.1:{port}")
        with pytest.raises(httpx.RemoteProtocolError):
            post(client)
        proxy.retarget(server.url)
        assert post(client).status_code == 201
    assert [request.delivered for request in proxy.requests] == [False, True]


def test_a_server_killed_in_between_is_restarted_behind_the_same_url() -> None:
    with faulty_proxy("http://127.0.0.1:1") as proxy:
        for _ in range(2):
            with start_server() as server, client_of(proxy.url, server.galtea_key) as client:
                proxy.retarget(server.url)
                assert post(client).status_code == 201
                server.process.kill()
                server.process.wait()
                with pytest.raises(httpx.RemoteProtocolError):
                    post(client)
    assert [request.upstream_status for request in proxy.requests] == [201, None] * 2


def test_a_half_answer_of_the_server_is_not_passed_on(server: ServerProcess) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, scripted(server) as (proxy, client):
        proxy.retarget(f"http://127.0.0.1:{listener.getsockname()[1]}")

        def die_while_answering() -> None:
            connection, _ = listener.accept()
            with connection:
                while b"ver_123" not in connection.recv(2**16):
                    pass
                connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 10\r\n\r\n{}")

        with ThreadPoolExecutor(1) as pool:
            dying = pool.submit(die_while_answering)
            with pytest.raises(httpx.RemoteProtocolError):
                post(client)
            dying.result(_SECONDS)
    assert (proxy.requests[0].delivered, proxy.requests[0].upstream_status) == (True, None)


def test_a_port_that_refuses_stays_refusing_for_as_long_as_it_is_held() -> None:
    with refusing_port() as port:
        for _ in range(3):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), timeout=_SECONDS)


def test_random_faults_are_the_same_for_a_seed_and_come_by_their_weights() -> None:
    weights = {faults.pass_on(): 8, faults.cut_after_forwarding(): 2, faults.answer(503): 0}
    first, second, other = (list(islice(faults.random_faults(weights, seed=seed), 10_000)) for seed in (1, 1, 2))
    assert first == second != other
    counts = Counter(fault.name for fault in first)
    assert set(counts) == {"pass_on", "cut_after_forwarding"}
    assert 7_700 < counts["pass_on"] < 8_300


def test_a_long_run_of_random_faults_agrees_with_the_server(server: ServerProcess) -> None:
    """The log of the proxy and what the server has say the same of every id, whatever the clients saw."""
    weights = {
        faults.pass_on(): 4.0,
        faults.cut_before_forwarding(): 1,
        faults.cut_after_forwarding(): 1,
        faults.reset_before_forwarding(): 1,
        faults.reset_while_reading(): 1,
        faults.reset_after_forwarding(): 1,
        faults.reset_while_answering(): 1,
        faults.cut_body(): 1,
        faults.cut_after_answer(): 1,
        faults.truncate_body(): 1,
        faults.answer(503): 1,
        faults.answer_after_forwarding(502): 1,
        faults.delay(0.05): 1,
        faults.delay_answer(0.05): 1,
    }
    ids = [uuid.uuid4().hex for _ in range(400)]
    with (
        faulty_proxy(server.url, faults.random_faults(weights, seed=5)) as proxy,
        client_of(proxy.url, server.galtea_key) as client,
        ThreadPoolExecutor(8) as pool,
    ):

        def attempt(custom_id: str) -> bool:
            try:
                return post(client, custom_id).status_code == 201
            except httpx.TransportError:
                return False

        seen = dict(zip(ids, pool.map(attempt, ids), strict=True))
        proxy.settle()
    assert len({request.fault.name for request in proxy.requests}) == len(weights)
    # The body of a request that was reset while it was read is not known; nor was it delivered.
    delivered = {json.loads(request.body)["customId"] for request in proxy.requests if request.delivered}
    assert {custom_id for custom_id, is_done in seen.items() if is_done} < delivered
    assert delivered < set(ids)
    with client_of(server.url, server.galtea_key) as client:
        assert {custom_id for custom_id in ids if knows(client, custom_id)} == delivered


def post_in_chunks(client: httpx.Client) -> None:
    """Send what the proxy does not read."""
    with pytest.raises(httpx.TransportError):
        client.post("/sessions", content=iter([b"{}"]))


def test_what_the_proxy_cannot_play_fails_the_test_that_uses_it(server: ServerProcess) -> None:
    def run() -> None:
        with scripted(server) as (_, client):
            post_in_chunks(client)

    with pytest.raises(ExceptionGroup, match="the faulty proxy itself failed") as raised:
        run()
    assert "Content-Length" in str(raised.value.exceptions[0])


def test_a_fault_that_delivers_twice_is_noticed(server: ServerProcess) -> None:
    def run() -> None:
        fault = faults.after_forwarding(faults.pass_on())
        with scripted(server, fault) as (_, client), pytest.raises(httpx.RemoteProtocolError):
            post(client)

    with pytest.raises(ExceptionGroup) as raised:
        run()
    assert "twice" in str(raised.value.exceptions[0])


def test_a_failing_test_is_not_hidden_by_the_proxy(server: ServerProcess) -> None:
    def run() -> None:
        with scripted(server) as (_, client):
            post_in_chunks(client)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run()


def test_no_socket_and_no_thread_is_left(server: ServerProcess) -> None:
    """Not even when the block ends while requests are on their way and connections wait."""
    this = psutil.Process()

    def run() -> None:
        script = [faults.delay(60), faults.delay_answer(60), faults.announce(10**10)]
        with ExitStack() as clients, faulty_proxy(server.url, script) as proxy:
            _silent, *others = (clients.enter_context(dialled(proxy.port)) for _ in range(4))
            for connection in others:
                connection.sendall(request_bytes(server, uuid.uuid4().hex))
            while len(proxy.requests) < 3:
                time.sleep(0.01)
            began = time.monotonic()
        assert time.monotonic() - began < 5

    run()
    before = this.num_fds(), set(threading.enumerate())
    for _ in range(3):
        run()
    assert (this.num_fds(), set(threading.enumerate())) == before


def test_a_client_that_resets_its_connection_is_no_error_of_the_proxy(server: ServerProcess) -> None:
    with scripted(server, faults.drip(0.01)) as (proxy, _), dialled(proxy.port) as connection:
        connection.sendall(request_bytes(server, uuid.uuid4().hex))
        connection.recv(1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
        proxy.settle()
    assert proxy.requests[0].delivered


def test_a_client_that_leaves_before_its_request_is_whole_delivers_nothing(server: ServerProcess) -> None:
    with scripted(server) as (proxy, _):
        with dialled(proxy.port) as connection:
            connection.sendall(request_bytes(server, "partial")[:-1])
        proxy.settle()
    assert [request.delivered for request in proxy.requests] == [False]
    assert not has(server, "partial")
