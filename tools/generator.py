"""The generator and what it is given: that each input is fit to generate from, and which one is at fault when it fails.

Every `GenerationError` is one line: the input, what was expected of it, what it is instead, what to do. Of a crash of
the generator only the last line is kept, and where it happened in a template, that place.
"""

import importlib.metadata
import os
import re
import subprocess
import sys
import sysconfig
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

__all__ = [
    "CONTRACT",
    "LICENSE",
    "ROOT",
    "GenerationError",
    "formatted",
    "installed_tools",
    "pins",
    "read_contract",
    "read_inputs",
    "run_generator",
]

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = "openapi.yaml"
CONFIGURATION = "generator-config.yaml"
TEMPLATES = "generator-templates"
LICENSE = "LICENSE"
# The first writes the code, the second formats it: both decide about every byte.
TOOLS = ("openapi-python-client", "ruff")
PINS = "pins/workspace.txt"
# Its exact versions count as well: it is where a pin is changed first.
GROUPS = "pyproject.toml"
# Lines of the generator's output that say nothing about the fault.
_IDLE = re.compile(
    r"Generating |Error\(s\) encountered|Warning\(s\) encountered|If you believe|For further information"
)
_DUMP = re.compile(r"^\{$.*?^\}$", re.DOTALL | re.MULTILINE)


class GenerationError(Exception):
    """The client could not be generated, or not be compared; the message says why and what to do."""


def read_inputs() -> dict[str, bytes]:
    """Everything that decides what is generated, by path."""
    templates = ROOT / TEMPLATES
    if not templates.is_dir():
        raise GenerationError(f"{TEMPLATES}/: expected the folder of the template overrides, found none: restore it")
    overrides = sorted(path for path in templates.rglob("*") if not path.is_dir())
    paths = [ROOT / CONTRACT, ROOT / CONFIGURATION, ROOT / LICENSE, *overrides]
    texts = {name: _text(name) for name in (path.relative_to(ROOT).as_posix() for path in paths)}
    for name in (CONTRACT, CONFIGURATION):
        _expect_mapping(name, texts[name])
    return {name: text.encode() for name, text in texts.items()}


def read_contract() -> dict[str, Any]:
    """The contract, parsed."""
    return _expect_mapping(CONTRACT, _text(CONTRACT))


def formatted(code: str) -> str:
    """Python code as the generated client is formatted."""
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--no-cache", "--target-version=py311"]
    command += ["--line-length=120", "-"]
    return subprocess.run(command, input=code, capture_output=True, encoding="utf-8", check=True).stdout


def run_generator(folder: Path) -> None:
    """Generate into `folder`, which must not exist yet; a warning is an error."""
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning", "--meta", "uv"]
    command += ["--path", str(ROOT / CONTRACT), "--config", str(ROOT / CONFIGURATION)]
    command += ["--custom-template-path", str(ROOT / TEMPLATES), "--output-path", str(folder)]
    scripts = sysconfig.get_path("scripts")  # where the pinned ruff is; the generator looks for it on the path
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([scripts, os.environ.get("PATH", os.defpath)]),
        "PYTHONUTF8": "1",
        "TYPER_STANDARD_TRACEBACK": "1",
    }
    run = subprocess.run(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if run.returncode:
        raise GenerationError(_fault(run.returncode, run.stdout))


def pins() -> list[tuple[str, str, str]]:
    """Each exact version of a tool that is asked for, as (tool, version or pattern, file)."""
    found = []
    for file in (PINS, GROUPS):
        text = _text(file)
        for name in TOOLS:
            versions = re.findall(rf"^[^#\n]*?(?<![\w-]){name}==([\w.*]+)", text, re.MULTILINE)
            if file == PINS and not versions:
                raise GenerationError(f"{PINS}: expected a line `{name}==VERSION`, found none: run `nox -s pins`")
            found += [(name, version, file) for version in versions]
    return found


def installed_tools() -> dict[str, str]:
    """Versions of the generator and its formatter, refused when they are not the pinned ones."""
    try:
        installed = {name: importlib.metadata.version(name) for name in TOOLS}
    except importlib.metadata.PackageNotFoundError as error:
        raise GenerationError(f"{error.name} is not installed: run `nox -s generate` or `nox -s drift`") from error
    for name, pin, file in pins():
        if not fnmatchcase(installed[name], pin):
            raise GenerationError(f"{name} {installed[name]} is installed, {file} pins {pin}: run this by nox")
    return installed


def _text(name: str) -> str:
    """The text of a file, byte for byte."""
    path = ROOT / name
    if not path.is_file():
        found = "something else" if path.exists() else "none"
        raise GenerationError(f"{name}: expected a file, found {found}: restore it")
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        byte = f"0x{error.object[error.start]:02x} at byte {error.start}"
        raise GenerationError(f"{name}: expected text in UTF-8, found {byte}: save it as UTF-8") from error


def _expect_mapping(name: str, text: str) -> dict[str, Any]:
    try:
        parsed = YAML(typ="safe").load(text)
    except (YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark else ""
        problem = _one_line(getattr(error, "problem", None) or str(error))
        raise GenerationError(f"{name}{where}: expected YAML that can be read, but {problem}: mend it") from error
    if not isinstance(parsed, dict):
        found = "nothing" if parsed is None else f"a {type(parsed).__name__}"
        raise GenerationError(f"{name}: expected a YAML mapping, found {found}: restore it")
    return parsed


def _fault(status: int, said: str) -> str:
    """One line on which input made the generator fail, from what it said."""
    lines = [line for line in _DUMP.sub("", said).splitlines() if line.strip() and not _IDLE.match(line)]
    if status == 2:  # an option with a wrong value, and only the configuration's values are not ours
        return f"{CONFIGURATION}: expected options of openapi-python-client, each of its type, and one is not: mend it"
    if "Traceback (most recent call last)" in said:
        frames = re.findall(rf'File "{re.escape(str(ROOT / TEMPLATES))}[\\/]([^"]+)", line (\d+)', said)
        if frames:
            name, line = frames[-1]
            return f"{TEMPLATES}/{name}, line {line}: expected a template that renders, but {lines[-1]}: mend it"
        return f"{CONTRACT}: expected a document that can be generated from, but the generator crashed: {lines[-1]}"
    if re.search(r"^(?:Skipping Integration|\S+ failed)$", said, re.MULTILINE):
        problem = _one_line(" ".join(lines))
        return f"{CONFIGURATION}: expected post_hooks that accept the code, but {problem}: mend the hook or a template"
    problem = _one_line(" ".join(lines))
    return f"{CONTRACT}: expected a document that is generated without a warning, but {problem}: mend it"


def _one_line(text: str) -> str:
    return " ".join(text.split())
