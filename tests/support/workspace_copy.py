"""A git repository of its own with the files of this work tree in it, for tests that edit, commit and tag."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

__all__ = ["commit_all", "copied_repository", "git"]

ROOT = Path(__file__).resolve().parents[2]


def copied_repository(folder: Path) -> Path:
    """Copy what git tracks, or would, into a new repository with one commit."""
    for name in git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "config", "user.name", "A test")
    git(folder, "config", "user.email", "test@example.com")
    commit_all(folder, "The work tree")
    return folder


def commit_all(repository: Path, message: str) -> None:
    """Commit everything, without hooks."""
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--no-verify", "--allow-empty", f"--message={message}")


def git(repository: Path, *arguments: str) -> str:
    """What git prints."""
    run = subprocess.run(["git", *arguments], cwd=repository, capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"git {' '.join(arguments)}: {run.stderr}"
    return run.stdout
