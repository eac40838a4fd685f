"""Makes generated_client/ from the contract, and tells whether it still is what the contract generates.

`python -m tools.generate` generates into a fresh folder and swaps it in whole, so that no stale file survives.
`--check` generates afresh and compares with the work tree, byte by byte: untracked files count. GENERATED.json, made
in the same run, records what the files were made from, so that a changed contract, template, configuration or
generator shows even where it happens not to alter the output; it also tells an edited file from an outdated one.

Exit status: 0 clean; 1 drift, each file named with the reason; 2 could not generate or judge.
"""

import argparse
import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path

__all__ = ["GenerationError", "drift", "generate", "main"]

ROOT = Path(__file__).resolve().parent.parent
CLIENT = "generated_client"
CONTRACT = "openapi.yaml"
CONFIGURATION = "generator-config.yaml"
TEMPLATES = "generator-templates"
LICENSE = "LICENSE"
STAMP = "GENERATED.json"
# The first writes the code, the second formats it: both decide about every byte.
TOOLS = ("openapi-python-client", "ruff")
PINS = ("pyproject.toml", "pins/workspace.txt")
REMEDY = "Run `nox -s generate` and commit generated_client/. To keep a change, make it in the contract or a template."


class GenerationError(Exception):
    """The client could not be generated, or not be compared; the message says why and what to do."""


def generate(folder: Path) -> None:
    """Generate the client, with its licence and its stamp, into `folder`, which must not exist yet."""
    installed = _installed_tools()
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning", "--meta", "uv"]
    command += ["--path", str(ROOT / CONTRACT), "--config", str(ROOT / CONFIGURATION)]
    command += ["--custom-template-path", str(ROOT / TEMPLATES), "--output-path", str(folder)]
    scripts = sysconfig.get_path("scripts")  # where the pinned ruff is; the generator looks for it on the path
    environment = {**os.environ, "PATH": os.pathsep.join([scripts, os.environ.get("PATH", os.defpath)])}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if run.returncode:
        said = "\n".join(filter(None, [run.stdout.strip(), run.stderr.strip()]))
        raise GenerationError(f"the generator refused {CONTRACT} or warned about it:\n{said}")
    shutil.copyfile(ROOT / LICENSE, folder / LICENSE)
    stamp = {"tools": installed, "inputs": _inputs(), "files": _hashes(_files(folder))}
    (folder / STAMP).write_text(json.dumps(stamp, indent=2) + "\n", encoding="utf-8")


def drift() -> list[str]:
    """Compare generated_client/ with what is generated now: a line for each input and file that differs."""
    present = _files(ROOT / CLIENT)
    stamp = _read_stamp(present.get(STAMP))
    lines = _changed_pins(stamp.get("tools", {}))
    if lines:  # The installed generator is not the one to judge with, or its output is known to be outdated.
        return lines
    with tempfile.TemporaryDirectory(prefix="evalsessions-drift-") as scratch:
        generate(Path(scratch) / CLIENT)
        fresh = _files(Path(scratch) / CLIENT)
    expected = _read_stamp(fresh[STAMP])
    recorded = stamp.get("files", {})
    lines += _changed(stamp.get("tools", {}), expected["tools"], "tool")
    lines += _changed(stamp.get("inputs", {}), expected["inputs"], "input")
    for name in sorted(present.keys() | fresh.keys()):
        if present.get(name) == fresh.get(name):
            continue
        if name not in present:
            reason = "missing"
        elif name not in fresh:
            reason = "stale: no longer generated" if name in recorded else "extra: never generated"
        elif name == STAMP:
            reason = "edited by hand" if not lines else "outdated"
        else:
            reason = "outdated" if recorded.get(name) == _sha256(present[name]) else "edited by hand"
        lines.append(f"{CLIENT}/{name}: {reason}")
    return lines


def main(arguments: list[str]) -> int:
    """Generate, or with `--check` compare; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.generate", description="Make generated_client/ anew.")
    parser.add_argument("--check", action="store_true", help="change nothing, tell what differs")
    options = parser.parse_args(arguments)
    try:
        if not options.check:
            _replace()
            sys.stdout.write(f"{CLIENT}/ is made anew from {CONTRACT}\n")
            return 0
        differences = drift()
    except (GenerationError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    if differences:
        sys.stderr.write("\n".join([f"{CLIENT}/ is not what {CONTRACT} generates:", *differences, REMEDY]) + "\n")
        return 1
    sys.stdout.write(f"{CLIENT}/ is what {CONTRACT} generates\n")
    return 0


def _replace() -> None:
    """Generate beside the old folder and exchange the two; when anything fails, the old one stays."""
    with tempfile.TemporaryDirectory(prefix=".generating-", dir=ROOT) as scratch:
        fresh, old, target = Path(scratch) / CLIENT, Path(scratch) / "old", ROOT / CLIENT
        generate(fresh)
        if target.exists():
            target.rename(old)
        try:
            fresh.rename(target)
        except OSError:
            if old.exists():
                old.rename(target)
            raise


def _pins() -> list[tuple[str, str, str]]:
    """Each exact version of a tool that a pin file asks for, as (tool, version or pattern, file)."""
    found = []
    for file in PINS:
        text = (ROOT / file).read_text(encoding="utf-8") if (ROOT / file).is_file() else ""
        for name in TOOLS:
            found += [(name, pin, file) for pin in re.findall(rf"(?<![\w-]){name}==([\w.*]+)", text)]
    return found


def _installed_tools() -> dict[str, str]:
    """Versions of the generator and its formatter, refused when they are not the pinned ones."""
    try:
        installed = {name: importlib.metadata.version(name) for name in TOOLS}
    except importlib.metadata.PackageNotFoundError as error:
        raise GenerationError(f"{error.name} is not installed: run `nox -s generate` or `nox -s drift`") from error
    for name, pin, file in _pins():
        if not fnmatchcase(installed[name], pin):
            raise GenerationError(f"{name} {installed[name]} is installed, {file} pins {pin}: run this by nox")
    return installed


def _changed_pins(recorded: Mapping[str, str]) -> list[str]:
    return [
        f"{CLIENT}/{STAMP}: outdated: made by {name} {recorded[name]}, and {file} pins {pin} now"
        for name, pin, file in _pins()
        if name in recorded and not fnmatchcase(recorded[name], pin)
    ]


def _changed(recorded: Mapping[str, str], expected: Mapping[str, str], kind: str) -> list[str]:
    """A line for each tool or input that is not what the stamp says the client was made from."""
    return [
        f"{name}: {kind} changed since {CLIENT}/ was made"
        for name in sorted(recorded.keys() | expected.keys())
        if recorded.get(name) != expected.get(name)
    ]


def _inputs() -> dict[str, str]:
    """SHA-256 of everything that decides what is generated, by path."""
    templates = [path for path in (ROOT / TEMPLATES).rglob("*") if path.is_file()]
    paths = [ROOT / CONTRACT, ROOT / CONFIGURATION, ROOT / LICENSE, *sorted(templates)]
    return {path.relative_to(ROOT).as_posix(): _sha256(path.read_bytes()) for path in paths}


def _files(folder: Path) -> dict[str, bytes]:
    """The files of a client folder by relative path, without what running and building leaves behind."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        build = name.parts[0] in {"build", "dist"} or name.parts[0].endswith(".egg-info")
        if build or "__pycache__" in name.parts or (path.is_dir() and not path.is_symlink()):
            continue
        found[name.as_posix()] = f"-> {path.readlink()}".encode() if path.is_symlink() else path.read_bytes()
    return found


def _hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: _sha256(content) for name, content in files.items()}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read_stamp(content: bytes | None) -> dict[str, dict[str, str]]:
    """The stamp's tables; empty when there is none or it cannot be read, which the comparison then reports."""
    try:
        stamp = json.loads(content or b"{}")
    except ValueError:
        return {}
    return stamp if isinstance(stamp, dict) and all(isinstance(table, dict) for table in stamp.values()) else {}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
