"""Two contracts compared: every difference judged, for senders and for readers."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from speclock.core.documents import JsonValue, join
from speclock.core.errors import UsageError
from speclock.diff.answers import AnswerPair
from speclock.diff.changes import Audience, Change, Comparison, Verdict
from speclock.diff.comparing import Comparing
from speclock.diff.matching import match
from speclock.diff.promises import changed_promises
from speclock.diff.requests import RequestPair
from speclock.diff.security import credentials_of, enough, said
from speclock.diff.servers import servers_of
from speclock.diff.sides import Side
from speclock.diff.unjudged import unjudged, unjudged_webhooks
from speclock.diff.witnesses import Hunt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from speclock.core.contract import Contract, Operation
    from speclock.diff.answers import AnswerItem
    from speclock.diff.items import Item
    from speclock.diff.matching import Matching
    from speclock.diff.unjudged import Unjudged

__all__ = ["compare"]

#: Operations whose requests differ, up to which all planned cases of each are judged by both documents. Beyond, only
#: where neither a witness nor a proof was found without them.
_CROSSED = 40

_BOTH = (Audience.SENDERS, Audience.READERS)


def compare(
    old: Contract,
    new: Contract,
    *,
    only_shared: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Comparison:
    """Compare two contracts; `progress` is told how many operations are done, and of how many.

    Raises:
        UsageError: with `only_shared`, there is no operation that both have.
    """
    started = time.monotonic()
    matching = match(old.operations, new.operations)
    if only_shared and not matching.shared:
        raise UsageError(
            f"{old.document.file} and {new.document.file} have no operation in common (same method and path); "
            "give two documents of one interface"
        )
    judge = _Judge(Side(old), Side(new), matching, only_shared=only_shared)
    changes = tuple(judge.changes(progress))
    return Comparison(
        old,
        new,
        changes,
        shared=len(matching.shared) + len(matching.moved),
        gone=len(matching.gone),
        come=len(matching.come),
        is_reworded=not changes and _wording(old.document.value) != _wording(new.document.value),
        flaws=tuple(dict.fromkeys((*judge.old.flaws(), *judge.new.flaws()))),
        seconds=time.monotonic() - started,
    )


class _Judge:
    def __init__(self, old: Side, new: Side, matching: Matching, *, only_shared: bool) -> None:
        self.old, self.new = old, new
        self._matching, self._only_shared = matching, only_shared
        one, other = old.requests, new.requests
        self._requests = Comparing(one.view, other.view, (one.schemas.alone, other.schemas.alone))
        self._request_hunts = (
            Hunt(one, other, self._requests, is_forward=True),
            Hunt(other, one, self._requests, is_forward=False),
        )
        one, other = old.answers, new.answers
        self._answers = Comparing(one.view, other.view, (one.schemas.alone, other.schemas.alone))
        self._answer_hunts = (
            Hunt(one, other, self._answers, is_forward=True),
            Hunt(other, one, self._answers, is_forward=False),
        )

    def changes(self, progress: Callable[[int, int], None]) -> Iterator[Change]:
        matching = self._matching
        if not self._only_shared:
            yield from self._operations()
        pairs = list(matching.shared) + ([] if self._only_shared else list(matching.moved))
        judged = []
        for before, after in pairs:
            pair = RequestPair(
                self.old.requests, self.new.requests, before, after, self._requests, *self._request_hunts
            )
            judged.append((pair, list(pair.items())))
        is_few = sum(bool(items) for _, items in judged) <= _CROSSED
        for index, (pair, items) in enumerate(judged):
            progress(index, len(judged))
            if not self._only_shared:
                yield from self._servers(pair.before, pair.after)
            yield from self._security(pair.before, pair.after)
            yield from self._of_requests(pair, items, is_crossed=is_few)
            yield from self._of_answers(pair.before, pair.after)
            yield from self._promises(pair)
            for item in unjudged(self.old.contract, self.new.contract, pair.before, pair.after):
                yield from self._said(item, pair.before.id)
        if not self._only_shared:
            for name, item in unjudged_webhooks(self.old.contract, self.new.contract):
                yield from self._said(item, f"webhook {name}")
        progress(len(judged), len(judged))

    def _operations(self) -> Iterator[Change]:
        """Operations that are gone, new, moved or called otherwise."""
        sides = (self._matching.gone, self.new, "cannot be read"), (self._matching.come, self.old, "could not be read")
        unread = set()
        for operations, other, failed in sides:
            flaws = {flaw.operation: flaw.text for flaw in other.contract.flaws if flaw.operation is not None}
            for operation in operations:
                name = f"{operation.method} {operation.path}"
                if name in flaws:
                    unread.add(operation.pointer)
                    what, place = f"{name} {failed}: {flaws[name]}", operation.pointer
                    for audience in _BOTH:
                        yield self._change(audience, Verdict.UNDECIDED, operation, what, place, place, None)
        for operation in self._matching.gone:
            if operation.pointer in unread:
                continue
            what = f"{operation.method} {operation.path} is gone"
            witness: JsonValue = {"method": operation.method, "path": operation.path}
            yield self._change(
                Audience.SENDERS, Verdict.BREAKING, operation, what, operation.pointer, "/paths", witness
            )
        for operation in self._matching.come:
            if operation.pointer in unread:
                continue
            what = f"{operation.method} {operation.path} is new"
            witness = {"method": operation.method, "path": operation.path}
            yield self._change(
                Audience.SENDERS, Verdict.COMPATIBLE, operation, what, "/paths", operation.pointer, witness
            )
        for before, after in self._matching.moved:
            what = f"{before.method} {before.path} is now {after.method} {after.path}"
            witness = {"method": before.method, "path": before.path}
            yield self._change(Audience.SENDERS, Verdict.BREAKING, before, what, before.pointer, after.pointer, witness)
        for before, after in self._matching.shared:
            yield from self._names(before, after)

    def _names(self, before: Operation, after: Operation) -> Iterator[Change]:
        """The `operationId`, where there is one: what an operation without is called is nobody's promise."""
        old, new = join(before.pointer, "operationId"), join(after.pointer, "operationId")
        had, has = self.old.contract.document.has(old), self.new.contract.document.has(new)
        if had and before.id != after.id:
            now = after.id if has else "gone"
            what = f"the operationId is {now} instead of {before.id}, and generated clients call it so"
            yield self._change(Audience.SENDERS, Verdict.BREAKING, before, what, old, new, {"operationId": before.id})
        elif has and not had:
            what = f"the operationId {after.id} is new"
            yield self._change(Audience.SENDERS, Verdict.COMPATIBLE, before, what, old, new, {"operationId": after.id})

    def _servers(self, before: Operation, after: Operation) -> Iterator[Change]:
        """Where requests go: an address that is no longer documented is one that nobody need answer at."""
        one, other = servers_of(self.old.contract, before), servers_of(self.new.contract, after)
        for url in (url for url in one if url not in other):
            what, new = f"the server {url} is gone", next(iter(other.values()))
            yield self._change(Audience.SENDERS, Verdict.BREAKING, before, what, one[url], new, {"server": url})
        for url in (url for url in other if url not in one):
            what, old = f"the server {url} is new", next(iter(one.values()))
            yield self._change(Audience.SENDERS, Verdict.COMPATIBLE, before, what, old, other[url], {"server": url})

    def _security(self, before: Operation, after: Operation) -> Iterator[Change]:
        one = credentials_of(self.old.contract, before)
        other = credentials_of(self.new.contract, after)
        places = self._security_place(self.old, before), self._security_place(self.new, after)
        for have in one:
            if not enough(have, other):
                what = f"{said(have)} no longer suffices; needed: {' or '.join(map(said, other))}"
                witness: JsonValue = {"method": before.method, "path": before.path, "credentials": said(have)}
                yield self._change(Audience.SENDERS, Verdict.BREAKING, before, what, *places, witness)
        for have in other:
            if not enough(have, one):
                what = f"{said(have)} suffices now"
                witness = {"method": after.method, "path": after.path, "credentials": said(have)}
                yield self._change(Audience.SENDERS, Verdict.COMPATIBLE, before, what, *places, witness)

    @staticmethod
    def _security_place(side: Side, operation: Operation) -> str:
        own = join(operation.pointer, "security")
        return own if side.contract.document.has(own) else "/security"

    # Requests

    def _of_requests(self, pair: RequestPair, items: list[Item], *, is_crossed: bool) -> Iterator[Change]:
        told: set[str] = set()
        for item in items:
            if item.changes_meaning:
                witness = self._shown(pair, item)
                for audience in _BOTH:
                    yield self._of_item(audience, Verdict.BREAKING, pair, item, witness)
                continue
            verdict, witness, names = self._judged(pair, item)
            told |= names
            yield self._of_item(Audience.SENDERS, verdict, pair, item, witness)
        if is_crossed and items and not any(item.is_unread for item in items):
            # What is written in another way is another thing on the wire, whatever its schema says.
            rewritten = tuple(
                item.where for item in items if item.is_certain and item.difference is None and item.where != "body"
            )
            yield from self._left_over(pair, told, rewritten)

    def _of_item(
        self, audience: Audience, verdict: Verdict, pair: RequestPair, item: Item, witness: JsonValue
    ) -> Change:
        old, new = item.old or pair.before.pointer, item.new or pair.after.pointer
        return self._change(audience, verdict, pair.before, item.words, old, new, witness, item.where)

    def _judged(self, pair: RequestPair, item: Item) -> tuple[Verdict, JsonValue, set[str]]:
        """The verdict, the witness, and the constraints of the new document that the difference accounts for."""
        if item.is_unread:
            return Verdict.UNDECIDED, None, set()
        if not item.narrows:
            return Verdict.COMPATIBLE, self._shown(pair, item), set()
        way = pair.forward
        for draft in item.drafts(True) if item.drafts is not None else ():
            if item.is_certain or way.is_witness(draft, item.rules):
                return Verdict.BREAKING, way.said(draft), set(way.breaks(draft) or ())
        names = set(item.rules) | set(pair.crossing.at(item.new, is_forward=True) if item.new else ())
        crossed = pair.crossing.witness(names, is_forward=True)
        if crossed is not None:
            return Verdict.BREAKING, way.said(crossed), names
        return Verdict.UNDECIDED, None, names

    def _shown(self, pair: RequestPair, item: Item) -> JsonValue:
        """A request that is legal now and was not; or else one in which the difference can be seen."""
        if item.widens:
            for draft in item.drafts(False) if item.drafts is not None else ():
                if item.is_certain or pair.backward.is_witness(draft, item.rules):
                    return pair.backward.said(draft)
            if item.is_rule:
                names = set(item.rules) | set(pair.crossing.at(item.old, is_forward=False) if item.old else ())
                crossed = pair.crossing.witness(names, is_forward=False)
                if crossed is not None:
                    return pair.backward.said(crossed)
        for way, is_forward in ((pair.backward, False), (pair.forward, True)):
            for draft in item.shows(is_forward) if item.shows is not None else ():
                if way.is_legal(draft):
                    return way.said(draft)
        return None

    def _left_over(self, pair: RequestPair, told: set[str], rewritten: tuple[str, ...]) -> Iterator[Change]:
        """What planned cases show beyond the differences that were found: told as what it breaks."""
        way = pair.forward
        for name, draft in pair.crossing.broken(is_forward=True).items():
            broken = way.breaks(draft) or {}
            if set(broken) & told or name.startswith(rewritten) or way.is_witness(draft) is False:
                continue
            told |= set(broken)
            what = f"a request that was legal breaks {name}"
            yield self._change(
                Audience.SENDERS,
                Verdict.BREAKING,
                pair.before,
                what,
                pair.before.pointer,
                broken[name],
                way.said(draft),
            )

    # Answers

    def _of_answers(self, before: Operation, after: Operation) -> Iterator[Change]:
        pair = AnswerPair(self.old.answers, self.new.answers, before, after, self._answers, *self._answer_hunts)
        for item in pair.items():
            old, new = item.old or before.pointer, item.new or after.pointer
            if item.changes_meaning:
                for audience in _BOTH:
                    yield self._change(
                        audience, Verdict.BREAKING, before, item.words, old, new, self._answer(item), item.where
                    )
            elif not item.widens:
                yield self._change(
                    Audience.READERS, Verdict.COMPATIBLE, before, item.words, old, new, self._answer(item), item.where
                )
            else:
                witness = item.witness(False) if item.witness is not None else None
                verdict = Verdict.UNDECIDED if witness is None else Verdict.BREAKING
                yield self._change(Audience.READERS, verdict, before, item.words, old, new, witness, item.where)

    @staticmethod
    def _answer(item: AnswerItem) -> JsonValue:
        """An answer that no longer comes, or one in which the difference can be seen."""
        if item.witness is None:
            return None
        first = item.witness(item.narrows)
        return first if first is not None else item.witness(not item.narrows)

    def _promises(self, pair: RequestPair) -> Iterator[Change]:
        for promise in changed_promises(self.old, self.new, pair.before, pair.after, pair):
            verdict = Verdict.UNDECIDED if promise.is_undecided else Verdict.BREAKING
            old = promise.old.location.pointer if promise.old else pair.before.pointer
            new = promise.new.location.pointer if promise.new else pair.after.pointer
            for audience in _BOTH:
                yield self._change(audience, verdict, pair.before, promise.words, old, new, promise.witness)
        one, other = (join(operation.pointer, "x-refusals") for operation in (pair.before, pair.after))
        said = [
            side.contract.document.at(pointer) if side.contract.document.has(pointer) else None
            for side, pointer in ((self.old, one), (self.new, other))
        ]
        if said[0] != said[1]:
            what = "x-refusals says something else of what a refusal holds"
            yield self._change(Audience.READERS, Verdict.UNDECIDED, pair.before, what, one, other, None)

    def _said(self, item: Unjudged, name: str) -> Iterator[Change]:
        """What is not judged, as undecided."""
        places = self.old.contract.locate(item.old), self.new.contract.locate(item.new)
        for audience in item.audiences:
            yield Change(audience, Verdict.UNDECIDED, name, "", item.words, *places)

    def _change(  # noqa: PLR0917
        self,
        audience: Audience,
        verdict: Verdict,
        operation: Operation,
        words: str,
        old: str,
        new: str,
        witness: JsonValue,
        where: str = "",
    ) -> Change:
        places = self.old.contract.locate(old), self.new.contract.locate(new)
        return Change(audience, verdict, operation.id, where, words, *places, witness)


def _wording(value: JsonValue) -> frozenset[str]:
    """What a document tells people, wherever it stands."""
    found: set[str] = set()
    stack = [value]
    while stack:
        here = stack.pop()
        if isinstance(here, list):
            stack += here
        elif isinstance(here, dict):
            found |= {text for key in ("description", "summary") if isinstance(text := here.get(key), str)}
            stack += here.values()
    return frozenset(found)
