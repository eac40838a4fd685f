"""The shell commands of "contract-first in a day" do what the guide says, on this repository."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

from tests.support.contract_document import ROOT
from tests.support.workspace_copy import copied_repository

GUIDE = ROOT / "docs/guides/contract-first-in-a-day.md"


def test_the_commands_of_the_guide_run_in_their_order(tmp_path: Path) -> None:
    commands = re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert len(commands) == 3
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    repository = copied_repository(tmp_path / "repository")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    script = "\n".join(['trap "kill %1" EXIT', *commands])
    done = subprocess.run(
        ["bash", "-euc", script],
        cwd=repository,
        env={**os.environ, "PATH": path, "PORT": port},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "test-case-session-is-not-production" in done.stdout
    assert (repository / "conformance.json").is_file()
