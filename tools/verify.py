"""The main job: is the client what the contract generates, and does the server keep what the contract promises?

Drift first, then evalsessions-server as a real process on SQLite on a free port, then `speclock check` on it with the
sandbox profile, then a summary. Exit status: the first that is not 0 of drift's and speclock's.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.support.server_process import start_server

__all__ = ["main"]

ROOT = Path(__file__).resolve().parent.parent
REPORT = ROOT / "reports" / "verify.json"
SPECLOCK = Path(sys.executable).with_name("speclock")


def main(arguments: list[str]) -> int:
    """Run the whole chain; `arguments` go to `speclock check`. Returns the exit status."""
    if not SPECLOCK.is_file():
        print("error: speclock is not installed beside this Python: run `nox -s verify`", file=sys.stderr)
        return 2
    console = Console()
    started = time.monotonic()
    console.print("[bold]1/3[/] Is generated_client/ what openapi.yaml generates?")
    drift = subprocess.run([sys.executable, "-m", "tools.generate", "--check"], cwd=ROOT, check=False)
    if drift.returncode:
        return drift.returncode

    console.print("[bold]2/3[/] evalsessions-server on SQLite, a real process on a free port")
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.unlink(missing_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="evalsessions-verify-") as folder,
        start_server(database=f"sqlite:///{folder}/verify.db") as server,
    ):
        console.print(f"[bold]3/3[/] speclock check on {server.url}")
        command = [str(SPECLOCK), "check", "--contract=openapi.yaml", f"--url={server.url}"]
        command += ["--profile=conformance/profiles/sandbox.toml", f"--report=json={REPORT}", *arguments]
        check = subprocess.run(command, cwd=ROOT, env={**os.environ, **server.environment}, check=False)
    if REPORT.is_file():
        console.print(_summary(json.loads(REPORT.read_text()), seconds=time.monotonic() - started))
        console.print(f"Report: {REPORT.relative_to(ROOT)}")
    return check.returncode


def _summary(report: dict[str, Any], *, seconds: float) -> Table:
    run, rules = report["run"], report["rules"]
    held = sum(rule["verdict"] == "held" for rule in rules)
    table = Table(title=f"{report['contract']['title']} {report['contract']['version']}", show_header=False)
    table.add_row("operations", str(len({rule["operation"] for rule in rules})))
    table.add_row("rules", f"{len(rules)}, {held} of them seen to hold")
    table.add_row("cases", f"{run['cases']} in {run['seconds']:.0f} s, seed {run['seed']}, {', '.join(run['phases'])}")
    table.add_row("findings", str(len(report["findings"])))
    table.add_row("errors", str(len(report["errors"])))
    table.add_row("in all", f"{seconds:.0f} s")
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
