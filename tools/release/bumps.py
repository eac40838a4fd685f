"""What a change owes in version numbers, and whether two versions pay it: the rules of `info.version`, for both.

A version is `X.Y.Z`. A breaking change raises X, an addition Y, anything else Z. While X is 0 nothing is promised for
ever: there a breaking change raises Y, and everything else Z.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from tools.release.errors import ReleaseError

__all__ = ["Bump", "Debt", "Version", "owed_by", "pays", "step"]


class Bump(IntEnum):
    """The part of a version that a change raises."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Debt:
    """What one change owes, and the line that says so."""

    bump: Bump
    why: str


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A released version, or the one to come."""

    major: int
    minor: int
    patch: int

    @classmethod
    def of(cls, text: str, where: str) -> Version:
        """Read a version; `where` is named when it is none.

        Raises:
            ReleaseError: it is not three numbers.
        """
        if not re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", text):
            raise ReleaseError(f"{where}: expected a version like 1.2.3, got {text!r}: mend it")
        return cls(*(int(number) for number in text.split(".")))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


def owed_by(debts: list[Debt]) -> Bump:
    """The greatest bump among the debts."""
    return max((debt.bump for debt in debts), default=Bump.NONE)


def step(old: Version, owed: Bump) -> Version:
    """The least version after `old` that pays what is owed."""
    if owed is Bump.NONE:
        return old
    if old.major and owed is Bump.MAJOR:
        return Version(old.major + 1, 0, 0)
    if owed is (Bump.MINOR if old.major else Bump.MAJOR):
        return Version(old.major, old.minor + 1, 0)
    return Version(old.major, old.minor, old.patch + 1)


def pays(old: Version, new: Version, owed: Bump) -> bool:
    """Whether going from `old` to `new` tells users what is owed."""
    return new >= step(old, owed)
