"""What must hold for the repository as a whole, whatever is in it."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
DISTRIBUTIONS = ("generated_client", "wrapper", "reference_server", "conformance")

# Written in pieces, so that this file does not name them itself.
REGISTRY_HOSTS = [".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("registry", "npmjs"))]
MACHINE_PATHS = ["/".join(("", *parts, "")) for parts in (("root",), ("home", "user"), ("work", "main"))]


def _tracked_texts() -> dict[str, str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [path for path in listed.stdout.splitlines() if (ROOT / path).is_file()]
    return {path: (ROOT / path).read_text(errors="replace") for path in paths}


TEXTS = _tracked_texts()


def test_there_are_files_to_look_at() -> None:
    assert "openapi.yaml" in TEXTS
    assert len(TEXTS) > 100


@pytest.mark.parametrize("unwanted", [*REGISTRY_HOSTS, *MACHINE_PATHS])
def test_no_file_names_a_registry_or_somebodys_machine(unwanted: str) -> None:
    assert [path for path, text in TEXTS.items() if unwanted in text] == []


def test_no_lock_file_holds_an_address() -> None:
    locks = {path: text for path, text in TEXTS.items() if re.search(r"(^|/)(uv\.lock|package-lock\.json)$", path)}
    assert list(locks) == ["package-lock.json"]
    assert "://" not in locks["package-lock.json"]


@pytest.mark.parametrize("pins", sorted(path for path in TEXTS if path.startswith("pins/")))
def test_every_pin_is_exact_and_has_a_hash(pins: str) -> None:
    entries = re.findall(r"^(\S+)((?:.*\\\n)+.*)", TEXTS[pins], flags=re.MULTILINE)
    assert len(entries) > 10
    assert [name for name, _ in entries if "==" not in name] == []
    assert [name for name, rest in entries if "--hash=sha256:" not in rest] == []
    pinned_lines = [line for line in TEXTS[pins].splitlines() if line and line[0].isalnum()]
    assert len(pinned_lines) == len(entries)


def test_every_node_package_has_its_integrity_hash() -> None:
    import json

    packages = json.loads(TEXTS["package-lock.json"])["packages"]
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []


@pytest.mark.parametrize("folder", DISTRIBUTIONS)
def test_each_distribution_says_what_a_user_of_the_package_index_looks_for(folder: str) -> None:
    project = tomllib.loads(TEXTS[f"{folder}/pyproject.toml"])["project"]
    assert project["license"] == "Apache-2.0"
    assert project["requires-python"] == ">=3.11"
    assert project["description"]
    assert f"{folder}/LICENSE" in TEXTS
    assert f"{folder}/README.md" in TEXTS


@pytest.mark.parametrize("folder", DISTRIBUTIONS)
def test_each_distribution_is_typed(folder: str) -> None:
    assert [path for path in TEXTS if path.startswith(f"{folder}/") and path.endswith("/py.typed")]


def test_ci_and_readme_run_the_same_commands() -> None:
    for session in ("verify", "tests"):
        command = f'python -m pip install "nox[uv]" && nox -s {session}'
        assert command in TEXTS["README.md"]
        assert command.replace("install", "install --quiet", 1) in TEXTS[".ci/run"]


def test_every_session_is_described() -> None:
    sessions = re.findall(
        r'@nox\.session.*\ndef (\w+)\(session: nox\.Session\) -> None:\n    """(.*)', TEXTS["noxfile.py"]
    )
    assert len(sessions) == TEXTS["noxfile.py"].count("@nox.session")
    assert all(len(description) > 20 for _, description in sessions)
    assert {"verify", "tests", "generate", "drift", "full"} <= {name for name, _ in sessions}


@pytest.mark.parametrize("path", sorted(path for path in TEXTS if path.endswith(".md")))
def test_links_between_documents_lead_somewhere(path: str) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)[^)]*\)", TEXTS[path])
    assert [target for target in targets if not ((ROOT / path).parent / target).exists()] == []


def test_every_decision_has_context_decision_and_consequences() -> None:
    decisions = {path: text for path, text in TEXTS.items() if re.match(r"docs/adr/\d{4}-", path)}
    assert len(decisions) >= 4
    for text in decisions.values():
        assert [heading for heading in ("## Context", "## Decision", "## Consequences") if heading not in text] == []


def test_changelog_fragments_have_a_known_kind() -> None:
    fragments = [path for path in TEXTS if path.startswith("changelog.d/") and not path.endswith(".gitkeep")]
    kinds = {kind["directory"] for kind in tomllib.loads(TEXTS["pyproject.toml"])["tool"]["towncrier"]["type"]}
    assert [path for path in fragments if not re.fullmatch(rf"changelog\.d/\d+\.({'|'.join(kinds)})\.md", path)] == []
