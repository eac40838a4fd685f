"""A mutant between a client and the loans server: as an ASGI application, and over HTTP with all that HTTP allows."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from speclock.mutants.proxy import MutantTransport, mutant_app, mutant_server
from tests.conformance.harness import SECRET
from tests.conformance.hunting import loans_ground

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.mutants.ground import Ground

HEADERS = {"Content-Type": "application/json", "Authorization": f"Bearer {SECRET}"}
FORBIDDEN = {"bookId": "book_1", "holdId": "hold_1", "renewable": True}
LEGAL = {"bookId": "book_1"}


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with loans_ground() as found:
        yield found


def transport_of(ground: Ground, name: str) -> MutantTransport:
    (mutant,) = [item for item in ground.mutants if item.id == name]
    return MutantTransport(ground.run.transport, ground.kit.reader, mutant)


@contextmanager
def served(ground: Ground, transport: MutantTransport) -> Iterator[http.client.HTTPConnection]:
    with mutant_server(transport, ground.run.url(transport.mutant.operation), "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=30)
        try:
            yield connection
        finally:
            connection.close()
            server.shutdown()


def asked(connection: http.client.HTTPConnection, body: object) -> tuple[int, dict[str, object]]:
    connection.request("POST", "/loans", json.dumps(body), HEADERS)
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def test_as_an_asgi_application_it_breaks_its_promise_and_no_other(ground: Ground) -> None:
    transport = transport_of(ground, "createLoan accepts held-loan-is-not-renewable")
    app = mutant_app(transport, ground.run.url(transport.mutant.operation))

    async def statuses() -> list[int]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://mutant") as client:
            answers = [
                await client.post("/loans", json=FORBIDDEN, headers=HEADERS),
                await client.post("/loans", json={**LEGAL, "days": 99}, headers=HEADERS),
                await client.post("/loans", json=LEGAL, headers=HEADERS),
                await client.get("/shelves/top?limit=3", headers=HEADERS),
                await client.get("/shelves/TOP", headers=HEADERS),
            ]
        return [answer.status_code for answer in answers]

    assert asyncio.run(statuses()) == [201, 400, 201, 200, 400]
    assert transport.acted == 1


def test_over_http_an_answer_is_changed_and_stays_a_whole_message(ground: Ground) -> None:
    transport = transport_of(ground, "createLoan answers 201 with createdAt left out")
    with served(ground, transport) as connection:
        first, second = asked(connection, LEGAL), asked(connection, FORBIDDEN)
    assert first[0] == 201
    assert "createdAt" not in first[1]
    assert second[0] == 400
    assert transport.acted == 1


def test_a_body_in_chunks_is_read_to_its_end(ground: Ground) -> None:
    transport = transport_of(ground, "createLoan accepts held-loan-is-not-renewable")
    with served(ground, transport) as connection:
        parts = (part for part in (b'{"bookId": "book_1", ', b'"holdId": "hold_1", "renewable": true}'))
        connection.request("POST", "/loans", parts, HEADERS, encode_chunked=True)
        first = connection.getresponse()
        first.read()
        after = asked(connection, LEGAL)
    assert (first.status, after[0]) == (201, 201)


def test_a_mutant_that_hangs_up_closes_the_connection(ground: Ground) -> None:
    transport = transport_of(ground, "createLoan hangs up on a body that is not JSON")
    with served(ground, transport) as connection:
        connection.request("POST", "/loans", b"{", HEADERS)
        with pytest.raises(http.client.RemoteDisconnected):
            connection.getresponse()


def test_a_method_that_nobody_knows_reaches_the_subject_and_a_wrong_length_is_refused(ground: Ground) -> None:
    transport = transport_of(ground, "createLoan accepts held-loan-is-not-renewable")
    with served(ground, transport) as connection:
        connection.request("PURGE", "/loans", headers=HEADERS)
        purged = connection.getresponse()
        purged.read()
        connection.putrequest("POST", "/loans")
        connection.putheader("Content-Length", "abc")
        connection.endheaders()
        wrong = connection.getresponse()
    assert (purged.status, wrong.status) == (405, 400)


def test_under_a_condition_it_acts_there_alone(ground: Ground) -> None:
    transport = transport_of(ground, "createLoan answers 201 with days replaced by another value, when days is not set")
    with served(ground, transport) as connection:
        given, default = asked(connection, {**LEGAL, "days": 7}), asked(connection, LEGAL)
    assert given[1]["days"] == 7
    assert default[1]["days"] != 14
