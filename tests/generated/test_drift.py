"""`python -m tools.generate` on a copy of what it reads: the same bytes twice, and red on everything that drifts.

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
    "tools/client_contract.py",
    "tools/generate.py",
    "tools/generator.py",
)
STAMP = "generated_client/GENERATED.json"
MODEL = "generated_client/evalsessions_client/models/session.py"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A copy of the generator's inputs and of generated_client/."""

    root: Path

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tools.generate", *arguments],
            cwd=self.root,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=60,
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
    workspace.edit("generator-config.yaml", "package_version_override: ", "package_version_override: 9")


def changed_template(workspace: Workspace) -> None:
    workspace.edit("generator-templates/str_enum.py.jinja", "return str(self.value)", "return self.value")


def new_template_without_effect(workspace: Workspace) -> None:
    workspace.write("generator-templates/int_enum.py.jinja", "")


def changed_contract_and_a_hand_edit(workspace: Workspace) -> None:
    changed_contract(workspace)
    workspace.edit("generated_client/evalsessions_client/client.py", "import ssl", "import ssl as ssl")


def edited_stamp(workspace: Workspace) -> None:
    workspace.edit(STAMP, '"ruff"', '"RUFF"')


def edited_and_without_stamp(workspace: Workspace) -> None:
    edited_by_hand(workspace)
    (workspace.root / STAMP).unlink()


def hidden_where_running_and_building_leave_things(workspace: Workspace) -> None:
    workspace.write("generated_client/build", "a file, not a folder")
    workspace.write("generated_client/dist.egg-info", "a file, not a folder")
    workspace.write("generated_client/evalsessions_client/__pycache__/hidden.py", "")
    workspace.write("generated_client/evalsessions_client/hidden.pyc", "")


def linked_client(workspace: Workspace) -> None:
    (workspace.root / "generated_client").rename(workspace.root / "elsewhere")
    (workspace.root / "generated_client").symlink_to(workspace.root / "elsewhere")


def client_that_is_a_file(workspace: Workspace) -> None:
    shutil.rmtree(workspace.root / "generated_client")
    workspace.write("generated_client", "")


def no_client(workspace: Workspace) -> None:
    shutil.rmtree(workspace.root / "generated_client")


def no_plain_files(workspace: Workspace) -> None:
    """The same content by another way is not the file that was generated; who opens a pipe waits for ever."""
    client, elsewhere = workspace.root / "generated_client", workspace.root / "elsewhere"
    elsewhere.mkdir()
    (workspace.root / MODEL).rename(elsewhere / "session.py")
    (workspace.root / MODEL).symlink_to(elsewhere / "session.py")
    (client / "dist").symlink_to(elsewhere)
    (client / "README.md").chmod(0o755)
    os.mkfifo(client / "pipe")


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
        (edited_and_without_stamp, {MODEL: "not what is generated", STAMP: "missing"}),
        (
            no_plain_files,
            {
                MODEL: "a symbolic link, expected a plain file",
                "generated_client/dist": "a symbolic link, expected a plain file",
                "generated_client/README.md": "executable, expected a plain file",
                "generated_client/pipe": "a special file, expected a plain file",
            },
        ),
        (
            hidden_where_running_and_building_leave_things,
            {
                "generated_client/build": "extra: never generated",
                "generated_client/dist.egg-info": "extra: never generated",
                "generated_client/evalsessions_client/__pycache__/hidden.py": "extra: never generated",
                "generated_client/evalsessions_client/hidden.pyc": "extra: never generated",
            },
        ),
        (linked_client, {"generated_client/": "a symbolic link, expected the generated folder"}),
        (client_that_is_a_file, {"generated_client/": "no folder, expected the generated folder"}),
        (no_client, {"generated_client/": "missing, expected the generated folder"}),
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


@pytest.mark.parametrize(
    "content",
    [b"[]", b'{"tools": {"ruff": 5}, "inputs": {}, "files": {}}', b"[" * 100_000, b"\xff"],
    ids=["list", "number", "deep", "not UTF-8"],
)
def test_an_unreadable_stamp_is_one_line_of_drift(workspace: Workspace, content: bytes) -> None:
    (workspace.root / STAMP).write_bytes(content)
    check = workspace.run("--check")
    assert check.returncode == 1
    assert check.stderr.splitlines()[1:-1] == [f"{STAMP}: cannot be read"]


def test_generating_makes_a_client_where_there_is_none(workspace: Workspace) -> None:
    committed = workspace.client()
    client_that_is_a_file(workspace)
    assert workspace.run().returncode == 0
    assert workspace.client() == committed


def test_an_interrupt_between_the_two_renames_keeps_the_old_client(workspace: Workspace) -> None:
    """The second rename of the exchange is where the interrupt arrives."""
    workspace.write("generated_client/mine.txt", "")
    before = workspace.client()
    program = """
import runpy, sys
renames = []
def interrupt(event, arguments):
    if event == "os.rename":
        renames.append(arguments)
        if len(renames) == 2:
            raise KeyboardInterrupt
sys.addaudithook(interrupt)
runpy.run_module("tools.generate", run_name="__main__")
"""
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=workspace.root, capture_output=True, text=True, check=False
    )
    assert workspace.client() == before
    assert (run.returncode, run.stderr) == (2, "error: interrupted; generated_client/ is as it was\n")
    assert not list(workspace.root.glob(".generating-*"))


def test_what_running_and_building_leaves_is_no_drift(workspace: Workspace) -> None:
    for left in (
        "evalsessions_client/__pycache__/x.pyc",
        "dist/x.whl",
        "build/lib/x.py",
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
    assert len(check.stderr.splitlines()) == 3
    edited_by_hand(workspace)
    untracked(workspace)
    (workspace.root / "generated_client" / "README.md").unlink()
    lines = workspace.run("--check").stderr.splitlines()
    assert lines[2:-1] == [
        "generated_client/README.md: missing",
        "generated_client/evalsessions_client/helpers.py: extra: never generated",
        f"{MODEL}: edited by hand",
        "generated_client/notes.txt: extra: never generated",
    ]
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
    ("file", "old", "new", "said"),
    [
        # The generator drops an operation with a warning and would go on.
        (
            "openapi.yaml",
            '"#/components/schemas/MetricSelection"',
            '"#/components/schemas/Missing"',
            "openapi.yaml: expected a document that is generated without a warning, but .*Could not find reference .*",
        ),
        ("openapi.yaml", "openapi: 3.1.0", "openapi: 2.0.0", "openapi.yaml: expected .* Only OpenAPI versions 3.*"),
        (
            "openapi.yaml",
            "openapi: 3.1.0",
            "openapi: [",
            "openapi.yaml, line [12][0-9]: expected YAML that can be read, but .*",
        ),
        ("openapi.yaml", "openapi: 3.1.0", "paths: 1", "openapi.yaml, line .* found duplicate key .*"),
        ("openapi.yaml", None, b"", "openapi.yaml: expected a YAML mapping, found nothing: restore it"),
        ("openapi.yaml", None, b"- a", "openapi.yaml: expected a YAML mapping, found a list: restore it"),
        (
            "openapi.yaml",
            None,
            b"a: \xff",
            "openapi.yaml: expected text in UTF-8, found 0xff at byte 3: save it as UTF-8",
        ),
        ("openapi.yaml", None, b"[" * 50_000, "openapi.yaml.*: expected YAML that can be read, but .*"),
        ("openapi.yaml", None, None, "openapi.yaml: expected a file, found none: restore it"),
        ("generator-config.yaml", None, None, "generator-config.yaml: expected a file, found none: restore it"),
        (
            "generator-config.yaml",
            None,
            b"a: [",
            "generator-config.yaml, line 1: expected YAML that can be read, but .*",
        ),
        ("generator-config.yaml", None, b"post_hooks: 7", "generator-config.yaml: expected options of .*"),
        (
            "generator-config.yaml",
            "ruff format",
            "rufff format",
            "generator-config.yaml: expected post_hooks .*rufff.*",
        ),
        (
            "generator-templates/str_enum.py.jinja",
            "@classmethod",
            "{% nonsense %}",
            "generator-templates/str_enum.py.jinja, line 13: expected a template that renders, but .*'nonsense'.*",
        ),
        (
            "generator-templates/str_enum.py.jinja",
            "@classmethod",
            "{{ nothing.at.all }}",
            "generator-templates/str_enum.py.jinja, line 13: expected a template .*'nothing' is undefined.*",
        ),
        (
            "generator-templates/str_enum.py.jinja",
            "@classmethod",
            "class {",
            "generator-config.yaml: expected post_hooks that accept the code, but ruff failed .*logging_method.py:.*",
        ),
        (
            "generator-templates/str_enum.py.jinja",
            None,
            b"\xff",
            "generator-templates/str_enum.py.jinja: expected text .*",
        ),
        ("pyproject.toml", None, b"a = '\xff'", "pyproject.toml: expected text in UTF-8, found 0xff at byte 5: .*"),
        ("LICENSE", None, None, "LICENSE: expected a file, found none: restore it"),
        ("pins/workspace.txt", None, None, "pins/workspace.txt: expected a file, found none: restore it"),
        (
            "pins/workspace.txt",
            "\nruff==",
            "\n# ruff==",
            "pins/workspace.txt: expected a line `ruff==VERSION`, found none: run `nox -s pins`",
        ),
        (
            "pins/workspace.txt",
            "\nopenapi-python-client==",
            "\nopenapi-python-client>=",
            "pins/workspace.txt: expected a line `openapi-python-client==VERSION`, found none: run `nox -s pins`",
        ),
    ],
)
def test_an_input_that_cannot_be_used_is_named_in_one_line_and_leaves_the_client_alone(
    workspace: Workspace, file: str, old: str | None, new: str | bytes | None, said: str
) -> None:
    before = workspace.client()
    if isinstance(new, bytes):
        (workspace.root / file).write_bytes(new)
    elif old is None or new is None:
        (workspace.root / file).unlink()
    else:
        workspace.edit(file, old, new)
    run = workspace.run()
    assert run.returncode == 2, run.stderr
    assert re.fullmatch(f"error: {said}\n", run.stderr), run.stderr
    assert workspace.client() == before


def test_git_neither_commits_what_a_killed_generation_leaves_nor_changes_line_ends() -> None:
    """The old client is in that folder when the kill comes between the two renames."""
    assert ".generating-*/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "* text=auto eol=lf" in (ROOT / ".gitattributes").read_text(encoding="utf-8").splitlines()


def test_without_its_templates_nothing_is_generated(workspace: Workspace) -> None:
    """The generator itself would go on with its own."""
    shutil.rmtree(workspace.root / "generator-templates")
    run = workspace.run()
    assert run.returncode == 2
    assert run.stderr.startswith(
        "error: generator-templates/: expected the folder of the template overrides, found none"
    )
