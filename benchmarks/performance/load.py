"""Load on one operation over kept-alive connections: wrk where it is installed, else a small generator of our own.

Both count only answers of the expected status as done; any other answer makes the measurement void.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

__all__ = ["Request", "generator", "requests_per_second"]


@dataclass(frozen=True, slots=True)
class Request:
    """One request that is sent over and over."""

    url: str
    headers: dict[str, str]
    body: bytes
    status: int


def generator() -> str:
    """Return the name of the generator that will be used."""
    return "wrk" if shutil.which("wrk") else "asyncio"


def requests_per_second(request: Request, *, connections: int, seconds: float) -> float:
    """Return how many expected answers came in each second.

    Raises:
        RuntimeError: an unexpected answer, or none.
    """
    if generator() == "wrk":
        return _by_wrk(request, connections=connections, seconds=seconds)
    return asyncio.run(_by_asyncio(request, connections=connections, seconds=seconds))


def _by_wrk(request: Request, *, connections: int, seconds: float) -> float:
    # JSON texts of ASCII are Lua texts too, but for the escape \uXXXX, which these requests do not have.
    headers = "\n".join(f"wrk.headers[{json.dumps(k)}] = {json.dumps(v)}" for k, v in request.headers.items())
    script = f"""wrk.method = "POST"
wrk.body = {json.dumps(request.body.decode("ascii"))}
{headers}
local threads = {{}}
function setup(thread) table.insert(threads, thread) end
function init(args) expected, other = 0, 0 end
function response(status, headers, body)
  if status == {request.status} then expected = expected + 1 else other = other + 1 end
end
function done(summary, latency, requests)
  local expected, other = 0, 0
  for _, thread in ipairs(threads) do
    expected, other = expected + thread:get("expected"), other + thread:get("other")
  end
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d\\n", expected, other, errors.connect + errors.read + errors.write
    + errors.timeout, summary.duration))
end
"""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "load.lua")
        path.write_text(script)
        command = [
            "wrk",
            "-t1",
            "--timeout",
            "30s",
            f"-c{connections}",
            f"-d{round(seconds)}s",
            "-s",
            str(path),
            request.url,
        ]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    numbers = next(line for line in output.splitlines() if line.startswith("RESULT")).split()[1:]
    expected, other, errors, microseconds = (int(number) for number in numbers)
    if other or errors or not expected:
        raise RuntimeError(f"{expected} expected answers, {other} others, {errors} broken connections")
    return expected / (microseconds / 1e6)


async def _by_asyncio(request: Request, *, connections: int, seconds: float) -> float:
    parts = urlsplit(request.url)
    lines = [f"POST {parts.path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(request.body)}"]
    lines += [f"{name}: {value}" for name, value in request.headers.items()]
    message = ("\r\n".join(lines) + "\r\n\r\n").encode("ascii") + request.body
    started = time.perf_counter()
    counts = await asyncio.gather(
        *(
            _one_connection(str(parts.hostname), int(parts.port or 80), message, request.status, started + seconds)
            for _ in range(connections)
        )
    )
    return sum(counts) / (time.perf_counter() - started)


async def _one_connection(host: str, port: int, message: bytes, status: int, end: float) -> int:
    reader, writer = await asyncio.open_connection(host, port)
    count = 0
    try:
        while time.perf_counter() < end:
            writer.write(message)
            head = await reader.readuntil(b"\r\n\r\n")
            if head.split(b" ", 2)[1] != str(status).encode():
                raise RuntimeError(f"unexpected answer: {head.splitlines()[0]!r}")
            length = next(
                int(line.partition(b":")[2]) for line in head.lower().splitlines() if line.startswith(b"content-length")
            )
            await reader.readexactly(length)
            count += 1
    finally:
        writer.close()
    return count
