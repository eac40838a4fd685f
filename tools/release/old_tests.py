"""Runs the SDK's tests of the last release against the wheels of the next one: what fails there will fail at users."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from tools.release.bumps import Bump, Debt
from tools.release.commands import finished
from tools.release.environments import fresh
from tools.release.errors import ReleaseError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FOLDER", "SELECTION", "run_old_tests"]

FOLDER = "tests/wrapper"
#: What callers rely on most: what is sent, how answers and errors are read, and the examples of the documents.
SELECTION = ("test_requests", "test_answers", "test_errors", "test_faces", "test_documented_examples")


def run_old_tests(
    root: Path, old: Path, scratch: Path, wheels: Sequence[Path], *, is_whole: bool
) -> tuple[int, list[Debt]]:
    """Run them in a fresh environment: how many ran, and what each that fails owes.

    Args:
        root: The repository, whose pins hold.
        old: The files of the last release.
        scratch: Where the environment goes.
        wheels: What is to be released.
        is_whole: All tests of `FOLDER` instead of `SELECTION`.

    Raises:
        ReleaseError: there are none, or they cannot be run.
    """
    files = [Path(FOLDER)] if is_whole else [Path(FOLDER, f"{name}.py") for name in SELECTION]
    present = [file for file in files if (old / file).exists()]
    if not present:
        raise ReleaseError(f"the last release has none of {', '.join(map(str, files))}: expected its tests there")
    environment = fresh(scratch / "old-tests", Path(sys.executable), wheels, root=root, options=["--group=tests"])
    report = scratch / "old-tests.xml"
    command = [environment.python, "-m", "pytest", "--quiet", "-p", "no:cacheprovider", "-m", "not full"]
    command += ["--numprocesses=2", "--dist=loadscope", f"--junitxml={report}", *map(str, present)]
    where = {"PYTHONPATH": "", "PATH": f"{environment.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    run = finished(command, folder=old, statuses=(0, 1, 2), environment=where)
    cases = list(ET.parse(report).iter("testcase")) if report.is_file() else []  # noqa: S314 - pytest wrote it
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    if not cases or bool(failed) != bool(run.returncode):
        last = " | ".join(run.stdout.strip().splitlines()[-3:])
        raise ReleaseError(
            f"pytest ended with status {run.returncode} on {len(cases)} tests of the last release: {last}"
        )
    return len(cases), [Debt(Bump.MAJOR, _line(case)) for case in failed]


def _line(case: ET.Element) -> str:
    said = next((part.get("message", "") for part in case if part.tag in {"failure", "error"}), "")
    first = " ".join(said.split())[:200]
    return f"a test of the last release fails: {case.get('classname')}.{case.get('name')}: {first}"
