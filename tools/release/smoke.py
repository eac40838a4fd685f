"""Installs the built wheels into a fresh environment of each supported Python, and uses them there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tools.release.commands import finished
from tools.release.environments import fresh
from tools.release.errors import ReleaseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.release.bumps import Version

__all__ = ["smoke"]

PROGRAM = Path(__file__).with_name("smoke_program.py")
PROFILE = "conformance/profiles/sandbox.toml"


def smoke(root: Path, scratch: Path, python: Path, wheels: Sequence[Path], version: Version) -> list[str]:
    """Use the wheels on one Python: a line that says what went wrong, if anything did."""
    try:
        environment = fresh(scratch / "smoke", python, wheels, root=root)
        program = [environment.python, "-I", PROGRAM, str(version), root / PROFILE]
        finished(program, folder=scratch)
    except ReleaseError as error:
        return [f"the wheels do not work on {python}: {error}"]
    return []
