"""Real OpenAPI documents, those of package-lock.json, and what planning all requests of a document takes."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.uncovered import uncovered

__all__ = ["DOCUMENTS", "GITHUB", "GITHUB_EARLIER", "Planning", "missing", "plan"]

_PACKAGES = Path(__file__).resolve().parents[2] / "node_modules"
_EXAMPLES = _PACKAGES / "@readme/oas-examples"

#: The REST interface of GitHub, about a thousand operations.
GITHUB = _PACKAGES / "@octokit/openapi/generated/api.github.com.json"

#: A release of it from some months before.
GITHUB_EARLIER = _PACKAGES / "@octokit/openapi-earlier/generated/api.github.com.json"

#: The others, by a short name.
DOCUMENTS = {
    "blockfrost": _PACKAGES / "@blockfrost/openapi/openapi.yaml",
    "directus": _PACKAGES / "@directus/specs/dist/openapi.json",
    "ideal-postcodes": _PACKAGES / "@ideal-postcodes/openapi/dist/openapi.json",
    "readme": _EXAMPLES / "3.1/json/readme.json",
    "readme-legacy": _EXAMPLES / "3.0/json/readme-legacy.json",
    "star-trek": _EXAMPLES / "3.0/json/star-trek.json",
    "train-travel": _EXAMPLES / "3.1/json/train-travel.json",
    "discriminators": _EXAMPLES / "3.0/json/discriminators.json",
    "schema-circular": _EXAMPLES / "3.0/json/schema-circular.json",
}

_LAST_LINE = re.compile(
    r"(\d+) operations, (\d+) constraints and rules, (\d+) cases planned; "
    r"(\d+) that nothing breaks alone, (\d+) parts not supported"
)


@dataclass(frozen=True, slots=True)
class Planning:
    """What `speclock rules` says of a document at its end, and what it took."""

    operations: int
    constraints: int
    cases: int
    #: Constraints that nothing breaks alone.
    masked: int
    unsupported: int
    seconds: float
    #: Of a processor; on a machine that does other things too, this is what planning costs.
    cpu_seconds: float
    peak_mib: float
    #: All that it says.
    lines: tuple[str, ...] = field(repr=False)


#: Runs a command, says on standard output what it took, and ends like it. From a small process of its own: Linux counts
#: the memory of the process that starts another one as that one's, too.
_MEASURED = """
import resource, subprocess, sys
status = subprocess.run(sys.argv[1:], stdout=2).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss)
sys.exit(status)
"""


def missing(document: Path) -> str | None:
    """Why a document cannot be used; None when it is there."""
    if document.is_file():
        return None
    return f"{document.relative_to(_PACKAGES.parent)} is missing: `nox -s tests` installs it from package-lock.json"


def plan(document: Path) -> Planning:
    """Plan all requests of a document, in a process of its own.

    Raises:
        RuntimeError: the document cannot be planned.
    """
    command = [str(Path(sys.executable).with_name("speclock")), "rules", "--contract", str(document)]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        started = time.monotonic()
        process = subprocess.run(
            [sys.executable, "-c", _MEASURED, *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            env=uncovered(),
            text=True,
            check=False,
        )
        seconds = time.monotonic() - started
        said.seek(0)
        lines = tuple(said.read().splitlines())
    last = lines[-1] if lines else ""
    counts = _LAST_LINE.match(last)
    if process.returncode or counts is None:
        raise RuntimeError(f"`speclock rules` of {document} ended with {process.returncode}: {last}")
    operations, constraints, cases, masked, unsupported = map(int, counts.groups())
    cpu_seconds, peak_kib = map(float, process.stdout.split())
    return Planning(
        operations=operations,
        constraints=constraints,
        cases=cases,
        masked=masked,
        unsupported=unsupported,
        seconds=seconds,
        cpu_seconds=cpu_seconds,
        peak_mib=peak_kib / 1024,
        lines=lines,
    )
