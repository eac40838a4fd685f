"""Debian's packages for tests, installed when one is missing and this is root on Debian."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PackageUnavailableError", "install"]

_SECONDS = 300


class PackageUnavailableError(Exception):
    """It cannot be installed; the message is the reason to skip."""


def install(package: str, is_there: Callable[[], bool]) -> None:
    """Install a package unless it is there.

    Raises:
        PackageUnavailableError: no root, no Debian, or apt failed.
    """
    if is_there():
        return
    if os.geteuid() != 0:
        raise PackageUnavailableError(f"Debian's package {package} is not installed, and installing it needs root")
    if shutil.which("apt-get") is None:
        raise PackageUnavailableError(f"Debian's package {package} is not installed, and this is no Debian")
    # dpkg takes one caller at a time, and each worker of pytest-xdist comes here by itself.
    with FileLock(Path(tempfile.gettempdir(), "evs-apt.lock"), timeout=2 * _SECONDS):
        if not is_there():
            _install_by_apt(package)
    if not is_there():
        raise PackageUnavailableError(f"Debian's package {package} did not bring what is needed of it")


def _install_by_apt(package: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "--yes", "--no-install-recommends", package]):
        done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=_SECONDS)
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise PackageUnavailableError(f"{' '.join(command)} failed: {reason}")
