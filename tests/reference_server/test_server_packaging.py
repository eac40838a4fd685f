"""The wheel carries the contract, built from the repository or from its own sdist."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT_FOLDER = ROOT / "reference_server"


def build(folder: Path, target: str, output: Path) -> Path:
    pytest.importorskip("hatchling")
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(output)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    (built,) = output.iterdir()
    return built


def document_of(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        assert "evalsessions_server/default_catalog.yaml" in archive.namelist()
        assert "evalsessions_server/py.typed" in archive.namelist()
        return archive.read("evalsessions_server/openapi.yaml")


def test_a_wheel_from_the_repository_carries_openapi_yaml(tmp_path: Path) -> None:
    assert document_of(build(PROJECT_FOLDER, "wheel", tmp_path)) == (ROOT / "openapi.yaml").read_bytes()


def test_a_wheel_from_the_sdist_carries_the_same(tmp_path: Path) -> None:
    sdist = build(PROJECT_FOLDER, "sdist", tmp_path / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    (folder,) = (tmp_path / "unpacked").iterdir()
    assert document_of(build(folder, "wheel", tmp_path / "wheel")) == (ROOT / "openapi.yaml").read_bytes()
