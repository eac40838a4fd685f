"""Builds the wheels and sdists of a commit, twice in different places, and holds them against each other byte by byte.

What is built is what git has, and nothing that lies about. Each wheel is built from its sdist, so that what is missing
in the sdist shows. Times are those of the commit.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

from tools.release.commands import finished
from tools.release.environments import PINS, UV
from tools.release.errors import ReleaseError
from tools.release.history import commit_time, extract

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DISTRIBUTIONS", "build", "checksums", "differences"]

#: Folders by distribution, in the order of their dependencies.
DISTRIBUTIONS = {
    "evalsessions-client": "generated_client",
    "evalsessions-server": "reference_server",
    "evalsessions": "wrapper",
    "speclock": "conformance",
}


def build(root: Path, scratch: Path, target: Path) -> list[str]:
    """Build HEAD into `target`, and again elsewhere; a line for each file that came out otherwise.

    Raises:
        ReleaseError: a distribution cannot be built.
    """
    epoch = commit_time(root)
    _build(extract(root, "HEAD", scratch / "first"), target, root, epoch=epoch, umask=0o022, zone="UTC")
    # What must not matter: where it lies, who may read it, where on Earth it is.
    again = scratch / "a second place" / "with a longer name"
    again.parent.mkdir(parents=True)
    second = scratch / "second"
    _build(extract(root, "HEAD", again), second, root, epoch=epoch, umask=0o077, zone="Asia/Kathmandu")
    return differences(target, second)


def differences(first: Path, second: Path) -> list[str]:
    """A line for each file that is not the same in two folders of built distributions."""
    one, other = checksums(first), checksums(second)
    return [
        f"{name}: built twice, and not the same: {one.get(name, 'missing')}, then {other.get(name, 'missing')}"
        for name in sorted(one.keys() | other.keys())
        if one.get(name) != other.get(name)
    ]


def checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of each built file, by name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def _build(sources: Path, target: Path, root: Path, *, epoch: int, umask: int, zone: str) -> None:
    environment = {"SOURCE_DATE_EPOCH": str(epoch), "TZ": zone, "UV_PYTHON_DOWNLOADS": "never"}
    was = os.umask(umask)
    try:
        for folder in DISTRIBUTIONS.values():
            command = [UV, "build", "--quiet", "--no-create-gitignore", "--build-constraints", root / PINS]
            finished([*command, "--out-dir", target, sources / folder], folder=sources, environment=environment)
    finally:
        os.umask(was)
    built = len(list(target.iterdir()))
    if built != 2 * len(DISTRIBUTIONS):
        raise ReleaseError(f"{target}: expected a wheel and an sdist of each distribution, found {built} files")
