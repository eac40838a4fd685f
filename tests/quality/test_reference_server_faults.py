"""Edit the real server, one promise at a time, and `speclock check` says which one is broken.

Each fault is an edit of a temporary copy of evalsessions_server, run as a real process in place of the installed one.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.server_process import start_server

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Fault:
    """An edit of one file, and the finding that it must cause (operation, check, rule or None for any)."""

    file: str
    before: str
    after: str
    finding: tuple[str, str, str | None]
    phases: str = "examples"


FAULTS = {
    "flipped default of status": Fault(
        "operations/create_session.py",
        'properties.choice("status", STATUSES) or "COMPLETED"',
        'properties.choice("status", STATUSES) or "PENDING"',
        ("createSession", "rule_conformance", "session-status-by-default"),
    ),
    "flipped default of isProduction": Fault(
        "operations/create_session.py",
        "test_case_id is None if is_production is None",
        "test_case_id is not None if is_production is None",
        ("createSession", "rule_conformance", "session-production-by-default"),
    ),
    "dropped required response property": Fault(
        "operations/create_session.py",
        '"createdAt": now(),',
        "",
        ("createSession", "schema_conformance", None),
    ),
    "dropped optional response property": Fault(
        "operations/create_session.py",
        '"metadata": request.metadata,',
        "",
        ("createSession", "rule_conformance", "session-metadata-comes-back"),
    ),
    "forbidden pair accepted": Fault(
        "operations/create_session.py",
        "    if request.is_production:",
        "    if False:",
        ("createSession", "rule_rejection", "test-case-session-is-not-production"),
    ),
    "key check skipped": Fault(
        "auth.py",
        "if caller.is_among(self._known[vendor]):",
        "if True:",
        ("createSession", "credential_rejection", None),
        phases="auth",
    ),
}


def _check(tmp_path: Path, fault: Fault | None) -> tuple[int, dict[str, Any]]:
    found = importlib.util.find_spec("evalsessions_server")
    assert found is not None
    assert found.submodule_search_locations is not None
    shutil.copytree(found.submodule_search_locations[0], tmp_path / "evalsessions_server")
    if fault is not None:
        edited = tmp_path / "evalsessions_server" / fault.file
        source = edited.read_text()
        assert source.count(fault.before) == 1, f"the edit does not fit {fault.file} any more"
        edited.write_text(source.replace(fault.before, fault.after))
    report = tmp_path / "report.json"
    with start_server(env={"PYTHONPATH": str(tmp_path)}) as server:
        command = [
            str(Path(sys.executable).with_name("speclock")),
            "check",
            "--contract=openapi.yaml",
            f"--url={server.url}",
            f"--phases={'examples' if fault is None else fault.phases}",
        ]
        command += ["--profile=conformance/profiles/sandbox.toml", f"--report=json={report}"]
        run = subprocess.run(
            command, cwd=ROOT, env={**os.environ, **server.environment}, capture_output=True, text=True, check=False
        )
    assert report.is_file(), run.stderr
    result: dict[str, Any] = json.loads(report.read_text())
    return run.returncode, result


@pytest.mark.parametrize("name", FAULTS)
def test_the_cheapest_phase_shows_which_promise_the_server_breaks(name: str, tmp_path: Path) -> None:
    operation, check, rule = FAULTS[name].finding
    status, report = _check(tmp_path, FAULTS[name])
    shown = {(found["operation"], found["check"]): found["rule"] for found in report["findings"]}
    assert status == 1
    assert (operation, check) in shown
    assert rule in {None, shown[operation, check]}


def test_the_unedited_copy_shows_nothing(tmp_path: Path) -> None:
    status, report = _check(tmp_path, None)
    assert report["findings"] == []
    assert status == 0
