"""What can go wrong between a client and a server, as the faulty proxy plays it, one fault for each request.

*Before forwarding* means that the server never saw the request; *after forwarding*, that it answered, and that the
client does not learn what. `request.delivered` says for each request which of the two it was.
"""

from __future__ import annotations

import asyncio
import http
import random
import zlib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from tests.support.proxied_exchange import Answer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from tests.support.proxied_exchange import Exchange

__all__ = [
    "BOMB_SIZE",
    "STREAM_BOUND",
    "Fault",
    "after_forwarding",
    "announce",
    "answer",
    "answer_after_forwarding",
    "cut_after_answer",
    "cut_after_forwarding",
    "cut_before_forwarding",
    "cut_body",
    "delay",
    "delay_answer",
    "drip",
    "endless_chunks",
    "garbage",
    "gzip_bomb",
    "pass_on",
    "random_faults",
    "reset_after_forwarding",
    "reset_before_forwarding",
    "reset_while_answering",
    "reset_while_reading",
    "truncate_body",
]

#: Bytes after which an endless answer ends by itself.
STREAM_BOUND = 64 * 2**20
#: Bytes that a gzip bomb expands to.
BOMB_SIZE = 200 * 2**20
_BLOCK = 64 * 2**10
# A reset may overtake bytes that the client has not read.
_SECONDS_TO_READ = 0.02
_NO_HTTP = b"\x00\xff\x16\x03\x01 this is no HTTP\r\n\r\n"


@dataclass(frozen=True, eq=False, slots=True)
class Fault:
    """A way to treat one request; equal to itself only, so that it can be counted by `name` and given a weight."""

    name: str
    play: Callable[[Exchange], Awaitable[None]] = field(repr=False)
    reads_body: bool = field(default=True, repr=False)
    """Whether the whole request is read before."""


def random_faults(weights: Mapping[Fault, float], *, seed: int) -> Iterator[Fault]:
    """Choose without end, the same for the same seed; a weight of 2 comes twice as often as one of 1."""
    chooser = random.Random(seed)
    faults, odds = list(weights), list(weights.values())
    while True:
        yield chooser.choices(faults, odds)[0]


def pass_on() -> Fault:
    """Do nothing wrong."""

    async def play(exchange: Exchange) -> None:
        await exchange.send_answer(await exchange.forward())

    return Fault("pass_on", play)


def delay(seconds: float) -> Fault:
    """Deliver late, also when the client has given up by then."""

    async def play(exchange: Exchange) -> None:
        await asyncio.sleep(seconds)
        await exchange.send_answer(await exchange.forward())

    return Fault("delay", play)


def delay_answer(seconds: float) -> Fault:
    """Deliver at once, and answer late."""

    async def play(exchange: Exchange) -> None:
        found = await exchange.forward()
        await asyncio.sleep(seconds)
        await exchange.send_answer(found)

    return Fault("delay_answer", play)


def drip(seconds: float) -> Fault:
    """Deliver, and answer byte by byte from the status line on, with a pause before each."""

    async def play(exchange: Exchange) -> None:
        found = await exchange.forward()
        for byte in found.head + found.body:
            await asyncio.sleep(seconds)
            await exchange.send(bytes([byte]))

    return Fault("drip", play)


def after_forwarding(fault: Fault, *, name: str | None = None) -> Fault:
    """Deliver, drop the server's answer, and then play a fault that does not deliver."""

    async def play(exchange: Exchange) -> None:
        await exchange.forward()
        await fault.play(exchange)

    return Fault(name or f"{fault.name} after forwarding", play)


def cut_before_forwarding() -> Fault:
    """Read the request and close the connection."""
    return Fault("cut_before_forwarding", _cut)


def cut_after_forwarding() -> Fault:
    """Close the connection instead of answering."""
    return after_forwarding(cut_before_forwarding(), name="cut_after_forwarding")


def reset_before_forwarding() -> Fault:
    """Read the request and reset the connection."""
    return Fault("reset_before_forwarding", _reset)


def reset_after_forwarding() -> Fault:
    """Reset the connection instead of answering."""
    return after_forwarding(reset_before_forwarding(), name="reset_after_forwarding")


def reset_while_reading() -> Fault:
    """Reset the connection after the head of the request: a client that sends a long body cannot finish."""
    return Fault("reset_while_reading", _reset, reads_body=False)


def reset_while_answering() -> Fault:
    """Answer with the head and half of the body, and reset."""

    async def play(exchange: Exchange) -> None:
        found = await exchange.forward()
        await exchange.send(found.head + found.half)
        await asyncio.sleep(_SECONDS_TO_READ)
        exchange.reset()

    return Fault("reset_while_answering", play)


def cut_body() -> Fault:
    """Answer with half of the body that the head announces, and close."""

    async def play(exchange: Exchange) -> None:
        found = await exchange.forward()
        await exchange.send(found.head + found.half)
        exchange.cut()

    return Fault("cut_body", play)


def truncate_body() -> Fault:
    """Answer with half of the JSON, as if that were all of it."""

    async def play(exchange: Exchange) -> None:
        found = await exchange.forward()
        await exchange.send_answer(found.framed(found.half))

    return Fault("truncate_body", play)


def cut_after_answer() -> Fault:
    """Answer, and close a connection that the client may want to use again."""

    async def play(exchange: Exchange) -> None:
        await exchange.send_answer(await exchange.forward())
        exchange.cut()

    return Fault("cut_after_answer", play)


def answer(
    status: int,
    body: bytes | str = b"",
    headers: Mapping[str, str] | None = None,
    reason: str | None = None,
) -> Fault:
    """Answer in place of the server; Content-Length is added, the reason too where the status has a usual one."""
    raw = body.encode() if isinstance(body, str) else body
    fields = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in (headers or {}).items())
    canned = Answer(status, _reason(status) if reason is None else reason, fields, b"").framed(raw)

    async def play(exchange: Exchange) -> None:
        await exchange.send_answer(canned)

    return Fault(f"answer {status}", play)


def answer_after_forwarding(
    status: int,
    body: bytes | str = b"",
    headers: Mapping[str, str] | None = None,
    reason: str | None = None,
) -> Fault:
    """Answer like `answer`, after the server did what it was asked for."""
    return after_forwarding(answer(status, body, headers, reason))


def garbage(data: bytes = _NO_HTTP) -> Fault:
    """Answer with bytes that are no HTTP, and close."""

    async def play(exchange: Exchange) -> None:
        await exchange.send(data)
        exchange.cut()

    return Fault("garbage", play)


def announce(size: int, *, bound: int = STREAM_BOUND) -> Fault:
    """Announce a body of `size` bytes and send it until the client goes away, `bound` bytes at most, then close."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n\r\n".encode()
    return Fault("announce", _stream(head, b"a" * _BLOCK, min(size, bound) // _BLOCK))


def endless_chunks(*, bound: int = STREAM_BOUND) -> Fault:
    """Send chunks without a last one until the client goes away, `bound` bytes at most, then close."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"%x\r\n%s\r\n" % (_BLOCK, b"a" * _BLOCK)
    return Fault("endless_chunks", _stream(head, chunk, bound // _BLOCK))


def gzip_bomb(size: int = BOMB_SIZE) -> Fault:
    """Answer 200 with a short gzip whose content is a JSON string of `size` bytes."""
    bomb = _gzip_of_string(size)
    return Fault("gzip_bomb", answer(200, bomb, {"Content-Type": "application/json", "Content-Encoding": "gzip"}).play)


async def _cut(exchange: Exchange) -> None:
    exchange.cut()


async def _reset(exchange: Exchange) -> None:
    exchange.reset()


def _stream(head: bytes, block: bytes, blocks: int) -> Callable[[Exchange], Awaitable[None]]:
    async def play(exchange: Exchange) -> None:
        await exchange.send(head)
        for _ in range(blocks):
            await exchange.send(block)
        exchange.cut()

    return play


def _reason(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return ""


@cache
def _gzip_of_string(size: int) -> bytes:
    gzip = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    parts = [gzip.compress(b'"')]
    rest = size - 2
    while rest > 0:
        parts.append(gzip.compress(b"a" * min(rest, 2**20)))
        rest -= 2**20
    parts += [gzip.compress(b'"'), gzip.flush()]
    return b"".join(parts)
