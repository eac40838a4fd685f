"""Each Python example of the SDK's documents runs, on the sandbox, and prints what it promises."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.server_process import ServerProcess, start_server

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
PRINTED = {
    "README.md": ["1\ntest-case-session-is-not-production\n"],
    "wrapper/README.md": ["1\n"],
    "docs/guides/evalsessions.md": [
        "True 1\n",
        "sandbox\n",
        "test-case-session-is-not-production /isProduction\n",
        "",
        "201 COMPLETED\n",
    ],
}


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with start_server() as started:
        yield started


def examples(name: str) -> list[str]:
    found = re.findall(r"^```python\n(.*?)^```$", (ROOT / name).read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return [example for example in found if "evalsessions" in example]


@pytest.mark.parametrize("name", PRINTED)
def test_every_example_runs_as_it_stands(name: str, server: ServerProcess) -> None:
    environment = {**os.environ, **server.environment, "GALTEA_API_URL": server.url, "GALILEO_API_URL": server.url}
    printed = []
    for example in examples(name):
        run = subprocess.run(
            [sys.executable, "-W", "error", "-c", example], env=environment, capture_output=True, text=True, check=False
        )
        assert run.stderr == ""
        printed.append(run.stdout)
    assert printed == PRINTED[name]
