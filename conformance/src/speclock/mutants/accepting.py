"""Mutants that accept what they must refuse: the request is repaired behind their back and sent again."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from speclock.core.cases import Answer, Missing
from speclock.core.documents import join
from speclock.core.media_types import essence
from speclock.mutants.deviations import Instead, Resent
from speclock.mutants.model import Mutant, MutantKind
from speclock.mutants.reading import header, is_foreign_method, is_of_contract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from speclock.core.contract import Operation
    from speclock.mutants.kit import Kit
    from speclock.mutants.model import Forward, Seen
    from speclock.mutants.repairing import Repairer

__all__ = ["accepting"]

#: What a body is refused with that is none of the operation's.
_OF_BODY = frozenset({400, 406, 411, 413, 415, 422})
#: Ways to repair one request that are tried.
_TRIES = 4
_OF_DATA = ("400", "422")
#: Refusals that are for something else than what stands in the request: no credential, no rights, load.
_OUTSIDE = frozenset({"401", "403", "405", "406", "408", "429"})


def _is_no_json(seen: Seen) -> bool:
    return bool(seen.request.body) and is_of_contract(seen) and isinstance(seen.exchange.request_json, Missing)


def _is_foreign(seen: Seen) -> bool:
    return bool(seen.request.body) and not is_of_contract(seen) and not isinstance(seen.exchange.request_json, Missing)


def _is_sent_as(ending: str, seen: Seen) -> bool:
    return _is_foreign(seen) and essence(header(seen.request, "content-type") or "").endswith(ending)


def _is_chunked(seen: Seen) -> bool:
    return header(seen.request, "transfer-encoding") == "chunked"


def _is_unportable(seen: Seen) -> bool:
    return is_of_contract(seen) and not isinstance(seen.exchange.request_json, Missing) and seen.broken is None


_UNREADABLE = (
    ("a body that is not JSON", "what is not JSON", _is_no_json),
    ("JSON under another media type", "JSON that is sent as something else", _is_foreign),
    ("JSON under a media type that ends in +json", "JSON of another sort", partial(_is_sent_as, "+json")),
    ("JSON under another text type than plain text", "JSON that is sent as text", partial(_is_sent_as, "text/json")),
    ("too large a body whose length is not announced", "a body in chunks, however large,", _is_chunked),
    ("JSON that not every reader can hold", "lone surrogates and numbers beyond a double", _is_unportable),
)


#: What is answered to a method that the path does not have.
_OF_METHOD = {
    "accepts a method that its path does not have": Answer(200, {"content-type": "application/json"}, b"{}", 0.0),
    "refuses a method that its path does not have and names none": Answer(405, {}, b"", 0.0),
}


def _given(answer: Answer, _seen: Seen) -> Answer:
    return answer


def accepting(kit: Kit, operation: Operation) -> Iterator[Mutant]:
    """One for each constraint, for each documented refusal, and for each two refusals whose order is promised."""
    for constraint in kit.oracle.analysis(operation).constraints:
        yield Mutant(
            id=f"{operation.id} accepts {constraint.id}",
            kind=MutantKind.ACCEPTS,
            operation=operation,
            words=f"{operation.id} accepts a request that breaks {constraint.id} ({constraint.words})",
            location=constraint.location,
            deviation=_Keeping(kit.repairer, constraint.id),
            places=constraint.ties if constraint.is_rule else (constraint.place,),
            constraint=constraint.id,
        )
    for name, words, is_such in _UNREADABLE if operation.body is not None else ():
        yield Mutant(
            id=f"{operation.id} accepts {name}",
            kind=MutantKind.ACCEPTS,
            operation=operation,
            words=f"{operation.id} takes {words} for a legal body",
            location=kit.contract.locate(join(operation.pointer, "requestBody")),
            deviation=_unrefused(kit.repairer, _OF_BODY, is_such),
        )
    if kit.reader.is_first(operation):
        yield from _foreign_methods(kit, operation)
    for status in operation.statuses:
        if status.startswith("4") and status.isdigit() and status not in {*_OF_DATA, *_OUTSIDE}:
            yield Mutant(
                id=f"{operation.id} accepts what deserves {status}",
                kind=MutantKind.ACCEPTS,
                operation=operation,
                words=f"{operation.id} never answers {status}, and treats such a request like a legal one",
                location=kit.contract.locate(join(operation.pointer, "responses", status)),
                deviation=_unrefused(kit.repairer, frozenset({int(status)}), lambda _seen: True),
            )
    yield from _reordered(kit, operation)


def _foreign_methods(kit: Kit, operation: Operation) -> Iterator[Mutant]:
    for words, answer in _OF_METHOD.items():
        yield Mutant(
            id=f"{operation.id} {words}",
            kind=MutantKind.ACCEPTS,
            operation=operation,
            words=f"{operation.id} {words}",
            location=kit.contract.locate(operation.pointer.rpartition("/")[0]),
            deviation=Instead(is_foreign_method, partial(_given, answer)),
        )


def _reordered(kit: Kit, operation: Operation) -> Iterator[Mutant]:
    promised = kit.refusals.get(operation.id)
    for first, second in itertools.combinations(promised.order if promised is not None else (), 2):
        assert promised is not None
        yield Mutant(
            id=f"{operation.id} tells {second} before {first}",
            kind=MutantKind.ACCEPTS,
            operation=operation,
            words=f"{operation.id} tells {second} of a request that deserves {first} as well",
            location=kit.contract.locate(join(promised.place, "order")),
            deviation=_reordering(kit.repairer, first, second),
        )


@dataclass(frozen=True, slots=True)
class _Keeping:
    """Does not look at one constraint."""

    asks: ClassVar[bool] = True
    repairer: Repairer = field(repr=False)
    constraint: str

    def acts(self, seen: Seen) -> bool:
        """See Deviation."""
        return 400 <= seen.answer.status < 500 and seen.broken is not None and self.constraint in seen.broken

    def answer(self, seen: Seen, forward: Forward) -> Answer | None:
        """See Deviation."""
        if not self.acts(seen):
            return None
        other: Answer | None = None
        for request in itertools.islice(self.repairer.keeping(seen, self.constraint), _TRIES):
            answer = forward(request)
            if answer.is_success:
                return answer
            if other is None and not _says_the_same(answer, seen.answer):
                other = answer
        return other


def _unrefused(repairer: Repairer, statuses: frozenset[int], is_such: Callable[[Seen], bool]) -> Resent:
    """Knows no refusal of these statuses."""
    return Resent(
        lambda seen: seen.answer.status in statuses and is_such(seen),
        repairer.replaced,
        lambda answer: answer.is_success,
    )


def _reordering(repairer: Repairer, first: int, second: int) -> Resent:
    """Looks for one thing that is wrong only behind another."""
    return Resent(
        lambda seen: seen.answer.status == first,
        lambda seen: repairer.cured(seen, first),
        lambda answer: answer.status == second,
    )


def _says_the_same(one: Answer, other: Answer) -> bool:
    return (one.status, one.body) == (other.status, other.body)
