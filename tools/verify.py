"""The main job: is the client what the contract generates, does the server keep what it promises, would we notice?

Drift first, then evalsessions-server as a real process on SQLite on a free port, then `speclock check` on it with the
sandbox profile, then `speclock sdk` on evalsessions beside that server, then the mutation score of a fixed sample, then
a summary. Exit status: the first that is not 0.
"""

import json
import subprocess
import sys
import time
from typing import Any

from rich.console import Console
from rich.table import Table

from tools.sandbox import REPORTS, ROOT, SPECLOCK, run_speclock, sandbox

__all__ = ["SAMPLE", "main"]

#: Every so many-th mutant is tried here; `nox -s mutants` tries all of them.
SAMPLE = 25
#: Every so many-th case of the SDK is run here; `nox -s sdk` runs all of them.
SDK_SAMPLE = 10
SDK = "evalsessions.conformance:subject"


def main(arguments: list[str]) -> int:
    """Run the whole chain; `arguments` go to `speclock check`. Returns the exit status."""
    if not SPECLOCK.is_file():
        print("error: speclock is not installed beside this Python: run `nox -s verify`", file=sys.stderr)
        return 2
    console = Console()
    started = time.monotonic()
    console.print("[bold]1/5[/] Is generated_client/ what openapi.yaml generates?")
    drift = subprocess.run([sys.executable, "-m", "tools.generate", "--check"], cwd=ROOT, check=False)
    if drift.returncode:
        return drift.returncode

    console.print("[bold]2/5[/] evalsessions-server on SQLite, a real process on a free port")
    REPORTS.mkdir(exist_ok=True)
    written = [REPORTS / f"{name}.{form}" for name in ("verify", "sdk", "sample") for form in ("json", "html")]
    for path in written:
        path.unlink(missing_ok=True)
    with sandbox() as server:
        console.print(f"[bold]3/5[/] speclock check on {server.url}")
        check = run_speclock(server, "check", ["json=reports/verify.json", "html=reports/verify.html"], arguments)
    sdk = 0
    if not check:
        console.print(f"[bold]4/5[/] Document, server, SDK: one rule, three verdicts? Every {SDK_SAMPLE}th case")
        with sandbox() as server:
            reports = ["json=reports/sdk.json", "html=reports/sdk.html"]
            sdk = run_speclock(server, "sdk", reports, [f"--subject={SDK}", f"--sample={SDK_SAMPLE}"])
    mutants = 0
    if not check and not sdk:
        console.print(f"[bold]5/5[/] Would a broken promise be noticed? Every {SAMPLE}th mutant of the contract")
        own_phases = "--phases=examples,combinations,auth,robustness"  # schemathesis's would add no kill
        with sandbox() as server:
            reports = ["json=reports/sample.json", "html=reports/sample.html"]
            mutants = run_speclock(server, "mutants", reports, [own_phases, f"--sample={SAMPLE}"])
    if written[0].is_file():
        judged, score = (json.loads(path.read_text()) if path.is_file() else None for path in written[2::2])
        console.print(_summary(json.loads(written[0].read_text()), judged, score, seconds=time.monotonic() - started))
        console.print("Reports: " + ", ".join(str(path.relative_to(ROOT)) for path in written if path.is_file()))
    return check or sdk or mutants


def _summary(
    report: dict[str, Any], sdk: dict[str, Any] | None, sample: dict[str, Any] | None, *, seconds: float
) -> Table:
    run, rules = report["run"], report["rules"]
    held = sum(rule["verdict"] == "held" for rule in rules)
    table = Table(title=f"{report['contract']['title']} {report['contract']['version']}", show_header=False)
    table.add_row("operations", str(len({rule["operation"] for rule in rules})))
    table.add_row("rules", f"{len(rules)}, {held} of them seen to hold")
    table.add_row("cases", f"{run['cases']} in {run['seconds']:.0f} s, seed {run['seed']}, {', '.join(run['phases'])}")
    table.add_row("findings", str(len(report["findings"])))
    table.add_row("errors", str(len(report["errors"])))
    if sdk is not None:
        apart = f"{sdk['sdk']['differ']} of {len(sdk['sdk']['verdicts'])} rules"
        table.add_row(
            "SDK", f"{len(sdk['findings'])} findings in {sdk['run']['cases']} cases; the three differ on {apart}"
        )
    if sample is not None:
        told = sample["mutants"]
        lives = [item for item in told["list"] if item["state"] in {"survived", "never exercised"}]
        accounted = sum(item["reason"] is not None for item in lives)
        table.add_row(
            "mutation score",
            f"{told['killed']} of {told['made']} sampled mutants killed, {accounted} of the others accounted for, "
            f"{len(lives) - accounted} not",
        )
    table.add_row("in all", f"{seconds:.0f} s")
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
