"""A client that was not written here: the vendor's own SDK, unchanged, in an environment of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.server_process import ServerProcess, start_server

ROOT = Path(__file__).resolve().parent.parent.parent

SCRIPT = """
import json, sys
from galtea import Galtea

galtea = Galtea(api_key=sys.argv[1], suppress_updatable_version_message=True)
test_case = galtea.test_cases.create(
    dataset_id="test_123", input="What is the capital of France?", expected_output="Paris", context="Geography"
)
session = galtea.sessions.create(version_id="ver_123", test_case_id=test_case.id)
production = galtea.sessions.create(version_id="ver_123", custom_id="from-the-vendor", metadata={"channel": "mobile"})
models = {"test_case": test_case, "session": session, "production": production}
print("RESULT " + json.dumps({name: model.model_dump(mode="json") for name, model in models.items()}))
"""


@pytest.fixture(scope="module")
def vendor_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python of a fresh environment that holds the vendor's SDK and nothing of ours."""
    folder = tmp_path_factory.mktemp("galtea")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    install = ["-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", "pins/galtea.txt"]
    subprocess.run([str(python), *install], cwd=ROOT, check=True)
    return python


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with start_server() as started:
        yield started


@pytest.fixture(scope="module")
def created(vendor_python: Path, server: ServerProcess) -> dict[str, Any]:
    run = subprocess.run(
        [str(vendor_python), "-c", SCRIPT, server.galtea_key],
        env={**os.environ, "GALTEA_API_URL": server.url, "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    result: dict[str, Any] = json.loads(run.stdout.split("RESULT ")[1].splitlines()[0])
    return result


def test_the_vendors_sdk_creates_a_test_case(created: dict[str, Any]) -> None:
    assert created["test_case"]["dataset_id"] == "test_123"
    assert created["test_case"]["input_data"] == {"user_message": "What is the capital of France?"}
    assert created["test_case"]["context"] == "Geography"


def test_the_vendors_sdk_creates_a_session_that_plays_it(created: dict[str, Any]) -> None:
    assert created["session"]["test_case_id"] == created["test_case"]["id"]
    assert created["session"]["is_production"] is False


def test_the_vendors_sdk_creates_a_production_session(created: dict[str, Any]) -> None:
    assert created["production"]["custom_id"] == "from-the-vendor"
    assert created["production"]["is_production"] is True
    assert created["production"]["metadata"] == {"channel": "mobile"}
