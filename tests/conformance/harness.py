"""Running speclock on the small servers: as a library, as the command in this process, or as a process of its own."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from speclock.cli import main
from speclock.core.profiles import Profile, load_profile
from speclock.core.reading import Reading
from speclock.engine.run import Plan, run_check
from speclock.phases.base import PHASES
from tests.conformance.loans_server import KEY, app_with

if TYPE_CHECKING:
    from speclock.engine.events import Listener, Outcome
    from speclock.phases.asgi import AsgiApp

__all__ = [
    "COMMAND",
    "CONTRACT",
    "HERE",
    "PROFILE",
    "ROOT",
    "SECRET",
    "Ran",
    "check_app",
    "plan_for",
    "speclock",
    "speclock_process",
]

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CONTRACT = HERE / "loans.yaml"
PROFILE = HERE / "loans.toml"
SECRET = "lk-4f1c/secret+value"
#: What the console script does.
COMMAND = (sys.executable, "-c", "from speclock.cli import main; main()")


def check_app(
    fault: str | None,
    *,
    app: AsgiApp | None = None,
    url: str | None = None,
    contract: Path = CONTRACT,
    seed: int = 1,
    phases: tuple[str, ...] = PHASES,
    listeners: tuple[Listener, ...] = (),
    profile: Profile | None = None,
    credentials: dict[str, str] | None = None,
    budget: float | None = None,
    workers: int = 1,
    shard: tuple[int, int] = (1, 1),
) -> Outcome:
    """Judge a small server; the loans server with `fault` unless another application or a URL is given."""
    plan = plan_for(app or app_with(fault), contract, profile, phases, credentials)
    asked = replace(
        plan, app=None if url else plan.app, url=url, seed=seed, budget=budget, workers=workers, shard=shard
    )
    return run_check(asked, listeners)


def plan_for(
    app: AsgiApp,
    contract: Path = CONTRACT,
    profile: Profile | None = None,
    phases: tuple[str, ...] = PHASES,
    credentials: dict[str, str] | None = None,
) -> Plan:
    """A plan for an application; contract, profile and key are those of the loans server unless others are given."""
    os.environ[KEY] = SECRET
    reading = Reading.of(contract)
    return Plan(
        contract=reading.contract,
        schemas=reading.schemas,
        rules=reading.rules,
        operations=reading.contract.operations,
        profile=load_profile(PROFILE) if profile is None else profile,
        subject="loans",
        url=None,
        app=app,
        credentials={"readerKey": SECRET} if credentials is None else credentials,
        phases=phases,
        refusals=reading.refusals,
        flaws=reading.flaws,
    )


@dataclass(frozen=True)
class Ran:
    """What a command gave."""

    status: int
    out: str
    err: str


def speclock(*arguments: object, cwd: Path = ROOT) -> Ran:
    """Run the command in this process, as its console script does."""
    out, err = io.StringIO(), io.StringIO()
    with (
        patch.dict(os.environ, {KEY: SECRET}),
        patch.object(sys, "argv", ["speclock", *map(str, arguments)]),
        patch.object(sys, "path", [*sys.path]),
        contextlib.chdir(cwd),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as end,
    ):
        main()
    assert isinstance(end.value.code, int)
    return Ran(end.value.code, out.getvalue(), err.getvalue())


def speclock_process(*arguments: object) -> Ran:
    """Run the command as a process of its own."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), KEY: SECRET},
        cwd=ROOT,
        timeout=120,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)
