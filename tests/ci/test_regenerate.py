"""The workflow that opens a change when the contract changed: its scripts, on clones of a repository of their own.

What only GitHub has is left out: its checkout is a clone here, its artifacts a folder that two jobs share, and `gh` a
script that writes down what it is asked.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from tests.release.releasing import edit, regenerate
from tests.support.contract_document import ROOT
from tests.support.workspace_copy import commit_all, copied_repository, git
from tools.workflows import scripts

if TYPE_CHECKING:
    from pathlib import Path

WORKFLOW = ROOT / ".github/workflows/regenerate.yml"
SCRIPTS = dict(scripts(WORKFLOW))
CONTRACT_DESCRIPTION = "description: A stored session."
README = "generated_client/README.md"
GH = """#!/bin/sh
printf '%s\\n' "$@" >> "$ASKED"
if [ "$2" = list ]; then printf '%s' "$OPEN"; fi
"""


class Repository:
    """A bare repository, as GitHub has it, with clones for those who push and for the jobs of the workflow."""

    def __init__(self, folder: Path, branch: str) -> None:
        self.folder, self.branch = folder, branch
        self.bare, self.temporary, self.output = folder / "bare.git", folder / "runner", folder / "output"
        self.asked = folder / "asked"
        self.temporary.mkdir()
        (folder / "bin").mkdir()
        (folder / "bin/gh").write_text(GH, "utf-8")
        (folder / "bin/gh").chmod(0o755)
        self.work = copied_repository(folder / "work")
        git(self.work, "switch", "--quiet", "--force-create", branch)
        git(self.work, "clone", "--quiet", "--bare", ".", str(self.bare))
        self.sha = ""

    def push(self, message: str) -> None:
        commit_all(self.work, message)
        git(self.work, "push", "--quiet", str(self.bare), f"HEAD:refs/heads/{self.branch}")
        self.sha = git(self.work, "rev-parse", "HEAD").strip()

    def checkout(self, name: str) -> Path:
        """What actions/checkout fetches: one commit of the branch."""
        shutil.rmtree(self.folder / name, ignore_errors=True)
        options = ("--quiet", "--depth=1", "--single-branch", f"--branch={self.branch}")
        git(self.folder, "clone", *options, f"file://{self.bare}", name)
        return self.folder / name

    def runs(self, step: str, folder: Path, **variables: str) -> dict[str, str]:
        """Run the script of a step: its outputs."""
        self.output.write_text("", "utf-8")
        variables |= {"RUNNER_TEMP": str(self.temporary), "GITHUB_OUTPUT": str(self.output), "ASKED": str(self.asked)}
        variables |= {"GITHUB_REF_NAME": self.branch, "GITHUB_SHA": self.sha, "REMOTE": str(self.bare)}
        run = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", SCRIPTS[step]],
            cwd=folder,
            env={**os.environ, "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}", **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, f"{step}: {run.stdout}{run.stderr}"
        lines = [line.partition("=") for line in self.output.read_text("utf-8").splitlines()]
        return {name: value for name, _, value in lines}

    def compare(self, generated: Path) -> str:
        return self.runs("generate: Compare", generated)["differs"]

    def open(self, *, already: str = "") -> list[str]:
        """The second job: what gh is asked."""
        folder = self.checkout("open")
        branch = self.runs("open: Commit and push", folder)["branch"]
        self.asked.write_text("", "utf-8")
        self.runs("open: Open", folder, BRANCH=branch, OPEN=already)
        return self.asked.read_text("utf-8").splitlines()


@pytest.fixture
def repository(tmp_path: Path, request: pytest.FixtureRequest) -> Repository:
    return Repository(tmp_path, getattr(request, "param", "main"))


def test_a_changed_contract_opens_the_change_that_brings_its_client(repository: Repository) -> None:
    edit(repository.work, "openapi.yaml", CONTRACT_DESCRIPTION, "description: A session, stored.")
    repository.push("The contract alone")
    generated = repository.checkout("generate")
    regenerate(generated)
    assert repository.compare(generated) == "true"
    asked = repository.open()
    assert asked[asked.index("create") :][:5] == ["create", "--head", "regenerate/main", "--base", "main"]
    assert git(repository.bare, "rev-parse", "regenerate/main^").strip() == repository.sha
    assert git(repository.bare, "rev-parse", "regenerate/main:generated_client") == git(
        generated, "rev-parse", f"{git(generated, 'write-tree').strip()}:generated_client"
    )
    changed = git(repository.bare, "diff", "--name-only", "main", "regenerate/main").splitlines()
    assert "generated_client/evalsessions_client/models/session.py" in changed
    assert [name for name in changed if not name.startswith("generated_client/")] == []

    # What was open already is brought up to date, and not opened again.
    git(generated, "reset", "--quiet", "--hard")
    (repository.work / "notes.txt").write_text("more", "utf-8")
    repository.push("The branch goes on")
    generated = repository.checkout("generate")
    (generated / README).unlink()
    (generated / "generated_client/new.bin").write_bytes(bytes(range(256)))
    assert repository.compare(generated) == "true"
    assert "create" not in repository.open(already="7")
    assert git(repository.bare, "rev-parse", "regenerate/main^").strip() == repository.sha
    assert git(repository.bare, "diff", "--name-status", "main", "regenerate/main").splitlines() == [
        f"D\t{README}",
        "A\tgenerated_client/new.bin",
    ]


def test_a_client_that_is_as_generated_opens_nothing(repository: Repository) -> None:
    generated = repository.checkout("generate")
    (generated / "notes.txt").write_text("not of the client", "utf-8")
    assert repository.compare(generated) == "false"
    jobs: dict[str, Any] = YAML(typ="safe").load(WORKFLOW)["jobs"]
    assert jobs["open"]["if"] == "needs.generate.outputs.differs == 'true'"


@pytest.mark.parametrize("repository", ["a/$(touch${IFS}pwned);'`x`'\"b"], indirect=True)
def test_the_job_that_may_write_takes_neither_names_as_code_nor_other_files(repository: Repository) -> None:
    repository.push("As it is")
    generated = repository.checkout("generate")
    (generated / README).write_text("anew", "utf-8")
    assert repository.compare(generated) == "true"
    patch = repository.temporary / "client.patch"
    foreign = "diff --git a/tools/evil.py b/tools/evil.py\nnew file mode 100644\n--- /dev/null\n+++ b/tools/evil.py\n"
    patch.write_text(f"{patch.read_text('utf-8')}{foreign}@@ -0,0 +1 @@\n+evil\n", "utf-8")
    asked = repository.open()
    assert asked[asked.index("--base") + 1] == repository.branch
    changed = git(repository.bare, "diff", "--name-only", repository.branch, f"regenerate/{repository.branch}")
    assert changed.splitlines() == [README]
    assert list(repository.folder.rglob("pwned*")) == []


def test_it_starts_for_all_that_decides_about_the_client() -> None:
    yaml = YAML(typ="safe")
    (hook,) = yaml.load(ROOT / ".pre-commit-config.yaml")["repos"][0]["hooks"]
    paths = yaml.load(WORKFLOW)["on"]["push"]["paths"]
    files = git(ROOT, "ls-files", "--cached", "--others", "--exclude-standard").splitlines()
    inputs = {name for name in files if re.search(hook["files"], name) and not name.startswith("generated_client/")}
    assert inputs == {name for name in files if any(fnmatchcase(name, path) for path in paths)}
    assert "openapi.yaml" in inputs
