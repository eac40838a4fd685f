"""Does what a Dockerfile says without docker, in a folder that stands for the root of all its stages.

RUN lines are run by a shell, with the Python of a clean virtual environment in place of the base image's and with
paths below the folder; COPY copies. What makes an image small or quick and decides nothing else (no cache of uv,
compiled files) is not done, which takes seconds instead of half a minute. What only an image can do (another user, a
base image's system) is left out, and returned, so that a test can say how much of the file it has not tried.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Image", "build", "context"]

_OF_AN_IMAGE = {"UV_COMPILE_BYTECODE": "0", "UV_NO_CACHE": "0"}
_PATHS = re.compile(r"(?:(?<=sqlite:///)|(?<![\w.:/-]))/(opt|data|src|work|profiles)\b")


@dataclass(slots=True)
class Image:
    """A stage after its last line."""

    root: Path
    workdir: Path
    variables: dict[str, str] = field(default_factory=dict)
    commands: dict[str, list[str]] = field(default_factory=dict)
    """By ENTRYPOINT, CMD and HEALTHCHECK."""
    left_out: list[str] = field(default_factory=list)

    def placed(self, text: str) -> str:
        """A text with the paths of the image below the folder that stands for its root."""
        return _PATHS.sub(lambda found: f"{self.root}/{found[1]}", text)


def context(repository: Path, folder: Path) -> Path:
    """Copy what .dockerignore lets through: everything is left out but what a line with `!` names."""
    lines = (repository / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in lines
    for line in lines:
        if line.startswith("!"):
            source, target = repository / line[1:], folder / line[1:]
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copyfile(source, target)
    return folder


def build(dockerfile: Path, target: str, *, sources: Path, root: Path) -> Image:
    """Follow the lines of a stage and of those that it is made from."""
    stages = _stages(dockerfile.read_text("utf-8"))
    python = root / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", python], check=True)
    return _follow(target, stages, sources, root, {"PATH": f"{python / 'bin'}{os.pathsep}{os.environ['PATH']}"})


def _follow(
    name: str, stages: dict[str, tuple[str, list[str]]], sources: Path, root: Path, environment: dict[str, str]
) -> Image:
    base, lines = stages[name]
    if base in stages:
        image = _follow(base, stages, sources, root, environment)
    else:
        image = Image(root, root, dict(environment), left_out=[f"FROM {base}"])
    for line in lines:
        word, _, rest = line.partition(" ")
        match word:
            case "ENV":
                image.variables |= dict(part.split("=", 1) for part in shlex.split(rest))
            case "WORKDIR":
                image.workdir = Path(image.placed(rest))
                image.workdir.mkdir(parents=True, exist_ok=True)
            case "RUN" if not rest.startswith("useradd"):
                _run(image, rest)
            case "COPY" if rest.startswith("--from="):
                stage, source, at = rest.removeprefix("--from=").split()
                image.left_out += _follow(stage, stages, sources, root, environment).left_out
                # An environment works where it was made and nowhere else.
                assert source == at
                assert Path(image.placed(at)).is_dir()
            case "COPY":
                source, at = rest.split()
                _copy(sources / source, image.workdir / image.placed(at))
            case "ENTRYPOINT" | "CMD" | "HEALTHCHECK":
                image.commands[word] = json.loads(image.placed(rest[rest.index("[") :]))
            case "RUN" | "USER" | "EXPOSE" | "VOLUME":
                image.left_out.append(line)
            case _:
                raise AssertionError(f"not known here: {line}")
    return image


def _run(image: Image, script: str) -> None:
    environment = {**{k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"}, **image.variables}
    environment |= {name: value for name, value in _OF_AN_IMAGE.items() if name in image.variables}
    done = subprocess.run(
        ["/bin/sh", "-ec", image.placed(script)],
        cwd=image.workdir,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"RUN {script}\n{done.stdout}{done.stderr}"


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, target)


def _stages(text: str) -> dict[str, tuple[str, list[str]]]:
    stages: dict[str, tuple[str, list[str]]] = {}
    lines: list[str] = []
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        if found := re.fullmatch(r"FROM (\S+) AS (\S+)", line):
            lines = []
            stages[found[2]] = (found[1], lines)
        else:
            lines.append(line)
    return stages
