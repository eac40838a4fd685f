"""Run by the Python of a fresh environment, far from the repository: do the four distributions work as installed?

The server is served for real, the SDK talks to it, speclock judges it, and each command answers. Arguments: the
version that all four must have, and the profile of the sandbox.
"""

from __future__ import annotations

import importlib.metadata
import importlib.resources
import json
import subprocess
import sys
from pathlib import Path

from evalsessions import ContractError, Galileo, Galtea

KEYS = {"GALTEA_API_KEY": "gsk_0of0smoke", "GALILEO_API_KEY": "galileo-0of0smoke"}
BIN = Path(sys.executable).parent


def main(version: str, profile: str) -> None:
    for name in ("evalsessions-client", "evalsessions", "evalsessions-server", "speclock"):
        installed = importlib.metadata.version(name)
        assert installed == version, f"{name} is {installed}, expected {version}"
    for script in ("evalsessions", "evalsessions-server", "speclock"):
        subprocess.run([BIN / script, "--help"], check=True, stdout=subprocess.DEVNULL)
    server = subprocess.Popen(
        [BIN / "evalsessions-server", "serve", "--port", "0", "--database", "sqlite://"],
        env=KEYS,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        url = _listening(server)
        _call(url)
        _judge(url, profile)
    finally:
        server.terminate()
        server.wait()


def _listening(server: subprocess.Popen[str]) -> str:
    assert server.stderr is not None
    said = []
    for line in server.stderr:
        said.append(line)
        if '"listening"' in line:
            return str(json.loads(line)["url"])
    raise AssertionError(f"the server did not start: {''.join(said)}")


def _call(url: str) -> None:
    with Galtea(api_key=KEYS["GALTEA_API_KEY"], base_url=url) as galtea:
        session = galtea.sessions.create(version_id="ver_123", metadata={"from": "smoke"})
        assert session.metadata == {"from": "smoke"}, session
        assert session.is_production is True, session
        outcome = galtea.evaluations.create_from_sessions(session_ids=[session.id], metrics=[{"id": "metric_123"}])
        assert outcome.evaluations_created == 1, outcome
        assert _refusal(galtea) == "test-case-session-is-not-production"
    with Galileo(api_key=KEYS["GALILEO_API_KEY"], base_url=url) as galileo:
        made = galileo.project_sessions.create(project_id="6f1e2d3c-4b5a-4978-8a6b-0c1d2e3f4a5b")
        assert made.project_name == "sandbox", made


def _refusal(galtea: Galtea) -> str | None:
    try:
        galtea.sessions.create(version_id="ver_123", test_case_id="tc_123", is_production=True)  # type: ignore[call-overload]
    except ContractError as error:
        return error.rule
    return None


def _judge(url: str, profile: str) -> None:
    document = importlib.resources.files("evalsessions_server") / "openapi.yaml"
    with importlib.resources.as_file(document) as contract:
        options = [f"--contract={contract}", f"--url={url}", f"--profile={profile}", "--phases=examples", "--strict"]
        judged = subprocess.run(
            [BIN / "speclock", "check", *options], env=KEYS, capture_output=True, text=True, check=False
        )
    assert judged.returncode == 0, judged.stdout + judged.stderr


if __name__ == "__main__":
    main(*sys.argv[1:])
