"""The smallest request that shows a finding: parts are left out or made plainer as long as the answer still shows it.

What a request breaks must stay what it was, by the oracle; that the failure is the same, the subject says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from speclock.core.constraints import Part, Place
from speclock.generation.requests import draft_of, get, put, remove, tree_of
from speclock.generation.values import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from speclock.core.cases import Case, Draft, Exchange
    from speclock.core.constraints import Oracle
    from speclock.core.documents import JsonValue
    from speclock.core.findings import Failure, Finding
    from speclock.generation.requests import Tree

__all__ = ["Shrinker"]

#: Requests that one finding may cost.
_MOST = 40
#: Characters of a text that are worth making fewer.
_LONG = 40


@dataclass
class Shrinker:
    """Shrinks the findings of one run."""

    oracle: Oracle
    #: The case with new values where they must be new.
    renew: Callable[[Case], Case]
    #: Sends a case and judges the answer; None when there was none.
    ask: Callable[[Case], tuple[Exchange, tuple[Failure, ...]] | None]

    def shrink(self, finding: Finding) -> None:
        """Put the smallest request that was found into the finding."""
        exchange = finding.exchange
        if exchange is None or exchange.case.draft is None or exchange.case.draft.raw is not None:
            return
        case, left = exchange.case, _MOST
        broken = self.oracle.broken(case.operation, exchange.case.draft)
        if broken is None:
            return
        own, is_smaller = set(broken), True
        failed: set[str] = set()  # what did not show it once is not asked again beside less
        while is_smaller and left > 0:
            is_smaller = False
            for step, draft in list(self._smaller(case)):
                if step in failed:
                    continue
                if left <= 0:
                    return
                found = self.oracle.broken(case.operation, draft)
                if found is None or set(found) != own:
                    continue
                left -= 1
                shown = self._shows(replace(case, draft=draft), finding)
                if shown is not None:
                    finding.exchange, finding.message = shown
                    case, is_smaller = replace(case, draft=draft), True
                    break
                failed.add(step)

    def _shows(self, case: Case, finding: Finding) -> tuple[Exchange, str] | None:
        answered = self.ask(self.renew(case))
        if answered is None:
            return None
        exchange, failures = answered
        for failure in failures:
            if (failure.check, failure.rule) == (finding.check, finding.rule):
                return exchange, failure.message
        return None

    def _smaller(self, case: Case) -> Iterator[tuple[str, Draft]]:
        """Requests a step smaller, those that lose most first, each with what the step is."""
        assert case.draft is not None
        tree, analysis = tree_of(case.draft), self.oracle.analysis(case.operation)
        # A header that the contract does not name is what the case is about, such as a credential in another form.
        held = (place for place in _places(tree) if place.part is not Part.HEADER or analysis.shape(place) is not None)
        places = sorted(held, key=lambda place: -_size(get(tree, place)))
        for place in places:
            if place.part is not Part.PATH:
                yield f"without {place}", _drafted(case, remove(tree, place))
        for place in places:
            value = get(tree, place)
            shape = analysis.shape(place)
            for less in _plainer(value):
                yield f"{less!r} at {place}", _drafted(case, put(tree, place, less))
            if shape is not None and _size(plain(shape)) < _size(value):
                yield f"plain at {place}", _drafted(case, put(tree, place, plain(shape)))


def _drafted(case: Case, tree: Tree) -> Draft:
    draft = draft_of(tree)
    assert case.draft is not None
    return replace(draft, media_type=case.draft.media_type, method=case.draft.method)


def _places(tree: Tree) -> Iterator[Place]:
    """Every parameter and property that the request has, those inside of the first member of an array too."""

    def walk(value: JsonValue, place: Place) -> Iterator[Place]:
        if isinstance(value, dict):
            for name, item in value.items():
                yield place.below(name)
                yield from walk(item, place.below(name))
        elif isinstance(value, list) and value:
            yield place.below("[]")
            yield from walk(value[0], place.below("[]"))

    for part, value in tree.items():
        yield from walk(value, Place(Part(part)))


def _plainer(value: JsonValue) -> Iterator[JsonValue]:
    if isinstance(value, str) and len(value) > _LONG:
        yield value[: len(value) // 2]
    elif isinstance(value, list) and len(value) > 1:
        yield value[:1]
        yield value[: len(value) // 2]
    elif isinstance(value, dict) and value:
        yield {}


def _size(value: JsonValue) -> int:
    return len(repr(value))
