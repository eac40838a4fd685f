"""The usual ways to give a wrong answer: one of one's own, another body, the answer to another request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from speclock.mutants.answering import with_body

if TYPE_CHECKING:
    from collections.abc import Callable

    from speclock.core.cases import Answer, Request
    from speclock.core.documents import JsonValue
    from speclock.mutants.model import Forward, Seen

__all__ = ["Instead", "Resent", "Rewritten"]


@dataclass(frozen=True, slots=True)
class Instead:
    """Gives an answer of its own to some requests."""

    asks: ClassVar[bool] = False
    is_such: Callable[[Seen], bool] = field(repr=False)
    give: Callable[[Seen], Answer] = field(repr=False)

    def acts(self, seen: Seen) -> bool:
        """See Deviation."""
        return self.is_such(seen)

    def answer(self, seen: Seen, forward: Forward) -> Answer | None:  # noqa: ARG002
        """See Deviation."""
        return self.give(seen) if self.is_such(seen) else None


@dataclass(frozen=True, slots=True)
class Rewritten:
    """Gives the answer with another body, where one can be made."""

    asks: ClassVar[bool] = False
    #: The other body, in a tuple because null is one; None: there is none.
    body: Callable[[Seen], tuple[JsonValue] | None] = field(repr=False)

    def acts(self, seen: Seen) -> bool:
        """See Deviation."""
        return self.body(seen) is not None

    def answer(self, seen: Seen, forward: Forward) -> Answer | None:  # noqa: ARG002
        """See Deviation."""
        found = self.body(seen)
        return None if found is None else with_body(seen.answer, found[0])


@dataclass(frozen=True, slots=True)
class Resent:
    """Asks the subject with another request, and gives that answer."""

    asks: ClassVar[bool] = True
    is_such: Callable[[Seen], bool] = field(repr=False)
    #: The other request; None: none is known.
    request: Callable[[Seen], Request | None] = field(repr=False)
    #: Whether the answer to it is one to be given.
    is_wanted: Callable[[Answer], bool] = field(repr=False)

    def acts(self, seen: Seen) -> bool:
        """See Deviation."""
        return self.is_such(seen)

    def answer(self, seen: Seen, forward: Forward) -> Answer | None:
        """See Deviation."""
        request = self.request(seen) if self.is_such(seen) else None
        answer = None if request is None else forward(request)
        return answer if answer is not None and self.is_wanted(answer) else None
