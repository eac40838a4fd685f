"""`speclock check` on a mock: `python -m tools.conformance [--url URL] [any option of speclock check]`.

Without a URL, Prism is started on openapi.yaml and judged. The profile is that of a stateless mock unless another one
is given; what Prism is known to get wrong is listed there, so that only something new makes the exit status 1.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from tests.support.prism_process import NoPrism, start_prism

__all__ = ["main"]

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = ROOT / "openapi.yaml"
REPORT = ROOT / "reports" / "mock.json"
#: A mock sees whether there is a key, and cannot know a good one.
KEYS = {"GALTEA_API_KEY": "gsk_0of0nobody", "GALILEO_API_KEY": "galileo-0of0nobody"}


def main(arguments: list[str]) -> int:
    """Run the check; its exit status."""
    speclock = Path(sys.executable).with_name("speclock")
    REPORT.parent.mkdir(exist_ok=True)
    command = [str(speclock), "check", f"--contract={CONTRACT.relative_to(ROOT)}", *arguments]
    if not _has("--profile", arguments):
        command.append("--profile=conformance/profiles/mock.toml")
    if not _has("--report", arguments):
        command.append(f"--report=json={REPORT.relative_to(ROOT)}")
    with contextlib.ExitStack() as running:
        if not _has("--url", arguments):
            try:
                command.append(f"--url={running.enter_context(start_prism(CONTRACT))}")
            except NoPrism as error:
                print(f"error: {error}", file=sys.stderr)
                return 2
        return subprocess.run(command, cwd=ROOT, env={**KEYS, **os.environ}, check=False).returncode


def _has(option: str, arguments: list[str]) -> bool:
    return any(argument == option or argument.startswith(f"{option}=") for argument in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
