"""The answers of one operation in two documents: what could not come and now can, and what no longer comes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from speclock.core.cases import ABSENT
from speclock.core.documents import JsonValue, join
from speclock.core.errors import ContractError
from speclock.diff.alternatives import ANY
from speclock.diff.crossing import Crossing
from speclock.diff.differences import Kind
from speclock.diff.media import canonical, concrete, covering
from speclock.diff.requests import is_text
from speclock.diff.ways import Way
from speclock.diff.writing import as_written, style_of, style_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from speclock.core.contract import Operation
    from speclock.diff.alternatives import Alternative, Schema
    from speclock.diff.comparing import Comparing
    from speclock.diff.differences import Difference
    from speclock.diff.sides import Half
    from speclock.diff.witnesses import Hunt

__all__ = ["AnswerItem", "AnswerPair"]

_STATUSES = range(100, 600)
_NO_BODY = "no body"


@dataclass(frozen=True, slots=True)
class AnswerItem:
    """What differs in the answers of an operation."""

    where: str
    words: str
    narrows: bool
    widens: bool
    old: str | None
    new: str | None
    #: Answers of the old document (True) or the new one that show it, none where none was found.
    witness: Callable[[bool], JsonValue] | None = None
    changes_meaning: bool = False

    def loses(self, *, is_forward: bool) -> bool:
        return self.narrows if is_forward else self.widens


@dataclass
class AnswerPair:
    """The answers of one operation in both documents."""

    old: Half
    new: Half
    before: Operation
    after: Operation
    comparing: Comparing
    forward_hunt: Hunt
    backward_hunt: Hunt

    def items(self) -> Iterator[AnswerItem]:
        """All that differs."""
        told: dict[tuple[str | None, str | None], int] = {}
        for status in _STATUSES:
            told.setdefault((self.before.response_key(status), self.after.response_key(status)), status)
        for (old, new), status in sorted(told.items(), key=lambda entry: entry[1]):
            if old is not None and new is not None:
                yield from self._responses(old, new, status)
            elif old is not None or new is not None:
                yield self._status(old, new, status)

    def _status(self, old: str | None, new: str | None, status: int) -> AnswerItem:
        key = old or new or ""
        shown = key if key == str(status) else f"{key} (such as {status})"
        words = (
            f"the answer {shown} is no longer documented" if new is None else f"the answer {shown} is documented now"
        )
        half, operation = (self.old, self.before) if new is None else (self.new, self.after)
        pointer = join(operation.pointer, "responses", key)

        def witness(is_forward: bool) -> JsonValue:
            hunt = self.forward_hunt if is_forward else self.backward_hunt
            contents = _contents(half, pointer)
            for name, where in contents.items():
                if name != _NO_BODY:
                    schema = (join(where, "schema"),)
                    return _said(status, name, hunt.maker.smallest(schema, schema))
            return {"status": status}

        other = self.after if new is None else self.before
        there = join(other.pointer, "responses")
        return AnswerItem(
            f"answer {key}",
            words,
            new is None,
            old is None,
            pointer if new is None else there,
            there if new is None else pointer,
            witness,
        )

    def _responses(self, old: str, new: str, status: int) -> Iterator[AnswerItem]:
        before, after = join(self.before.pointer, "responses", old), join(self.after.pointer, "responses", new)
        where = f"answer {status}" if old == str(status) else f"answer {old}"
        yield from self._headers(where, before, after, status)
        one, other = _contents(self.old, before), _contents(self.new, after)
        for name, pointer in one.items():
            if covering(name, other) is None:
                yield self._media(where, name, status, pointer, after, is_gone=True)
        for name, pointer in other.items():
            if covering(name, one) is None:
                yield self._media(where, name, status, before, pointer, is_gone=False)
        # What only one side names may be within a range of the other.
        told: set[tuple[str, str]] = set()
        for name in dict.fromkeys((*one, *other)):
            here, there = covering(name, one), covering(name, other)
            if here is not None and there is not None and name != _NO_BODY and (here, there) not in told:
                told.add((here, there))
                prefix = f"{where} body" if len(one) == 1 else f"{where} body ({name})"
                yield from self._content(prefix, name, status, here, there)

    def _media(self, where: str, name: str, status: int, old: str, new: str, *, is_gone: bool) -> AnswerItem:
        shown = "an answer without a body" if name == _NO_BODY else name
        words = f"{shown} no longer comes" if is_gone else f"{shown} may come"

        def witness(is_forward: bool) -> JsonValue:
            if is_forward is not is_gone:
                return None
            if name == _NO_BODY:
                return {"status": status, "body": None, "headers": {"content-length": "0"}}
            schema = (join(old if is_gone else new, "schema"),)
            hunt = self.forward_hunt if is_forward else self.backward_hunt
            return _said(status, name, hunt.maker.smallest(schema, schema))

        return AnswerItem(where, words, is_gone, not is_gone, old, new, witness)

    def _content(self, prefix: str, name: str, status: int, old: str, new: str) -> Iterator[AnswerItem]:
        content = _Content(self, name, status, old, new)
        for difference in self.comparing.differences(*content.schemas):
            yield AnswerItem(
                _place(prefix, difference.place),
                difference.words,
                difference.narrows,
                difference.widens,
                difference.old or old,
                difference.new or new,
                partial(self._body, difference, content),
                difference.changes_meaning,
            )

    def _body(self, difference: Difference, content: _Content, is_forward: bool) -> JsonValue:
        if difference.kind is Kind.UNREAD:
            return None
        own, other = content.schemas if is_forward else content.schemas[::-1]
        mine, theirs = (self.old, self.new) if is_forward else (self.new, self.old)
        hunt = self.forward_hunt if is_forward else self.backward_hunt
        if not hunt.loses(difference):
            for value in hunt.shows(difference, own, other):
                if mine.schemas.accepts(own, value):
                    return content.said(value)
            return None
        for value in hunt.values(difference, own, other):
            if mine.schemas.accepts(own, value) and not theirs.schemas.accepts(other, value):
                return content.said(value)
        # The planner is asked where the verdict hangs on it; of what no longer comes, the verdict is known.
        return None if is_forward else self._crossed(difference, content)

    def _crossed(self, difference: Difference, content: _Content) -> JsonValue:
        """What the planned cases show: the body is put before the planner as the request of an operation of its own."""
        names = content.crossing.at(difference.old, is_forward=False) if difference.old else []
        draft = content.crossing.witness(names, is_forward=False)
        return None if draft is None or draft.body is ABSENT else content.said(draft.body)

    def _headers(self, where: str, before: str, after: str, status: int) -> Iterator[AnswerItem]:
        one, other = _headers(self.old, before), _headers(self.new, after)
        for name in dict.fromkeys((*one, *other)):
            place = f"{where} header {name}"
            old, new = one.get(name), other.get(name)
            is_sure = [
                found is not None and _is_required(half, found) for half, found in ((self.old, old), (self.new, new))
            ]
            if old is None or new is None:
                words = "the header is documented now" if old is None else "the header is no longer documented"
                yield AnswerItem(
                    place,
                    words,
                    False,
                    is_sure[0],
                    old or before,
                    new or after,
                    partial(_without_header, status),
                )
                continue
            if is_sure[0] is not is_sure[1]:
                words = "always comes" if is_sure[1] else "need not come"
                yield AnswerItem(place, words, is_sure[1], is_sure[0], old, new, partial(_without_header, status))
            schemas = _header_schema(self.old, old), _header_schema(self.new, new)
            yield from self._style(place, (status, name), old, new, schemas)
            for difference in self.comparing.differences(*schemas):
                yield AnswerItem(
                    _place(place, difference.place),
                    difference.words,
                    difference.narrows and not is_text(self.new.view, difference, is_new=True),
                    difference.widens and not is_text(self.old.view, difference, is_new=False),
                    difference.old or old,
                    difference.new or new,
                    partial(self._header, difference, schemas, (status, name)),
                    difference.changes_meaning,
                )

    def _style(
        self, where: str, place: tuple[int, str], old: str, new: str, schemas: tuple[Schema, Schema]
    ) -> Iterator[AnswerItem]:
        before, after = (
            style_of(value, "header") if isinstance(value, dict) else ("", False, "")
            for value in (self.old.contract.document.at(old), self.new.contract.document.at(new))
        )
        for name, listed in self.new.view.meaning(schemas[1]).alternatives.items():
            if as_written(before, name) != as_written(after, name):

                def witness(_is_forward: bool, listed: Sequence[Alternative] = listed) -> JsonValue:
                    value = self.backward_hunt.maker.full(listed[0], schemas[1])
                    return {"status": place[0], "headers": {place[1]: value}}

                words = f"is written as {style_words(after)} instead of {style_words(before)}"
                yield AnswerItem(where, words, True, True, old, new, witness)
                return

    def _header(
        self, difference: Difference, schemas: tuple[Schema, Schema], place: tuple[int, str], is_forward: bool
    ) -> JsonValue:
        own, other = schemas if is_forward else schemas[::-1]
        hunt = self.forward_hunt if is_forward else self.backward_hunt
        look = hunt.values if hunt.loses(difference) else hunt.shows
        for value in look(difference, own, other):
            return {"status": place[0], "headers": {place[1]: value}}
        return None


@dataclass
class _Content:
    """The body of an answer in one media type, in both documents."""

    pair: AnswerPair
    name: str
    status: int
    #: The pointers of the media type objects.
    old: str
    new: str

    @property
    def schemas(self) -> tuple[Schema, Schema]:
        return (join(self.old, "schema"),), (join(self.new, "schema"),)

    @cached_property
    def crossing(self) -> Crossing:
        """The planned bodies of both documents, judged by both."""
        pair = self.pair
        before = pair.old.body_of(pair.before, f"{pair.before.id} {self.old}", self.old)
        after = pair.new.body_of(pair.after, f"{pair.after.id} {self.new}", self.new)
        return Crossing(
            Way(pair.old, pair.new, before, after, pair.forward_hunt, {}, {}),
            Way(pair.new, pair.old, after, before, pair.backward_hunt, {}, {}),
        )

    def said(self, body: JsonValue) -> JsonValue:
        return _said(self.status, self.name, body)


def _without_header(status: int, _is_forward: bool) -> JsonValue:
    return {"status": status, "headers": {}}


def _said(status: int, media_type: str, body: JsonValue) -> JsonValue:
    return {"status": status, "headers": {"content-type": concrete(media_type)}, "body": body}


def _contents(half: Half, pointer: str) -> dict[str, str]:
    """The media types of a response with the pointers of their objects; without any, the response itself."""
    try:
        place, response = half.contract.document.resolve(pointer)
        content = response.get("content") if isinstance(response, dict) else None
        found = {
            canonical(name): half.contract.document.resolve(join(place, "content", name))[0]
            for name in (content if isinstance(content, dict) else ())
        }
    except ContractError:
        return {}
    return found or {_NO_BODY: place}


def _headers(half: Half, pointer: str) -> dict[str, str]:
    try:
        place, response = half.contract.document.resolve(pointer)
    except ContractError:
        return {}
    headers = response.get("headers") if isinstance(response, dict) else None
    found: dict[str, str] = {}
    for name in headers if isinstance(headers, dict) else ():
        if name.lower() != "content-type":
            try:
                found[name.lower()] = half.contract.document.resolve(join(place, "headers", name))[0]
            except ContractError:
                continue
    return found


def _is_required(half: Half, pointer: str) -> bool:
    header = half.contract.document.at(pointer)
    return isinstance(header, dict) and header.get("required") is True


def _header_schema(half: Half, pointer: str) -> Schema:
    header = half.contract.document.at(pointer)
    if not isinstance(header, dict) or "schema" in header:
        return (join(pointer, "schema"),)
    content = header.get("content")
    return (join(pointer, "content", next(iter(content)), "schema"),) if isinstance(content, dict) and content else ANY


def _place(where: str, steps: tuple[str, ...]) -> str:
    for step in steps:
        where += step if step == "[]" else f".{step}"
    return where
