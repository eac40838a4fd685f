"""Faces: how they are made, set otherwise and closed, and what a call takes besides its arguments."""

from collections.abc import Mapping
from typing import assert_type

import httpx

from evalsessions import (
    AsyncFastTransport,
    AsyncGalileo,
    AsyncGaltea,
    Attempt,
    CallOptions,
    FastTransport,
    Galileo,
    Galtea,
    Request,
    Session,
)


def in_a_block() -> Session:
    with Galtea() as galtea:
        assert_type(galtea, Galtea)
        session = galtea.sessions.create(version_id="ver_123")
    with Galileo(api_key="key") as galileo:
        assert_type(galileo, Galileo)
    return session


async def in_a_block_of_coroutines() -> Session:
    async with AsyncGalileo(api_key="key") as galileo:
        assert_type(galileo, AsyncGalileo)
    async with AsyncGaltea() as galtea:
        assert_type(galtea, AsyncGaltea)
        return await galtea.sessions.create(version_id="ver_123")


async def settings(key: str | None, url: str | None) -> None:
    galtea = Galtea(api_key=key, base_url=url, timeout=None, max_retries=0, max_connections=10, http2=True)
    assert_type(galtea.base_url, str)
    galtea.close()
    Galileo(timeout=2, key_header="X-Key", http_client=None, on_attempt=None).close()
    await AsyncGaltea(timeout=2.5).aclose()


def observed(seen: list[Attempt]) -> None:
    def tell(attempt: Attempt) -> None:
        assert_type(attempt.operation, str)
        assert_type(attempt.number, int)
        assert_type(attempt.method, str)
        assert_type(attempt.url, str)
        assert_type(attempt.status_code, int | None)
        assert_type(attempt.request_id, str | None)
        assert_type(attempt.problem, str | None)
        assert_type(attempt.seconds, float)
        assert_type(attempt.retry_in, float | None)

    Galtea(on_attempt=tell)
    Galileo(on_attempt=seen.append)
    AsyncGaltea(on_attempt=lambda attempt: seen.insert(0, attempt))


def set_otherwise(galtea: Galtea, galileo: Galileo) -> None:
    assert_type(galtea.with_options(timeout=5), Galtea)
    assert_type(galtea.with_options(timeout=5).sessions.create(version_id="ver_123"), Session)
    assert_type(galileo.with_options(max_retries=0, extra_headers={"X-Team": "a"}), Galileo)


def set_otherwise_by_coroutines(galtea: AsyncGaltea, galileo: AsyncGalileo) -> None:
    assert_type(galtea.with_options(timeout=None, validate=False), AsyncGaltea)
    assert_type(galileo.with_options(strict=False, extra_body={"a": [1]}), AsyncGalileo)


def options_of_a_call(galtea: Galtea, headers: Mapping[str, str], options: CallOptions) -> None:
    create = galtea.sessions.create
    assert_type(create(version_id="ver_123", timeout=None, max_retries=0, validate=False, strict=False), Session)
    assert_type(create(version_id="ver_123", test_case_id="tc_123", extra_headers=headers, timeout=1), Session)
    assert_type(create(version_id="ver_123", is_production=False, extra_body={"new": {"a": 1}}, timeout=0.5), Session)
    assert_type(create(version_id="ver_123", **options), Session)
    galtea.with_options(**options)


def connected_otherwise() -> None:
    Galtea(http_client=httpx.Client(proxy="http://localhost:3128"))
    Galtea(http_client=httpx.HTTPTransport(retries=0, verify=False))
    Galtea(http_client=httpx.MockTransport(lambda _: httpx.Response(200)))
    Galtea(http_client=FastTransport(max_connections=10))
    Galileo(http_client=httpx.Client())
    Galileo(http_client=FastTransport())


def connected_otherwise_by_coroutines(transport: httpx.ASGITransport) -> None:
    AsyncGaltea(http_client=httpx.AsyncClient(http2=True))
    AsyncGaltea(http_client=transport)
    AsyncGaltea(http_client=httpx.AsyncHTTPTransport(retries=0))
    AsyncGaltea(http_client=AsyncFastTransport(max_connections=10))
    AsyncGalileo(http_client=httpx.AsyncClient())
    AsyncGalileo(http_client=AsyncFastTransport())


def either_client(own: httpx.Client | None, fast: bool) -> Galtea:
    return Galtea(http_client=FastTransport() if fast else own)


def sent(request: Request) -> None:
    assert_type(request.operation, str)
    assert_type(request.method, str)
    assert_type(request.url, str)
    assert_type(request.headers.get("content-type"), str | None)
    assert_type(request.content, bytes)
