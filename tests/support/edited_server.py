"""A temporary copy of evalsessions_server with an edit in it, run as a real process in place of the installed one."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.server_process import start_server

if TYPE_CHECKING:
    from tests.quality.server_faults import Fault

__all__ = ["check_edited_server"]

ROOT = Path(__file__).resolve().parents[2]


def check_edited_server(folder: Path, fault: Fault | None, *options: str) -> tuple[int, dict[str, Any]]:
    """Run `speclock check` on the server with a fault, or on an unedited copy; its exit status and its report.

    Args:
        folder: an empty one, for the copy.
        options: more of the command line; without any, it is what a user gets by default.
    """
    found = importlib.util.find_spec("evalsessions_server")
    assert found is not None
    assert found.submodule_search_locations is not None
    shutil.copytree(found.submodule_search_locations[0], folder / "evalsessions_server")
    if fault is not None:
        edited = folder / "evalsessions_server" / fault.file
        source = edited.read_text()
        assert source.count(fault.before) == 1, f"the edit does not fit {fault.file} any more"
        edited.write_text(source.replace(fault.before, fault.after))
    report = folder / "report.json"
    with start_server(env={"PYTHONPATH": str(folder)}) as server:
        run = subprocess.run(
            [
                str(Path(sys.executable).with_name("speclock")),
                *("check", "--contract=openapi.yaml", f"--url={server.url}"),
                *("--profile=conformance/profiles/sandbox.toml", f"--report=json={report}", *options),
            ],
            cwd=ROOT,
            env={**os.environ, **server.environment},
            capture_output=True,
            text=True,
            check=False,
        )
    assert report.is_file(), run.stderr
    result: dict[str, Any] = json.loads(report.read_text())
    return run.returncode, result
