"""What git knows: whether the tree is clean, which release was the last one, and what was in it."""

from __future__ import annotations

import io
import tarfile
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.release.bumps import Version
from tools.release.commands import finished, output
from tools.release.errors import ReleaseError
from tools.release.versions import HOME, said

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = [
    "Released",
    "changed_files",
    "commit_time",
    "elsewhere",
    "extract",
    "is_shallow",
    "is_taken",
    "last_release",
    "tag_here",
    "uncommitted",
]

TAGS = "v[0-9]*"
_SHOWN = 5
_NO_RELEASE = "releases are tagged v1.2.3, and there are no others here, such as release candidates"


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
        ReleaseError: `since` is no commit or says no version; or a tag names another version than its commit.
    """
    if since is not None:
        return Released(since, _version_at(root, since))
    here = _releases(root, "--points-at=HEAD")
    tags = {tag: version for tag, version in _releases(root, "--merged=HEAD").items() if tag not in here}
    if not tags:
        return None
    tag = max(tags, key=lambda name: tags[name])
    if (version := _version_at(root, tag)) != tags[tag]:
        raise ReleaseError(
            f"tag {tag}: expected a commit whose version is {tags[tag]}, and {HOME} says {version} there: move the tag "
            "to the commit that was released, or name that with --since"
        )
    return Released(tag, version)


def elsewhere(root: Path) -> list[str]:
    """The tags of releases that HEAD does not come from and did not lead to, the highest first."""
    later = _tags(root, "--contains=HEAD")
    tags = _releases(root, "--no-merged=HEAD")
    return sorted(tags.keys() - set(later), key=lambda tag: tags[tag], reverse=True)


def is_taken(root: Path, version: Version) -> bool:
    """Whether the version was released from a commit that is not before HEAD."""
    return version in _releases(root, "--no-merged=HEAD").values()


def tag_here(root: Path) -> Version | None:
    """The version that HEAD is tagged with.

    Raises:
        ReleaseError: there are several, or one is not of a release.
    """
    tags = _tags(root, "--points-at=HEAD")
    if len(tags) > 1:
        raise ReleaseError(f"HEAD has the tags {', '.join(tags)}, expected one release at a commit: remove the others")
    versions = _versions(tags)
    if tags and not versions:
        raise ReleaseError(f"HEAD has the tag {tags[0]}: {_NO_RELEASE}: remove it")
    return next(iter(versions.values()), None)


def is_shallow(root: Path) -> bool:
    """Whether tags may be missing because only a part of the history was fetched."""
    return output(["git", "rev-parse", "--is-shallow-repository"], folder=root) == "true"


def changed_files(root: Path, ref: str) -> list[str]:
    """The paths that differ between a commit and HEAD."""
    return output(["git", "diff", "--name-only", "--no-renames", ref, "HEAD", "--"], folder=root).splitlines()


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


def _version_at(root: Path, ref: str) -> Version:
    named = ["git", "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}"]
    if finished(named, folder=root, statuses=(0, 1, 128)).returncode:
        raise ReleaseError(f"{ref}: expected a commit or a tag of this repository, found none: see `git tag`")
    home = finished(["git", "show", f"{ref}:{HOME}"], folder=root, statuses=(0, 128))
    if home.returncode:
        raise ReleaseError(
            f"{ref}: expected a commit with {HOME}, which says its version, found none: name a later one"
        )
    return said(home.stdout, f"{ref}:{HOME}")


def _releases(root: Path, condition: str) -> dict[str, Version]:
    return _versions(_tags(root, condition))


def _versions(tags: Sequence[str]) -> dict[str, Version]:
    """The tags of releases among them, with their versions: v1.2.3 is one, v1.2.3rc1 is none."""
    versions = {}
    for tag in tags:
        with suppress(ReleaseError):
            versions[tag] = Version.of(tag.removeprefix("v"), tag)
    return versions


def _tags(root: Path, condition: str) -> list[str]:
    return output(["git", "tag", "--list", condition, TAGS], folder=root).splitlines()
