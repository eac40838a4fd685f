"""evalsessions-server on SQLite as a real process on a free port, and commands of speclock run on it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.server_process import start_server

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.support.server_process import ServerProcess

__all__ = ["REPORTS", "ROOT", "SPECLOCK", "run_speclock", "sandbox"]

ROOT = Path(__file__).resolve().parent.parent
REPORTS = ROOT / "reports"
SPECLOCK = Path(sys.executable).with_name("speclock")


@contextmanager
def sandbox() -> Iterator[ServerProcess]:
    """The server with its default catalogue and a new database, until the block ends."""
    with (
        tempfile.TemporaryDirectory(prefix="evalsessions-verify-") as folder,
        start_server(database=f"sqlite:///{folder}/verify.db") as server,
    ):
        yield server


def run_speclock(server: ServerProcess, command: str, reports: Sequence[str], arguments: Sequence[str]) -> int:
    """Run `speclock check` or `speclock mutants` on the server with the sandbox profile; its exit status.

    `reports` is what `--report` takes, with paths relative to the root of the repository.
    """
    line = [str(SPECLOCK), command, "--contract=openapi.yaml", f"--url={server.url}"]
    line += ["--profile=conformance/profiles/sandbox.toml", *(f"--report={report}" for report in reports), *arguments]
    return subprocess.run(line, cwd=ROOT, env={**os.environ, **server.environment}, check=False).returncode
