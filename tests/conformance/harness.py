"""Running speclock on the small servers: in this process, or as the command that a person types."""

import os
import subprocess
import sys
from pathlib import Path

from speclock.core.contract import load_contract
from speclock.core.profiles import Profile, load_profile
from speclock.core.rules import load_rules
from speclock.core.schemas import Schemas
from speclock.engine.events import Listener, Outcome
from speclock.engine.run import Plan, run_check
from tests.conformance.loans_server import KEY, app_with

__all__ = ["CONTRACT", "HERE", "PROFILE", "ROOT", "SECRET", "Ran", "check_app", "speclock"]

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CONTRACT = HERE / "loans.yaml"
PROFILE = HERE / "loans.toml"
SECRET = "lk-4f1c/secret+value"


def check_app(
    fault: str | None,
    *,
    seed: int = 1,
    phases: tuple[str, ...] = ("examples", "coverage", "fuzzing", "stateful"),
    listeners: tuple[Listener, ...] = (),
    profile: Profile | None = None,
    credentials: dict[str, str] | None = None,
    budget: float | None = None,
    workers: int = 1,
) -> Outcome:
    """Judge a small server, in this process."""
    os.environ[KEY] = SECRET
    contract = load_contract(CONTRACT)
    plan = Plan(
        contract=contract,
        schemas=Schemas(contract),
        rules=load_rules(contract),
        operations=contract.operations,
        profile=load_profile(PROFILE) if profile is None else profile,
        subject="loans",
        url=None,
        app=app_with(fault),
        credentials={"readerKey": SECRET} if credentials is None else credentials,
        phases=phases,
        seed=seed,
        budget=budget,
        workers=workers,
    )
    return run_check(plan, listeners)


class Ran:
    """What a command gave."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr


def speclock(*arguments: object, env: dict[str, str] | None = None, cwd: Path = ROOT) -> Ran:
    """Run the command as a process of its own."""
    environment = {name: value for name, value in os.environ.items() if name != KEY}
    done = subprocess.run(
        [sys.executable, "-c", "from speclock.cli import main; main()", *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**environment, "PYTHONPATH": str(ROOT), **({KEY: SECRET} if env is None else env)},
        cwd=cwd,
        timeout=120,
        check=False,
    )
    return Ran(done)
