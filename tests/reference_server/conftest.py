"""Every claim about the server is tried on both databases."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.reference_server.calls import Sandbox
from tests.support.postgres import PostgresCluster, postgres_cluster
from tests.support.server_process import ServerProcess, start_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["ManySessions", "WriteCatalog", "postgres_cluster"]

WriteCatalog: TypeAlias = "Callable[[str], Path]"
ManySessions: TypeAlias = "tuple[Sandbox, list[str], str]"

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database that outlives the server."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'server.db'}"
    cluster: PostgresCluster = request.getfixturevalue("postgres_cluster")
    return cluster.new_database()


@pytest.fixture(scope="module", params=DATABASES)
def lasting_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a database that the tests of a module share."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('database') / 'server.db'}"
    cluster: PostgresCluster = request.getfixturevalue("postgres_cluster")
    return cluster.new_database()


@pytest.fixture(scope="module")
def server(lasting_database: str) -> Iterator[ServerProcess]:
    """A real server with the default catalogue, shared by the tests of a module."""
    with start_server(database=lasting_database) as process:
        yield process
        assert not [line for line in process.log_lines() if line["level"] == "error"]


@pytest.fixture(scope="module")
def sandbox(server: ServerProcess) -> Iterator[Sandbox]:
    """The shared server with its keys."""
    calls = Sandbox(server)
    yield calls
    calls.close()


@pytest.fixture(scope="module")
def many_sessions(lasting_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ManySessions]:
    """A server with a version of 1003 sessions, their ids in the order of creation, and its database."""
    catalog = tmp_path_factory.mktemp("catalog") / "catalog.yaml"
    catalog.write_text("versions: [{id: ver_many}]\n", encoding="utf-8")
    with start_server(database=lasting_database, args=["--catalog", str(catalog)]) as process:
        calls = Sandbox(process)
        sessions = [calls.session(versionId="ver_many").json()["id"] for _ in range(1003)]
        yield calls, sessions, lasting_database
        calls.close()


@pytest.fixture
def unique() -> str:
    """A text that no other test uses."""
    return uuid.uuid4().hex


@pytest.fixture
def write_catalog(tmp_path: Path) -> WriteCatalog:
    """Write a catalogue file."""

    def write(text: str) -> Path:
        path = tmp_path / "catalog.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write
