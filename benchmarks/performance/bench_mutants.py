"""`speclock mutants` beside a fresh `speclock check` for each mutant: the same verdicts, and what each costs.

All mutants of our contract are tried on evalsessions-server; of a few of them, taken evenly from all, each is served
over HTTP as well and judged by a `check` of its own, as one would without the command.

Run: python -m benchmarks.performance.bench_mutants [--mutants N]
`--goal 300` makes the exit status 1 when the whole command takes more seconds.
"""

from __future__ import annotations

import argparse
import os
import platform
import threading
import time
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

from speclock.cli.preparing import Options, prepare
from speclock.engine.run import run_check
from speclock.mutants.hunting import Hunt
from speclock.mutants.proxy import MutantTransport, mutant_server
from speclock.mutants.score import State
from tests.support.server_process import start_server

__all__ = ["main"]

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=5, help="how many are checked afresh")
    parser.add_argument("--goal", type=float, default=None, help="the most seconds that the whole command may take")
    options = parser.parse_args()
    print(f"openapi.yaml on evalsessions-server, speclock {version('speclock')}, Python {platform.python_version()}")
    with start_server(is_measured=False) as server:
        asked = Options(ROOT / "openapi.yaml", url=server.url, profile=ROOT / "conformance/profiles/sandbox.toml")
        plan = prepare(asked, {**os.environ, **server.environment}).plan
        started = time.monotonic()
        with Hunt(plan).ground([]) as ground:
            score = Hunt(plan).on(ground)
            whole = time.monotonic() - started
            made = len(score.results)
            print(f"speclock mutants: {made} mutants in {whole:.0f} s, {whole - score.seconds:.0f} s of it for the run")
            step = max(1, made // max(1, options.mutants))
            agreed, spent = 0, 0.0
            sample = score.results[step // 2 :: step][: options.mutants]
            for result in sample:
                transport = MutantTransport(ground.run.transport, ground.kit.reader, result.mutant)
                url = ground.run.url(result.mutant.operation)
                with mutant_server(transport, url, "127.0.0.1", 0) as proxy:
                    threading.Thread(target=proxy.serve_forever, daemon=True).start()
                    started = time.monotonic()
                    outcome = run_check(replace(plan, url=f"http://127.0.0.1:{proxy.server_port}"), [])
                    seconds = time.monotonic() - started
                    proxy.shutdown()
                agreed += bool(outcome.findings) is (result.state is State.KILLED)
                spent += seconds
                found = ", ".join(finding.title for finding in outcome.findings) or "nothing"
                said = f"check afresh finds {found}, in {seconds:.1f} s"
                print(f"  {result.mutant.id}: {result.state.value}; {said}", flush=True)
    if sample:
        afresh = spent / len(sample) * made
        print(f"check says the same of {agreed} of {len(sample)}")
        print(f"ratio:   a check afresh for each would take {afresh / 3600:.1f} h, {afresh / whole:.0f} times as long")
    missed = (options.goal is not None and whole > options.goal) or agreed < len(sample)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
