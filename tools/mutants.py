"""The mutation score of our contract: every mutant of evalsessions-server, killed or accounted for.

Options of `speclock mutants` may follow; without a `--report` the reports are written to `reports/`.
"""

from __future__ import annotations

import sys

from tools.sandbox import REPORTS, SPECLOCK, run_speclock, sandbox

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Run it; its exit status."""
    if not SPECLOCK.is_file():
        print("error: speclock is not installed beside this Python: run `nox -s mutants`", file=sys.stderr)
        return 2
    REPORTS.mkdir(exist_ok=True)
    is_told = any(argument.startswith("--report") for argument in arguments)
    reports = [] if is_told else ["json=reports/mutants.json", "html=reports/mutants.html"]
    with sandbox() as server:
        return run_speclock(server, "mutants", reports, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
