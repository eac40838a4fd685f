"""What mypy, pyright and pyrefly say of programs of users: nothing of the right ones, an error at each wrong line.

The programs are in `programs/`; each line that must be an error ends in `# refused`. They are checked in a folder of
their own, which no setting of this repository reaches, against the packages that this Python imports.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import evalsessions
from evalsessions import BatchEvaluation, ProjectSession, Session, SessionFailure, TestCase

PROGRAMS = Path(__file__).parent / "programs"
ACCEPTED = sorted(PROGRAMS.glob("accepted_*.py"))
REFUSED = sorted(PROGRAMS.glob("refused_*.py"))
MARK = "  # refused"

# A TypedDict that is given with ** may have more keys than it says, until Python has closed ones (PEP 728).
PYREFLY_STRICT = 'preset = "strict"\n[errors]\nopen-unpacking = false\n'


@dataclass(frozen=True)
class Diagnostic:
    file: str
    line: int
    message: str


def run_checker(folder: Path, command: list[str]) -> str:
    """What a type checker writes to its standard output, if it could do its work."""
    environment = {**os.environ, "MYPYPATH": str(folder / "sdk"), "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    return done.stdout


def mypy(folder: Path, *options: str) -> list[Diagnostic]:
    (folder / "mypy.ini").write_text("[mypy]\n")
    command = ["mypy", "--python-executable", sys.executable, "--cache-dir", str(folder.parent / "mypy-cache")]
    told = run_checker(folder, [*command, "--no-error-summary", "--output=json", *options, *names(folder)])
    found = [json.loads(line) for line in told.splitlines()]
    return [Diagnostic(one["file"], one["line"], one["message"]) for one in found if one["severity"] != "note"]


def pyright(folder: Path, mode: str) -> list[Diagnostic]:
    (folder / "pyrightconfig.json").write_text(json.dumps({"typeCheckingMode": mode, "extraPaths": ["sdk"]}))
    told = run_checker(folder, ["pyright", "--pythonpath", sys.executable, "--outputjson", *names(folder)])
    return [
        Diagnostic(Path(one["file"]).name, one["range"]["start"]["line"] + 1, one["message"])
        for one in json.loads(told)["generalDiagnostics"]
    ]


def pyrefly(folder: Path, settings: str) -> list[Diagnostic]:
    (folder / "pyrefly.toml").write_text(settings)
    command = ["pyrefly", "check", "--config=pyrefly.toml", "--python-interpreter-path", sys.executable]
    told = run_checker(
        folder, [*command, "--search-path=sdk", "--min-severity=warn", "--output-format=json", *names(folder)]
    )
    found = json.loads(told)["errors"]
    return [Diagnostic(Path(one["path"]).name, one["line"], one["description"]) for one in found]


def names(folder: Path) -> list[str]:
    return sorted(program.name for program in folder.glob("*.py"))


STRICT: dict[str, Callable[[Path], list[Diagnostic]]] = {
    "mypy-strict": lambda folder: mypy(folder, "--strict"),
    "pyright-strict": lambda folder: pyright(folder, "strict"),
    "pyrefly-strict": lambda folder: pyrefly(folder, PYREFLY_STRICT),
}
# pyrefly's default preset is not what it does without any setting, which is to check next to nothing ("basic").
AS_CONFIGURED_BY_DEFAULT: dict[str, Callable[[Path], list[Diagnostic]]] = {
    "mypy-default": mypy,
    "pyright-standard": lambda folder: pyright(folder, "standard"),
    "pyrefly-default": lambda folder: pyrefly(folder, 'preset = "default"\n'),
}
CHECKS = {**STRICT, **AS_CONFIGURED_BY_DEFAULT}


def folder_of_programs(place: Path) -> Path:
    folder = place / "programs"
    (folder / "sdk").mkdir(parents=True)
    for program in (*ACCEPTED, *REFUSED):
        shutil.copy(program, folder)
    return folder


def marked() -> set[tuple[str, int]]:
    return {
        (program.name, number)
        for program in REFUSED
        for number, line in enumerate(program.read_text().splitlines(), 1)
        if line.endswith(MARK)
    }


def lines(places: set[tuple[str, int]]) -> list[str]:
    """The lines themselves, for the message of a test that failed."""
    return [f"{name}:{number}: {source_of(name)[number - 1].strip()}" for name, number in sorted(places)]


def source_of(name: str) -> list[str]:
    return (PROGRAMS / name).read_text().splitlines()


@pytest.fixture(scope="module", params=CHECKS)
def diagnostics(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Diagnostic]:
    return CHECKS[request.param](folder_of_programs(tmp_path_factory.mktemp(request.param)))


def test_nothing_is_wrong_with_the_right_programs(diagnostics: list[Diagnostic]) -> None:
    refused = {program.name for program in REFUSED}
    assert [found for found in diagnostics if found.file not in refused] == []


def test_each_wrong_line_is_an_error(diagnostics: list[Diagnostic]) -> None:
    assert lines(marked() - {(found.file, found.line) for found in diagnostics}) == []


def test_nothing_is_wrong_with_the_lines_beside_them(diagnostics: list[Diagnostic]) -> None:
    refused = {program.name for program in REFUSED}
    wrong = marked()
    assert [found for found in diagnostics if found.file in refused and (found.file, found.line) not in wrong] == []


@pytest.mark.parametrize("check", STRICT)
def test_an_sdk_whose_types_lost_the_rule_is_noticed(check: str, tmp_path: Path) -> None:
    folder = folder_of_programs(tmp_path)
    sdk = shutil.copytree(Path(evalsessions.__file__).parent, folder / "sdk" / "evalsessions")
    sessions = sdk / "_resources" / "sessions.py"
    sessions.write_text(sessions.read_text().replace("Literal[False] | None", "bool | None"))
    noticed = {(found.file, found.line) for found in STRICT[check](folder)}
    missed = "\n".join(lines(marked() - noticed))
    assert 'galtea.sessions.create(version_id="ver_123", test_case_id="tc_123", is_production=True)' in missed
    assert 'create_many([{"version_id": "ver_123", "test_case_id": "tc_123", "is_production": True}])' in missed


def test_the_right_programs_use_every_public_name() -> None:
    said = "\n".join(program.read_text() for program in ACCEPTED)
    assert [name for name in evalsessions.__all__ if name not in said] == []


@pytest.mark.parametrize("model", [BatchEvaluation, ProjectSession, Session, SessionFailure, TestCase])
def test_the_right_programs_read_every_property(model: type[Session]) -> None:
    said = (PROGRAMS / "accepted_answers.py").read_text()
    assert [name for name in model.properties if f".{name}" not in said] == []
