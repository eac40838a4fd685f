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

__all__ = ["FOLDERS", "SELECTION", "chosen", "run_old_tests"]

FOLDERS = ("tests/wrapper", "tests/typing")
_PROGRAMS = "tests/typing/test_typing.py::test_nothing_is_wrong_with_the_right_programs"
#: What callers rely on most: what is sent, how answers and errors are read, the examples of the documents, and that
#: programs which two type checkers found nothing wrong with are still so.
SELECTION = (
    "tests/wrapper/test_requests.py",
    "tests/wrapper/test_answers.py",
    "tests/wrapper/test_errors.py",
    "tests/wrapper/test_faces.py",
    "tests/wrapper/test_documented_examples.py",
    f"{_PROGRAMS}[mypy-strict]",
    f"{_PROGRAMS}[pyrefly-strict]",
)


def chosen(old: Path, *, is_whole: bool) -> list[str]:
    """Which tests of the last release to run, as pytest names them: those of `SELECTION` that it has, or all.

    Raises:
        ReleaseError: it has none of them.
    """
    asked = FOLDERS if is_whole else SELECTION
    if present := [test for test in asked if _has(old, test)]:
        return present
    raise ReleaseError(f"the last release has none of {', '.join(asked)}: expected its tests there")


def run_old_tests(
    root: Path, old: Path, scratch: Path, wheels: Sequence[Path], *, is_whole: bool
) -> tuple[int, list[Debt]]:
    """Run them in a fresh environment: how many ran, and what each that fails owes.

    Args:
        root: The repository, whose pins hold.
        old: The files of the last release.
        scratch: Where the environment goes.
        wheels: What is to be released.
        is_whole: All tests of `FOLDERS` instead of `SELECTION`.

    Raises:
        ReleaseError: there are none, or they cannot be run.
    """
    tests = chosen(old, is_whole=is_whole)
    environment = fresh(scratch / "old-tests", Path(sys.executable), wheels, root=root, options=["--group=tests"])
    report = scratch / "old-tests.xml"
    command = [environment.python, "-m", "pytest", "--quiet", "-p", "no:cacheprovider", "-m", "not full"]
    command += ["--numprocesses=2", "--dist=loadscope", f"--junitxml={report}", *tests]
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


def _has(old: Path, test: str) -> bool:
    file, _, name = test.partition("::")
    if not (old / file).exists():
        return False
    return not name or f"def {name.partition('[')[0]}(" in (old / file).read_text(encoding="utf-8")


def _line(case: ET.Element) -> str:
    said = next((part.get("message", "") for part in case if part.tag in {"failure", "error"}), "")
    first = " ".join(said.split())[:200]
    return f"a test of the last release fails: {case.get('classname')}.{case.get('name')}: {first}"
