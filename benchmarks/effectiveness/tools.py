"""The tools that are compared: how each is run on a document and a URL, and what its own report says it found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from benchmarks.effectiveness.patterns import Json

__all__ = ["TOOLS", "WORDS", "Report", "Tool", "ToolError", "specmatic"]

#: Seconds after which a run is given up; the longest that was seen took a quarter of it.
LIMIT = 600.0

#: What a reader is shown for each tool's name.
WORDS = {
    "speclock": "`speclock check`",
    "schemathesis": "`schemathesis run`",
    "schemathesis-negative": "`schemathesis run -m negative -n 1000`",
    "schemathesis-thorough": "`schemathesis run -n 1000 --continue-on-failure`",
    "specmatic": "Specmatic, generative tests",
}
#: The exit statuses with which every one of these tools says that it could judge.
_JUDGED = {0, 1}

Arguments: TypeAlias = Callable[[Path, str, int, Path], list[str]]
Reader: TypeAlias = Callable[[Path], frozenset[str]]


class ToolError(Exception):
    """A tool did not do its work; the message says how it ended."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one run found, and when it began and ended on the monotonic clock."""

    found: frozenset[str]
    began: float
    ended: float


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool in one setting."""

    name: str
    arguments: Arguments
    """Of the document, the URL, the seed and the folder for its report."""
    read: Reader
    is_slow: bool = False
    """It is run with the first seed, and on the first encoding of each pattern alone."""

    def run(self, document: dict[str, Json], url: str, seed: int) -> Report:
        """Run it, in an empty folder: what it keeps of earlier runs is not to help it."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            contract = folder / "openapi.json"
            contract.write_text(json.dumps(document), "utf-8")
            command = self.arguments(contract, url, seed, folder)
            began = time.monotonic()
            try:
                ran = subprocess.run(
                    command, cwd=folder, env=_environment(), capture_output=True, text=True, check=False, timeout=LIMIT
                )
            except (OSError, subprocess.TimeoutExpired) as problem:
                raise ToolError(f"{self.name}: {problem}") from problem
            ended = time.monotonic()
            if ran.returncode not in _JUDGED:
                raise ToolError(f"{self.name} ended with {ran.returncode}: {(ran.stdout + ran.stderr)[-500:].strip()}")
            return Report(self.read(folder), began, ended)


def _environment() -> dict[str, str]:
    """This process's environment, without coverage's part, which slows a tool down."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}


def _script(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _speclock(contract: Path, url: str, seed: int, folder: Path) -> list[str]:
    report = f"--report=json={folder / 'report.json'}"
    return [_script("speclock"), "check", f"--contract={contract}", f"--url={url}", f"--seed={seed}", report]


def _schemathesis(*more: str) -> Arguments:
    def arguments(contract: Path, url: str, seed: int, folder: Path) -> list[str]:
        report = f"--report-json-path={folder / 'report.json'}"
        return [_script("schemathesis"), "run", str(contract), f"--url={url}", f"--seed={seed}", report, *more]

    return arguments


def _loaded(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((folder / "report.json").read_text("utf-8"))
    return loaded


def _read_speclock(folder: Path) -> frozenset[str]:
    return frozenset(f"{item['operation']} {item['check']} {item['rule']}" for item in _loaded(folder)["findings"])


def _read_schemathesis(folder: Path) -> frozenset[str]:
    return frozenset(
        f"{operation} {item['type']} {item['title']}"
        for item in _loaded(folder)["failures"]
        for operation in item["operations"]
    )


def _read_specmatic(folder: Path) -> frozenset[str]:
    cases = (case for file in folder.glob("*.xml") for case in ET.parse(file).iter("testcase"))
    return frozenset(case.get("name", "") for case in cases if case.find("failure") is not None)


TOOLS = (
    Tool("speclock", _speclock, _read_speclock),
    Tool("schemathesis", _schemathesis(), _read_schemathesis),
    Tool(
        "schemathesis-negative",
        _schemathesis("--mode=negative", "--max-examples=1000"),
        _read_schemathesis,
        is_slow=True,
    ),
    Tool(
        "schemathesis-thorough",
        _schemathesis("--max-examples=1000", "--continue-on-failure"),
        _read_schemathesis,
        is_slow=True,
    ),
)


def specmatic(jar: Path) -> Tool:
    """Specmatic with its generative tests on, which has no seed; its own wrapper only finds Java and the same file."""

    def arguments(contract: Path, url: str, _: int, folder: Path) -> list[str]:
        (folder / "specmatic.yaml").write_text(
            f"version: 2\ncontracts:\n  - provides: [{contract}]\ntest:\n  resiliencyTests:\n    enable: all\n", "utf-8"
        )
        return ["java", "-jar", str(jar.resolve()), "test", f"--testBaseURL={url}", f"--junitReportDir={folder}"]

    return Tool("specmatic", arguments, _read_specmatic, is_slow=True)
