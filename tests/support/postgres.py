"""A real PostgreSQL for tests: a private cluster in a temporary folder, reached by a unix socket.

The binaries are Debian's; as root on Debian they are installed when missing. The cluster runs as an unprivileged user,
since PostgreSQL refuses root. Each process that asks (each worker of pytest-xdist) gets a cluster of its own.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg
import pytest

from tests.support.debian import PackageUnavailableError, install

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["PostgresCluster", "PostgresUnavailableError", "postgres_cluster", "start_postgres"]

_BINARIES = Path("/usr/lib/postgresql")


class PostgresUnavailableError(Exception):
    """There is no PostgreSQL here and no way to get one; the message is the reason to skip."""


@dataclass(frozen=True, slots=True)
class PostgresCluster:
    """A running cluster."""

    socket_folder: Path
    user: str

    def url(self, database: str) -> str:
        return f"postgresql://{self.user}@/{database}?host={quote(str(self.socket_folder), safe='')}"

    def new_database(self) -> str:
        """Create an empty database and return its URL."""
        name = f"test_{uuid.uuid4().hex}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload,unused-ignore]
        return self.url(name)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[PostgresCluster]:
    """The cluster of this worker. Without one the test is skipped, which CI counts as a failure (conftest.py)."""
    with contextlib.ExitStack() as stack:
        try:
            cluster = stack.enter_context(start_postgres())
        except PostgresUnavailableError as error:
            pytest.skip(f"no PostgreSQL: {error}")
        yield cluster


@contextlib.contextmanager
def start_postgres() -> Iterator[PostgresCluster]:
    """Run a cluster until the block ends.

    Raises:
        PostgresUnavailableError: no binaries, or no unprivileged user to run them.
    """
    binaries = _find() or _install()
    user = _unprivileged_user()
    # A unix socket's path has at most 107 bytes, so the folder is directly below the temporary one.
    folder = Path(tempfile.mkdtemp(prefix="evs-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, user)
        data = folder / "data"
        _run([str(binaries / "initdb"), "--auth=trust", "--username=evs", "--encoding=UTF8", "--locale=C", "--no-sync",
              "--pgdata", str(data)], user, folder)  # fmt: skip
        # Nothing here survives the machine, so nothing waits for the disk; the servers under test are what is killed.
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off -c max_connections=200"
        control = [str(binaries / "pg_ctl"), "--pgdata", str(data), "--wait", "--silent"]
        _run([*control, "--log", str(folder / "log"), "--options", options, "start"], user, folder)
        try:
            yield PostgresCluster(folder, "evs")
        finally:
            _run([*control, "--mode", "immediate", "stop"], user, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _find() -> Path | None:
    """Return the folder of the newest installed binaries."""
    found = [path.parent for path in _BINARIES.glob("*/bin/initdb")]
    if found:
        return max(found, key=lambda path: float(path.parent.name))
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def _install() -> Path:
    try:
        install("postgresql", lambda: _find() is not None)
    except PackageUnavailableError as error:
        raise PostgresUnavailableError(str(error)) from None
    found = _find()
    assert found is not None
    return found


def _unprivileged_user() -> str:
    if os.geteuid() != 0:
        return getpass.getuser()
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise PostgresUnavailableError("there is no unprivileged user to run it")


def _run(command: Sequence[str], user: str, folder: Path) -> None:
    privileges: dict[str, object] = {}
    if os.geteuid() == 0:
        account = pwd.getpwnam(user)
        privileges = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    # The server outlives pg_ctl and must not hold this process's pipes open: output goes to a file.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            command, check=False, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=folder, **privileges
        )  # type: ignore[call-overload]
        if done.returncode:
            output.seek(0)
            text = output.read().decode("utf-8", "replace").strip()
            raise RuntimeError(f"{Path(command[0]).name} failed: {text}")
