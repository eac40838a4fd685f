"""Our SDK and our generated client, whole, held to openapi.yaml: all cases, and all mutants of the generated package.

The SDK must have no finding, on every seed; its mutants must be killed or accounted for in
`conformance/profiles/sdk.toml`, and those of the bare client in `bare-client.toml` beside it. What the bare client gets
wrong is told, and no failure. Options of `speclock sdk` may follow, such as `--sample 20`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from tools.sandbox import REPORTS, ROOT, SPECLOCK, run_speclock, sandbox

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["main"]

SEEDS = range(1, 11)
PACKAGE = "evalsessions_client"
SDK, BARE = "evalsessions.conformance:subject", f"client:{PACKAGE}"


def main(arguments: list[str]) -> int:
    """Run it; 0 where all is as it must be."""
    if not SPECLOCK.is_file():
        print("error: speclock is not installed beside this Python: run `nox -s sdk`", file=sys.stderr)
        return 2
    REPORTS.mkdir(exist_ok=True)
    for seed in SEEDS:
        status = _speclock(f"--subject={SDK}", f"--seed={seed}", *arguments)
        if status:
            return status
    with sandbox() as server:
        reports = ["json=reports/sdk.json", "html=reports/sdk.html"]
        status = run_speclock(server, "sdk", reports, [f"--subject={SDK}", *arguments])
    if status:
        return status
    held = [
        _are_accounted_for(SDK, "sdk.toml", REPORTS / "sdk-mutants.json", *arguments),
        _are_accounted_for(BARE, "bare-client.toml", REPORTS / "bare-client.json", *arguments),
    ]
    return 0 if all(held) else 1


def _are_accounted_for(subject: str, accepted: str, report: Path, *arguments: str) -> bool:
    """Hunt the mutants; whether each is killed or has a reason to live, and each reason a mutant."""
    report.unlink(missing_ok=True)
    profile = f"--profile=conformance/profiles/{accepted}"
    _speclock(f"--subject={subject}", f"--report=json={report}", profile, f"--mutants={PACKAGE}", *arguments)
    if not report.is_file():
        return False  # it has said why
    told = json.loads(report.read_text("utf-8"))["sdk"]["mutants"]
    return told is not None and not told["open"] and not told["unmatched"]


def _speclock(*arguments: str) -> int:
    command = [str(SPECLOCK), "sdk", "--contract=openapi.yaml", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
