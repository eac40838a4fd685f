"""Hunts on the loans server, in this process: its mutants, tried one by one on ground that is prepared once."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from speclock.mutants.hunting import Hunt
from tests.conformance.harness import plan_for
from tests.conformance.loans_server import app_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.mutants.ground import Ground

__all__ = ["OWN_PHASES", "loans_ground"]

#: The phases that bring no generator with them: they are quick, and the same in every run.
OWN_PHASES = ("examples", "combinations", "auth", "robustness")


@contextmanager
def loans_ground() -> Iterator[Ground]:
    """The correct loans server after a run on it, with all of its mutants."""
    with Hunt(plan_for(app_with(None), phases=OWN_PHASES)).ground([]) as ground:
        yield ground
