"""A real evalsessions-server for tests: the installed console script, as a process of its own, on a free port."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.uncovered import uncovered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["ServerProcess", "server_command", "start_server"]

# A cold start takes about a second; a machine full of other tests takes longer.
_START_SECONDS = 60.0
_STOP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A running server; its keys were made for it alone."""

    url: str
    galtea_key: str = field(repr=False)
    galtea_legacy_key: str = field(repr=False)
    galileo_key: str = field(repr=False)
    process: subprocess.Popen[bytes]
    log: Path
    """Standard error: JSON lines."""
    output: Path
    """Standard output: what a person sees."""

    @property
    def environment(self) -> dict[str, str]:
        """The keys as the variables that clients and profiles read."""
        return {
            "GALTEA_API_KEY": self.galtea_key,
            "GALTEA_LEGACY_API_KEY": self.galtea_legacy_key,
            "GALILEO_API_KEY": self.galileo_key,
        }

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def log_lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]


def server_command() -> list[str]:
    """Return how the server is run: its console script beside this Python, else the module."""
    script = Path(sys.executable).parent / "evalsessions-server"
    return [str(script)] if script.is_file() else [sys.executable, "-m", "evalsessions_server"]


@contextmanager
def start_server(
    *,
    database: str = "sqlite://",
    args: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    is_measured: bool = True,
) -> Iterator[ServerProcess]:
    """Run a server until the block ends, then end it with SIGTERM (SIGKILL when it does not obey)."""
    keys = {
        "GALTEA_API_KEY": "gsk_" + secrets.token_hex(12),
        "GALTEA_LEGACY_API_KEY": "gsk-" + secrets.token_hex(12),
        "GALILEO_API_KEY": "galileo-" + secrets.token_hex(12),
        **(env or {}),
    }
    with tempfile.TemporaryDirectory(prefix="evalsessions-server-", ignore_cleanup_errors=True) as folder:
        log, output = Path(folder, "log.jsonl"), Path(folder, "output.txt")
        command = [*server_command(), "serve", "--port", "0", "--database", database, *args]
        with log.open("wb") as stderr, output.open("wb") as stdout:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                env={**(os.environ if is_measured else uncovered()), **keys},
            )
        try:
            yield ServerProcess(
                url=_wait(process, log),
                galtea_key=keys["GALTEA_API_KEY"],
                galtea_legacy_key=keys["GALTEA_LEGACY_API_KEY"],
                galileo_key=keys["GALILEO_API_KEY"],
                process=process,
                log=log,
                output=output,
            )
        finally:
            _end(process)


def _wait(process: subprocess.Popen[bytes], log: Path) -> str:
    """Return the URL once /healthz answers there."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"evalsessions-server ended with {process.returncode}: {log.read_text('utf-8')}")
        for line in log.read_text("utf-8").splitlines(keepends=True):
            if line.endswith("\n") and '"listening"' in line:
                url = str(json.loads(line)["url"])
                with urllib.request.urlopen(url + "/healthz", timeout=_START_SECONDS) as answer:
                    answer.read()
                return url
        time.sleep(0.02)
    raise RuntimeError(f"evalsessions-server did not start: {log.read_text('utf-8')}")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
