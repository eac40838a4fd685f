"""What git knows: whether the tree is clean, which release was the last one, and what was in it."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.release.bumps import Version
from tools.release.commands import finished, output
from tools.release.errors import ReleaseError
from tools.release.versions import HOME, said

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "Released",
    "changed_files",
    "commit_time",
    "extract",
    "is_shallow",
    "last_release",
    "tag_here",
    "uncommitted",
]

TAGS = "v[0-9]*"
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Released:
    """A commit to compare with, and the version that it had."""

    ref: str
    version: Version


def uncommitted(root: Path) -> list[str]:
    """A line that names what is not committed, if anything is."""
    lines = output(["git", "status", "--porcelain", "--untracked-files=all"], folder=root).splitlines()
    if not lines:
        return []
    names = ", ".join(line[2:].strip() for line in lines[:_SHOWN])
    more = f" and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    return [f"the tree is dirty: {names}{more}; what is released is a commit: commit or stash it"]


def last_release(root: Path, since: str | None) -> Released | None:
    """The release before HEAD, or `since`; None when there was none.

    Raises:
        ReleaseError: `since` is no commit, or says no version.
    """
    if since is None:
        here = set(_tags(root, "--points-at=HEAD"))
        tags = [tag for tag in _tags(root, "--merged=HEAD") if tag not in here]
        if not tags:
            return None
        since = max(tags, key=lambda tag: Version.of(tag.removeprefix("v"), f"tag {tag}"))
    found = finished(
        ["git", "rev-parse", "--verify", "--quiet", f"{since}^{{commit}}"], folder=root, statuses=(0, 1, 128)
    )
    if found.returncode:
        raise ReleaseError(f"{since}: expected a commit or a tag of this repository, found none: see `git tag`")
    home = finished(["git", "show", f"{since}:{HOME}"], folder=root, statuses=(0, 128))
    return Released(since, said(home.stdout, f"{since}:{HOME}"))


def tag_here(root: Path) -> Version | None:
    """The version that HEAD is tagged with.

    Raises:
        ReleaseError: there are several.
    """
    tags = _tags(root, "--points-at=HEAD")
    if len(tags) > 1:
        raise ReleaseError(f"HEAD has the tags {', '.join(tags)}, expected one release at a commit: remove the others")
    return Version.of(tags[0].removeprefix("v"), f"tag {tags[0]}") if tags else None


def is_shallow(root: Path) -> bool:
    """Whether tags may be missing because only a part of the history was fetched."""
    return output(["git", "rev-parse", "--is-shallow-repository"], folder=root) == "true"


def changed_files(root: Path, ref: str) -> list[str]:
    """The paths that differ between a commit and HEAD."""
    return output(["git", "diff", "--name-only", "--no-renames", ref, "HEAD"], folder=root).splitlines()


def commit_time(root: Path) -> int:
    """When HEAD was committed, in seconds since 1970."""
    return int(output(["git", "log", "-1", "--format=%ct", "HEAD"], folder=root))


def extract(root: Path, ref: str, folder: Path) -> Path:
    """Put the files of a commit, and nothing else, into a new folder."""
    archive = folder.with_suffix(".tar")
    finished(["git", "archive", "--format=tar", f"--output={archive}", ref], folder=root)
    with tarfile.open(fileobj=io.BytesIO(archive.read_bytes())) as files:
        files.extractall(folder, filter="data")
    archive.unlink()
    return folder


def _tags(root: Path, condition: str) -> list[str]:
    return output(["git", "tag", "--list", condition, TAGS], folder=root).splitlines()
