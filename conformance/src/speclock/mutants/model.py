"""The words of mutation: what a mutant is, and what it sees of each request and answer.

A mutant stands between whoever asks and a correct subject. Each request goes to the subject as it is; the mutant then
lets the answer through, or gives another one, for which it may ask the subject again with a request that it has made.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeAlias

from speclock.generation.requests import tree_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from speclock.core.cases import Answer, Draft, Exchange, Missing, Request
    from speclock.core.constraints import Oracle, Place
    from speclock.core.contract import Operation
    from speclock.core.documents import JsonValue, Location
    from speclock.generation.requests import Tree

__all__ = ["Condition", "Deviation", "Forward", "Mutant", "MutantKind", "Seen"]

#: Asks the correct subject.
Forward: TypeAlias = "Callable[[Request], Answer]"


class MutantKind(StrEnum):
    """What sort of promise a mutant breaks."""

    ACCEPTS = "accepts"
    REFUSES = "refuses"
    SHAPE = "response shape"
    MEANING = "response meaning"
    AUTHENTICATION = "authentication"
    ROBUSTNESS = "robustness"


@dataclass(frozen=True)
class Seen:
    """One request as a server reads it, and the answer of the correct subject."""

    operation: Operation
    exchange: Exchange = field(repr=False)
    #: None where the request is no HTTP message of this operation: other text than JSON in its body, a foreign method.
    draft: Draft | None = field(repr=False)
    oracle: Oracle = field(repr=False)

    @property
    def request(self) -> Request:
        return self.exchange.request

    @property
    def answer(self) -> Answer:
        return self.exchange.answer

    @property
    def key(self) -> str | None:
        """The key under `responses` that describes the answer."""
        return self.operation.response_key(self.answer.status)

    @property
    def body(self) -> JsonValue | Missing:
        """The body of the answer."""
        return self.exchange.answer_json

    @cached_property
    def tree(self) -> Tree | None:
        """The values of the request."""
        return None if self.draft is None else tree_of(self.draft)

    @cached_property
    def broken(self) -> Mapping[str, str] | None:
        """The constraints that the request breaks; None when nothing can be said."""
        return None if self.draft is None else self.oracle.broken(self.operation, self.draft)


class Deviation(Protocol):
    """How an answer is made wrong."""

    #: Whether it sends requests of its own to the subject.
    asks: ClassVar[bool]

    def acts(self, seen: Seen) -> bool:
        """Whether this request and answer are ones that it may change; asks nobody."""

    def answer(self, seen: Seen, forward: Forward) -> Answer | None:
        """The wrong answer; None: the right one goes through."""


@dataclass(frozen=True, slots=True)
class Condition:
    """When a mutant acts: one place of the request is set, or not, or holds one value."""

    words: str
    place: Place
    holds: Callable[[Seen], bool] = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A subject with one promise broken."""

    #: Stable from run to run: `createSession accepts test-case-session-is-not-production`, a condition after `, when`.
    id: str
    kind: MutantKind
    operation: Operation
    #: What it does, as a sentence.
    words: str
    #: The promise that it breaks.
    location: Location
    deviation: Deviation = field(repr=False, compare=False)
    condition: Condition | None = None
    #: The places of the request that it is about, or the one of the answer.
    places: tuple[Place, ...] = ()
    #: The constraint that it lets be broken.
    constraint: str | None = None
    #: The key under `responses` of the answers that it changes.
    status: str | None = None
    #: What it does there, in words that stand in the id.
    way: str | None = None

    def answer(self, seen: Seen, forward: Forward) -> Answer | None:
        """The wrong answer; None: the right one goes through."""
        if self.condition is not None and not self.condition.holds(seen):
            return None
        return self.deviation.answer(seen, forward)
