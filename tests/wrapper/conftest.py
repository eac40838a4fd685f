"""What the tests of the SDK share: a face of each kind, a server that is right, and one that does as it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.server_process import ServerProcess, start_server
from tests.wrapper.faces import BOTH, BOTH_ON_EACH_TRANSPORT, Caller, Kind
from tests.wrapper.scripted_server import ScriptedServer, scripted_server

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["caller", "each_transport", "scripted", "server", "without_environment"]

VARIABLES = ("GALTEA_API_KEY", "GALTEA_API_URL", "GALILEO_API_KEY", "GALILEO_API_URL")


@pytest.fixture(params=BOTH, ids=str)
def caller(request: pytest.FixtureRequest) -> Iterator[Caller]:
    """The sync faces, and the async ones."""
    kind: Kind = request.param
    with Caller(kind) as made:
        yield made


@pytest.fixture(params=BOTH_ON_EACH_TRANSPORT, ids=str)
def each_transport(request: pytest.FixtureRequest) -> Iterator[Caller]:
    """The sync and the async faces, over httpx and over the fast transport."""
    kind: Kind = request.param
    with Caller(kind) as made:
        yield made


@pytest.fixture(scope="session")
def server() -> Iterator[ServerProcess]:
    """A real server with the default catalogue, shared by all tests."""
    with start_server() as process:
        yield process


@pytest.fixture
def scripted() -> Iterator[ScriptedServer]:
    """A server that answers what the test tells it to."""
    with scripted_server() as script:
        yield script


@pytest.fixture
def without_environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No key and no address in the environment."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch
