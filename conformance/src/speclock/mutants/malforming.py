"""Mutants whose answers break what is documented of their form: status, media type, headers, body."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from speclock.core.cases import ABSENT, Absent, Answer, Missing
from speclock.core.constraints import ANY_NAME, ITEM
from speclock.core.constraints.shapes import json_type
from speclock.core.contract import answer_bodies
from speclock.core.documents import join
from speclock.generation.values import candidates
from speclock.mutants.answering import answer_shape, answered
from speclock.mutants.classes import listed
from speclock.mutants.deviations import Instead, Rewritten
from speclock.mutants.model import Mutant, MutantKind
from speclock.mutants.places import DROPPED, changed, name_of, to_be

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from speclock.core.constraints import Place, Shape
    from speclock.core.contract import Contract, Operation
    from speclock.core.documents import JsonValue
    from speclock.core.schemas import Schemas
    from speclock.mutants.model import Deviation, Seen
    from speclock.mutants.places import Change

__all__ = ["NEW_VALUE", "NULL", "Read", "malforming"]

#: Ways to break one place that readers may be told to live with.
NULL, NEW_VALUE = "that is null", "that is none of its values"
#: One value of each JSON type, to stand where another type must.
_OF_EACH_TYPE: tuple[JsonValue, ...] = (17, "speclock", True, {"speclock": 1}, ["speclock"], 1.5)
#: Statuses that hardly any operation documents, by their first digit.
_UNUSUAL = {"2": (299, 226, 207), "4": (499, 418, 451), "3": (399, 306), "1": (199,)}


class Read(Protocol):
    """A contract with its schemas."""

    @property
    def contract(self) -> Contract: ...
    @property
    def schemas(self) -> Schemas: ...


def malforming(kit: Read, operation: Operation) -> Iterator[Mutant]:
    """For each documented answer: another status, media type or header, and each property of its body broken."""
    for key in operation.statuses:
        yield from _statuses(kit, operation, key)
        yield from _headers(kit, operation, key)
    for key, media_type, pointer in answer_bodies(kit.contract, operation):
        if "json" in media_type:
            yield from _media_types(kit, operation, key, pointer)
            yield from _bodies(kit, operation, key, pointer)


def _mutant(  # noqa: PLR0917 - the parts of one sentence
    kit: Read,
    operation: Operation,
    key: str,
    what: str,
    pointer: str,
    deviation: Deviation,
    place: Place | None = None,
    way: str | None = None,
) -> Mutant:
    return Mutant(
        id=f"{operation.id} answers {key} with {what}",
        kind=MutantKind.SHAPE,
        operation=operation,
        words=f"{operation.id} answers {key} with {what}",
        location=kit.contract.locate(pointer),
        deviation=deviation,
        places=() if place is None else (place,),
        status=key,
        way=way,
    )


def _statuses(kit: Read, operation: Operation, key: str) -> Iterator[Mutant]:
    status = next((item for item in _UNUSUAL.get(key[:1], ()) if not operation.documents(item)), None)
    if status is not None and key[0] != "5":
        pointer = join(operation.pointer, "responses", key)
        change = _told(key, lambda answer: replace(answer, status=status, native=None))
        yield _mutant(kit, operation, key, f"the undocumented status {status} instead", pointer, change)


def _headers(kit: Read, operation: Operation, key: str) -> Iterator[Mutant]:
    pointer, response = kit.contract.document.resolve(join(operation.pointer, "responses", key))
    listed_headers = response.get("headers") if isinstance(response, dict) else None
    for name in listed_headers if isinstance(listed_headers, dict) else ():
        place, header = kit.contract.document.resolve(join(pointer, "headers", name))
        if isinstance(header, dict) and header.get("required") is True and name.lower() != "content-type":
            yield _mutant(kit, operation, key, f"no header {name}", place, _told(key, _without_header(name)))
        schema = join(place, "schema")
        if kit.contract.document.has(schema):
            wrong = next((text for text in ("", "speclock", "-1", "1.5") if not kit.schemas.keeps(schema, text)), None)
            if wrong is not None and name.lower() != "content-type":
                change = _told(key, _with_header(name, wrong))
                yield _mutant(kit, operation, key, f"a header {name} that is {wrong!r}", schema, change)


def _media_types(kit: Read, operation: Operation, key: str, pointer: str) -> Iterator[Mutant]:
    holder = pointer.rpartition("/")[0]
    html = _with_header("Content-Type", "text/html")
    yield _mutant(kit, operation, key, "the media type text/html", holder, _told(key, html))
    yield _mutant(kit, operation, key, "no media type", holder, _told(key, _without_header("Content-Type")))
    yield _mutant(kit, operation, key, "JSON that is cut short", pointer, _told(key, _cut))
    empty = _told(key, lambda answer: answered(answer, b""))
    yield _mutant(kit, operation, key, "no body", pointer, empty)


def _cut(answer: Answer) -> Answer:
    body = answer.body.rstrip()[:-1]
    try:
        json.loads(body)
    except ValueError:
        return answered(answer, body)
    return answered(answer, b"[" + body)  # such as a number that has lost a digit


def _bodies(kit: Read, operation: Operation, key: str, pointer: str) -> Iterator[Mutant]:
    schema = join(pointer, "schema")
    if not kit.contract.document.has(schema):
        return
    for shape in answer_shape(kit.schemas, schema).walk():
        place = shape.place
        if ANY_NAME in place.steps or not shape.pointers:
            continue
        for what, change in _breakages(shape, kit.schemas):
            name = f"{name_of(place)} " if place.steps else "a body "
            changing = Rewritten(partial(_broken, key, change, kit.schemas, pointer, place))
            yield _mutant(kit, operation, key, name + what, shape.pointers[0], changing, place, what)


def _breakages(shape: Shape, schemas: Schemas) -> Iterator[tuple[str, Change]]:
    """Ways to break what the schema says of one place, in words that follow its name."""
    if shape.required and shape.place.steps and shape.place.steps[-1] != ITEM:
        yield "left out", lambda _value: DROPPED
    for wrong in _OF_EACH_TYPE:
        kind = json_type(wrong)
        if kind not in shape.types and not (kind == "integer" and "number" in shape.types):
            yield f"of the wrong type {kind}", to_be(wrong)
            break
    if "null" not in shape.types:
        yield NULL, to_be(None)
    if any("enum" in holder.keywords or "const" in holder.keywords for holder in shape.holders):
        values = [value for value in listed(shape) if isinstance(value, str)]
        if values:
            yield NEW_VALUE, to_be(f"{values[0]}_SPECLOCK")
    told: set[str] = set()
    for name in ("format", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems"):
        for holder in shape.holders:
            for keyword in holder.keywords.get(name, ()) if name not in told else ():
                unlike = _unlike(holder, keyword.pointer, schemas)
                if not isinstance(unlike, Absent):
                    told.add(name)
                    yield f"against its {name}", to_be(unlike)


def _unlike(shape: Shape, keyword: str, schemas: Schemas) -> JsonValue | Absent:
    """A value of the right type that breaks a keyword; ABSENT: none was found."""
    holder = keyword.rpartition("/")[0]

    def keeps(value: JsonValue) -> bool:
        return schemas.keeps(holder, value)

    for candidate in candidates(shape, keeps):
        if candidate.value is not None and json_type(candidate.value) in shape.types and not keeps(candidate.value):
            return candidate.value
    return ABSENT


def _without_header(name: str) -> Callable[[Answer], Answer]:
    return lambda answer: replace(
        answer,
        headers={key: value for key, value in answer.headers.items() if key.lower() != name.lower()},
        native=None,
    )


def _with_header(name: str, value: str) -> Callable[[Answer], Answer]:
    def change(answer: Answer) -> Answer:
        less = _without_header(name)(answer)
        return replace(less, headers={**less.headers, name: value})

    return change


def _told(key: str, change: Callable[[Answer], Answer]) -> Instead:
    """Changes answers of one documented status."""
    return Instead(lambda seen: seen.key == key, lambda seen: change(seen.answer))


def _broken(  # noqa: PLR0917 - all but what is seen is bound by the mutant
    key: str, change: Change, schemas: Schemas, pointer: str, place: Place, seen: Seen
) -> tuple[JsonValue] | None:
    """The body with the schema broken at one place."""
    body = seen.body
    if seen.key != key or isinstance(body, Missing):
        return None
    new = changed(body, place.steps, change)
    return (new,) if schemas.response_breakages(pointer, new) else None
