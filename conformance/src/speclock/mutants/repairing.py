"""A request made right again: one constraint kept that it breaks, one reason taken away for which it is refused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from speclock.core.cases import ABSENT, Absent, Draft
from speclock.core.constraints import ConstraintKind
from speclock.generation.requests import draft_of, tree_of
from speclock.generation.values import plain
from speclock.mutants.credentials import with_text
from speclock.mutants.places import DROPPED, changed_tree, instances
from speclock.phases.writing import write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from speclock.core.cases import Request
    from speclock.core.constraints import Analysis, Constraint, Oracle, Place, Shape
    from speclock.core.contract import Operation
    from speclock.core.documents import JsonValue
    from speclock.generation.levels import Level
    from speclock.generation.requests import Tree
    from speclock.mutants.credentials import Keys
    from speclock.mutants.model import Seen
    from speclock.mutants.places import Change
    from speclock.mutants.reading import Reader

__all__ = ["Repairer"]

#: Headers that say how the body stands on the wire.
_OF_THE_BODY = frozenset({"content-type", "content-length", "transfer-encoding"})
_OF_DATA = frozenset({400, 422})


@dataclass(frozen=True, slots=True)
class Repairer:
    """Repairs requests of one contract."""

    reader: Reader
    oracle: Oracle
    keys: Keys
    #: A legal request of an operation whose ids exist; None when none is known.
    good: Callable[[Operation], Draft | None]
    #: The legal levels of a place.
    classes: Callable[[Operation, Place], list[Level]]

    def keeping(self, seen: Seen, name: str) -> Iterator[Request]:
        """The request with one constraint kept that it breaks, and the others as they were, in every known way."""
        if seen.tree is None or seen.broken is None:
            return
        wanted, made = frozenset(seen.broken) - {name}, set[str]()
        for tree in self._attempts(seen, self.oracle.analysis(seen.operation), name):
            draft, text = draft_of(tree), repr(tree)
            found = self.oracle.broken(seen.operation, draft) if text not in made else None
            made.add(text)
            if found is not None and frozenset(found) == wanted:
                request = self._written(seen, draft)
                if request is not None:
                    yield request
        replaced = None if wanted else self.replaced(seen)
        if replaced is not None:
            yield replaced

    def replaced(self, seen: Seen) -> Request | None:
        """A request whose ids exist in the place of all that this one has but its credential; None: none is known."""
        draft = self.good(seen.operation)
        return None if draft is None else self._written(seen, draft)

    def cured(  # noqa: PLR0911 - one for each status
        self, seen: Seen, status: int
    ) -> Request | None:
        """The request without what deserves this status; None when that is not known."""
        operation, request = seen.operation, seen.request
        if status == 401:
            return self.keys.authorised(operation, request)
        if status == 413:
            return replace(request, body=request.body.strip(), headers=_without(request, {"transfer-encoding"}))
        if status == 415:
            return replace(
                request, headers={**_without(request, {"content-type"}), "Content-Type": operation.media_type}
            )
        cured = request
        good = self.good(operation)
        if status in _OF_DATA and seen.broken:
            for name in seen.broken:
                again = self.reader.read(operation, cured, seen.answer)
                following = next(self.keeping(again, name), None)
                if following is None:
                    return None
                cured = following
            return cured
        if status == 404 and good is not None and seen.tree is not None:
            return self._written(seen, draft_of(_laid_over(seen.tree, tree_of(good))))
        return None

    def _attempts(self, seen: Seen, analysis: Analysis, name: str) -> Iterator[Tree]:
        try:
            constraint = analysis.constraint(name)
        except KeyError:
            return
        assert seen.tree is not None
        draft = self.good(seen.operation)
        good = None if draft is None else tree_of(draft)
        shape, place = analysis.shape(constraint.place), constraint.place
        if not constraint.is_rule and shape is not None:
            if good is not None:
                known = [value for value in instances(good, place, None) if not isinstance(value, Absent)]
                yield from (changed_tree(seen.tree, place, _always(value)) for value in known[:1])
            if not shape.required:
                yield changed_tree(seen.tree, place, self._without_wrong(shape))
            yield changed_tree(seen.tree, place, self._mended(constraint, shape))
        if good is not None:
            yield _laid_over(seen.tree, good)
        for tied in (place, *constraint.ties):
            for level in self.classes(seen.operation, tied) if tied.steps else ():
                yield changed_tree(seen.tree, tied, _always(level))

    def _without_wrong(self, shape: Shape) -> Change:
        accepts = self.oracle.accepts(shape)
        return lambda value: value if not isinstance(value, Absent) and accepts(value) else DROPPED

    def _mended(self, constraint: Constraint, shape: Shape) -> Change:
        accepts = self.oracle.accepts(shape)

        def mend(value: JsonValue | Absent) -> JsonValue | Absent:
            if isinstance(value, Absent):
                return plain(shape) if constraint.kind is ConstraintKind.REQUIRED else value
            return value if accepts(value) else plain(shape)

        return mend

    def _written(self, seen: Seen, draft: Draft) -> Request | None:
        request = seen.request
        try:
            written = write(seen.operation, draft, self.reader.parameters(seen.operation))
        except ValueError:
            return None
        headers = {**_without(request, {*_OF_THE_BODY, *map(str.lower, written.headers)}), **written.headers}
        url = request.url.removesuffix(request.target) + written.target
        values = {name: str(value) for name, value in draft.path.items()}
        made = replace(
            request,
            method=written.method,
            url=url,
            path=urlsplit(url).path,
            target=written.target,
            headers=headers,
            body=written.body,
            path_parameters=values,
        )
        for scheme in self.keys.schemes(seen.operation):
            text = self.keys.given(request, scheme)
            if text is not None and scheme.place != "header":
                made = with_text(made, scheme, text)
        return made


def _laid_over(tree: Tree, good: Tree) -> Tree:
    """The request with the values of a good one at its places, and its others kept."""
    found: dict[str, JsonValue] = dict(tree)
    for part, value in good.items():
        held = found.get(part)
        found[part] = {**held, **value} if isinstance(held, dict) and isinstance(value, dict) else value
    return found


def _always(level: Level) -> Change:
    return lambda _value: DROPPED if level is ABSENT else level


def _without(request: Request, names: set[str]) -> dict[str, str]:
    return {name: value for name, value in request.headers.items() if name.lower() not in names}
