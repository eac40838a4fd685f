"""The pytest plugin: a sandbox of its own for each test that asks for one, and the SDK's faces connected to it.

pytest loads this module in every run where evalsessions is installed, so nothing but pytest is imported before a
fixture is asked for. The sandbox is evalsessions-server, run from a thread: the extra `evalsessions[testing]`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evalsessions import AsyncGalileo, AsyncGaltea, Galileo, Galtea

__all__ = [
    "Sandbox",
    "async_galileo_sandbox",
    "async_galtea_sandbox",
    "evalsessions_sandbox",
    "galileo_sandbox",
    "galtea_sandbox",
]

_HOST = "127.0.0.1"
_MISSING = "pip install 'evalsessions[testing]' brings evalsessions-server, which is missing here"


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running evalsessions-server that serves both vendors, with the keys that it takes."""

    url: str
    galtea_api_key: str = field(repr=False)
    galileo_api_key: str = field(repr=False)


@pytest.fixture
def evalsessions_sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A server of this test's own, with an empty database and the ids of the documented examples (ver_123, ...).

    GALTEA_API_KEY, GALTEA_API_URL, GALILEO_API_KEY and GALILEO_API_URL are set to it, so that a `Galtea()` or
    `Galileo()` in the code under test meets the sandbox.
    """
    try:
        from evalsessions_server import Settings  # noqa: PLC0415
        from evalsessions_server.serving import serve_in_thread  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if not str(error.name).startswith("evalsessions_server"):
            raise
        raise pytest.fail.Exception(_MISSING, pytrace=False) from None
    settings = Settings.resolve({})
    with serve_in_thread(settings, host=_HOST) as url:
        sandbox = Sandbox(url, galtea_api_key=settings.galtea_keys[0], galileo_api_key=settings.galileo_keys[0])
        monkeypatch.setenv("GALTEA_API_KEY", sandbox.galtea_api_key)
        monkeypatch.setenv("GALTEA_API_URL", url)
        monkeypatch.setenv("GALILEO_API_KEY", sandbox.galileo_api_key)
        monkeypatch.setenv("GALILEO_API_URL", url)
        # A proxy of the machine does not know this host. Where both names are set, programs read the first.
        exempt = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.setenv(name, f"{exempt},{_HOST}" if exempt else _HOST)
        yield sandbox


@pytest.fixture
def galtea_sandbox(evalsessions_sandbox: Sandbox) -> Iterator[Galtea]:
    """A `Galtea` connected to this test's own sandbox, and closed after the test."""
    from evalsessions import Galtea  # noqa: PLC0415

    with Galtea(api_key=evalsessions_sandbox.galtea_api_key, base_url=evalsessions_sandbox.url) as galtea:
        yield galtea


@pytest.fixture
def galileo_sandbox(evalsessions_sandbox: Sandbox) -> Iterator[Galileo]:
    """A `Galileo` connected to this test's own sandbox, and closed after the test."""
    from evalsessions import Galileo  # noqa: PLC0415

    with Galileo(api_key=evalsessions_sandbox.galileo_api_key, base_url=evalsessions_sandbox.url) as galileo:
        yield galileo


@pytest.fixture
def async_galtea_sandbox(evalsessions_sandbox: Sandbox) -> AsyncGaltea:
    """An `AsyncGaltea` connected to this test's own sandbox; the test closes it: `async with async_galtea_sandbox:`.

    The fixture is no coroutine, so that it works with any plugin for asynchronous tests and with `asyncio.run`.
    """
    from evalsessions import AsyncGaltea  # noqa: PLC0415

    return AsyncGaltea(api_key=evalsessions_sandbox.galtea_api_key, base_url=evalsessions_sandbox.url)


@pytest.fixture
def async_galileo_sandbox(evalsessions_sandbox: Sandbox) -> AsyncGalileo:
    """An `AsyncGalileo` connected to this test's own sandbox; the test closes it: `async with async_galileo_sandbox:`.

    The fixture is no coroutine, so that it works with any plugin for asynchronous tests and with `asyncio.run`.
    """
    from evalsessions import AsyncGalileo  # noqa: PLC0415

    return AsyncGalileo(api_key=evalsessions_sandbox.galileo_api_key, base_url=evalsessions_sandbox.url)
