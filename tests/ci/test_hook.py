"""The hook of pre-commit: a commit of a client that the contract does not generate is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.workspace_copy import copied_repository

PRE_COMMIT = Path(sys.executable).with_name("pre-commit")


@pytest.mark.full
def test_a_client_that_was_not_generated_again_is_not_committed(tmp_path: Path) -> None:
    repository = copied_repository(tmp_path / "repository")
    environment = {**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "hooks")}

    def commit(message: str) -> subprocess.CompletedProcess[str]:
        subprocess.run(["git", "add", "--all"], cwd=repository, check=True)
        return subprocess.run(
            ["git", "commit", "--message", message],
            cwd=repository,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    subprocess.run([PRE_COMMIT, "install"], cwd=repository, env=environment, check=True, capture_output=True)
    contract = repository / "openapi.yaml"
    text = contract.read_text("utf-8")
    contract.write_text(text.replace("description: A stored session.", "description: A session, stored."), "utf-8")
    refused = commit("The contract alone")
    assert refused.returncode == 1
    assert "generated_client/evalsessions_client/models/session.py: outdated" in refused.stdout + refused.stderr

    subprocess.run([sys.executable, "-m", "tools.generate"], cwd=repository, check=True, capture_output=True)
    accepted = commit("The contract, and what it generates")
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr

    (repository / "README.md").write_text("elsewhere", "utf-8")
    skipped = commit("What decides nothing about the client")
    assert skipped.returncode == 0
    assert "Skipped" in skipped.stdout + skipped.stderr
