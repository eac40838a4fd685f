"""Both images of the Dockerfile do what they are for, as far as that can be tried without docker.

Its RUN and COPY lines are followed in a clean virtual environment, then ENTRYPOINT, CMD and HEALTHCHECK are run.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.support.contract_document import ROOT
from tests.support.dockerfile import Image, build, context

if TYPE_CHECKING:
    from pathlib import Path

KEYS = {"GALTEA_API_KEY": "gsk_0of0image", "GALILEO_API_KEY": "galileo-0of0image"}
_SECONDS = 60.0


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Image]:
    folder = tmp_path_factory.mktemp("images")
    sources, root = context(ROOT, folder / "context"), folder / "root"
    (root / "data").mkdir(parents=True)
    return {name: build(ROOT / "Dockerfile", name, sources=sources, root=root) for name in ("server", "speclock")}


def test_what_cannot_be_tried_here_is_little(images: dict[str, Image]) -> None:
    assert images["server"].left_out == [
        "FROM python:3.13-slim-bookworm",
        "RUN useradd --system --uid 10001 evalsessions && install -d -o evalsessions /data",
        "FROM python:3.13-slim-bookworm",
        "USER 10001",
        "VOLUME /data",
        "EXPOSE 8000",
    ]
    assert images["speclock"].left_out == [
        "FROM python:3.13-slim-bookworm",
        "RUN useradd --system --uid 10001 speclock",
        "FROM python:3.13-slim-bookworm",
        "USER 10001",
    ]


def test_the_server_serves_keeps_its_data_and_tells_its_health(images: dict[str, Image]) -> None:
    image, speclock = images["server"], images["speclock"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [*image.commands["ENTRYPOINT"], *(port if part == "8000" else part for part in image.commands["CMD"])]
    health = [part.replace(":8000", f":{port}") for part in image.commands["HEALTHCHECK"]]
    server = subprocess.Popen(
        command, cwd=image.workdir, env={**os.environ, **KEYS}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + _SECONDS
        while subprocess.run(health, check=False, stderr=subprocess.DEVNULL).returncode:
            assert server.poll() is None
            assert time.monotonic() < deadline
        judged = subprocess.run(
            [
                *speclock.commands["ENTRYPOINT"],
                *("check", f"--contract={ROOT / 'openapi.yaml'}", f"--url=http://127.0.0.1:{port}"),
                *(f"--profile={speclock.placed('/profiles/sandbox.toml')}", "--phases=examples", "--strict"),
            ],
            env={**os.environ, **KEYS},
            capture_output=True,
            text=True,
            check=False,
        )
        assert judged.returncode == 0, judged.stdout + judged.stderr
    finally:
        server.terminate()
        server.wait()
    assert subprocess.run(health, check=False, stderr=subprocess.DEVNULL).returncode
    assert (image.root / "data" / "evalsessions.db").stat().st_size > 0


def test_the_harness_says_how_it_is_used(images: dict[str, Image], tmp_path: Path) -> None:
    image = images["speclock"]
    said = subprocess.run(
        [*image.commands["ENTRYPOINT"], *image.commands["CMD"]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "check" in said.stdout
