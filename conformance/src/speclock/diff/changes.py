"""What a comparison says: changes, each with a verdict, and the version bump that they owe together."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from speclock.core.contract import Contract
    from speclock.core.documents import JsonValue, Location

__all__ = ["Audience", "Bump", "Change", "Comparison", "Verdict", "is_paid"]


class Audience(StrEnum):
    """Whom a change concerns."""

    SENDERS = "senders"
    READERS = "readers"


class Verdict(StrEnum):
    """What a change does to those who kept to the old document."""

    BREAKING = "breaking"
    COMPATIBLE = "compatible"
    #: Neither a witness nor a proof was found.
    UNDECIDED = "undecided"


class Bump(IntEnum):
    """The step of `info.version` that a change owes (Semantic Versioning 2.0.0)."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Change:
    """One change, for one audience."""

    audience: Audience
    verdict: Verdict
    #: The id of the operation in the old document; in the new one, when it is not in the old.
    operation: str
    #: The place, such as `body.name` or `answer 200 body.id`; empty for what has none.
    where: str
    #: What is different there, in words that can follow the place.
    words: str
    old: Location
    new: Location
    #: The smallest request or answer that shows it; None when none was found.
    witness: JsonValue = None

    @property
    def what(self) -> str:
        """The place and what is different there, in one line."""
        return f"{self.where}: {self.words}" if self.where else self.words


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two documents, compared."""

    old: Contract
    new: Contract
    changes: tuple[Change, ...]
    #: Operations that both have, and those that only one has.
    shared: int
    gone: int
    come: int
    #: Whether the two say the same in other words: descriptions, summaries, examples.
    is_reworded: bool = False
    #: Parts that could not be compared, and why.
    flaws: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)

    @property
    def bump(self) -> Bump:
        """What the changes owe. An undecided one may break, and owes as much as one that does."""
        verdicts = {change.verdict for change in self.changes}
        if verdicts - {Verdict.COMPATIBLE}:
            return Bump.MAJOR
        return Bump.MINOR if verdicts else Bump.PATCH if self.is_reworded else Bump.NONE

    @property
    def paid(self) -> bool:
        """Whether `info.version` pays for it."""
        return is_paid(self.bump, self.old.version, self.new.version)


_NUMBERS = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(-[^+]+)?(?:\+.*)?$", re.IGNORECASE)


def is_paid(bump: Bump, old: str, new: str) -> bool:
    """Whether the step from one version to the other is at least `bump`.

    Before 1.0.0 the second number pays for what breaks, and the third for all else. From a pre-release to the next one
    of the same version, or to that version, what the version itself stands for is paid (2.0.0 for what breaks). A
    version that is not made of numbers pays for nothing.
    """
    if bump is Bump.NONE:
        return True
    before, after = _NUMBERS.match(old.strip()), _NUMBERS.match(new.strip())
    if before is None or after is None:
        return False
    *numbers, pre_release = before.groups()
    *later_numbers, later_pre_release = after.groups()
    one, other = ([int(part or 0) for part in listed] for listed in (numbers, later_numbers))
    if one == other and any(one) and pre_release not in (None, later_pre_release):
        last = max(index for index, number in enumerate(one) if number)
        one[last] -= 1
    if other <= one:
        return False
    step = Bump.MAJOR if other[0] > one[0] else Bump.MINOR if other[1] > one[1] else Bump.PATCH
    if one[0] == 0 and other[0] == 0:
        return step >= (Bump.MINOR if bump is Bump.MAJOR else Bump.PATCH)
    return step >= bump
