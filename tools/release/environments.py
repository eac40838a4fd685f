"""Fresh environments, made by uv from the package index's files that the pins name, for each Python of this machine."""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tools.release.commands import finished
from tools.release.errors import ReleaseError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["PINS", "UV", "Environment", "fresh", "supported_pythons"]

UV = Path(sys.executable).with_name("uv")
PINS = "pins/workspace.txt"
_CLASSIFIER = "Programming Language :: Python :: 3."
#: uv asks nobody but the package index.
_OFFLINE = {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_CONFIG": "1"}


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment that holds what it was told to, and nothing else."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    def script(self, name: str) -> Path:
        """A command that was installed into it."""
        return self.folder / "bin" / name


def supported_pythons(root: Path) -> dict[str, Path | None]:
    """Each Python that the distributions say they support, and its interpreter where this machine has one.

    Raises:
        ReleaseError: this machine has none of them.
    """
    project = tomllib.loads((root / "wrapper/pyproject.toml").read_text(encoding="utf-8"))["project"]
    versions = [
        f"3.{line.removeprefix(_CLASSIFIER)}" for line in project["classifiers"] if line.startswith(_CLASSIFIER)
    ]
    found = {version: _interpreter(version, root) for version in versions}
    if not any(found.values()):
        raise ReleaseError(
            f"expected one of the supported Pythons on this machine ({', '.join(versions)}), found none: install one, "
            "or the wheels would be released untried"
        )
    return found


def fresh(
    folder: Path, python: Path, wheels: Sequence[Path], *, root: Path, options: Sequence[str] = ()
) -> Environment:
    """Make an environment with these wheels, and everything else as the pins have it; options go to `uv pip install`.

    Raises:
        ReleaseError: it cannot be made, or a wheel not be installed.
    """
    environment = Environment(folder)
    finished([UV, "venv", "--quiet", "--python", python, folder], folder=root, environment=_OFFLINE)
    command = [UV, "pip", "install", "--quiet", "--python", environment.python, "--constraints", PINS]
    finished([*command, *options, *wheels], folder=root, environment=_OFFLINE)
    return environment


def _interpreter(version: str, root: Path) -> Path | None:
    command = [UV, "python", "find", "--no-project", "--system", version]
    found = finished(command, folder=root, statuses=(0, 1, 2), environment=_OFFLINE)
    return Path(found.stdout.strip()) if found.returncode == 0 else None
