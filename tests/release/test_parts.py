"""The parts of a release by themselves: versions, what they pay, the Python interface, what is built."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.workspace_copy import copied_repository
from tools.release.building import differences
from tools.release.bumps import Bump, Version, pays, step
from tools.release.changelog import misnamed, owed_fragments, unassembled
from tools.release.commands import output
from tools.release.contract import compare_contracts
from tools.release.environments import PINS, UV, supported_pythons
from tools.release.errors import ReleaseError
from tools.release.old_tests import SELECTION, chosen
from tools.release.python_api import compare_interfaces
from tools.release.python_types import is_wider
from tools.release.sbom import bill_of_materials
from tools.release.smoke import smoke
from tools.release.versions import common_version, set_version

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("old", "owed", "least"),
    [
        ("1.2.3", Bump.NONE, "1.2.3"),
        ("1.2.3", Bump.PATCH, "1.2.4"),
        ("1.2.3", Bump.MINOR, "1.3.0"),
        ("1.2.3", Bump.MAJOR, "2.0.0"),
        ("0.2.3", Bump.PATCH, "0.2.4"),
        ("0.2.3", Bump.MINOR, "0.2.4"),
        ("0.2.3", Bump.MAJOR, "0.3.0"),
    ],
)
def test_the_least_version_that_pays_as_info_version_does(old: str, owed: Bump, least: str) -> None:
    from speclock.diff.changes import Bump as ContractBump
    from speclock.diff.changes import is_paid

    was, now = Version.of(old, "here"), Version.of(least, "here")
    assert step(was, owed) == now
    for version in (now, Version(now.major, now.minor, now.patch + 1), Version(9, 0, 0), Version(0, 0, 1), was):
        paid = pays(was, version, owed)
        assert paid == (version >= now)
        # Where nothing is owed speclock does not mind a version that goes back; a release does.
        assert version < was or is_paid(ContractBump[owed.name], old, str(version)) == paid, (owed, version)


@pytest.mark.parametrize("text", ["", "1.2", "1.2.3.4", "v1.2.3", "1.2.3rc1", "01.2.3", "1.2.-3"])
def test_what_is_no_version(text: str) -> None:
    with pytest.raises(ReleaseError, match=r"expected a version like 1\.2\.3"):
        Version.of(text, "a place")


def test_a_version_is_set_everywhere_or_nowhere(tmp_path: Path) -> None:
    repository = copied_repository(tmp_path / "repository")
    before = common_version(repository)
    with pytest.raises(ReleaseError, match="the version is what it was"):
        set_version(Version(3, 4, 5), generate_client=lambda: 2, root=repository)
    assert common_version(repository) == before
    run = subprocess.run(
        [sys.executable, "-m", "tools.release.versions", "3.4.5"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert common_version(repository) == Version(3, 4, 5)


SESSIONS = "_resources/sessions.py"
EVALUATIONS = "_resources/evaluations.py"
FACE = "    @property\n    def sessions(self)"
OWED = [
    ("errors.py", "", "", Bump.NONE, ""),
    ("_version.py", '__version__ = "', '__version__ = "9', Bump.NONE, ""),
    ("galtea.py", "def sessions(self)", "def sittings(self)", Bump.MAJOR, "evalsessions.Galtea.sessions is gone"),
    ("galtea.py", "self,\n        *,", "self,\n        *,\n        region: str,", Bump.MAJOR, "region"),
    ("galtea.py", "max_retries: int = MAX_RETRIES", "max_retries: int = 7", Bump.MAJOR, "default was changed"),
    ("__init__.py", '    "Galtea",\n', "", Bump.MAJOR, "evalsessions.Galtea is gone"),
    ("_resources/sessions.py", "def create_many(", "def create_lots(", Bump.MAJOR, "Sessions.create_many is gone"),
    (
        "errors.py",
        "ConflictError(APIStatusError)",
        "ConflictError(APIError)",
        Bump.MAJOR,
        "(kind of APIStatusError) is gone",
    ),
    ("galtea.py", FACE, f"    def more(self) -> int:\n        return 1\n\n{FACE}", Bump.MINOR, "Galtea.more is new"),
    ("_core/engines.py", "class Engine", "class Motor", Bump.NONE, ""),
    # Types and overloads
    ("galtea.py", "max_retries: int =", "max_retries: bool =", Bump.MAJOR, "(max_retries) took int and takes bool"),
    ("galtea.py", "max_retries: int =", "max_retries: int | None =", Bump.NONE, ""),
    (
        "galtea.py",
        "def sessions(self) -> Sessions",
        "def sessions(self) -> object",
        Bump.MAJOR,
        "was Sessions and is object",
    ),
    (
        "models.py",
        "def to_dict(self) -> JsonObject",
        "def to_dict(self) -> str",
        Bump.MAJOR,
        "returned JsonObject and returns",
    ),
    (SESSIONS, "is_production: bool,", "is_production: Literal[True],", Bump.MAJOR, "what overload 3 did"),
    (SESSIONS, "is_production: bool,", "is_production: bool | None,", Bump.NONE, ""),
    (SESSIONS, "is_production: bool,", "is_production: Literal[True, False],", Bump.NONE, ""),
    (SESSIONS, "        test_case_id: str,\n", "        test_case_id: int,\n", Bump.MAJOR, "what overload 2 did"),
    (SESSIONS, "context: None = None", "context: None", Bump.MAJOR, "what overload 2 did"),
    (SESSIONS, "    @overload\n", "", Bump.NONE, ""),
    (
        SESSIONS,
        "context: str | Mapping[str, object] | None = None,\n        metadata: Mapping[str, object] | None",
        "context: Mapping[str, object] | str | None = None,\n        metadata: Mapping[str, object] | int | None",
        Bump.NONE,
        "",
    ),
    (EVALUATIONS, "session_ids: Iterable[str],\n", "session_ids: Sequence[str],\n", Bump.MAJOR, "what overload 1 did"),
]


@pytest.mark.parametrize("case", OWED)
def test_what_the_python_interface_owes(tmp_path: Path, case: tuple[str, str, str, Bump, str]) -> None:
    file, old, new, owed, why = case
    shutil.copytree(ROOT / "wrapper/src", tmp_path / "wrapper/src")
    path = tmp_path / "wrapper/src/evalsessions" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    debts = compare_interfaces(ROOT, tmp_path)
    assert max((debt.bump for debt in debts), default=Bump.NONE) == owed, debts
    assert not why or any(why in debt.why for debt in debts), debts


@pytest.mark.parametrize(
    ("wide", "narrow", "takes"),
    [
        ("str | None", "Optional[str]", True),
        ("Union[int, str]", "str", True),
        ("Foo", "Foo | Bar", False),
        ("'Foo | None'", "Foo", True),
        ("object", "Foo", True),
        ("Foo", "object", False),
        ("Iterable[int]", "list[int]", True),
        ("list[int]", "Iterable[int]", False),
        ("Iterable[int]", "list[str]", False),
        ("int", "bool", True),
        ("bool", "int", False),
        ("bool", "Literal[True]", True),
        ("Literal[True, False]", "bool", True),
        ("str", "Literal['a', 'b']", True),
        ("Literal['a']", "Literal['a', 'b']", False),
        ("int", "Literal[Color.RED]", False),
        ("no type", "int", False),
        (None, "str", True),
        ("str", None, False),
        ("Any", None, True),
    ],
)
def test_which_types_take_what_others_did(wide: str | None, narrow: str | None, takes: bool) -> None:
    assert is_wider(wide, narrow) is takes


@pytest.mark.parametrize(
    ("fragments", "owed", "said"),
    [
        ([], Bump.NONE, ""),
        ([], Bump.PATCH, "changelog.d/ has no fragment"),
        (["7.added.md"], Bump.MINOR, ""),
        (["7.added.md"], Bump.MAJOR, "add <issue>.breaking.md"),
        (["7.added.md", "7.breaking.1.md"], Bump.MAJOR, ""),
    ],
)
def test_the_fragments_that_a_change_owes(tmp_path: Path, fragments: list[str], owed: Bump, said: str) -> None:
    _write_fragments(tmp_path, *fragments)
    told = owed_fragments(tmp_path, owed)
    assert misnamed(tmp_path) == []
    assert bool(told) is bool(said)
    assert not said or said in told[0]


@pytest.mark.parametrize("name", ["7.feature.md", "added.md", "7.added", "7.added.rst", "7.added.old.md", "README.md"])
def test_a_fragment_that_would_be_left_out_is_told(tmp_path: Path, name: str) -> None:
    _write_fragments(tmp_path, "7.added.md", name)
    assert [line.partition(":")[0] for line in misnamed(tmp_path)] == [f"changelog.d/{name}"]


@pytest.mark.parametrize(
    ("section", "fragments", "owed", "is_tagged", "said"),
    [
        ("### Added\n\n- It.\n", [], Bump.MINOR, True, ""),
        ("### Breaking\n\n- It.\n", [], Bump.MAJOR, True, ""),
        ("", [], Bump.MINOR, True, "CHANGELOG.md has no section 1.2.3"),
        ("### Added\n\n- It.\n", ["7.added.md"], Bump.MINOR, False, "still has 7.added.md: move them there"),
        ("### Added\n\n- It.\n", ["7.added.md"], Bump.MINOR, True, "there, and the tag to that commit"),
        ("### Added\n\n- It.\n", [], Bump.MAJOR, False, "something breaks, and CHANGELOG.md does not say so"),
    ],
)
def test_what_a_changelog_lacks_at_a_release(
    tmp_path: Path, *, section: str, fragments: list[str], owed: Bump, is_tagged: bool, said: str
) -> None:
    _write_fragments(tmp_path, *fragments)
    told = f"## 1.2.3 (2026-11-01)\n\n{section}\n" if section else ""
    older = "## 1.2.2 (2026-10-01)\n\n### Breaking\n\n- That.\n"
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n{told}{older}", "utf-8")
    lines = unassembled(tmp_path, Version(1, 2, 3), owed, is_tagged=is_tagged)
    assert len(lines) == bool(said), lines
    assert not said or said in lines[0]


def _write_fragments(root: Path, *names: str) -> None:
    shutil.copyfile(ROOT / "pyproject.toml", root / "pyproject.toml")
    (root / "changelog.d").mkdir()
    for name in (".gitkeep", *names):
        (root / "changelog.d" / name).write_text("A sentence.\n", "utf-8")


def test_equal_contracts_owe_nothing_and_one_that_cannot_be_read_is_no_verdict(tmp_path: Path) -> None:
    compared = compare_contracts(ROOT / "openapi.yaml", ROOT / "openapi.yaml", tmp_path)
    assert (max(debt.bump for debt in compared.debts), compared.is_paid) == (Bump.NONE, True)
    (tmp_path / "broken.yaml").write_text("openapi: [", "utf-8")
    with pytest.raises(ReleaseError, match="ended with status 2"):
        compare_contracts(ROOT / "openapi.yaml", tmp_path / "broken.yaml", tmp_path)


def test_the_last_release_is_asked_for_the_tests_that_it_had(tmp_path: Path) -> None:
    (tmp_path / "tests/wrapper").mkdir(parents=True)
    (tmp_path / "tests/wrapper/test_requests.py").touch()
    assert chosen(tmp_path, is_whole=False) == ["tests/wrapper/test_requests.py"]
    assert chosen(tmp_path, is_whole=True) == ["tests/wrapper"]
    assert chosen(ROOT, is_whole=False) == [*SELECTION]
    assert chosen(ROOT, is_whole=True) == ["tests/wrapper", "tests/typing"]
    with pytest.raises(ReleaseError, match="the last release has none of tests/wrapper, tests/typing: expected"):
        chosen(tmp_path / "tests", is_whole=True)


def test_a_machine_without_a_supported_python_tries_nothing_and_says_so(tmp_path: Path) -> None:
    project = tmp_path / "wrapper/pyproject.toml"
    project.parent.mkdir()
    own = f"3.{sys.version_info.minor}"
    project.write_text(_classified(own, "3.4"), "utf-8")
    found = supported_pythons(tmp_path)
    assert (found["3.4"], found[own] is not None) == (None, True)
    project.write_text(_classified("3.4", "3.5"), "utf-8")
    with pytest.raises(
        ReleaseError, match=r"^expected one of the supported Pythons on this machine \(3\.4, 3\.5\), found"
    ):
        supported_pythons(tmp_path)


def _classified(*versions: str) -> str:
    return f"[project]\nclassifiers = {[f'Programming Language :: Python :: {version}' for version in versions]}\n"


def test_a_command_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"^`no-such-git status` cannot be run: No such .*: install no-such-git, or"):
        output(["no-such-git", "status"], folder=tmp_path)


def test_a_bill_of_materials_is_about_its_distribution_and_what_it_brings(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "generated_client", tmp_path / "sources")
    command: list[str | Path] = [UV, "build", "--quiet", "--wheel", "--out-dir", tmp_path / "dist"]
    subprocess.run([*command, "--build-constraints", ROOT / PINS, tmp_path / "sources"], check=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    version, name = common_version(), "evalsessions-client"
    bills = []
    for place in ("one", "a second"):
        (tmp_path / place).mkdir()
        bills.append(tmp_path / place / "bill.json")
        bill_of_materials(ROOT, tmp_path / place, name, [wheel], version, epoch=1_700_000_000, target=bills[-1])
    assert bills[0].read_bytes() == bills[1].read_bytes()
    assert str(tmp_path) not in bills[0].read_text("utf-8")
    bill = json.loads(bills[0].read_text("utf-8"))
    subject = bill["metadata"]["component"]
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert (subject["name"], subject["version"]) == (name, str(version))
    assert subject["hashes"] == [{"alg": "SHA-256", "content": hashlib.sha256(wheel.read_bytes()).hexdigest()}]
    names = {part["name"].lower() for part in bill["components"]}
    assert {"httpx", "attrs"} <= names
    assert name not in names


def test_a_file_that_comes_out_otherwise_is_named(tmp_path: Path) -> None:
    for folder, content in (("one", b"same"), ("other", b"same")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.whl").write_bytes(content)
    assert differences(tmp_path / "one", tmp_path / "other") == []
    (tmp_path / "other/a.whl").write_bytes(b"different")
    (tmp_path / "one/b.whl").write_bytes(b"")
    assert [line.partition(":")[0] for line in differences(tmp_path / "one", tmp_path / "other")] == ["a.whl", "b.whl"]


def test_wheels_that_are_none_are_told_for_their_python(tmp_path: Path) -> None:
    wheel = tmp_path / "evalsessions-1.0.0-py3-none-any.whl"
    wheel.write_bytes(b"no archive")
    (problem,) = smoke(ROOT, tmp_path, Path(sys.executable), [wheel], Version(1, 0, 0))
    assert problem.startswith(f"the wheels do not work on {sys.executable}: ")
