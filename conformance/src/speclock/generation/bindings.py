"""Bindings put ids that exist into cases, so that a server has no reason to refuse them but what they are about.

An id comes from the profile, or else from the operation that makes it: by a link of the contract, or guessed from
names.
Only values that a case has are replaced, and only when the case then breaks what it broke before: a binding never adds
a property. A value that must be unique keeps its generated text and gets a nonce of the run.

What looks like an id and is not bound is named as well, because a refusal of the case may be for that id alone: every
path parameter, and every text whose property or parameter is called `id` or ends so.
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING

from speclock.core.cases import ABSENT
from speclock.core.constraints import Part
from speclock.core.producers import looks_like_id
from speclock.core.values import as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from speclock.core.cases import Draft
    from speclock.core.constraints import Place
    from speclock.core.contract import Operation
    from speclock.core.documents import JsonValue
    from speclock.core.producers import Producer
    from speclock.core.profiles import Binding, Profile

__all__ = ["Binder", "Bound", "fresh_text"]

#: Texts of so few characters stay as short as they are, and take their characters from the many ideographs.
_SHORT = 3
_FIRST, _LETTERS = 0x4E00, 20_000
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
#: Members of a list that each get an id of their own.
_DISTINCT = 3


@dataclass(frozen=True, slots=True)
class Bound:
    """A case's request with the bindings put in, and by their dotted names what was bound and what was not."""

    draft: Draft
    #: By the profile.
    known: tuple[str, ...] = ()
    #: By the contract's links.
    linked: tuple[str, ...] = ()
    #: By names that suggest where an id comes from.
    guessed: tuple[str, ...] = ()
    #: What looks like an id and is not bound.
    unbound: tuple[str, ...] = ()
    #: What carries a nonce, and must carry another one when it is sent again.
    fresh: tuple[str, ...] = ()


@dataclass
class Binder:
    """Applies one profile's bindings during one run."""

    profile: Profile
    #: Tells the runs apart; random, never from the seed, so a run can be repeated on the same data.
    nonce: str
    #: The ids that an operation makes, at least so many of them where it can; none when it cannot.
    made: Callable[[Producer, int], Sequence[str | int]]
    #: The same of an operation that the profile names.
    created: Callable[[str, int], Sequence[str | int]]
    #: Whether the run has created a thing of this id: a link put it there, and it is to stay.
    knows: Callable[[str], bool]
    #: Who makes the ids that an operation takes.
    producers: Callable[[Operation], Mapping[Place, Producer]]
    _counter: count[int] = field(default_factory=lambda: count(1))

    def bind(
        self,
        operation: Operation,
        draft: Draft,
        *,
        is_same: Callable[[Draft], bool],
        spared: frozenset[str] = frozenset(),
    ) -> Bound:
        """Put the bindings into a request, which is not changed in place.

        `is_same` tells whether a request breaks what the case is to break. What is `spared` (dotted names) stays.
        """
        binding = _Binding(self, operation, spared)
        bound = binding.request(draft)
        if bound is draft or is_same(bound):
            return binding.bound(bound)
        # What is known does not fit here: bound one by one, as far as it does, or else sent as it was generated.
        for name in binding.names():
            alone = _Binding(self, operation, spared | frozenset(binding.names()) - {name})
            further = alone.request(draft)
            if not is_same(further):
                spared |= {name}
        binding = _Binding(self, operation, spared)
        bound = binding.request(draft)
        if is_same(bound):
            return binding.bound(bound)
        binding = _Binding(self, operation, spared | frozenset(binding.names()))
        return binding.bound(binding.request(draft))

    def fresh(self, value: str) -> str:
        """A text that nobody has used, of the same length where the length may be what the text stands for."""
        value = re.sub(rf"-{self.nonce}-\d+$", "", value)  # of an earlier turn
        return fresh_text(value, self.nonce, next(self._counter))

    def is_known(self, value: JsonValue) -> bool:
        """Whether every id in `value` was created by this run."""
        items = value if isinstance(value, list) else [value]
        return all(isinstance(item, str) and self.knows(item) for item in items)


def fresh_text(value: str, nonce: str, turn: int) -> str:
    """`value` as nobody has used it, marked with eight hexadecimal digits and the number of a turn."""
    mark = f"-{nonce}-{turn:05}"  # always as long, so that what stays of the text does not depend on the turn
    if len(value) > 2 * len(mark):
        return value[: -len(mark)] + mark
    if len(value) > _SHORT:
        return value + mark
    number, letters = int(nonce, 16) * 10_007 + turn, ""
    for _ in value:
        letters += chr(_FIRST + number % _LETTERS)
        number //= _LETTERS
    return letters


class _Binding:
    """One pass over one request."""

    def __init__(self, binder: Binder, operation: Operation, spared: frozenset[str]) -> None:
        self._binder, self._operation, self._spared = binder, operation, spared
        self._producers = {
            (place.part, place.name): producer for place, producer in binder.producers(operation).items()
        }
        self._known: dict[str, None] = {}
        self._linked: dict[str, None] = {}
        self._guessed: dict[str, None] = {}
        self._fresh: dict[str, None] = {}
        self._ids: dict[str, None] = {}

    def request(self, draft: Draft) -> Draft:
        """The request with all bindings in; itself when they change nothing."""
        bound = draft
        for part in (Part.PATH, Part.QUERY, Part.HEADER, Part.COOKIE):
            values = draft.parameters(part)
            if values and (named := self._named(part, values)) != values:
                bound = bound.with_parameters(part, named)
        if draft.body is not ABSENT and draft.raw is None:
            body = self._walk(draft.body, "")
            if body is not draft.body:
                bound = replace(bound, body=body)
        return bound

    def names(self) -> tuple[str, ...]:
        """What was bound."""
        return (*self._known, *self._linked, *self._guessed)

    def bound(self, draft: Draft) -> Bound:
        """The outcome."""
        names = set(self.names())
        return Bound(
            draft,
            tuple(self._known),
            tuple(self._linked),
            tuple(self._guessed),
            tuple(name for name in self._ids if name not in names),
            tuple(self._fresh),
        )

    def _named(self, part: Part, values: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        if part is Part.PATH:  # where every value is a text
            values = {
                name: value if isinstance(value, list | dict) else as_text(value) for name, value in values.items()
            }
        return {name: self._replaced(part, name, value) for name, value in values.items()}

    def _walk(self, value: JsonValue, path: str) -> JsonValue:
        if isinstance(value, dict):
            found: dict[str, JsonValue] = {}
            for key, item in value.items():
                below = f"{path}.{key}" if path else key
                found[key] = self._walk(self._replaced(Part.BODY, below, item), below)
            return found if any(found[key] is not item for key, item in value.items()) else value
        if isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
            items = [self._walk(item, path) for item in value]
            return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
        return value

    def _replaced(self, part: Part, path: str, value: JsonValue) -> JsonValue:
        if path in self._spared:
            return value
        is_id = part is Part.PATH or looks_like_id(path)
        if value is None or isinstance(value, bool | dict | float):
            return value
        if is_id and not self._binder.is_known(value) and _holds_ids(value):
            self._ids.setdefault(path)
        binding = self._binder.profile.binding(self._operation, path)
        if binding is not None:
            return self._from_profile(binding, path, value)
        producer = self._producers.get((part, path))
        if producer is None or not _holds_ids(value) or self._binder.profile.stateless:
            return value
        made = self._chosen(self._binder.made(producer, _wanted(value)), value)
        if made is None:
            return value
        (self._guessed if producer.is_guess else self._linked).setdefault(path)
        return made

    def _from_profile(self, binding: Binding, path: str, value: JsonValue) -> JsonValue:
        self._known.setdefault(path)
        if binding.unique:
            if not isinstance(value, str):
                return value
            self._fresh.setdefault(path)
            return self._binder.fresh(value)
        known: Sequence[str | int] = binding.values
        if binding.created is not None:
            known = self._binder.created(binding.created, _wanted(value))
        chosen = self._chosen(known, value)
        return chosen if chosen is not None else [] if isinstance(value, list) else None

    def _chosen(self, known: Sequence[str | int], value: JsonValue) -> JsonValue:
        if not known:
            return None
        start = zlib.crc32(json.dumps(value, sort_keys=True).encode())
        if isinstance(value, list):
            if value and all(self._stays(item, known) for item in value):
                return value
            return [known[(start + index) % len(known)] for index in range(len(value))]
        if self._stays(value, known):
            return value
        chosen = known[start % len(known)]
        is_uuid = _UUID.fullmatch(str(value)) and _UUID.fullmatch(str(chosen))
        return str(chosen).upper() if is_uuid and str(value) != str(value).lower() else chosen

    def _stays(self, value: JsonValue, known: Sequence[str | int]) -> bool:
        if value in known or not isinstance(value, str):
            return value in known
        # A UUID is the same one in upper and in lower case (RFC 9562, section 4).
        is_same_uuid = _UUID.fullmatch(value) is not None and value.lower() in [str(item).lower() for item in known]
        return is_same_uuid or self._binder.knows(value)


def _holds_ids(value: JsonValue) -> bool:
    items = value if isinstance(value, list) else [value]
    return any(isinstance(item, str | int) for item in items)


def _wanted(value: JsonValue) -> int:
    return min(len(value), _DISTINCT) if isinstance(value, list) else 1
