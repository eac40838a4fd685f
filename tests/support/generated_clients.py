"""Clients that openapi-python-client generates on the spot, and what `speclock sdk` says of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from tests.support.uncovered import uncovered

__all__ = ["causes", "generate", "judge"]


def generate(document: Path, folder: Path, name: str) -> None:
    """Generate the package `name` in a folder, with the pinned generator and its own templates."""
    configuration = folder / "configuration.yaml"
    configuration.write_text("post_hooks: []\n", "utf-8")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--path", str(document)]
    command += ["--config", str(configuration), "--output-path", str(folder / name)]
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])
    subprocess.run(
        command, env={**uncovered(), "PATH": path, "PYTHONUTF8": "1"}, check=True, capture_output=True, timeout=300
    )


def judge(document: Path, package: str, folder: Path, *more: str, speclock: Path | None = None) -> dict[str, Any]:
    """The report of `speclock sdk` on the package, which the folder holds, or which is installed beside `speclock`."""
    report = folder / "report.json"
    command = [str(speclock or Path(sys.executable).with_name("speclock")), "sdk", "--contract", str(document)]
    command += ["--subject", f"client:{package}", "--report", f"json={report}", *more]
    ran = subprocess.run(command, cwd=folder, env=uncovered(), capture_output=True, text=True, timeout=600, check=False)
    assert ran.returncode in {0, 1}, ran.stderr
    assert ran.stderr == ""
    found: dict[str, Any] = json.loads(report.read_text("utf-8"))
    return found


def causes(report: dict[str, Any], *, without: tuple[str, ...] = ()) -> set[tuple[str, str]]:
    """The check and the rule of each finding, but for those of some checks."""
    return {(item["check"], item["rule"]) for item in report["findings"] if item["check"] not in without}
