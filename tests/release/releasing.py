"""A repository with a release behind it, and the command that makes the next one, run in it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.support.workspace_copy import commit_all, git

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["edit", "regenerate", "release", "tag_release"]


def tag_release(repository: Path, version: str) -> None:
    """Stand for a release: the fragments are gone, and HEAD is tagged."""
    for fragment in (repository / "changelog.d").glob("*.md"):
        fragment.unlink()
    changelog = repository / "CHANGELOG.md"
    changelog.write_text(f"{changelog.read_text('utf-8')}\n## {version} (2026-11-01)\n\n- All of it.\n", "utf-8")
    commit_all(repository, f"Release {version}")
    git(repository, "tag", f"v{version}")


def edit(repository: Path, file: str, old: str, new: str, *, after: str = "") -> None:
    """Put one text in place of another, which must be there once, or be the first after a third."""
    text = (repository / file).read_text("utf-8")
    place = text.index(after) if after else 0
    assert old in text[place:], f"{file} has no {old!r}"
    assert after or text.count(old) == 1, f"{file} has {old!r} {text.count(old)} times"
    (repository / file).write_text(text[:place] + text[place:].replace(old, new, 1), "utf-8")


def regenerate(repository: Path) -> None:
    """Generate the client again."""
    run = _python(repository, "tools.generate")
    assert run.returncode == 0, run.stderr


def release(repository: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """What `nox -s release` runs."""
    return _python(repository, "tools.release", *options)


def _python(repository: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=repository,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
