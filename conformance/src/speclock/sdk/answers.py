"""Answers to try an SDK's reading with: what the contract allows, what readers must live with, and what is broken.

An answer is *legal* (documented: it must come out as it was sent), *tolerable* (it breaks the contract in a way that
readers are told to expect: an enum has grown, an optional property is null; it comes out as it was sent, or is told by
a documented error), or *broken* (it must be told by a documented error).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from speclock.core.cases import ABSENT, Answer, Case, CaseKind, Exchange, Request
from speclock.core.constraints import ANY_NAME, ITEM
from speclock.core.contract import answer_bodies
from speclock.core.documents import join
from speclock.core.media_types import essence, is_json
from speclock.core.shown import shown
from speclock.core.values import as_text
from speclock.generation.values import candidates, full, plain
from speclock.mutants.answering import answer_shape, answered, documented_headers
from speclock.mutants.malforming import NEW_VALUE, NULL, malforming
from speclock.mutants.model import Seen
from speclock.mutants.places import DROPPED, changed, name_of, to_be
from speclock.sdk.comparing import formats_of, forms_of, has_forms
from speclock.sdk.media_types import COMPARED_AS_TEXT, type_of

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Iterator, Sequence

    from speclock.core.cases import Absent
    from speclock.core.constraints import Oracle, Place, Shape
    from speclock.core.contract import Operation
    from speclock.core.documents import JsonValue
    from speclock.core.reading import Reading
    from speclock.core.schemas import Schemas
    from speclock.mutants.model import Mutant
    from speclock.mutants.places import Change
    from speclock.sdk.comparing import Forms

__all__ = ["LIKE_TIMES", "Served", "Worth", "answers", "statuses_of"]

#: A status of each class for responses such as `4XX` and `default`.
_OF_CLASS = {"2": 200, "3": 304, "4": 400, "5": 500}
#: Statuses whose answers have no body (RFC 9110, section 15), whatever a document says.
_WITHOUT_BODY = frozenset({204, 205, 304})
#: Headers that say how an answer travels, or that a client acts upon by itself.
_OF_CONNECTIONS = frozenset(
    {
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "location",
        "set-cookie",
        "trailer",
        "transfer-encoding",
    }
)
#: Integers that a double, or a 64-bit integer, does not hold.
_BIG = (2**53 + 1, 2**63, -(2**63) - 1, 10**20)
#: RFC 3339, section 5.6: offsets, fractions of any length, lower case, a leap second.
_TIMES = (
    "2026-03-02T09:15:00Z",
    "2026-03-02T09:15:00.1Z",
    "2026-03-02T09:15:00.123456+02:00",
    "2026-03-02T09:15:00.123456789Z",
    "2026-03-02T09:15:00-00:00",
    "2026-03-02t09:15:00z",
    "1990-12-31T23:59:60Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
)
#: What a reader of JSON that guesses takes for moments, which come out otherwise then.
LIKE_TIMES = ("2026-03-02T09:15:00Z", "2026-03-02T09:15:00.10+02:00")
_UNKNOWN = "speclock-unknown"
#: The body of an answer that is no JSON.
_TEXT = "speclock"
#: One that comes out otherwise where white space is taken off, line ends are made anew, or a charset is guessed.
_ODD_TEXT = ' Zürich\r\n"a",1 \n'
_BODILESS = "without a body"
#: What nobody declares: among it, texts that look like a moment and like a UUID, and are no more than texts.
_OF_ANY_FORM: JsonValue = {
    "nested": [None, 1.5],
    "seen": "2026-03-02t09:15:00.10z",
    "by": "6F1E2D3C-4B5A-4978-8A6B-0C1D2E3F4A5B",
}
#: Statuses that are registered (IANA, HTTP Status Code Registry) and rarely documented, by their first digit.
_REGISTERED = {"2": (202, 203, 207, 226), "3": (307, 305), "4": (418, 421, 451), "5": (501, 508, 511)}


class Worth(StrEnum):
    """What the contract says of an answer."""

    LEGAL = "legal"
    TOLERABLE = "tolerable"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Served:
    """An answer to be given."""

    worth: Worth
    #: What is special about it, such as `status 201 with createdAt left out`.
    words: str
    answer: Answer
    #: The place of the promise.
    pointer: str
    #: What it has in common with others, such as `left out`: what is wrong with one of them is wrong with all.
    sort: str
    #: The body as JSON; ABSENT: it has none, or it is no JSON.
    value: JsonValue | Absent = ABSENT
    #: Where it has texts that may come out in another form with the same meaning.
    forms: Forms = frozenset()


def answers(
    reading: Reading, oracle: Oracle, operation: Operation, drawn: int, chance: random.Random
) -> Iterator[Served]:
    """All answers of an operation; `drawn` of each body are combinations left to chance."""
    for key in operation.statuses:
        statuses = statuses_of(operation, key)
        listed = [
            served
            for status in statuses[:1]
            for served in _legal(reading, operation, key, status, drawn=drawn, chance=chance)
        ]
        yield from listed
        for status in statuses[1:]:
            again = _legal(reading, operation, key, status, drawn=0, chance=chance)
            yield from (served for served in again if served.sort == _BODILESS or served.sort.startswith("as "))
        bases = [served for served in listed if is_json(served.answer.headers.get("content-type", ""))]
        for served in (bases or listed)[:1]:
            yield from _of_other_status(operation, key, served)
        if bases:
            yield from _broken(reading, oracle, operation, key, bases)


def statuses_of(operation: Operation, key: str) -> tuple[int, ...]:
    """The statuses to try a key of `responses` at: its own, two of a class such as `4XX`, one of each for `default`.

    Those of `default` are a server's error, and a refusal and a success where no other key tells of any.
    """
    if key.startswith("1"):
        return ()  # no answer of its own: another one follows it (RFC 9110, section 15.2)
    if key.isdigit():
        return (int(key),)
    if key[:1] in _OF_CLASS:
        return tuple(_described(operation, key, key[0])[:2])
    untold = ["5", *(first for first in "42" if not any(name.startswith(first) for name in operation.statuses))]
    return tuple(status for first in untold for status in _described(operation, key, first)[:1])


def _described(operation: Operation, key: str, first: str) -> list[int]:
    """The statuses with this first digit that a key describes, the most usual ones first."""
    every = range(int(first) * 100, int(first) * 100 + 100)
    usual = dict.fromkeys((_OF_CLASS[first], *_REGISTERED.get(first, ()), *every))
    return [status for status in usual if operation.response_key(status) == key]


# Legal answers


def _legal(
    reading: Reading, operation: Operation, key: str, status: int, *, drawn: int, chance: random.Random
) -> Iterator[Served]:
    pointer = join(operation.pointer, "responses", key)
    listed = documented_headers(reading.contract, reading.schemas, operation, key)
    headers = {name: value for name, value in listed.items() if name.lower() not in _OF_CONNECTIONS}
    if operation.method == "HEAD" or status in _WITHOUT_BODY:
        bodies = []
    else:
        bodies = [body for body in answer_bodies(reading.contract, operation) if body[0] == key]
    for _, media_range, place in bodies:
        shape = _shape(reading, place)
        is_binary = shape is not None and not formats_of(shape).isdisjoint({"binary", "byte"})
        media_type = type_of(media_range, [other for _, other, _ in bodies], is_binary=is_binary)
        if media_type is None:
            continue
        made = Answer(status, {**headers, "content-type": media_type}, b"", 0.0)
        if not is_json(media_type):
            body, meant = _other_body(reading, place, shape, media_type)
            served = Served(
                Worth.LEGAL, f"{status} as {media_type}", answered(made, body), place, f"as {media_type}", meant
            )
            yield served
            if meant is not ABSENT and ";" not in media_type and _is_legal(reading.schemas, place, _ODD_TEXT):
                yield _as_odd_text(served)
            continue
        forms = frozenset() if shape is None else forms_of(shape)
        for value, words, sort in _values(reading, place, shape, status, drawn, chance):
            body = json.dumps(value).encode()
            yield Served(Worth.LEGAL, f"{status} with {words}", answered(made, body), place, sort, value, forms)
        for served in _written_otherwise(reading, place, shape, made):
            yield replace(served, forms=forms)
    if not bodies:
        yield Served(Worth.LEGAL, f"{status} {_BODILESS}", Answer(status, headers, b"", 0.0), pointer, _BODILESS)


def _other_body(reading: Reading, place: str, shape: Shape | None, media_type: str) -> tuple[bytes, JsonValue | Absent]:
    """A body that is no JSON, and what is to come out of it; ABSENT where that is for each reader to say."""
    if essence(media_type) == "text/event-stream":
        return f"data: {_TEXT}\n\n".encode(), ABSENT
    if essence(media_type).endswith(("/xml", "+xml")):
        return f"<{_TEXT}/>".encode(), ABSENT
    value = _TEXT if shape is None or _is_legal(reading.schemas, place, _TEXT) else plain(shape)
    if isinstance(value, list | dict):
        value = _TEXT  # how it is written, nobody says; JSON it is not
    is_text = isinstance(value, str) and essence(media_type) in COMPARED_AS_TEXT
    return as_text(value).encode(), value if is_text else ABSENT


def _as_odd_text(served: Served) -> Served:
    media_type = f"{served.answer.headers['content-type']}; charset=utf-8"
    headers = {**served.answer.headers, "content-type": media_type}
    answer = Answer(served.answer.status, headers, _ODD_TEXT.encode(), 0.0)
    words = f"{served.words}, with white space around and letters beyond ASCII"
    return replace(served, words=words, answer=answer, value=_ODD_TEXT)


def _is_legal(schemas: Schemas, place: str, value: JsonValue) -> bool:
    return schemas.response_breakages(place, value) in ([], None)


def _shape(reading: Reading, place: str) -> Shape | None:
    """What the contract says of a body; None where it says nothing."""
    schema = join(place, "schema")
    return answer_shape(reading.schemas, schema) if reading.contract.document.has(schema) else None


def _values(  # noqa: PLR0917 - what is documented, and how much is left to chance
    reading: Reading, place: str, shape: Shape | None, status: int, drawn: int, chance: random.Random
) -> Iterator[tuple[JsonValue, str, str]]:
    """Legal bodies with words and their sort, no two the same, the fullest first."""
    schemas, seen = reading.schemas, set[str]()

    def is_new(value: JsonValue) -> bool:
        key = repr(value)
        if key in seen or not _is_legal(schemas, place, value):
            return False
        seen.add(key)
        return True

    examples = [
        (example.value, f"the example {example.name}") for example in shown(reading.contract, place, str(status))
    ]
    bases = [] if shape is None else [(full(shape), "every property"), (plain(shape), "a plain body")]
    legal = [(value, words) for value, words in (*bases, *examples) if is_new(value)]
    yield from ((value, words, "as documented") for value, words in legal)
    if shape is None or not legal:
        return
    bodies = [value for value, _ in legal]
    changes: list[tuple[Place, Change]] = []
    for part in shape.walk():
        base = None if ANY_NAME in part.place.steps else _with_place(bodies, part.place)
        for change, words in () if base is None else _changes(part, schemas):
            value = changed(base, part.place.steps, change)
            if is_new(value):
                changes.append((part.place, change))
                bodies.append(value)
                yield value, f"{name_of(part.place) if part.place.steps else 'a body'} {words}", words
    for number in range(drawn if changes else 0):
        value = bodies[0]
        for at, change in chance.sample(changes, chance.randint(1, min(8, len(changes)))):
            further = changed(value, at.steps, change)
            value = further if _is_legal(schemas, place, further) else value
        if is_new(value):
            yield value, f"many places changed at once, {number + 1}", "many places changed at once"


def _with_place(bodies: Iterable[JsonValue], place: Place) -> JsonValue:
    """The first body with something to change at a place; None: no body has it, as no body is null and has places."""

    def reaches(body: JsonValue) -> bool:
        found: list[JsonValue | Absent] = []

        def note(value: JsonValue | Absent) -> JsonValue | Absent:
            found.append(value)
            return value

        changed(body, place.steps, note)
        return bool(found)

    return next((body for body in bodies if reaches(body)), None)


def _changes(part: Shape, schemas: Schemas) -> Iterator[tuple[Change, str]]:
    """What may stand at one place, whether or not it is legal there, with words that follow its name."""
    if part.place.steps and part.place.steps[-1] != ITEM and not part.required:
        yield lambda _value: DROPPED, "left out"
    for value, words in _candidates(part, schemas):
        yield to_be(value), f"that is {words}"
    if "object" in part.types:
        yield _with_unknown, "with a property that the contract does not name"


def _candidates(part: Shape, schemas: Schemas) -> Iterator[tuple[JsonValue, str]]:
    def accepts(value: JsonValue) -> bool:
        return all(schemas.keeps(pointer, value) for pointer in part.pointers)

    if "integer" in part.types or "number" in part.types:
        yield from ((value, f"the integer {value}") for value in _BIG)
    if "string" in part.types and not has_forms(part):
        yield from ((text, f"the text {text}") for text in LIKE_TIMES)
    if "date-time" in formats_of(part):
        yield from ((text, f"the time {text}") for text in _TIMES)
    for candidate in candidates(part, accepts):
        if accepts(candidate.value):
            yield candidate.value, candidate.words


def _with_unknown(value: JsonValue | Absent) -> JsonValue | Absent:
    return {**value, _UNKNOWN: _OF_ANY_FORM} if isinstance(value, dict) else value


def _written_otherwise(reading: Reading, place: str, shape: Shape | None, made: Answer) -> Iterator[Served]:
    """One legal body, in bytes that mean the same."""
    value: JsonValue = {} if shape is None else full(shape)
    if not _is_legal(reading.schemas, place, value):
        return
    backwards = dict(reversed(value.items())) if isinstance(value, dict) else value
    escaped = "".join(f"\\u{ord(character):04x}" for character in _UNKNOWN)
    inside = {**value, _UNKNOWN: 1} if isinstance(value, dict) else value
    is_open = _is_legal(reading.schemas, place, inside) and inside is not value
    forms: list[tuple[str, bytes, JsonValue]] = [
        (
            "white space around everything",
            json.dumps(value, indent="\t").replace("\n", "\r\n").encode() + b" \n",
            value,
        ),
        ("its members in another order", json.dumps(backwards).encode(), value),
        ("texts that are not escaped", json.dumps(value, ensure_ascii=False).encode(), value),
    ]
    if is_open:
        name = json.dumps(inside).replace(f'"{_UNKNOWN}"', f'"{escaped}"')
        forms.append(("a name of escapes alone", name.encode(), inside))
    for words, body, meant in forms:
        yield Served(Worth.LEGAL, f"{made.status} written with {words}", answered(made, body), place, words, meant)
    for name in ("charset=utf-8", "charset=UTF-8"):
        kind = f"{made.headers['content-type']}; {name}"
        headers = {**made.headers, "content-type": kind}
        answer = Answer(made.status, headers, json.dumps(value).encode(), 0.0)
        yield Served(Worth.LEGAL, f"{made.status} as {kind}", answer, place, name, value)


# Others


def _of_other_status(operation: Operation, key: str, legal: Served) -> Iterator[Served]:
    """A legal answer with statuses that nobody documents: one of its class, and for success a 500."""
    undocumented = [item for item in _REGISTERED.get(key[:1], ()) if not operation.documents(item)][:1]
    if key[:1] == "2" and not operation.documents(_OF_CLASS["5"]):
        undocumented.append(_OF_CLASS["5"])
    pointer = join(operation.pointer, "responses", key)
    for status in undocumented:
        answer = Answer(status, legal.answer.headers, legal.answer.body, 0.0)
        words = f"{key} with the undocumented status {status} instead"
        yield Served(Worth.BROKEN, words, answer, pointer, "an undocumented status", _value(answer))


def _broken(
    reading: Reading, oracle: Oracle, operation: Operation, key: str, bases: Sequence[Served]
) -> Iterator[Served]:
    """The first of the answers that each mutant of their form breaks."""
    base, forms = bases[0].answer, frozenset(way for served in bases for way in served.forms)
    request = Request(operation.method, operation.path, operation.path, operation.path, {}, b"", {})
    case = Case(operation, "answers", CaseKind.PROBE, "a legal request")
    seen = [Seen(operation, Exchange(case, request, served.answer), None, oracle) for served in bases]
    for mutant in malforming(reading, operation):
        if mutant.status != key or _is_of_optional_header(mutant, reading):
            continue
        tried = (mutant.deviation.answer(one, lambda _request: base) for one in seen)
        broken = next((answer for answer in tried if answer is not None), None)
        if broken is None:
            continue
        worth = Worth.TOLERABLE if _is_tolerable(mutant, reading) else Worth.BROKEN
        words = mutant.words.removeprefix(f"{operation.id} answers ")
        sort = mutant.way or words.partition(" with ")[2]
        yield Served(worth, words, broken, mutant.location.pointer, sort, _value(broken), forms)


def _is_of_optional_header(mutant: Mutant, reading: Reading) -> bool:
    """Whether it breaks a header that need not be there, so that nobody has to read it."""
    holder, _, last = mutant.location.pointer.rpartition("/")
    header = reading.contract.document.at(holder) if last == "schema" else None
    return "/headers/" in holder and isinstance(header, dict) and header.get("required") is not True


def _is_tolerable(mutant: Mutant, reading: Reading) -> bool:
    """Whether readers must expect it: an enum has grown, an optional property is null."""
    if mutant.way == NEW_VALUE:
        return True
    if mutant.way != NULL:
        return False
    holder, name = mutant.location.pointer.rpartition("/properties/")[::2]
    document, pointer = reading.contract.document, join(holder, "required")
    required = document.at(pointer) if holder and document.has(pointer) else []
    return bool(holder) and "/" not in name and name not in (required if isinstance(required, list) else [])


def _value(answer: Answer) -> JsonValue | Absent:
    try:
        value: JsonValue = json.loads(answer.body)
    except ValueError:
        return ABSENT
    return value
