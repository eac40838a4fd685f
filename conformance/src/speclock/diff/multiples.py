"""Numbers that are multiples of steps, exactly: 0.1 is a tenth."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from speclock.diff.alternatives import Alternative

__all__ = ["divide", "step_of"]


def divide(steps: frozenset[float], other: Alternative) -> bool:
    """Whether what `other` allows is a multiple of all `steps`."""
    have = step_of(other)
    return not steps or (have is not None and all((have / _exact(step)).denominator == 1 for step in steps))


def step_of(item: Alternative) -> Fraction | None:
    """What all numbers are multiples of; None: of nothing in particular."""
    found: Fraction | None = Fraction(1) if item.is_whole else None
    for step in map(_exact, item.steps):
        found = step if found is None else _common(found, step)
    return found


def _common(one: Fraction, other: Fraction) -> Fraction:
    """The least common multiple."""
    return Fraction(math.lcm(one.numerator, other.numerator), math.gcd(one.denominator, other.denominator))


def _exact(step: float) -> Fraction:
    """A step as it is written: 0.1 is a tenth."""
    return Fraction(str(step))
