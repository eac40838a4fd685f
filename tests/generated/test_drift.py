"""`tools/generate.py` on a copy of what it reads: the same bytes twice, and red on everything that drifts.

The real generator runs each time. A test edits the copy the way a person would and reads what is said.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.contract_document import ROOT

INPUTS = (
    "openapi.yaml",
    "generator-config.yaml",
    "LICENSE",
    "pyproject.toml",
    "pins/workspace.txt",
    "tools/generate.py",
)
STAMP = "generated_client/GENERATED.json"
MODEL = "generated_client/evalsessions_client/models/session.py"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A copy of the generator's inputs and of generated_client/."""

    root: Path

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "tools/generate.py", *arguments],
            cwd=self.root,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def edit(self, file: str, old: str, new: str) -> None:
        text = (self.root / file).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {file}"
        (self.root / file).write_text(text.replace(old, new), encoding="utf-8")

    def write(self, file: str, text: str) -> None:
        (self.root / file).parent.mkdir(parents=True, exist_ok=True)
        (self.root / file).write_text(text, encoding="utf-8")

    def client(self) -> dict[str, bytes]:
        folder = self.root / "generated_client"
        return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    for file in INPUTS:
        (tmp_path / file).parent.mkdir(exist_ok=True)
        shutil.copyfile(ROOT / file, tmp_path / file)
    for folder in ("generator-templates", "generated_client"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return Workspace(tmp_path)


def test_the_committed_client_is_what_the_contract_generates(workspace: Workspace) -> None:
    check = workspace.run("--check")
    assert (check.returncode, check.stderr) == (0, "")
    assert check.stdout == "generated_client/ is what openapi.yaml generates\n"


def test_generating_again_gives_the_same_bytes(workspace: Workspace) -> None:
    """Whatever the order of sets and the locale are, and whatever stood there before."""
    committed = workspace.client()
    workspace.write("generated_client/evalsessions_client/models/stale.py", "")
    generation = workspace.run(PYTHONHASHSEED="1", LC_ALL="C")
    assert (generation.returncode, generation.stderr) == (0, "")
    assert workspace.client() == committed
    assert workspace.run(PYTHONHASHSEED="2", LC_ALL="C.UTF-8").returncode == 0
    assert workspace.client() == committed


def test_generating_leaves_nothing_behind(workspace: Workspace) -> None:
    before = sorted(path.name for path in workspace.root.iterdir())
    assert workspace.run().returncode == 0
    assert sorted(path.name for path in workspace.root.iterdir()) == before


def test_no_path_of_a_machine_is_in_the_client(workspace: Workspace) -> None:
    assert workspace.run().returncode == 0
    for name, content in workspace.client().items():
        assert str(workspace.root).encode() not in content, name


def edited_by_hand(workspace: Workspace) -> None:
    workspace.edit(MODEL, "A stored session.", "A session.")


def stale(workspace: Workspace) -> None:
    """A file of an earlier contract, which the stamp of that time still lists."""
    workspace.write("generated_client/evalsessions_client/models/run.py", "class Run: ...\n")
    stamp = json.loads((workspace.root / STAMP).read_text(encoding="utf-8"))
    stamp["files"]["evalsessions_client/models/run.py"] = "0" * 64
    workspace.write(STAMP, json.dumps(stamp, indent=2) + "\n")


def untracked(workspace: Workspace) -> None:
    workspace.write("generated_client/evalsessions_client/helpers.py", "")
    workspace.write("generated_client/notes.txt", "")


def missing(workspace: Workspace) -> None:
    (workspace.root / MODEL).unlink()


def changed_contract(workspace: Workspace) -> None:
    workspace.edit("openapi.yaml", "description: A stored session.", "description: A session, stored.")


def changed_contract_without_effect(workspace: Workspace) -> None:
    workspace.edit("openapi.yaml", "# The contract of evalsessions", "# This is the contract of evalsessions")


def changed_configuration(workspace: Workspace) -> None:
    workspace.edit("generator-config.yaml", "package_version_override: 0.1.0", "package_version_override: 0.2.0")


def changed_template(workspace: Workspace) -> None:
    workspace.edit("generator-templates/str_enum.py.jinja", "return str(self.value)", "return self.value")


def new_template_without_effect(workspace: Workspace) -> None:
    workspace.write("generator-templates/int_enum.py.jinja", "")


def changed_contract_and_a_hand_edit(workspace: Workspace) -> None:
    changed_contract(workspace)
    workspace.edit("generated_client/evalsessions_client/client.py", "import ssl", "import ssl as ssl")


def edited_stamp(workspace: Workspace) -> None:
    workspace.edit(STAMP, '"ruff"', '"RUFF"')


def broken_stamp(workspace: Workspace) -> None:
    workspace.write(STAMP, "[]")


def linked_file(workspace: Workspace) -> None:
    """The same content by another way is not the file that was generated."""
    (workspace.root / MODEL).rename(workspace.root / "elsewhere.py")
    (workspace.root / MODEL).symlink_to(workspace.root / "elsewhere.py")


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        (edited_by_hand, {MODEL: "edited by hand"}),
        (stale, {"generated_client/evalsessions_client/models/run.py": "stale", STAMP: "edited by hand"}),
        (
            untracked,
            {
                "generated_client/evalsessions_client/helpers.py": "extra: never generated",
                "generated_client/notes.txt": "extra: never generated",
            },
        ),
        (missing, {MODEL: "missing"}),
        (changed_contract, {"openapi.yaml": "input changed", MODEL: "outdated", STAMP: "outdated"}),
        (changed_contract_without_effect, {"openapi.yaml": "input changed", STAMP: "outdated"}),
        (
            changed_configuration,
            {
                "generator-config.yaml": "input changed",
                "generated_client/pyproject.toml": "outdated",
                STAMP: "outdated",
            },
        ),
        (
            changed_template,
            {
                "generator-templates/str_enum.py.jinja": "input changed",
                "generated_client/evalsessions_client/models/logging_method.py": "outdated",
                "generated_client/evalsessions_client/models/session_status.py": "outdated",
                STAMP: "outdated",
            },
        ),
        (new_template_without_effect, {"generator-templates/int_enum.py.jinja": "input changed", STAMP: "outdated"}),
        (
            changed_contract_and_a_hand_edit,
            {
                "openapi.yaml": "input changed",
                MODEL: "outdated",
                "generated_client/evalsessions_client/client.py": "edited by hand",
                STAMP: "outdated",
            },
        ),
        (edited_stamp, {"RUFF": "tool changed", "ruff": "tool changed", STAMP: "outdated"}),
        (linked_file, {MODEL: "edited by hand"}),
    ],
    ids=lambda it: it.__name__ if callable(it) else "",
)
def test_drift_goes_red_and_names_each_file_with_the_reason(
    workspace: Workspace, edit: Callable[[Workspace], None], named: dict[str, str]
) -> None:
    edit(workspace)
    before = workspace.client()
    check = workspace.run("--check")
    assert check.returncode == 1, check.stdout + check.stderr
    title, *lines, remedy = check.stderr.splitlines()
    assert title == "generated_client/ is not what openapi.yaml generates:"
    assert "nox -s generate" in remedy
    said = dict(line.split(": ", 1) for line in lines)
    assert said.keys() == named.keys()
    for file, reason in named.items():
        assert said[file].startswith(reason)
    assert workspace.client() == before, "a check changes nothing"


def test_an_unreadable_stamp_is_drift_of_its_own(workspace: Workspace) -> None:
    broken_stamp(workspace)
    check = workspace.run("--check")
    assert check.returncode == 1
    assert f"{STAMP}: outdated" in check.stderr


def test_no_client_at_all_is_drift_and_generating_makes_it(workspace: Workspace) -> None:
    committed = workspace.client()
    shutil.rmtree(workspace.root / "generated_client")
    check = workspace.run("--check")
    assert check.returncode == 1
    assert check.stderr.count(": missing") == len(committed)
    assert workspace.run().returncode == 0
    assert workspace.client() == committed


def test_what_running_and_building_leaves_is_no_drift(workspace: Workspace) -> None:
    for left in (
        "evalsessions_client/__pycache__/x.pyc",
        "dist/x.whl",
        "build/x",
        "evalsessions_client.egg-info/PKG-INFO",
    ):
        workspace.write(f"generated_client/{left}", "")
    assert workspace.run("--check").returncode == 0


@pytest.mark.parametrize("tool", ["openapi-python-client", "ruff"])
def test_another_pinned_version_is_drift_until_the_client_is_made_with_it(workspace: Workspace, tool: str) -> None:
    """A new pin is red even before anything is installed by it; what is installed must then be what is pinned."""
    pins = (workspace.root / "pins" / "workspace.txt").read_text(encoding="utf-8")
    (pinned,) = re.findall(rf"^{tool}==(\S+)", pins, re.MULTILINE)
    workspace.edit("pins/workspace.txt", f"\n{tool}=={pinned}", f"\n{tool}==99.1")
    check = workspace.run("--check")
    assert check.returncode == 1
    assert f"{STAMP}: outdated: made by {tool} {pinned}, and pins/workspace.txt pins 99.1 now" in check.stderr
    generation = workspace.run()
    assert generation.returncode == 2
    assert generation.stderr == (
        f"error: {tool} {pinned} is installed, pins/workspace.txt pins 99.1: run this by nox\n"
    )


def test_another_installed_version_is_not_judged_with(
    workspace: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("other")
    (folder / "ruff-99.1.dist-info").mkdir()
    (folder / "ruff-99.1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: ruff\nVersion: 99.1\n")
    check = workspace.run("--check", PYTHONPATH=str(folder))
    assert check.returncode == 2
    assert check.stderr.startswith("error: ruff 99.1 is installed, pins/workspace.txt pins ")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        # The generator drops an operation with a warning and would go on.
        ('"#/components/schemas/MetricSelection"', '"#/components/schemas/Missing"'),
        ("openapi: 3.1.0", "openapi: ["),
    ],
    ids=["warning", "syntax"],
)
def test_a_contract_that_the_generator_refuses_leaves_the_client_alone(
    workspace: Workspace, old: str, new: str
) -> None:
    before = workspace.client()
    workspace.edit("openapi.yaml", old, new)
    for arguments in (["--check"], []):
        run = workspace.run(*arguments)
        assert run.returncode == 2
        assert run.stderr.startswith("error: the generator refused openapi.yaml or warned about it:\n")
        assert "Traceback" not in run.stderr
    assert workspace.client() == before
