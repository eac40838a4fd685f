"""The SDK while connections break, answers are lost and the server dies: each call ends as done, not done or ambiguous,
and the server's database agrees.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

import pytest

from evalsessions import (
    AmbiguousOutcomeError,
    APIConnectionError,
    AsyncFastTransport,
    AsyncGaltea,
    EvalSessionsError,
    FastTransport,
    Galtea,
    ResponseValidationError,
    Session,
    SessionArguments,
)
from tests.integration.sdk_ledger import Ledger
from tests.support.faulty_proxy import FaultyProxy, faulty_proxy
from tests.support.proxy_faults import (
    Fault,
    announce,
    answer,
    answer_after_forwarding,
    cut_after_answer,
    cut_after_forwarding,
    cut_before_forwarding,
    cut_body,
    delay,
    delay_answer,
    drip,
    endless_chunks,
    garbage,
    gzip_bomb,
    pass_on,
    random_faults,
    reset_after_forwarding,
    reset_before_forwarding,
    reset_while_answering,
    reset_while_reading,
    truncate_body,
)
from tests.support.refusing_port import refusing_port
from tests.support.server_process import ServerProcess, start_server

if TYPE_CHECKING:
    from pathlib import Path

JSON = {"Content-Type": "application/json"}
HTML = {"Content-Type": "text/html"}
# Within it a call gives up on an answer that comes late.
TIMEOUT = 0.3

Create = Callable[..., Session]
Item = TypeVar("Item")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("faults") / "faults.db"


@pytest.fixture(scope="module")
def server(database: Path) -> Iterator[ServerProcess]:
    with start_server(database=f"sqlite:///{database}") as started:
        yield started


@pytest.fixture
def proxy(server: ServerProcess) -> Iterator[FaultyProxy]:
    with faulty_proxy(server.url) as started:
        yield started


@pytest.fixture(params=["httpx", "httpx-async", "fast", "fast-async"])
def create(request: pytest.FixtureRequest, server: ServerProcess, proxy: FaultyProxy) -> Create:
    """`sessions.create` over each transport, with one retry and a short timeout."""
    kind: str = request.param

    def sync(**arguments: object) -> Session:
        client = FastTransport() if kind == "fast" else None
        with Galtea(api_key=server.galtea_key, base_url=proxy.url, http_client=client) as galtea:
            return galtea.sessions.create(version_id="ver_123", **(OPTIONS | arguments))  # type: ignore[call-overload, no-any-return]

    async def by_coroutine(**arguments: object) -> Session:
        client = AsyncFastTransport() if kind == "fast-async" else None
        async with AsyncGaltea(api_key=server.galtea_key, base_url=proxy.url, http_client=client) as galtea:
            return await galtea.sessions.create(version_id="ver_123", **(OPTIONS | arguments))  # type: ignore[call-overload, no-any-return]

    return sync if not kind.endswith("async") else lambda **arguments: asyncio.run(by_coroutine(**arguments))


OPTIONS = {"timeout": TIMEOUT, "max_retries": 1}


def outcome(create: Create, **arguments: object) -> EvalSessionsError | None:
    try:
        create(**arguments)
    except EvalSessionsError as error:
        return error
    return None


# The fault of the first attempt; how the call ends when no repeat is allowed; when `custom_id` allows one.
LOST = [
    (cut_before_forwarding(), "created"),
    (reset_before_forwarding(), "created"),
    (cut_after_forwarding(), "ambiguous"),
    (reset_after_forwarding(), "ambiguous"),
    (reset_while_reading(), "created"),
    (reset_while_answering(), "ambiguous"),
    (cut_body(), "ambiguous"),
    (garbage(), "created"),
    (delay_answer(3 * TIMEOUT), "ambiguous"),
    (drip(0.005), "ambiguous"),
    (answer(502, "<html><title>Bad gateway</title></html>", HTML), "created"),
    (answer(504), "created"),
    (answer_after_forwarding(502), "ambiguous"),
    (answer_after_forwarding(504, "gateway", HTML), "ambiguous"),
]


@pytest.mark.parametrize(("fault", "repeated"), LOST, ids=lambda value: getattr(value, "name", ""))
def test_a_write_whose_answer_is_lost_is_repeated_only_where_that_cannot_double_it(
    create: Create, proxy: FaultyProxy, database: Path, fault: Fault, repeated: str
) -> None:
    ledger, mark = Ledger(), secrets.token_hex(8)
    proxy.script([fault])
    error = outcome(create, metadata={"mark": f"{mark} once"})
    assert isinstance(error, AmbiguousOutcomeError)
    assert error.attempts == 1
    assert "look whether it was done" in str(error)
    ledger.note(f"{mark} once", error)
    proxy.settle()
    assert len(proxy.requests) == 1

    proxy.script([fault])
    error = outcome(create, custom_id=mark, metadata={"mark": f"{mark} repeated"})
    ledger.note(f"{mark} repeated", error)
    assert (type(error) is AmbiguousOutcomeError) == (repeated == "ambiguous"), error
    if error is not None:
        assert "409" in str(error)
        assert mark in str(error)
    proxy.settle()
    assert len(proxy.requests) == 3
    assert [lie for lie in ledger.lies(database) if mark in lie] == []


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (truncate_body(), "no JSON"),
        (answer_after_forwarding(200, "<html>welcome</html>", HTML), "text/html"),
        (answer_after_forwarding(201, "<html>welcome</html>", HTML), "text/html"),
        (answer_after_forwarding(201, b"\xff\xfe\x00", JSON), "no JSON"),
        (answer_after_forwarding(201, "[]", JSON), "an object"),
        (answer_after_forwarding(201, "{}", JSON), "/id"),
        (answer_after_forwarding(201, "[" * 100_000, JSON), "nested"),
        (answer_after_forwarding(204), "204"),
        (answer_after_forwarding(201, b"\x00 no gzip", JSON | {"Content-Encoding": "gzip"}), "decoded|no JSON"),
        (announce(10 * 2**30), "larger than 16 MiB"),
        (endless_chunks(), "larger than 16 MiB"),
        (gzip_bomb(), "larger than 16 MiB|no JSON"),  # the fast transport does not decompress
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_success_that_cannot_be_read_is_done_and_the_raw_answer_is_on_the_error(
    create: Create, proxy: FaultyProxy, fault: Fault, says: str
) -> None:
    proxy.script([fault])
    error = outcome(create, custom_id=None, timeout=10.0)
    assert isinstance(error, ResponseValidationError)
    assert re.search(says, str(error))
    assert error.status_code in {200, 201, 204}
    assert len(error.response.content) <= 16 * 2**20
    assert len(proxy.requests) == 1


def test_a_redirect_is_not_followed_and_the_key_goes_nowhere(
    create: Create, proxy: FaultyProxy, server: ServerProcess
) -> None:
    with faulty_proxy(server.url) as elsewhere:
        proxy.script([answer(307, "", {"Location": f"{elsewhere.url}/sessions"})])
        error = outcome(create)
        assert "307" in str(error)
        assert elsewhere.connections == 0


def test_a_port_that_refuses_is_not_done(server: ServerProcess) -> None:
    with refusing_port() as port, Galtea(api_key="gsk_x", base_url=f"http://127.0.0.1:{port}", max_retries=1) as galtea:
        for client in (galtea, Galtea(api_key="gsk_x", base_url=galtea.base_url, http_client=FastTransport())):
            with pytest.raises(APIConnectionError, match="was not sent"):
                client.sessions.create(version_id="ver_123", max_retries=1)


def test_a_late_start_is_waited_for(create: Create, proxy: FaultyProxy) -> None:
    proxy.script([delay(0.05)])
    assert outcome(create, timeout=10.0) is None


def sessions(count: int, run: str) -> Iterator[SessionArguments]:
    """Every second one can be repeated."""
    for number in range(count):
        mark = f"{run}-{number}"
        if number % 2:
            yield {"version_id": "ver_123", "custom_id": mark, "metadata": {"mark": mark}}
        else:
            yield {"version_id": "ver_123", "metadata": {"mark": mark}}


# Weights; what is answered in place of the server says what is true of a request that was not forwarded.
WEATHER = {
    pass_on(): 10.0,
    cut_after_answer(): 2.0,
    cut_before_forwarding(): 1.0,
    cut_after_forwarding(): 1.0,
    reset_before_forwarding(): 1.0,
    reset_after_forwarding(): 1.0,
    reset_while_reading(): 1.0,
    reset_while_answering(): 1.0,
    cut_body(): 1.0,
    truncate_body(): 1.0,
    garbage(): 1.0,
    delay_answer(2 * TIMEOUT): 0.2,
    answer(400, '{"message": "no"}', JSON): 0.5,
    answer(429, "slow down", {"Retry-After": "0"}): 1.0,
    answer(503, "later", {"Retry-After": "0"}): 1.0,
    answer(500): 0.5,
    answer(502): 0.5,
    answer(599): 0.2,
    answer_after_forwarding(500, "oops", HTML): 0.5,
    answer_after_forwarding(502): 0.5,
    answer_after_forwarding(504): 0.5,
}


def _in_bad_weather(server: ServerProcess, database: Path, count: int, *, fast: bool) -> Ledger:
    ledger, run = Ledger(), f"weather-{count}-{fast}"
    client = FastTransport() if fast else None
    with (
        faulty_proxy(server.url, random_faults(WEATHER, seed=count)) as proxy,
        Galtea(api_key=server.galtea_key, base_url=proxy.url, timeout=TIMEOUT, http_client=client) as galtea,
    ):
        for found in galtea.sessions.create_many(sessions(count, run), concurrency=16, max_retries=2):
            ledger.note(f"{run}-{found.index}", found.error)
        proxy.settle()
    assert len(ledger.said) == count
    assert [lie for lie in ledger.lies(database) if lie.startswith(run)] == []
    return ledger


@pytest.mark.parametrize("fast", [False, True], ids=["httpx", "fast"])
def test_in_bad_weather_no_write_is_lost_and_none_doubled(server: ServerProcess, database: Path, fast: bool) -> None:
    ledger = _in_bad_weather(server, database, 400, fast=fast)
    assert {"done", "not done", "ambiguous"} == set(ledger.said.values())


@pytest.mark.full
@pytest.mark.parametrize("fast", [False, True], ids=["httpx", "fast"])
def test_in_ten_thousand_calls_of_bad_weather_no_write_is_lost_and_none_doubled(
    server: ServerProcess, database: Path, fast: bool
) -> None:
    ledger = _in_bad_weather(server, database, 10_000, fast=fast)
    sys.stdout.write(f"{dict(ledger.errors)}\n")


def _while_the_server_dies(folder: Path, count: int, *, fast: bool) -> tuple[Ledger, int]:
    """Kill the server about once a second, and start it again on the same port and database."""
    database, ledger, deaths = folder / "mortal.db", Ledger(), 0
    keys = {"GALTEA_API_KEY": "gsk_mortal"}
    with refusing_port() as port:
        finished, failures = threading.Event(), list[BaseException]()

        def reign() -> None:
            nonlocal deaths
            try:
                while not finished.is_set():
                    where = ["--port", str(port)]
                    with start_server(database=f"sqlite:///{database}", args=where, env=keys, is_measured=False) as one:
                        finished.wait(1.0)
                        if not finished.is_set():
                            one.process.kill()
                            one.process.wait()
                            deaths += 1
            except BaseException as error:  # noqa: BLE001 - told in the test's own thread
                failures.append(error)

        client = FastTransport() if fast else None
        url = f"http://127.0.0.1:{port}"
        with Galtea(api_key="gsk_mortal", base_url=url, max_retries=3, http_client=client) as galtea:
            thread = threading.Thread(target=reign)
            thread.start()
            try:
                time.sleep(1)
                for found in galtea.sessions.create_many(_paced(list(sessions(count, "mortal")), deaths_wanted=3)):
                    ledger.note(f"mortal-{found.index}", found.error)
            finally:
                finished.set()
                thread.join(60)
        assert failures == []
        with start_server(database=f"sqlite:///{database}", is_measured=False):  # it recovers what it had committed
            assert ledger.lies(database) == []
    assert len(ledger.said) == count
    return ledger, deaths


def _paced(items: Sequence[Item], *, deaths_wanted: int) -> Iterator[Item]:
    """Hand out the items evenly over the time in which a server dies so many times."""
    pause = 2.0 * deaths_wanted / len(items)
    for item in items:
        time.sleep(pause)
        yield item


@pytest.mark.parametrize("fast", [False, True], ids=["httpx", "fast"])
def test_while_the_server_is_killed_and_restarted_its_database_agrees_with_every_outcome(
    tmp_path: Path, fast: bool
) -> None:
    ledger, deaths = _while_the_server_dies(tmp_path, 1000, fast=fast)
    assert deaths >= 2
    assert ledger.errors["created"] > 100
