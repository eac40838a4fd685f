"""Requests per second of evalsessions-server beside Prism's mock, and its memory under sustained load.

Both answer the same valid POST /sessions over the same 32 connections, in turn, from the same generator. Ours
authenticates, judges and stores in an SQLite file with a sync of every commit; Prism judges and answers an example.

Run: python -m benchmarks.performance.bench_server [--rounds N] [--seconds N] [--sustain SECONDS] [--prism FOLDER]
where FOLDER has node_modules with @stoplight/prism-cli (the root of the repository by default). `--goal 2` makes the
exit status 1 when the ratio of the medians is below it, `--memory-goal 1` when memory grows faster than 1 % a minute
after the warm-up.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.performance.load import Request, generator, requests_per_second
from tests.support.prism_process import start_prism
from tests.support.server_process import ServerProcess, start_server

__all__ = ["main"]

ROOT = Path(__file__).resolve().parents[2]
CONNECTIONS = 32

# Seconds of load below which the slope of its second half is only noise.
_LEAST_SUSTAIN = 20
BODY = json.dumps(
    {"versionId": "ver_123", "isProduction": True, "context": "a question", "metadata": {"key": "value"}}
).encode("ascii")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4, help="of each round and server")
    parser.add_argument("--sustain", type=float, default=30, help="seconds of load for the memory samples; 0 for none")
    parser.add_argument("--prism", type=Path, default=ROOT, help="folder with node_modules")
    parser.add_argument("--goal", type=float, default=None, help="the ratio to reach")
    parser.add_argument("--memory-goal", type=float, default=None, help="the most growth, in %% per minute")
    options = parser.parse_args()
    if options.memory_goal is not None and options.sustain < _LEAST_SUSTAIN:
        parser.error(f"--memory-goal needs --sustain of at least {_LEAST_SUSTAIN} seconds")
    with (
        tempfile.TemporaryDirectory() as folder,
        start_server(database=f"sqlite:///{folder}/bench.db") as server,
        start_prism(ROOT / "openapi.yaml", folder=options.prism) as prism,
    ):
        requests = {"evalsessions-server": _request(server.url, server), "Prism": _request(prism, server)}
        print(f"POST /sessions, {CONNECTIONS} connections, {generator()}, Python {platform.python_version()}")
        for request in requests.values():
            requests_per_second(request, connections=CONNECTIONS, seconds=1)
        rates: dict[str, list[float]] = {name: [] for name in requests}
        for number in range(options.rounds):
            # Whoever goes second finds a warmer machine, so the order alternates.
            for name in sorted(requests, reverse=bool(number % 2)):
                rate = requests_per_second(requests[name], connections=CONNECTIONS, seconds=options.seconds)
                rates[name].append(rate)
                print(f"round {number + 1}: {name:<20} {rate:8.0f} requests/s")
        medians = {name: statistics.median(rounds) for name, rounds in rates.items()}
        ratio = medians["evalsessions-server"] / medians["Prism"]
        for name, median in medians.items():
            print(f"median:  {name:<20} {median:8.0f} requests/s")
        print(f"ratio:   {ratio:.2f}")
        growth = _memory(server, requests["evalsessions-server"], options.sustain) if options.sustain else 0.0
    missed = []
    if options.goal is not None and ratio < options.goal:
        missed.append(f"the ratio is {ratio:.2f}, below {options.goal:g}")
    if options.memory_goal is not None and growth > options.memory_goal:
        missed.append(f"memory grows by {growth:.2f} % a minute, more than {options.memory_goal:g}")
    for line in missed:
        print(f"missed:  {line}")
    return 1 if missed else 0


def _request(url: str, server: ServerProcess) -> Request:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {server.galtea_key}"}
    return Request(f"{url}/sessions", headers, BODY, 201)


def _memory(server: ServerProcess, request: Request, seconds: float) -> float:
    """Print the resident memory under load, and return its growth in % per minute over the second half.

    The first half fills caches.
    """
    samples: list[tuple[float, int]] = []
    stop = threading.Event()
    started = time.monotonic()

    def sample() -> None:
        while not stop.wait(1):
            samples.append((time.monotonic() - started, _resident_kib(server.process.pid)))

    sampler = threading.Thread(target=sample)
    sampler.start()
    try:
        rate = requests_per_second(request, connections=CONNECTIONS, seconds=seconds)
    finally:
        stop.set()
        sampler.join()
    late = samples[len(samples) // 2 :]
    slope = statistics.linear_regression([at for at, _ in late], [kib for _, kib in late]).slope
    print(f"memory under load ({rate:.0f} requests/s), KiB: " + " ".join(str(kib) for _, kib in samples))
    growth = 6000 * slope / late[0][1]
    print(
        f"slope of the second half: {slope:+.1f} KiB/s, {slope / rate * 1000:+.1f} KiB per 1000 requests, "
        f"{growth:+.2f} % a minute"
    )
    return growth


def _resident_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1])


if __name__ == "__main__":
    sys.exit(main())
