"""The version that the four distributions have in common: each place that says it, and how all of them change at once.

`python -m tools.release.versions` prints it; with a version as argument it is written everywhere, and the client is
generated again. Exit status: 0 done; 2 the places disagree, or something cannot be read or written.
"""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

from tools.generator import ROOT
from tools.release.bumps import Version
from tools.release.errors import ReleaseError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["HOME", "common_version", "main", "said", "set_version"]

HOME = "wrapper/src/evalsessions/_version.py"
#: Where it is written by hand. generated_client/ has it from the generator's configuration.
PLACES = (
    (HOME, r'^__version__ = "(.*)"$'),
    ("wrapper/pyproject.toml", r'"evalsessions-client==(.*?)"'),
    ("wrapper/pyproject.toml", r'"evalsessions-server==(.*?)"'),
    ("generator-config.yaml", r"^package_version_override: (\S+)$"),
    ("reference_server/pyproject.toml", r'^version = "(.*)"$'),
    ("reference_server/src/evalsessions_server/__init__.py", r'^__version__ = "(.*)"$'),
    ("conformance/pyproject.toml", r'^version = "(.*)"$'),
)
GENERATED = ("generated_client/pyproject.toml", r'^version = "(.*)"$')


def said(text: str, where: str) -> Version:
    """The version that the text of `HOME` says.

    Raises:
        ReleaseError: none.
    """
    return Version.of(_match(text, where, PLACES[0][1]).group(1), where)


def common_version(root: Path = ROOT) -> Version:
    """The one version that all places say.

    Raises:
        ReleaseError: they disagree, or one cannot be read.
    """
    found = {
        f"{file} ({pattern})": _match(_text(root, file), file, pattern).group(1)
        for file, pattern in (*PLACES, GENERATED)
    }
    if len(set(found.values())) > 1:
        places = "; ".join(f"{place.split(' ')[0]} says {version}" for place, version in found.items())
        raise ReleaseError(f"the four distributions have one version, but {places}: run `nox -s version -- X.Y.Z`")
    return Version.of(next(iter(found.values())), HOME)


def set_version(version: Version, *, generate_client: Callable[[], int], root: Path = ROOT) -> None:
    """Write a version everywhere.

    Raises:
        ReleaseError: a place cannot be read, or the client not be generated; nothing has changed then.
    """
    old = {file: _text(root, file) for file, _ in PLACES}
    new = dict(old)
    for file, pattern in PLACES:
        found = _match(new[file], file, pattern)
        new[file] = f"{new[file][: found.start(1)]}{version}{new[file][found.end(1) :]}"
    _write(root, new)
    if generate_client():
        _write(root, old)
        raise ReleaseError("the client cannot be generated, as said above; the version is what it was")


def main(arguments: list[str]) -> int:
    """Print the version, or set it; the exit status."""
    if len(arguments) > 1 or arguments[:1] in (["-h"], ["--help"]):
        print(
            "usage: nox -s version [-- X.Y.Z]\n\nShows the version of the four distributions, or writes it everywhere."
        )
        return 0 if len(arguments) == 1 else 2
    try:
        if arguments:
            set_version(Version.of(arguments[0], "argument"), generate_client=_generate)
        print(common_version())
    except ReleaseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _generate() -> int:
    """The status of the generator, in a process of its own: the release reads versions, and need not wait for it."""
    return subprocess.run([sys.executable, "-m", "tools.generate"], cwd=ROOT, check=False).returncode


def _match(text: str, file: str, pattern: str) -> re.Match[str]:
    found = list(re.finditer(pattern, text, re.MULTILINE))
    if len(found) != 1:
        raise ReleaseError(f"{file}: expected one line like {pattern}, found {len(found)}: restore it")
    return found[0]


def _text(root: Path, file: str) -> str:
    try:
        return (root / file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ReleaseError(f"{file}: expected a text file, but it cannot be read: restore it") from error


def _write(root: Path, texts: dict[str, str]) -> None:
    for file, text in texts.items():
        (root / file).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
