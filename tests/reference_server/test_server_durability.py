"""What was answered is kept, whatever ends the server; what was not answered is kept whole or not at all."""

from __future__ import annotations

import itertools
import json
import signal
import socket
import threading
import time
from typing import TYPE_CHECKING, Any, Self

import httpx
import pytest

from tests.reference_server.calls import Sandbox
from tests.reference_server.database import rows
from tests.support.server_process import ServerProcess, start_server

if TYPE_CHECKING:
    from tests.support.postgres import PostgresCluster


class Load:
    """Clients that write until the server is gone, and remember every answer."""

    def __init__(self, server: ServerProcess) -> None:
        self.sessions: dict[str, str] = {}
        self.test_cases: set[str] = set()
        self.project_sessions: set[str] = set()
        self.batches = 0
        self._server = server
        self._numbers = itertools.count()
        self._threads = [threading.Thread(target=self._write) for _ in range(8)]

    @property
    def answers(self) -> int:
        return len(self.sessions) + len(self.test_cases) + len(self.project_sessions) + self.batches

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()

    def _write(self) -> None:
        sandbox = Sandbox(self._server)
        metrics = [{"name": f"metric {number}"} for number in range(40)]
        try:
            while True:
                custom_id = f"load-{next(self._numbers)}"
                session = sandbox.session(customId=custom_id, metadata={"padding": "x" * 500})
                assert session.status_code == 201
                self.sessions[session.json()["id"]] = custom_id
                self.test_cases.add(sandbox.test_case(input="x").json()["id"])
                self.project_sessions.add(sandbox.project_session(name="x").json()["id"])
                batch = sandbox.evaluate(versionId="ver_123", metrics=metrics)
                assert batch.status_code == 200
                self.batches += 1
        except httpx.TransportError:
            return
        finally:
            sandbox.close()


def wait_for_answers(load: Load, count: int) -> None:
    deadline = time.monotonic() + 60
    while load.answers < count:
        assert time.monotonic() < deadline, "the load makes no progress"
        time.sleep(0.01)


@pytest.mark.parametrize("answers", [60, 400])
def test_after_sigkill_under_load_every_answered_write_is_there_and_no_half_batch(database: str, answers: int) -> None:
    with start_server(database=database) as server, Load(server) as load:
        wait_for_answers(load, answers)
        server.process.kill()
    with start_server(database=database) as server:
        sandbox = Sandbox(server)
        for custom_id in list(load.sessions.values())[-20:]:
            assert sandbox.session(customId=custom_id).status_code == 409
        evaluated = sandbox.evaluate(sessionIds=list(load.sessions), metrics=[{"name": "a"}]).json()
        assert (evaluated["sessionsEvaluated"], evaluated["sessionsFailed"]) == (len(load.sessions), 0)
        sandbox.close()
    assert set(load.test_cases) <= {row[0] for row in rows(database, "SELECT id FROM test_cases")}
    assert set(load.project_sessions) <= {row[0] for row in rows(database, "SELECT id FROM project_sessions")}
    documents = dict(rows(database, "SELECT id, document FROM batches"))
    counts = dict(rows(database, "SELECT batch_id, count(*) FROM evaluations GROUP BY batch_id"))
    assert load.batches <= len(documents)
    assert set(counts) <= set(documents)
    for batch, document in documents.items():
        assert counts.get(batch, 0) == json.loads(document)["evaluationsCreated"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_stop_lets_accepted_requests_finish_and_the_exit_status_is_0(database: str, number: Any) -> None:
    body = b'{"versionId": "ver_123", "customId": "late"}'
    with start_server(database=database) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as slow:
            lines = ["POST /sessions HTTP/1.1", "Host: x", "Content-Type: application/json"]
            lines += [f"Authorization: Bearer {server.galtea_key}", f"Content-Length: {len(body)}"]
            slow.sendall(("\r\n".join(lines) + "\r\n\r\n").encode() + body[:10])
            # The server has the head of the request once it has answered one that came after it.
            httpx.get(server.url + "/healthz")
            server.process.send_signal(number)
            time.sleep(0.5)
            slow.sendall(body[10:])
            answer = slow.recv(65536)
        assert answer.startswith(b"HTTP/1.1 201")
        assert server.process.wait(30) == 0
        with pytest.raises(httpx.TransportError):
            httpx.get(server.url + "/healthz")
    with start_server(database=database) as server:
        sandbox = Sandbox(server)
        assert sandbox.session(customId="late").status_code == 409
        sandbox.close()


def test_stopping_under_load_loses_no_answered_write(database: str) -> None:
    with start_server(database=database) as server, Load(server) as load:
        wait_for_answers(load, 100)
        server.process.terminate()
        assert server.process.wait(30) == 0
    assert set(load.sessions) <= {row[0] for row in rows(database, "SELECT id FROM sessions")}


def test_a_restart_seeds_the_catalogue_once(database: str) -> None:
    for _ in range(2):
        with start_server(database=database):
            pass
    assert len(rows(database, "SELECT id FROM sessions")) == 2
    assert len(rows(database, "SELECT id FROM test_cases")) == 1


def test_two_servers_share_a_database_and_its_unique_custom_ids(database: str) -> None:
    with start_server(database=database) as one, start_server(database=database) as other:
        first, second = Sandbox(one), Sandbox(other)
        outcomes: list[list[int]] = [[], []]

        def write(sandbox: Sandbox, statuses: list[int]) -> None:
            statuses += [sandbox.session(customId=f"shared-{number}").status_code for number in range(40)]

        threads = [threading.Thread(target=write, args=pair) for pair in zip((first, second), outcomes, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [sorted(pair) for pair in zip(*outcomes, strict=True)] == [[201, 409]] * 40
        case = first.test_case(context="here").json()
        assert second.session(testCaseId=case["id"]).json()["context"] == {"value": "here"}
        first.close()
        second.close()


def test_memory_is_one_database_for_all_connections() -> None:
    with start_server(database="sqlite://") as server:
        one, other = Sandbox(server), Sandbox(server)
        assert one.session(customId="x").status_code == 201
        assert other.session(customId="x").status_code == 409
        one.close()
        other.close()


def test_a_database_of_another_version_is_refused(database: str) -> None:
    with start_server(database=database):
        pass
    if database.startswith("sqlite"):
        import sqlite3

        with sqlite3.connect(database.removeprefix("sqlite:///")) as connection:
            connection.execute("UPDATE evalsessions_schema SET version = 99")
        connection.close()
    else:
        import psycopg

        with psycopg.connect(database) as other:
            other.execute("UPDATE evalsessions_schema SET version = 99")
    with pytest.raises(RuntimeError, match="tables of version 99"), start_server(database=database):
        pass


def test_when_postgresql_goes_away_the_answer_is_503_and_it_recovers(postgres_cluster: PostgresCluster) -> None:
    url = postgres_cluster.new_database()
    import psycopg

    name = url.partition("@/")[2].partition("?")[0]
    with (
        start_server(database=url) as server,
        psycopg.connect(postgres_cluster.url("postgres"), autocommit=True) as admin,
    ):
        sandbox = Sandbox(server)
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        answer = sandbox.session()
        assert answer.status_code == 503
        assert answer.json()["message"]
        assert sandbox.client.get("/healthz").status_code == 503
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        deadline = time.monotonic() + 60
        while (status := sandbox.session().status_code) != 201:
            assert status == 503
            assert time.monotonic() < deadline
        sandbox.close()
