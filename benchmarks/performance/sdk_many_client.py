"""The process that bench_sdk_many measures: creates many sessions in one way, and prints what it took as JSON.

The loop beside which the SDK is measured is what one would write by hand for speed: workers that share one iterator, a
pool as large as there are workers, headers and address made once, JSON read and written with nothing between.

Run: python sdk_many_client.py WAY COUNT CONCURRENCY, with GALTEA_API_URL and GALTEA_API_KEY in the environment.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

import evalsessions

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["WAYS", "main"]

#: In the plot of the memory.
SAMPLES = 200
#: Sessions before the measured ones: by then everything is imported.
WARM_UP = 200
#: Of one request, in seconds.
TIMEOUT = 60


class Meter:
    """Counts created sessions, and looks at this process's memory now and then."""

    def __init__(self, count: int) -> None:
        self.created = 0
        self.samples: list[tuple[int, int]] = [(0, _resident_kib())]
        self._every = max(1, count // SAMPLES)

    def created_one(self, session_id: str) -> None:
        if not session_id:
            raise ValueError("a session without an id")
        self.created += 1
        if self.created % self._every == 0:
            self.samples.append((self.created, _resident_kib()))


def sync_face(count: int, concurrency: int, meter: Meter) -> None:
    with evalsessions.Galtea() as galtea:
        for outcome in galtea.sessions.create_many(_arguments(count), concurrency=concurrency):
            meter.created_one(outcome.unwrap().id)


def async_face(count: int, concurrency: int, meter: Meter) -> None:
    async def create() -> None:
        async with evalsessions.AsyncGaltea() as galtea:
            async for outcome in galtea.sessions.create_many(_arguments(count), concurrency=concurrency):
                meter.created_one(outcome.unwrap().id)

    asyncio.run(create())


def async_face_fast(count: int, concurrency: int, meter: Meter) -> None:
    async def create() -> None:
        async with evalsessions.AsyncGaltea(http_client=evalsessions.AsyncFastTransport()) as galtea:
            async for outcome in galtea.sessions.create_many(_arguments(count), concurrency=concurrency):
                meter.created_one(outcome.unwrap().id)

    asyncio.run(create())


def by_hand(count: int, concurrency: int, meter: Meter) -> None:
    url = httpx.URL(os.environ["GALTEA_API_URL"] + "/sessions")
    headers = {"Authorization": f"Bearer {os.environ['GALTEA_API_KEY']}", "Content-Type": "application/json"}
    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)

    async def create() -> None:
        bodies = _bodies(count)

        async def work() -> None:
            for body in bodies:
                answer = await client.post(url, content=body)
                if answer.status_code != 201:
                    raise RuntimeError(answer.text)
                meter.created_one(json.loads(answer.content)["id"])

        async with httpx.AsyncClient(headers=headers, limits=limits, timeout=TIMEOUT) as client:
            await asyncio.gather(*(work() for _ in range(concurrency)))

    asyncio.run(create())


WAYS = {
    "asyncio and httpx by hand": by_hand,
    "AsyncGaltea": async_face,
    "AsyncGaltea, fast": async_face_fast,
    "Galtea": sync_face,
}


def main() -> int:
    way, count, concurrency = WAYS[sys.argv[1]], int(sys.argv[2]), int(sys.argv[3])
    way(WARM_UP, concurrency, Meter(WARM_UP))
    meter = Meter(count)
    started, cpu_started = time.perf_counter(), time.process_time()
    way(count, concurrency, meter)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    if meter.created != count:
        raise RuntimeError(f"{meter.created} sessions of {count}")
    print(json.dumps({"seconds": seconds, "cpu_seconds": cpu_seconds, "samples": meter.samples}))
    return 0


def _arguments(count: int) -> Iterator[evalsessions.ProductionSession]:
    run = secrets.token_hex(4)
    for number in range(count):
        yield {
            "version_id": "ver_123",
            "custom_id": f"{run}-{number}",
            "is_production": True,
            "metadata": {"number": number},
        }


def _bodies(count: int) -> Iterator[bytes]:
    run = secrets.token_hex(4)
    for number in range(count):
        body = {
            "versionId": "ver_123",
            "customId": f"{run}-{number}",
            "isProduction": True,
            "metadata": {"number": number},
        }
        yield json.dumps(body).encode("ascii")


def _resident_kib() -> int:
    status = Path("/proc/self/status").read_text("ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


if __name__ == "__main__":
    sys.exit(main())
