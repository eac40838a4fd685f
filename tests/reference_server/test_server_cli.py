"""The command line teaches, and a mistake in its use is one line and exit status 2."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import httpx
import pytest

from evalsessions_server import Settings, SettingsError, __version__, create_app
from evalsessions_server.storage import open_store
from tests.support.server_process import server_command, start_server

if TYPE_CHECKING:
    from pathlib import Path


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [*server_command(), *arguments]
    variables = {**os.environ, "NO_COLOR": "1", "COLUMNS": "100", **environment}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=variables)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--database", "mysql://x"], "unknown kind of database URL"),
        (["--database", "nonsense"], "unknown kind of database URL"),
        (["--database", ""], "unknown kind of database URL"),
        (["--database", "sqlite:///"], "malformed SQLite URL"),
        (["--database", "sqlite://host/x"], "malformed SQLite URL"),
        (["--database", "sqlite:////nowhere/at/all.db"], "folder of the SQLite database does not exist"),
        (["--database", "sqlite:////tmp"], "is a folder"),
        (["--database", "sqlite:////proc/version"], "SQLite"),
        (["--database", "postgresql://u:hunter2@127.0.0.1:1/x"], "cannot be used"),
        (["--database", "postgresql://u:hunter2@127.0.0.1:port/x"], "PostgreSQL"),
        (["--database", "postgresql://u:hunter2@[/x"], "malformed"),
        (["--database", "postgresql://u:hunter2@3xtra@127.0.0.1:1/x"], "percent-encode"),
        (["--database", "postgresql://u:hunter2/3xtra@127.0.0.1:1/x"], "percent-encode"),
        (["--database", "postgresql://u:hunter2@127.0.0.1:1/3xtra@x"], "percent-encode"),
        (["--database", "postgresql://u:hunter2"], "port"),
        (["--database", "postgresql://u@127.0.0.1:1/x?sslmode=hunter2"], "sslmode"),
        (["--database", "postgresql://u@127.0.0.1:1/x?connect_timeout=hunter2"], "connect_timeout"),
        (["--database", "postgresql://u@127.0.0.1:1/x?target_session_attrs=hunter2"], "target_session_attrs"),
        (["--database", "postgresql://u@127.0.0.1:1/x?channel_binding=hunter2"], "channel_binding"),
        (["--database", "postgresql://u@127.0.0.1:1/x?hunter2=1"], "malformed"),
        (["--catalog", "/nowhere.yaml"], "cannot be read: No such file"),
        (["--catalog", "/tmp"], "cannot be read: Is a directory"),
        (["--catalog", "/bin/true"], "not UTF-8"),
        (["--host", "no.such.host.invalid"], "cannot listen on no.such.host.invalid"),
        (["--host", ""], "--host"),
        (["--host", "192.0.2.1"], "cannot listen on 192.0.2.1"),
        (["--host", "x" * 300], "not a host name"),
        (["--port", "65536"], "'--port'"),
        (["--port", "x"], "'--port'"),
        (["--galtea-key", "hunter2"], "must begin with gsk_"),
        (["--galtea-key", "gsk_"], "must begin with gsk_"),
        (["--galtea-key", ""], "visible ASCII"),
        (["--galtea-key", "gsk_\u00e9"], "visible ASCII"),
        (["--galileo-key", "hunter2 x"], "visible ASCII"),
        (["--nonsense"], "--nonsense"),
        (["extra"], "extra"),
    ],
)
def test_a_mistake_is_one_line_and_exit_status_2(arguments: list[str], says: str) -> None:
    done = run("serve", "--port", "0", *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert "hunter2" not in done.stderr
    assert "3xtra" not in done.stderr


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:a%40b%2Fc:d?e@127.0.0.1:1/x?sslmode=verify-full&sslrootcert=system",
        "postgresql://u:a@127.0.0.1:1,127.0.0.1:2/x?target_session_attrs=read-write&connect_timeout=3",
        "postgres://127.0.0.1:1",
        "postgresql:///x?host=/nowhere",
        "postgresql://u@/x?host=127.0.0.1&port=1&sslmode=prefer&channel_binding=prefer&ssl_min_protocol_version=TLSv1.2",
    ],
)
def test_a_sound_postgresql_url_reaches_psycopg(url: str) -> None:
    open_store(url)


def test_a_port_in_use_is_said() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run("serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert "Address already in use" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database\n" * 100)
    done = run("serve", "--port", "0", "--database", f"sqlite:///{path}")
    assert done.returncode == 2
    assert "not a database" in done.stderr
    assert path.read_text() == "not a database\n" * 100


def test_help_teaches() -> None:
    text = run("serve", "--help").stdout
    for word in (
        "sqlite:///relative",
        "postgresql://",
        "GALTEA_API_KEY",
        "--open-world",
        "ver_123",
        "curl",
        "/healthz",
    ):
        assert word in text
    assert "serve" in run("--help").stdout


def test_the_version_is_told() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"evalsessions-server {__version__}\n")


def test_without_a_command_the_help_is_printed_as_it_is() -> None:
    done = run()
    assert done.returncode == 2
    assert done.stderr == run("--help").stdout
    assert done.stdout == ""


def test_a_closed_standard_output_stops_no_server() -> None:
    command = [*server_command(), "serve", "--port", "0", "--galtea-key", "gsk_x", "--galileo-key", "x"]
    script = 'exec "$@" >&-'
    process = subprocess.Popen(["sh", "-c", script, "sh", *command], stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert '"listening"' in line
        assert httpx.get(re.findall(r"http://[0-9.:]+", line)[0] + "/healthz").status_code == 200
    finally:
        process.terminate()
        _, rest = process.communicate()
    assert process.returncode == 0
    assert "Traceback" not in rest


def test_settings_without_keys_are_refused_in_a_clear_line() -> None:
    with pytest.raises(SettingsError, match=r"no key.*Settings\.resolve"):
        Settings()
    with pytest.raises(SettingsError, match="no key"):
        Settings(galtea_keys=("gsk_x",))
    settings = Settings.resolve({})
    create_app(settings)
    assert len(settings.galtea_keys) == len(settings.galileo_keys) == 1


def test_random_keys_are_printed_once_and_never_logged() -> None:
    nothing = {"GALTEA_API_KEY": "", "GALTEA_LEGACY_API_KEY": "", "GALILEO_API_KEY": ""}
    with start_server(env=nothing) as server:
        output = server.output.read_text()
        (galtea,) = re.findall(r"gsk_\S+", output)
        (galileo,) = re.findall(r"galileo-\S+", output)
        headers = {"Authorization": f"Bearer {galtea}"}
        assert httpx.post(server.url + "/sessions", json={"versionId": "ver_123"}, headers=headers).status_code == 201
        path = "/v2/projects/6f1e2d3c-4b5a-4978-8a6b-0c1d2e3f4a5b/sessions"
        assert httpx.post(server.url + path, json={}, headers={"Galileo-API-Key": galileo}).status_code == 200
        log = server.log.read_text()
        assert galtea not in log
        assert galileo not in log


def test_given_keys_are_neither_printed_nor_logged() -> None:
    with start_server(args=["--galtea-key", "gsk_given"]) as server:
        headers = {"Authorization": "Bearer gsk_given"}
        assert httpx.post(server.url + "/sessions", json={"versionId": "ver_123"}, headers=headers).status_code == 201
        # Keys of the options replace those of the environment.
        old = {"Authorization": f"Bearer {server.galtea_key}"}
        assert httpx.post(server.url + "/sessions", json={"versionId": "ver_123"}, headers=old).status_code == 401
        for text in (server.output.read_text(), server.log.read_text()):
            assert "gsk_given" not in text
            assert server.galileo_key not in text


def test_relative_database_paths_and_ipv6_work(tmp_path: Path) -> None:
    done = subprocess.Popen(
        [*server_command(), "serve", "--port", "0", "--host", "::1", "--database", "sqlite:///here.db"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert done.stdout is not None
        url = done.stdout.readline().split()[-1]
        assert httpx.get(url + "/healthz").status_code == 200
        assert (tmp_path / "here.db").is_file()
    finally:
        done.terminate()
        done.communicate()


def test_the_module_and_the_asgi_application_are_other_ways_in() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "evalsessions_server", "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    code = """
import asyncio, httpx
from evalsessions_server.asgi import app
async def main():
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        headers = {"Authorization": "Bearer gsk_asgi"}
        print((await client.post("/sessions", json={"versionId": "any"}, headers=headers)).status_code)
asyncio.run(main())
"""
    environment = {**os.environ, "GALTEA_API_KEY": "gsk_asgi", "GALILEO_API_KEY": "x", "EVALSESSIONS_OPEN_WORLD": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment, timeout=60
    )
    assert (done.returncode, done.stdout.strip()) == (0, "201"), done.stderr
