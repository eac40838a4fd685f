"""The environments that a benchmark of the SDK compares: ours as a user installs it, a vendor's as pins/ has it.

Ours is made anew each time, because its sources change. A vendor's is kept while its pins and Python stay the same.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.support.uncovered import uncovered

__all__ = ["FOLDER", "Environment", "ours", "vendor"]

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "reports" / "bench_sdk"
SOURCES = ("./generated_client", "./wrapper[fast]")
_CHANGES = re.compile(r"^PYTHON|_proxy$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment, and how a process runs in it."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def run(self, *arguments: str, env: dict[str, str] | None = None, timeout: float = 600) -> str:
        """Run its Python, with nothing inherited that changes how it starts or by which way a request goes; its output.

        Raises:
            RuntimeError: it failed.
        """
        inherited = {name: value for name, value in uncovered().items() if not _CHANGES.search(name)}
        return _run([str(self.python), *arguments], self.folder, inherited | (env or {}), timeout)


def ours(folder: Path) -> Environment:
    """Make an environment of the SDK, not editable, with the fast transport and the versions of the pins."""
    environment = _made(folder / "ours")
    pins = (ROOT / "pins" / "workspace.txt").read_text("utf-8")
    # pip refuses folders beside hashes.
    versions = environment.folder / "constraints.txt"
    versions.write_text("".join(f"{pin}\n" for pin in re.findall(r"^\w.*?(?= \\$)", pins, re.MULTILINE)), "utf-8")
    _install(environment, "--constraint", str(versions), *SOURCES)
    return environment


def vendor(folder: Path, name: str) -> Environment:
    """Make, unless it is there, an environment of `pins/NAME.txt` and nothing else."""
    pins = ROOT / "pins" / f"{name}.txt"
    wanted = f"# {sys.version}\n{pins.read_text('utf-8')}"
    environment, stamp = Environment(folder.absolute() / name), folder / name / "installed.txt"
    if not stamp.is_file() or stamp.read_text("utf-8") != wanted:
        environment = _made(folder / name)
        _install(environment, "--require-hashes", "--requirement", str(pins))
        stamp.write_text(wanted, "utf-8")
    return environment


def _made(folder: Path) -> Environment:
    folder = folder.absolute()
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    _run([sys.executable, "-m", "venv", str(folder)], ROOT, uncovered())
    return Environment(folder)


def _install(environment: Environment, *arguments: str) -> None:
    pip = [str(environment.python), "-m", "pip", "install", "--disable-pip-version-check"]
    _run([*pip, *arguments], ROOT, uncovered())


def _run(command: list[str], folder: Path, env: dict[str, str], timeout: float = 600) -> str:
    run = subprocess.run(
        command,
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    if run.returncode:
        raise RuntimeError(f"{command[0]}: exit status {run.returncode}: {run.stdout}{run.stderr}")
    return run.stdout
