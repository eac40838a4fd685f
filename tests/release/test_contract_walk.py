"""From an edited contract to a release: three edits of openapi.yaml, and what the release says of each."""

from __future__ import annotations

import json
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.release.releasing import edit, regenerate, release, tag_release
from tests.support.workspace_copy import commit_all, copied_repository, git
from tools.release.bumps import Bump, step
from tools.release.versions import common_version

pytestmark = pytest.mark.full

CONTRACT = "openapi.yaml"
VERSION = common_version()
NEXT = step(VERSION, Bump.MINOR)
PROGRAM = """
import sys
from evalsessions import Galtea
from evalsessions_client.client import AuthenticatedClient
from evalsessions_client.api.galtea import create_session
from evalsessions_client.models import NewSession
client = AuthenticatedClient(base_url=sys.argv[1], token="gsk_0of0walk")
create_session.sync_detailed(client=client, body=NewSession(version_id="ver_123", label="from the new wheel"))
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    made = copied_repository(tmp_path / "repository")
    tag_release(made, str(VERSION))
    return made


def test_a_tightened_rule_without_a_bump_is_red_with_its_witness(repository: Path) -> None:
    edit(repository, CONTRACT, "          minimum: 1\n", "          minimum: 5\n", after="\n    NewTestCase:\n")
    regenerate(repository)
    commit_all(repository, "At least five turns")
    run = release(repository, "--dry-run")
    assert run.returncode == 1, run.stdout + run.stderr
    assert "openapi.yaml: info.version does not pay for what changed; it owes a major step" in run.stderr
    assert "breaking for senders: createTestCase" in run.stderr
    (change,) = [
        change
        for change in json.loads((repository / "reports/release/contract.json").read_text("utf-8"))["changes"]
        if change["kind"] == "breaking" and change["for"] == "senders"
    ]
    assert 1 <= _turns(change["witness"]) <= 4
    assert "witness: " in run.stderr
    assert not (repository / "dist").exists()


def test_an_optional_property_with_a_minor_bump_is_released_and_sent(repository: Path, tmp_path: Path) -> None:
    version = json.loads(_info_version(repository))
    edit(
        repository,
        CONTRACT,
        "      description: A session to create.\n      type: object\n      required:\n        - versionId\n"
        "      properties:\n",
        "      description: A session to create.\n      type: object\n      required:\n        - versionId\n"
        "      properties:\n        label:\n          description: A short text for people.\n          type:\n"
        '            - string\n            - "null"\n          examples:\n            - nightly\n',
    )
    major, minor, _ = version.split(".")
    edit(repository, CONTRACT, f"\n  version: {version}\n", f"\n  version: {major}.{int(minor) + 1}.0\n")
    (repository / "changelog.d/99.added.md").write_text("Sessions have a `label`.\n", "utf-8")
    bumped = subprocess.run(
        [sys.executable, "-m", "tools.release.versions", str(NEXT)], cwd=repository, capture_output=True, check=False
    )
    assert bumped.returncode == 0, bumped.stderr
    commit_all(repository, "Sessions have a label")
    run = release(repository)
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"{NEXT} can be released" in run.stdout
    assert f"## {NEXT} (" in (repository / "CHANGELOG.md").read_text("utf-8")
    assert not (repository / "changelog.d/99.added.md").exists()
    assert "Sessions have a `label`." in (repository / "reports/release/notes.md").read_text("utf-8")

    assert _sent(repository, tmp_path) == {"versionId": "ver_123", "label": "from the new wheel"}

    # As the command said: committed and tagged, the same commit builds once more, without a further edit.
    commit_all(repository, f"Release {NEXT}")
    git(repository, "tag", f"v{NEXT}")
    tagged = release(repository)
    assert tagged.returncode == 0, tagged.stdout + tagged.stderr
    assert git(repository, "status", "--porcelain") == ""


def test_a_removed_response_property_is_red_for_readers(repository: Path) -> None:
    created = (
        "        createdAt:\n          description: When the session was created.\n          type: string\n"
        '          format: date-time\n          examples:\n            - "2026-03-02T09:15:00Z"\n'
    )
    edit(repository, CONTRACT, created, "", after="\n    Session:\n")
    edit(repository, CONTRACT, "        - createdAt\n", "", after="\n    Session:\n")
    regenerate(repository)
    commit_all(repository, "No time of creation")
    run = release(repository, "--dry-run")
    assert run.returncode == 1, run.stdout + run.stderr
    assert "openapi.yaml: info.version does not pay for what changed; it owes a major step" in run.stderr
    assert "breaking for readers: createSession" in run.stderr


def _turns(witness: object) -> int:
    """The number of turns in a witness, wherever it keeps its body."""
    if isinstance(witness, dict):
        for name, value in witness.items():
            if name == "maxIterations":
                return int(value)
            if found := _turns(value):
                return found
    return 0


def _info_version(repository: Path) -> str:
    text = (repository / CONTRACT).read_text("utf-8")
    return json.dumps(text.partition("\n  version: ")[2].partition("\n")[0])


def _sent(repository: Path, folder: Path) -> object:
    """What arrives at a server when the built wheels, alone in an environment, send a session with a label."""
    environment = folder / "new"
    uv = Path(sys.executable).with_name("uv")
    wheels = sorted((repository / "dist").glob("*.whl"))
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, environment], check=True)
    install: list[str | Path] = [
        uv,
        "pip",
        "install",
        "--quiet",
        "--python",
        environment / "bin/python",
        "--constraints",
    ]
    subprocess.run([*install, "pins/workspace.txt", *wheels], cwd=repository, check=True)
    bodies: list[object] = []

    class Recording(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_error(400)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Recording) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        python: list[str | Path] = [environment / "bin/python", "-I", "-c", PROGRAM, url]
        done = subprocess.run(python, cwd=folder, capture_output=True, text=True, check=False)
        server.shutdown()
    assert len(bodies) == 1, done.stderr
    return bodies[0]
