"""A state that cannot be released is told: what it is, where, and what to do. The commands are run in a repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.release.releasing import edit, release, tag_release
from tests.support.workspace_copy import commit_all, copied_repository, git
from tools.release.bumps import Bump, step
from tools.release.changelog import assemble
from tools.release.versions import common_version

if TYPE_CHECKING:
    from pathlib import Path

VERSION = common_version()
NEXT = step(VERSION, Bump.MAJOR)
SDK = "wrapper/src/evalsessions/galtea.py"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return copied_repository(tmp_path / "repository")


def test_a_dirty_tree_without_a_tag(repository: Path) -> None:
    (repository / "notes.txt").write_text("forgotten", "utf-8")
    run = release(repository, "--dry-run")
    assert run.returncode == 1
    assert (
        "left out: contract, Python interface, old tests: no tag v* before HEAD; nothing was released yet" in run.stdout
    )
    assert "owed: the tree is dirty: notes.txt; what is released is a commit: commit or stash it" in run.stderr


def test_a_clone_without_its_tags_says_so(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository}", "shallow")
    (tmp_path / "shallow/openapi.yaml").unlink()  # so that it ends early
    run = release(tmp_path / "shallow", "--dry-run")
    assert "this is a shallow clone: fetch the tags" in run.stdout
    assert (run.returncode, run.stderr.count("\n")) == (2, 1)
    assert run.stderr.startswith("error: `")


def test_a_break_in_the_python_interface_that_nobody_pays_for(repository: Path) -> None:
    tag_release(repository, str(VERSION))
    text = (repository / SDK).read_text("utf-8")
    (repository / SDK).write_text(text.replace("def test_cases(self)", "def cases(self)"), "utf-8")
    (repository / "changelog.d/99.added.md").write_text("Something.\n", "utf-8")
    commit_all(repository, "Shorter, and a fragment of the wrong kind")
    run = release(repository)
    assert run.returncode == 1
    assert f"version {VERSION} does not pay for what changed since v{VERSION}" in run.stderr
    assert f"it owes a major step, {NEXT} or later: run `nox -s version -- {NEXT}` and commit:" in run.stderr
    assert "Python: evalsessions.Galtea.test_cases is gone" in run.stderr
    assert "something breaks, and changelog.d/ does not say so: add <issue>.breaking.md" in run.stderr


def test_drift_and_a_wrong_tag(repository: Path) -> None:
    (repository / "generated_client/README.md").write_text("by hand", "utf-8")
    commit_all(repository, "Edited")
    git(repository, "tag", "v9.0.0")
    run = release(repository, "--dry-run")
    assert run.returncode == 1
    assert "owed: generated_client/README.md: edited by hand" in run.stderr
    assert f"HEAD is tagged v9.0.0, and the distributions are {VERSION}" in run.stderr


def test_a_tag_before_its_changelog(repository: Path) -> None:
    git(repository, "tag", f"v{VERSION}")
    run = release(repository)
    assert run.returncode == 1
    assert f"CHANGELOG.md has no section {VERSION}, and HEAD is tagged with it" in run.stderr


def test_a_release_of_another_branch_and_a_fragment_that_nobody_would_see(repository: Path) -> None:
    git(repository, "switch", "--quiet", "--create", "other")
    tag_release(repository, str(VERSION))
    git(repository, "switch", "--quiet", "main")
    (repository / "changelog.d/99.fix.md").write_text("A slip.\n", "utf-8")
    (repository / "changelog.d/98.fixed.md").write_text("\n", "utf-8")
    commit_all(repository, "A fragment of a kind that there is not, and an empty one")
    run = release(repository, "--dry-run")
    assert run.returncode == 1
    assert "no tag v* before HEAD; other branches have some" in run.stdout
    assert (
        f"owed: expected the last release before HEAD, and v{VERSION} is on other branches alone: merge" in run.stderr
    )
    assert f"owed: version {VERSION} was released already, from a commit that is not before HEAD" in run.stderr
    assert "owed: changelog.d/99.fix.md: expected a name like 7.breaking.md, with one of breaking, added" in run.stderr
    assert "owed: changelog.d/98.fixed.md: expected a sentence for users, found nothing" in run.stderr


def test_the_commit_of_a_release_owes_no_fragment_before_its_tag(repository: Path) -> None:
    assemble(repository, VERSION)
    commit_all(repository, f"Release {VERSION}")
    (repository / "notes.txt").write_text("so that it ends early", "utf-8")
    run = release(repository, "--dry-run")
    assert run.returncode == 1
    assert run.stderr == "owed: the tree is dirty: notes.txt; what is released is a commit: commit or stash it\n"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        ("conformance/pyproject.toml", "the four distributions have one version, but"),
        ("wrapper/src/evalsessions/_version.py", "wrapper/src/evalsessions/_version.py: expected one line like"),
    ],
)
def test_places_that_disagree_about_the_version_cannot_be_judged(repository: Path, spoil: str, said: str) -> None:
    if "conformance" in spoil:
        edit(repository, spoil, f'version = "{VERSION}"', 'version = "7.0.0"')
    else:
        (repository / spoil).write_text("", "utf-8")
    run = release(repository, "--dry-run")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith(f"error: {said}")


@pytest.mark.parametrize("ref", ["v99.0.0", "no such thing", "-h"])
def test_since_a_commit_that_is_none(repository: Path, ref: str) -> None:
    run = release(repository, "--dry-run", f"--since={ref}")
    assert run.returncode == 2
    assert run.stderr == f"error: {ref}: expected a commit or a tag of this repository, found none: see `git tag`\n"


def test_a_contract_is_compared_since_a_commit_without_any_tag(repository: Path) -> None:
    contract = repository / "openapi.yaml"
    contract.write_text(
        contract.read_text("utf-8").replace('"null"\n          minimum: 1\n', '"null"\n          minimum: 5\n'), "utf-8"
    )
    for fragment in (repository / "changelog.d").glob("*.md"):
        fragment.unlink()
    commit_all(repository, "Tightened, and the client forgotten")
    run = release(repository, "--dry-run", "--since=HEAD~1")
    assert run.returncode == 1
    assert "breaking for senders: createTestCase" in run.stderr
    assert "owed: openapi.yaml: input changed since generated_client/ was made" in run.stderr
    assert "owed: changelog.d/ has no fragment, and something changed for users: add" in run.stderr
