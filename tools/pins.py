"""Remakes what the checks install: pins/*.txt for Python, package-lock.json for Node.

Both carry hashes and neither names a registry: the Python pins are compiled without index lines, the Node lock is
written without download addresses, and its funding links, which are addresses too, are taken out.
"""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

__all__ = ["main"]

ROOT = Path(__file__).resolve().parent.parent
APART = frozenset({"galtea", "galileo"})  # groups that do not resolve together with the others
DISTRIBUTIONS = ("generated_client", "wrapper", "reference_server", "conformance")
OURS = ("evalsessions-client", "evalsessions", "evalsessions-server", "speclock")


def main() -> int:
    """Remake all pins; returns the exit status."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    _compile(
        "pins/workspace.txt",
        *(f"--group={group}" for group in groups if group not in APART),
        *(f"{folder}/pyproject.toml" for folder in DISTRIBUTIONS),
        *(f"--no-emit-package={name}" for name in OURS),
    )
    for group in sorted(APART):
        _compile(f"pins/{group}.txt", f"--group={group}")
    _lock_node_tools()
    return 0


def _compile(output: str, *sources: str) -> None:
    command = ["uv", "pip", "compile", "--quiet", "--universal", "--python-version=3.11", "--generate-hashes"]
    command += ["--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--upgrade"]
    command += ["--custom-compile-command=nox -s pins", *sources, f"--output-file={output}"]
    subprocess.run(command, cwd=ROOT, check=True)


def _lock_node_tools() -> None:
    command = [
        "npm",
        "install",
        "--package-lock-only",
        "--omit-lockfile-registry-resolved",
        "--no-fund",
        "--no-audit",
    ]
    subprocess.run(command, cwd=ROOT, check=True)
    path = ROOT / "package-lock.json"
    lock: dict[str, Any] = json.loads(path.read_text())
    for package in lock["packages"].values():
        package.pop("funding", None)
    path.write_text(json.dumps(lock, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
