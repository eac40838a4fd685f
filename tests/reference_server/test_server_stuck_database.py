"""A database that does not answer costs the requests that need it a 503, and nothing else."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import psutil
import psycopg

from tests.reference_server.calls import Sandbox
from tests.reference_server.database import rows
from tests.support.server_process import start_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.postgres import PostgresCluster

CLIENTS = 32


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the write lock of an SQLite file, as another process would."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def test_a_held_sqlite_file_refuses_all_who_wait_together_and_stores_nothing_of_theirs(tmp_path: Path) -> None:
    path = tmp_path / "server.db"
    with start_server(database=f"sqlite:///{path}") as server, ThreadPoolExecutor(CLIENTS) as clients:
        sandbox = Sandbox(server)
        with held(path):
            # One after the other would take longer than the client's minute.
            sent = [clients.submit(sandbox.session, customId=f"held-{number}") for number in range(CLIENTS)]
            answers = [future.result() for future in sent]
        assert [answer.status_code for answer in answers] == [503] * CLIENTS
        assert {answer.headers["retry-after"] for answer in answers} == {"1"}
        again = [sandbox.session(customId=f"held-{number}").status_code for number in range(CLIENTS)]
        assert again == [201] * CLIENTS
        sandbox.close()


def test_reading_a_held_sqlite_file_goes_on_while_writes_wait_and_writes_that_can_wait_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "server.db"
    with start_server(database=f"sqlite:///{path}") as server, ThreadPoolExecutor(CLIENTS) as clients:
        sandbox = Sandbox(server)
        with held(path):
            sent = [clients.submit(sandbox.session, customId=f"wait-{number}") for number in range(4)]
            assert httpx.get(server.url + "/healthz", timeout=60).status_code == 200
        assert [future.result().status_code for future in sent] == [201] * 4
        sandbox.close()
    assert len(rows(f"sqlite:///{path}", "SELECT id FROM sessions")) == 2 + 4


@contextlib.contextmanager
def frozen(cluster: PostgresCluster) -> Iterator[None]:
    """Stop every process of a cluster, which then holds its connections open and answers nothing."""
    postmaster = psutil.Process(int((cluster.socket_folder / "data" / "postmaster.pid").read_text().split()[0]))
    stopped = [postmaster, *postmaster.children(recursive=True)]
    for process in stopped:
        process.suspend()
    try:
        yield
    finally:
        for process in stopped:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()


def test_a_frozen_postgresql_is_503_for_all_and_what_was_refused_is_not_stored(
    postgres_cluster: PostgresCluster,
) -> None:
    url = postgres_cluster.new_database()
    with start_server(database=url) as server, ThreadPoolExecutor(CLIENTS) as clients:
        sandbox = Sandbox(server)
        assert sandbox.session().status_code == 201
        with frozen(postgres_cluster):
            sent = [clients.submit(sandbox.session, customId=f"frozen-{number}") for number in range(CLIENTS)]
            assert httpx.get(server.url + "/healthz", timeout=60).status_code == 503
            answers = [future.result() for future in sent]
        assert [answer.status_code for answer in answers] == [503] * CLIENTS
        assert {answer.headers["retry-after"] for answer in answers} == {"1"}
        wait_until_it_answers(sandbox)
        again = [sandbox.session(customId=f"frozen-{number}").status_code for number in range(CLIENTS)]
        assert again == [201] * CLIENTS
        sandbox.close()


def test_a_server_over_a_frozen_postgresql_still_stops_with_status_0(postgres_cluster: PostgresCluster) -> None:
    with start_server(database=postgres_cluster.new_database()) as server, frozen(postgres_cluster):
        assert httpx.get(server.url + "/healthz", timeout=60).status_code == 503
        server.process.terminate()
        assert server.process.wait(60) == 0


def test_a_write_that_waits_for_a_lock_for_too_long_is_503_and_not_stored(postgres_cluster: PostgresCluster) -> None:
    url = postgres_cluster.new_database()
    with start_server(database=url) as server, psycopg.connect(url) as other:
        sandbox = Sandbox(server)
        other.execute("LOCK TABLE test_cases")
        assert sandbox.test_case(input="kept back").status_code == 503
        other.rollback()
        assert sandbox.test_case(input="kept").status_code == 201
        sandbox.close()
    assert len(rows(url, "SELECT id FROM test_cases")) == 1 + 1


def wait_until_it_answers(sandbox: Sandbox) -> None:
    deadline = time.monotonic() + 60
    while sandbox.client.get("/healthz").status_code != 200:
        assert time.monotonic() < deadline, "the database is back and the server does not see it"
