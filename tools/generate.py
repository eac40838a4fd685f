"""Makes generated_client/ from the contract, and tells whether it still is what the contract generates.

`python -m tools.generate` generates into a fresh folder and swaps it in whole, so that no stale file survives.
`--check` generates afresh and compares with the work tree, byte by byte: untracked files count. GENERATED.json, made
in the same run, records what the files were made from, so that a changed contract, template, configuration or
generator shows even where it happens not to alter the output; it also tells an edited file from an outdated one.

Exit status: 0 clean; 1 drift, each file named with the reason; 2 could not generate or judge.
"""

import argparse
import hashlib
import json
import shutil
import stat
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from tools.client_contract import MODULE, client_contract
from tools.generator import (
    CONTRACT,
    LICENSE,
    ROOT,
    GenerationError,
    formatted,
    installed_tools,
    pins,
    read_contract,
    read_inputs,
    run_generator,
)

__all__ = ["drift", "generate", "main"]

CLIENT = "generated_client"
STAMP = "GENERATED.json"
REMEDY = "Run `nox -s generate` and commit generated_client/. To keep a change, make it in the contract or a template."


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a client was made by and from, and what was made: versions, and SHA-256 by path."""

    tools: Mapping[str, str]
    inputs: Mapping[str, str]
    files: Mapping[str, str]


def generate(folder: Path) -> None:
    """Generate the client, with its licence and its stamp, into `folder`, which must not exist yet."""
    tools, inputs = installed_tools(), read_inputs()
    run_generator(folder)
    (folder / MODULE).write_text(formatted(client_contract(read_contract())), encoding="utf-8", newline="\n")
    shutil.copyfile(ROOT / LICENSE, folder / LICENSE)
    files, _ = _contents(folder)
    stamp = {"tools": tools, "inputs": _hashes(inputs), "files": _hashes(files)}
    (folder / STAMP).write_text(json.dumps(stamp, indent=2) + "\n", encoding="utf-8", newline="\n")


def drift() -> list[str]:
    """Compare generated_client/ with what is generated now: a line for each input and file that differs."""
    folder = ROOT / CLIENT
    if folder.is_symlink() or not folder.is_dir():
        found = "a symbolic link" if folder.is_symlink() else "no folder" if folder.exists() else "missing"
        return [f"{CLIENT}/: {found}, expected the generated folder"]
    present, odd = _contents(folder)
    odd_lines = [f"{CLIENT}/{name}: {what}, expected a plain file" for name, what in odd.items()]
    stamp = _read_stamp(present.get(STAMP, b""))
    if lines := _changed_pins(stamp):
        # The installed generator is not the one to judge with: what was recorded tells the hand edits all the same.
        return lines + odd_lines + (_edits(present, stamp, odd) if stamp else [])
    with tempfile.TemporaryDirectory(prefix="evalsessions-drift-") as scratch:
        generate(Path(scratch) / CLIENT)
        fresh, _ = _contents(Path(scratch) / CLIENT)
    expected = _read_stamp(fresh[STAMP])
    if stamp and expected:
        lines += _changed(stamp.tools, expected.tools, "tool") + _changed(stamp.inputs, expected.inputs, "input")
    recorded = stamp.files if stamp else {}
    for name in sorted((present.keys() | fresh.keys()) - odd.keys()):
        if present.get(name) == fresh.get(name):
            continue
        if name not in present:
            reason = "missing"
        elif name == STAMP:
            edited = "edited by hand" if stamp else "cannot be read"
            reason = "outdated" if lines else edited
        elif name not in fresh:
            reason = "stale: no longer generated" if name in recorded else "extra: never generated"
        elif stamp:
            reason = "outdated" if recorded.get(name) == _sha256(present[name]) else "edited by hand"
        else:
            reason = "not what is generated"
        odd_lines.append(f"{CLIENT}/{name}: {reason}")
    return lines + odd_lines


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
    except KeyboardInterrupt:
        sys.stderr.write(f"error: interrupted; {CLIENT}/ is as it was\n")
        return 2
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
        try:
            if target.exists() or target.is_symlink():
                target.rename(old)
            fresh.rename(target)
        except BaseException:  # an interrupt as well: leaving removes the scratch folder with the old client in it
            if old.exists() and not target.exists():
                old.rename(target)
            raise


def _edits(present: Mapping[str, bytes], stamp: Stamp, odd: Mapping[str, str]) -> list[str]:
    """A line for each file that is not as it was generated, by the stamp's word alone."""
    found = {name: _sha256(content) for name, content in present.items() if name != STAMP}
    lines = []
    for name in sorted((found.keys() | stamp.files.keys()) - odd.keys()):
        if found.get(name) != stamp.files.get(name):
            reason = "edited by hand" if name in stamp.files else "extra: never generated"
            lines.append(f"{CLIENT}/{name}: {reason if name in found else 'missing'}")
    return lines


def _changed_pins(stamp: Stamp | None) -> list[str]:
    recorded = stamp.tools if stamp else {}
    return [
        f"{CLIENT}/{STAMP}: outdated: made by {name} {recorded[name]}, and {file} pins {pin} now"
        for name, pin, file in pins()
        if name in recorded and not fnmatchcase(recorded[name], pin)
    ]


def _changed(recorded: Mapping[str, str], expected: Mapping[str, str], kind: str) -> list[str]:
    """A line for each tool or input that is not what the stamp says the client was made from."""
    return [
        f"{name}: {kind} changed since {CLIENT}/ was made"
        for name in sorted(recorded.keys() | expected.keys())
        if recorded.get(name) != expected.get(name)
    ]


def _contents(folder: Path) -> tuple[dict[str, bytes], dict[str, str]]:
    """The plain files of a client folder, and what is none, without what running and building leaves behind."""
    plain, odd = {}, {}
    for path in sorted(folder.rglob("*")):
        name, mode = path.relative_to(folder), path.lstat().st_mode
        inside = name.parts[0] if len(name.parts) > 1 else ""
        built = inside in {"build", "dist"} or inside.endswith(".egg-info")
        compiled = path.suffix == ".pyc" and path.parent.name == "__pycache__"
        if stat.S_ISDIR(mode) or built or compiled:
            continue
        if stat.S_ISLNK(mode):
            odd[name.as_posix()] = "a symbolic link"
        elif not stat.S_ISREG(mode):
            odd[name.as_posix()] = "a special file"
        elif mode & stat.S_IXUSR:
            odd[name.as_posix()] = "executable"
        else:
            plain[name.as_posix()] = path.read_bytes()
    return plain, odd


def _hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: _sha256(content) for name, content in files.items()}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read_stamp(content: bytes) -> Stamp | None:
    """The stamp, or nothing when it is none, which the comparison then reports."""
    try:
        tables = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(tables, dict) or tables.keys() != {"tools", "inputs", "files"}:
        return None
    for table in tables.values():
        if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
            return None
    return Stamp(**tables)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
