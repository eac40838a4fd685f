"""A temporary copy of evalsessions_server with an edit in it, run as a real process in place of the installed one."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.server_process import start_server
from tests.support.uncovered import uncovered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.quality.server_faults import Fault
    from tests.support.server_process import ServerProcess

__all__ = ["ROOT", "check_edited_server", "check_server", "run_speclock", "start_edited_server"]

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def start_edited_server(folder: Path, fault: Fault | None) -> Iterator[ServerProcess]:
    """Run the server with a fault, or an unedited copy, until the block ends; `folder` is an empty one for the copy."""
    found = importlib.util.find_spec("evalsessions_server")
    assert found is not None
    assert found.submodule_search_locations is not None
    shutil.copytree(found.submodule_search_locations[0], folder / "evalsessions_server")
    if fault is not None:
        edited = folder / "evalsessions_server" / fault.file
        source = edited.read_text()
        assert source.count(fault.before) == 1, f"the edit does not fit {fault.file} any more"
        edited.write_text(source.replace(fault.before, fault.after))
    with start_server(env={"PYTHONPATH": str(folder)}, is_measured=False) as server:
        yield server


def run_speclock(server: ServerProcess, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of speclock with the sandbox profile and the keys of the server."""
    return subprocess.run(
        [
            str(Path(sys.executable).with_name("speclock")),
            *arguments,
            "--profile=conformance/profiles/sandbox.toml",
        ],
        cwd=ROOT,
        env=uncovered(**server.environment),
        capture_output=True,
        text=True,
        check=False,
    )


def check_server(
    server: ServerProcess, report: Path, *options: str, command: str = "check"
) -> tuple[int, dict[str, Any]]:
    """Run `speclock check` on the server; its exit status and its report, which is written to `report`.

    Args:
        server: the subject.
        report: where the JSON report goes.
        options: more of the command line; without any, it is what a user gets by default.
        command: `mutants` in place of `check`.
    """
    run = run_speclock(
        server, command, "--contract=openapi.yaml", f"--url={server.url}", f"--report=json={report}", *options
    )
    assert report.is_file(), run.stderr
    result: dict[str, Any] = json.loads(report.read_text())
    return run.returncode, result


def check_edited_server(folder: Path, fault: Fault | None, *options: str) -> tuple[int, dict[str, Any]]:
    """Run `speclock check` on the server with a fault, or on an unedited copy, in an empty folder."""
    with start_edited_server(folder, fault) as server:
        return check_server(server, folder / "report.json", *options)
