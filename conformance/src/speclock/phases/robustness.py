"""The robustness phase: hostile input against every operation, and legal input of the sort that servers trip over.

Never a 5xx, always a documented status. What is no JSON, or sent under another media type, must be refused. Legal texts
(NUL, astral, combining, very long) must be accepted and come back. Where a server may rightly refuse what the schema
allows (lone surrogates, numbers beyond a double, depth), both answers are right.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from speclock.core.cases import ABSENT, Case, CaseKind, Demand, Draft
from speclock.core.constraints import Part, Place
from speclock.core.documents import join
from speclock.core.media_types import essence
from speclock.phases.base import Desk, Work
from speclock.phases.methods import method_works

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from speclock.core.contract import Operation
    from speclock.generation.planning import OperationPlan

__all__ = ["Robustness", "body_limit"]

_NAME = "robustness"
_MALFORMED = "malformed_body_rejection"
_INVALID = frozenset({400, 411, 415, 422})
_MEDIA_TYPE = frozenset({400, 406, 415, 422})
#: Any answer but a server error, which `status_conformance` speaks of, as of an undocumented one.
_STATUS = "status_conformance"
_ANY = frozenset(range(200, 500))
_LEVELS = 20_000
_LONG = 100_000
_LIMIT = re.compile(r"(\d+(?:[.,]\d+)?)\s*(KiB|MiB|KB|MB|kB|bytes|B)\b")
_UNITS = {"KiB": 1024, "MiB": 1024**2, "KB": 1000, "kB": 1000, "MB": 1000**2, "bytes": 1, "B": 1}

_EXTRA = b'"speclock-extra": '
#: What is no JSON (RFC 8259), made of a legal body so that nothing else is wrong with it; `@` is the legal body.
_NO_JSON: tuple[tuple[str, bytes], ...] = (
    ("a brace and no more", b"{"),
    ("a comment", b"@ // one"),
    ("two values", b"@ @"),
    ("a NUL behind the value", b"@\0"),
    ("white space alone", b"  \n"),
    ("no JSON at all", b"hello"),
    ("a form", b"a=1&b=2"),
    ("NUL bytes", b"\0\0\0\0"),
)
#: The same with one member more in the object.
_NO_JSON_MEMBER: tuple[tuple[str, bytes], ...] = (
    ("a comma too many", b""),
    ("single quotes", b"'speclock-extra': 1"),
    ("a name without quotes", b"speclock-extra: 1"),
    ("a leading zero", _EXTRA + b"01"),
    ("a number that ends with its point", _EXTRA + b"1."),
    ("a line end inside a text", _EXTRA + b'"\n"'),
    ("an escape that is none", _EXTRA + b'"\\x41"'),
    ("bytes that are no UTF-8", _EXTRA + b'"\xff"'),
    ("a surrogate written as UTF-8", _EXTRA + b'"\xed\xa0\x80"'),
    ("NaN", _EXTRA + b"NaN"),
    ("Infinity", _EXTRA + b"-Infinity"),
    ("another word than true", _EXTRA + b"True"),
    ("brackets without end", _EXTRA + b"[" * _LEVELS),
)
#: What a server may take or refuse, as long as it answers.
_EITHER: tuple[tuple[str, bytes], ...] = (
    ("a byte order mark", b"\xef\xbb\xbf@"),
    ("UTF-16", '{"a": 1}'.encode("utf-16")),
)
_EITHER_MEMBER: tuple[tuple[str, bytes], ...] = (
    ("a name twice", _EXTRA + b"1, " + _EXTRA + b"2"),
    ("deep nesting", _EXTRA + b"[" * _LEVELS + b"]" * _LEVELS),
    ("a very long name", b'"' + b"n" * _LONG + b'": 1'),
    ("ten thousand names", b",".join(b'"n%d": 1' % number for number in range(10_000))),
)
#: The same, unless the contract says that it refuses them (`x-refusals`, `unportable`).
_UNPORTABLE_MEMBER: tuple[tuple[str, bytes], ...] = (
    ("a lone surrogate", _EXTRA + b'"\\ud800"'),
    ("the second half of a surrogate pair", _EXTRA + b'"a\\uDE00"'),
    ("a surrogate pair the wrong way round", _EXTRA + b'["\\ude00\\ud83d"]'),
    ("a name with a lone surrogate", b'"speclock-\\ud83d": 1'),
    ("a number beyond a double", _EXTRA + b"1e400"),
    ("a negative number beyond a double", _EXTRA + b"[-1.5E+309]"),
    ("an integer beyond a double", _EXTRA + b"1" + b"0" * 309),
    ("an integer of ten thousand digits", _EXTRA + b"9" * 10_000),
)
_LONG_TEXT = "long " * 4000
_TEXTS: tuple[tuple[str, str], ...] = (
    ("NUL", "a\0bcd"),
    ("control characters", "a\x01\x1f\x7f\u0085\u2028b"),
    ("characters beyond the basic plane", "\U0001f600\U00020000\U0010fffd"),
    ("combining characters", "e\u0301" + "\u0300\u0327" * 200),
    ("text that runs to the left", "\u202eabc \u05d0\u05d1\u05d2"),
    ("a byte order mark and a noncharacter", "\ufeffabcd\ufffe"),
    ("what databases and shells read", "'; -- \" $(a) ${b} %s {{c}} <d>\\"),
    ("a long text", _LONG_TEXT),
)
_OTHER_MEDIA_TYPES = (
    "text/plain",
    "text/json",
    "application/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "application/vnd.speclock+json",
)
#: For the path, the query, headers and cookies.
_ODD = ("..", "a/b", "%00", "\0", "ü\U0001f600", "a" * 3000, "' OR 1=1", "{}", ";a=b", "null")


@dataclass(frozen=True, slots=True)
class _Body:
    words: str
    draft: Draft
    kind: CaseKind
    demand: Demand | None = None


class Robustness:
    """Sends hostile input."""

    def works(self, desk: Desk, operations: Sequence[Operation], turn: int) -> Iterator[Work]:  # noqa: ARG002
        """See Phase."""
        for operation in operations:
            yield Work(_NAME, operation.id, partial(_send, operation), (operation,), promises=6, cost=100)
        yield from method_works(desk, operations)


def _send(operation: Operation, desk: Desk) -> None:
    plan = desk.plan(operation)
    if plan.plain is None:
        return  # told where the plan is made
    plain = desk.maker.finish(Case(operation, _NAME, CaseKind.POSITIVE, "a plain request", draft=plan.plain))
    desk.take(plain)
    for position, body in enumerate(_made_of(desk, operation, plain)):
        # What must be new is taken by now, and bytes are not written again as drafts are.
        is_taken = body.kind is CaseKind.POSITIVE and bool(plain.fresh)
        own = _made_of(desk, operation, desk.maker.renewed(plain))[position] if is_taken else body
        desk.take(replace(plain, description=own.words, draft=own.draft, kind=own.kind, demand=own.demand))
    for body in _texts(plan, partial(_is_free, desk, operation)):
        desk.take(desk.maker.finish(Case(operation, _NAME, body.kind, body.words, draft=body.draft)))


def _made_of(desk: Desk, operation: Operation, plain: Case) -> list[_Body]:
    """What is made of a plain request."""
    assert plain.draft is not None
    return [*_bodies(desk, operation, plain.draft), *_addresses(desk, operation, plain.draft)]


def _bodies(desk: Desk, operation: Operation, plain: Draft) -> Iterator[_Body]:
    if plain.body is ABSENT or operation.body is None:
        return
    pointer = join(operation.pointer, "requestBody")

    def demand(check: str, words: str, statuses: frozenset[int]) -> Demand:
        return Demand(check, words, statuses, pointer, words)

    good = json.dumps(plain.body).encode()
    yield _Body(
        "a body cut short",
        replace(plain, raw=good[:-1]),
        CaseKind.NEGATIVE,
        demand(_MALFORMED, "a body cut short", _INVALID),
    )
    for words, raw in (*_whole(good, _NO_JSON), *_members(good, _NO_JSON_MEMBER)):
        yield _Body(words, replace(plain, raw=raw), CaseKind.NEGATIVE, demand(_MALFORMED, words, _INVALID))
    for words, raw in (*_whole(good, _EITHER), *_members(good, _EITHER_MEMBER)):
        yield _Body(words, replace(plain, raw=raw), CaseKind.NEGATIVE, demand(_STATUS, words, _ANY))
    promised = desk.refusals(operation)
    is_refused = promised is not None and promised.unportable
    for words, raw in _members(good, _UNPORTABLE_MEMBER):
        wanted = demand(*((_MALFORMED, words, _INVALID) if is_refused else (_STATUS, words, _ANY)))
        yield _Body(words, replace(plain, raw=raw), CaseKind.NEGATIVE, wanted)
    documented = {essence(name) for name in _media_types(desk, operation)}
    statuses = frozenset({415}) if "415" in operation.statuses else _MEDIA_TYPE
    for media_type in _OTHER_MEDIA_TYPES:
        if not documented & {media_type, f"{media_type.partition('/')[0]}/*", "*/*"}:
            words = f"JSON sent as {media_type}"
            wanted = demand("media_type_rejection", words, statuses)
            yield _Body(words, replace(plain, raw=good, media_type=media_type), CaseKind.NEGATIVE, wanted)
    for media_type, words in (
        ("", "JSON without a media type"),
        ("application/json; charset=utf-16", "another charset"),
    ):
        draft = replace(plain, raw=good, media_type=media_type)
        yield _Body(words, draft, CaseKind.NEGATIVE, demand(_STATUS, words, _ANY))
    if operation.body.endswith("/application~1json"):
        for media_type in ("application/json; charset=utf-8", "Application/JSON"):
            yield _Body(f"the media type as {media_type}", replace(plain, media_type=media_type), CaseKind.POSITIVE)
    spaced = b" \n\t" + json.dumps(plain.body, indent=3, ensure_ascii=True).encode() + b"\r\n"
    yield _Body("white space and escapes in the JSON", replace(plain, raw=spaced), CaseKind.POSITIVE)
    limit = body_limit(desk, operation)
    if limit is not None:
        fits, over = good + b" " * (limit - len(good)), good + b" " * (limit + 1 - len(good))
        words = f"a body of {limit} bytes"
        wanted = demand("acceptance_conformance", words, _ANY - _INVALID - {413})
        yield _Body(words, replace(plain, raw=fits), CaseKind.POSITIVE, wanted)
        words = f"a body of {limit + 1} bytes"
        wanted = demand("size_rejection", words, frozenset({413}))
        yield _Body(words, replace(plain, raw=over), CaseKind.NEGATIVE, wanted)
        words = f"a body of {limit + 1} bytes whose length is not announced"
        wanted = demand("size_rejection", words, frozenset({411, 413}))
        chunked = replace(plain, raw=over, headers={**plain.headers, "Transfer-Encoding": "chunked"})
        yield _Body(words, chunked, CaseKind.NEGATIVE, wanted)


def _whole(good: bytes, table: Sequence[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    for words, pattern in table:
        yield words, pattern.replace(b"@", good)


def _members(good: bytes, table: Sequence[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """A member behind the others of a legal object; nothing where the body is none."""
    if not good.endswith(b"}"):
        return
    for words, member in table:
        comma = b"," if good != b"{}" or not member else b""
        yield words, good[:-1] + comma + member + b"}"


def _media_types(desk: Desk, operation: Operation) -> Iterator[str]:
    _, body = desk.contract.document.resolve(join(operation.pointer, "requestBody"))
    content = body.get("content") if isinstance(body, dict) else None
    yield from content if isinstance(content, dict) else ()


def body_limit(desk: Desk, operation: Operation) -> int | None:
    """Bytes that a body may have, as the contract says in the description of the body or of its 413; None: unsaid."""
    if "413" not in operation.statuses:
        return None
    for pointer in (join(operation.pointer, "requestBody"), join(operation.pointer, "responses", "413")):
        _, value = desk.contract.document.resolve(pointer)
        text = str(value.get("description", "")) if isinstance(value, dict) else ""
        found = _LIMIT.search(text)
        if found is not None:
            return int(float(found.group(1).replace(",", ".")) * _UNITS[found.group(2)])
    return None


def _addresses(desk: Desk, operation: Operation, plain: Draft) -> Iterator[_Body]:
    """Odd values in every parameter, and one that nobody documents: legal or not, the answer is a documented one.

    In a path they may make it another path, which is then another operation's, or nobody's.
    """
    for place in desk.oracle.analysis(operation).shapes:
        if place.part is Part.BODY:
            continue
        words = f"an odd value in the {place.part} at {place.steps[0]}"
        for value in _ODD:
            if place.part is not Part.HEADER or (value.isascii() and value.isprintable()):
                yield _odd(operation, plain, place, value, words)
    extra = Place(Part.QUERY, ("speclock-extra",))
    yield _odd(operation, plain, extra, "a%&=\U0001f600", "a query parameter that nobody documents")


def _odd(operation: Operation, plain: Draft, place: Place, value: str, words: str) -> _Body:
    draft = plain.with_parameters(place.part, {**plain.parameters(place.part), place.steps[0]: value})
    if place.part is Part.PATH:
        return _Body(words, draft, CaseKind.PROBE)
    wanted = Demand(_STATUS, words, _ANY, operation.pointer, words)
    return _Body(words, draft, CaseKind.NEGATIVE, wanted)


def _is_free(desk: Desk, operation: Operation, place: Place) -> bool:
    """Whether a place may hold any legal text, and not only the id of something that exists."""
    binding = desk.profile.binding(operation, place.name)
    return binding is None or binding.unique


def _texts(plan: OperationPlan, is_free: Callable[[Place], bool]) -> Iterator[_Body]:
    """Odd legal texts wherever any text may stand, in as many places at once as can be."""
    for words, text in _TEXTS:
        for draft in plan.filled_with(text):
            yield _Body(f"{words} in every text", draft, CaseKind.POSITIVE)
    # Longer than each of them in every text is, so that a finding is shown by the one that tells what it is about.
    odd = "".join(text for _, text in _TEXTS if text != _LONG_TEXT) * 4
    for words, text in (("a text of all that is odd", odd), ("a long text", _LONG_TEXT)):
        for draft in plan.turns_with(text, is_free):
            yield _Body(f"{words} beside other values", draft, CaseKind.POSITIVE)
