"""Hunts on the loans server, in this process: its mutants, tried one by one on ground that is prepared once."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from speclock.core.profiles import Profile, load_profile
from speclock.core.reading import Reading
from speclock.engine.run import Plan
from speclock.mutants.hunting import Ground, Hunt
from tests.conformance.harness import CONTRACT, PROFILE, SECRET
from tests.conformance.loans_server import KEY, app_with

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from speclock.phases.asgi import AsgiApp

__all__ = ["loans_ground", "plan_for"]

#: The phases that bring no generator with them: they are quick, and the same in every run.
OWN_PHASES = ("examples", "combinations", "auth", "robustness")


def plan_for(
    app: AsgiApp,
    contract: Path = CONTRACT,
    profile: Profile | None = None,
    phases: tuple[str, ...] = OWN_PHASES,
    credentials: dict[str, str] | None = None,
) -> Plan:
    """A plan for an application; that of the loans server unless another contract is given."""
    os.environ[KEY] = SECRET
    reading = Reading.of(contract)
    return Plan(
        contract=reading.contract,
        schemas=reading.schemas,
        rules=reading.rules,
        operations=reading.contract.operations,
        profile=load_profile(PROFILE) if profile is None else profile,
        subject="an application",
        url=None,
        app=app,
        credentials={"readerKey": SECRET} if credentials is None else credentials,
        phases=phases,
        refusals=reading.refusals,
        flaws=reading.flaws,
    )


@contextmanager
def loans_ground() -> Iterator[Ground]:
    """The correct loans server after a run on it, with all of its mutants."""
    with Hunt(plan_for(app_with(None))).ground([]) as ground:
        yield ground
