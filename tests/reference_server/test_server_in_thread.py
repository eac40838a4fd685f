"""A server inside another program: from a thread, on a free port, as quiet and as clean as if it were not there."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, TypeAlias

import httpx
import pytest

from evalsessions_server import Settings, SettingsError
from evalsessions_server.serving import ServingError, serve_in_thread
from tests.reference_server.calls import OPERATIONS, Operation
from tests.support.uncovered import uncovered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

NewThreads: TypeAlias = "Callable[[], list[str]]"

GALTEA_KEY = "gsk_in_a_thread"
GALILEO_KEY = "in-a-thread"
LOGGERS = ("", "evalsessions_server", "uvicorn", "uvicorn.access", "uvicorn.error", "psycopg")


def settings(**more: object) -> Settings:
    return Settings(galtea_keys=(GALTEA_KEY,), galileo_keys=(GALILEO_KEY,), **more)  # type: ignore[arg-type]


def post(url: str, path: str, body: Mapping[str, object]) -> httpx.Response:
    keys = {"Authorization": f"Bearer {GALTEA_KEY}", "Galileo-API-Key": GALILEO_KEY}
    return httpx.post(url + path, json=body, headers=keys)


def new_session(url: str, custom_id: str) -> int:
    return post(url, "/sessions", {"versionId": "ver_123", "customId": custom_id}).status_code


@pytest.fixture
def new_threads() -> NewThreads:
    """The names of the threads that were not there when the test began; other tests leave some."""
    before = threading.enumerate()
    return lambda: sorted(thread.name for thread in threading.enumerate() if thread not in before)


@pytest.mark.parametrize("op", OPERATIONS, ids=lambda op: op.name)
def test_it_takes_requests_as_soon_as_the_url_is_there(op: Operation) -> None:
    with serve_in_thread(settings()) as url:
        assert post(url, op.path, op.body).status_code == op.status


def test_what_it_stores_outlives_it_in_a_database_that_does(database: str) -> None:
    for status in (201, 409):
        with serve_in_thread(settings(database=database)) as url:
            assert new_session(url, "kept") == status


def test_servers_of_one_process_follow_each_other_and_have_databases_of_their_own() -> None:
    for _ in range(3):
        with serve_in_thread(settings()) as url:
            assert [new_session(url, "mine"), new_session(url, "mine")] == [201, 409]


def test_servers_of_one_process_run_side_by_side() -> None:
    with ExitStack() as stack:
        urls = [stack.enter_context(serve_in_thread(settings())) for _ in range(3)]
        assert len(set(urls)) == 3
        assert [new_session(url, "mine") for url in urls] == [201, 201, 201]


def test_at_the_end_nothing_is_left_of_it(tmp_path: Path, new_threads: NewThreads) -> None:
    file = tmp_path / "server.db"
    with serve_in_thread(settings(database=f"sqlite:///{file}")) as url:
        assert new_session(url, "mine") == 201
        assert new_threads() == ["evalsessions-server", "evalsessions-sqlite"]
        assert len(list(tmp_path.iterdir())) == 3
    assert new_threads() == []
    # SQLite removes the files beside the database when the last connection is closed.
    assert list(tmp_path.iterdir()) == [file]
    with pytest.raises(httpx.ConnectError):
        httpx.get(url + "/healthz")


def test_an_error_of_the_block_ends_it_too_and_comes_through(new_threads: NewThreads) -> None:
    with pytest.raises(ZeroDivisionError), serve_in_thread(settings()) as url:
        raise ZeroDivisionError
    assert new_threads() == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(url + "/healthz")


def test_a_connection_that_a_client_keeps_open_does_not_hold_up_the_end() -> None:
    with httpx.Client() as client:
        with serve_in_thread(settings()) as url:
            assert client.get(url + "/healthz").status_code == 200
            started = time.monotonic()
        assert time.monotonic() - started < 5


def test_a_request_that_was_accepted_is_finished_before_the_end() -> None:
    body = b'{"versionId": "ver_123"}'
    head = (
        f"POST /sessions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {GALTEA_KEY}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    answers = []
    with serve_in_thread(settings()) as url:
        host, port = url.removeprefix("http://").split(":")
        connection = socket.create_connection((host, int(port)), timeout=10)
        connection.sendall(head.encode() + body[:5])
        assert httpx.get(url + "/healthz").status_code == 200

        def send_the_rest() -> None:
            time.sleep(0.5)
            connection.sendall(body[5:])
            answers.append(connection.recv(65536))

        rest = threading.Thread(target=send_the_rest)
        rest.start()
    rest.join()
    connection.close()
    assert answers[0].startswith(b"HTTP/1.1 201 ")


def test_it_speaks_http_as_the_process_does() -> None:
    with serve_in_thread(settings()) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(b"this is no HTTP\r\n\r\n")
            answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/json" in answer
    assert b"server:" not in answer.lower()


def test_it_starts_in_any_thread_and_beside_a_running_event_loop() -> None:
    async def call() -> int:
        with serve_in_thread(settings()) as url:
            async with httpx.AsyncClient() as client:
                return (await client.get(url + "/healthz")).status_code

    statuses = [asyncio.run(call())]
    thread = threading.Thread(target=lambda: statuses.append(asyncio.run(call())))
    thread.start()
    thread.join()
    assert statuses == [200, 200]


def test_it_listens_on_the_host_that_it_is_given() -> None:
    with serve_in_thread(settings(), host="localhost") as url:
        assert httpx.get(url + "/healthz").status_code == 200


def test_settings_that_cannot_be_used_are_told_to_the_caller(tmp_path: Path, new_threads: NewThreads) -> None:
    with pytest.raises(SettingsError, match="catalog"), serve_in_thread(settings(catalog=tmp_path / "catalog.yaml")):
        pass
    with pytest.raises(SettingsError, match="unknown kind of database URL"), serve_in_thread(settings(database="x")):
        pass
    gc.collect()  # a listener that was left open would be a warning, and so a failure
    assert new_threads() == []


def test_a_host_that_cannot_be_listened_on_is_told_to_the_caller(new_threads: NewThreads) -> None:
    with (
        pytest.raises(ServingError, match=r"cannot listen on host\.invalid: "),
        serve_in_thread(settings(), host="host.invalid"),
    ):
        pass
    assert new_threads() == []


def test_signals_and_logging_are_left_as_they_are() -> None:
    def state() -> list[object]:
        loggers = [logging.getLogger(name) for name in LOGGERS]
        kept: list[object] = [(list(found.handlers), found.level, found.propagate) for found in loggers]
        return kept + [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]

    access = logging.getLogger("uvicorn.access")
    access.addHandler(handler := logging.NullHandler())  # that of another server in this process
    try:
        before = state()
        with serve_in_thread(settings()) as url:
            httpx.get(url + "/healthz")
            assert state() == before
        assert state() == before
    finally:
        access.removeHandler(handler)


def test_nothing_is_printed(tmp_path: Path) -> None:
    """By a program that has configured no logging, and is told of everything that Python can warn of."""
    script = """
import http.client
from evalsessions_server import Settings
from evalsessions_server.serving import serve_in_thread

for _ in range(2):
    with serve_in_thread(Settings.resolve({})) as url:
        connection = http.client.HTTPConnection(url.removeprefix("http://"))
        for path, status in (("/healthz", 200), ("/sessions", 405), ("/nowhere", 404)):
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == status, answer.status
        connection.close()
"""
    assert run(script, tmp_path) == (0, "", "")


def test_a_server_that_cannot_start_is_told_in_one_line_and_not_waited_for(tmp_path: Path) -> None:
    """Here for want of file descriptors: there is one for the listener and one to read files by, and none more."""
    script = """
import os, resource
from evalsessions_server import Settings
from evalsessions_server.serving import ServingError, serve_in_thread

with serve_in_thread(Settings.resolve({})):
    pass  # everything is imported
free = os.dup(0)
os.close(free)
resource.setrlimit(resource.RLIMIT_NOFILE, (free + 2, free + 2))
try:
    with serve_in_thread(Settings.resolve({})):
        print("started")
except ServingError as error:
    print(f"{error}: {type(error.__cause__).__name__}")
"""
    status, output, _ = run(script, tmp_path)
    assert (status, output) == (0, "the server could not start: OSError\n")


def run(script: str, folder: Path) -> tuple[int, str, str]:
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", script]
    ended = subprocess.run(
        command, cwd=folder, env=uncovered(), capture_output=True, text=True, timeout=60, check=False
    )
    return ended.returncode, ended.stdout, ended.stderr
