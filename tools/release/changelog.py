"""The fragments in changelog.d/: whether there are those that are owed, and CHANGELOG.md made of them by towncrier."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

from tools.release.bumps import Bump, Version
from tools.release.commands import finished

__all__ = ["assemble", "draft", "misnamed", "owed_fragments", "section", "unassembled"]

FOLDER = "changelog.d"
CHANGELOG = "CHANGELOG.md"
TOWNCRIER = Path(sys.executable).with_name("towncrier")


def misnamed(root: Path) -> list[str]:
    """A line for each fragment that towncrier would leave out without a word, or show without one."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    kinds = [kind["directory"] for kind in project["tool"]["towncrier"]["type"]]
    named = re.compile(rf"[^.]+\.(?:{'|'.join(kinds)})(?:\.\d+)?\.md")
    lines = [
        f"{FOLDER}/{name}: expected a name like 7.{kinds[0]}.md, with one of {', '.join(kinds)}: it would be left out"
        for name in _fragments(root)
        if not named.fullmatch(name)
    ]
    empty = [name for name in _fragments(root) if not (root / FOLDER / name).read_text(encoding="utf-8").strip()]
    return lines + [
        f"{FOLDER}/{name}: expected a sentence for users, found nothing: write or remove it" for name in empty
    ]


def owed_fragments(root: Path, owed: Bump) -> list[str]:
    """A line for each fragment that a change of this size owes its users and that is not there."""
    fragments = _fragments(root)
    if owed is Bump.NONE:
        return []
    if not fragments:
        return [
            f"{FOLDER}/ has no fragment, and something changed for users: add <issue>.<kind>.md, as CONTRIBUTING says"
        ]
    if owed is Bump.MAJOR and not any(".breaking." in name for name in fragments):
        return [
            f"something breaks, and {FOLDER}/ does not say so: add <issue>.breaking.md: what breaks, and what to do"
        ]
    return []


def unassembled(root: Path, version: Version, owed: Bump, *, is_tagged: bool) -> list[str]:
    """A line for what CHANGELOG.md lacks at the commit that is released, which is tagged or about to be."""
    told = section(root, version)
    if not told:
        return [
            f"{CHANGELOG} has no section {version}, and HEAD is tagged with it: run `nox -s release` before tagging"
        ]
    lines = []
    if fragments := _fragments(root):
        names, how = ", ".join(fragments), "move them there"
        if is_tagged:
            how += ", and the tag to that commit; `nox -s release` does it before tagging"
        lines.append(f"{CHANGELOG} has the section {version}, and {FOLDER}/ still has {names}: {how}")
    if owed is Bump.MAJOR and "\n### Breaking\n" not in told:
        lines.append(
            f"something breaks, and {CHANGELOG} does not say so: add `### Breaking` to {version}, with what to do"
        )
    return lines


def draft(root: Path, version: Version) -> str:
    """The section as the fragments make it; nothing is written.

    Raises:
        ReleaseError: towncrier cannot read them.
    """
    return finished([TOWNCRIER, "build", "--draft", "--version", str(version)], folder=root).stdout.strip()


def section(root: Path, version: Version) -> str:
    """What CHANGELOG.md says of a version; nothing where it says nothing."""
    text = (root / CHANGELOG).read_text(encoding="utf-8")
    found = re.search(rf"^## {re.escape(str(version))} \(.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found.group(0).strip() if found else ""


def assemble(root: Path, version: Version) -> None:
    """Move the fragments into CHANGELOG.md; the change is staged, and not committed.

    Raises:
        ReleaseError: towncrier cannot.
    """
    finished([TOWNCRIER, "build", "--yes", "--version", str(version)], folder=root)


def _fragments(root: Path) -> list[str]:
    return sorted(path.name for path in (root / FOLDER).glob("[!.]*"))
