"""Which release was the last one, read from the tags of small repositories; the step of a release that says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.workspace_copy import commit_all, git
from tools.release import history
from tools.release.bumps import Version
from tools.release.errors import ReleaseError
from tools.release.history import Released, elsewhere, is_taken, last_release, tag_here
from tools.release.versions import HOME

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "config", "user.name", "A test")
    git(tmp_path, "config", "user.email", "test@example.com")
    commit(tmp_path, "0.1.0")
    return tmp_path


def commit(repository: Path, version: str, *tags: str) -> None:
    (repository / HOME).parent.mkdir(parents=True, exist_ok=True)
    (repository / HOME).write_text(f'__version__ = "{version}"\n', "utf-8")
    commit_all(repository, version)
    for tag in tags:
        git(repository, "tag", "--annotate", f"--message={tag}", tag)


def test_without_a_tag_nothing_was_released(repository: Path) -> None:
    assert (last_release(repository, None), tag_here(repository), elsewhere(repository)) == (None, None, [])


def test_the_highest_version_before_head_and_not_the_latest_tag(repository: Path) -> None:
    commit(repository, "0.10.0", "v0.10.0")
    commit(repository, "0.9.1", "v0.9.1")
    commit(repository, "0.11.0", "v0.11.0")
    assert last_release(repository, None) == Released("v0.10.0", Version(0, 10, 0))
    assert tag_here(repository) == Version(0, 11, 0)


@pytest.mark.parametrize("other", ["v0.2.0rc1", "v0.2.0-rc.1", "v0.2", "v1nightly", "v01.2.3"])
def test_a_tag_that_is_of_no_release_is_not_the_last_one_and_cannot_be_released(repository: Path, other: str) -> None:
    commit(repository, "0.1.0", "v0.1.0")
    commit(repository, "0.2.0", other)
    with pytest.raises(ReleaseError, match=rf"^HEAD has the tag {other}: releases are tagged v1\.2\.3, .*: remove it$"):
        tag_here(repository)
    commit(repository, "0.2.0")
    assert last_release(repository, None) == Released("v0.1.0", Version(0, 1, 0))


def test_releases_of_other_branches_are_known_and_not_the_last_one(repository: Path) -> None:
    git(repository, "switch", "--quiet", "--create", "old")
    for version in ("0.9.0", "0.10.0"):
        commit(repository, version, f"v{version}")
    git(repository, "switch", "--quiet", "main")
    commit(repository, "0.11.0")
    assert last_release(repository, None) is None
    assert elsewhere(repository) == ["v0.10.0", "v0.9.0"]
    assert [is_taken(repository, Version(0, minor, 0)) for minor in (9, 10, 11)] == [True, True, False]


def test_the_first_release_is_the_first_when_it_is_looked_at_again(repository: Path) -> None:
    git(repository, "tag", "v0.1.0")
    commit(repository, "0.2.0", "v0.2.0")
    git(repository, "switch", "--quiet", "--detach", "v0.1.0")
    assert (last_release(repository, None), tag_here(repository), elsewhere(repository)) == (None, Version(0, 1, 0), [])
    assert (is_taken(repository, Version(0, 1, 0)), is_taken(repository, Version(0, 2, 0))) == (False, True)


def test_a_tag_that_names_another_version_than_its_commit_cannot_be_compared_with(repository: Path) -> None:
    commit(repository, "0.2.0", "v0.3.0")
    commit(repository, "0.3.1")
    with pytest.raises(
        ReleaseError, match=r"^tag v0\.3\.0: expected a commit whose version is 0\.3\.0, and .* says 0\.2"
    ):
        last_release(repository, None)
    assert last_release(repository, "v0.3.0") == Released("v0.3.0", Version(0, 2, 0))


def test_a_commit_before_there_was_a_version(repository: Path) -> None:
    (repository / HOME).unlink()
    commit_all(repository, "No SDK")
    with pytest.raises(ReleaseError, match=rf"^HEAD: expected a commit with {HOME}, .*: name a later one$"):
        last_release(repository, "HEAD")


def test_two_releases_at_one_commit(repository: Path) -> None:
    commit(repository, "0.2.0", "v0.2.0", "v0.2.1")
    with pytest.raises(ReleaseError, match="expected one release at a commit: remove the others"):
        tag_here(repository)


def test_a_commit_that_is_called_like_a_file_is_no_file(repository: Path) -> None:
    git(repository, "tag", "wrapper")
    commit(repository, "0.2.0")
    assert history.changed_files(repository, "wrapper") == [HOME]
