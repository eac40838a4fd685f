"""Failures, findings and errors.

A failure is one answer that breaks a promise. Failures with the same cause (operation, check and rule) are one
finding with a count. An error is a case of which nothing can be said; it is never a finding.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from speclock.core.cases import Exchange
    from speclock.core.documents import Location

__all__ = ["Failure", "Finding", "HarnessError", "fingerprint"]


class Failure(AssertionError):  # noqa: N818 - a verdict on the subject, not an error of the harness
    """One broken promise.

    Attributes:
        check: the check that saw it, `<noun>_conformance` or `<noun>_rejection`.
        kind: what was seen, such as `UndocumentedStatus`.
        rule: the rule or constraint that was broken; with operation and check it makes the cause.
        pointer: the place of the promise in the contract.
        title: a short sentence.
        message: expected and got, in words.
    """

    def __init__(self, *, check: str, kind: str, rule: str, pointer: str, title: str, message: str) -> None:
        super().__init__(f"{title}: {message}")
        self.check = check
        self.kind = kind
        self.rule = rule
        self.pointer = pointer
        self.title = title
        self.message = message


@dataclass(slots=True)
class Finding:
    """All failures of one cause, shown by the smallest request that had it."""

    id: str
    check: str
    kind: str
    rule: str
    operation: str
    title: str
    message: str
    location: Location
    exchange: Exchange | None
    phase: str
    count: int = 1
    #: The profile's reason when it expects this finding.
    expected: str | None = None


@dataclass(frozen=True, slots=True)
class HarnessError:
    """Why a case, or a part of the run, could not be judged."""

    operation: str | None
    phase: str
    kind: str
    message: str


def fingerprint(operation: str, check: str, rule: str) -> str:
    """The stable name of a cause: equal from run to run and from machine to machine."""
    return hashlib.sha256("\0".join((operation, check, rule)).encode()).hexdigest()[:12]
