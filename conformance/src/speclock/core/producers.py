"""Where the ids that a request needs can come from: the operations whose answers hold them.

The contract's own links come first. Where there are none, names tell: `petId`, or `{id}` below `/pets`, is what
`POST /pets` answers as `id`, or what stands in the first member that `GET /pets` lists. A guess is marked as one,
because a server cannot be blamed for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from speclock.core.constraints import ITEM, Part, Place
from speclock.core.contract import answer_bodies
from speclock.core.documents import JsonValue, join, split
from speclock.core.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speclock.core.constraints import Analysis
    from speclock.core.contract import Contract, Operation

__all__ = ["Producer", "Producers", "linked_operations", "looks_like_id", "value_at"]

#: The last word of `id`, `petIds`, `pet_id`, `pet-id`, `petID`; not of `grid` or `paid`.
_ID = re.compile(r"(?:^|[._-])(?:id|uuid|guid)s?$|(?:Id|ID|Uuid|UUID|Guid|GUID)s?$")
_RUNTIME = re.compile(r"\$response\.body#(/.*)")
#: Properties of an answer that hold the id of what was made, the most particular last.
_OWN_ID = ("id", "uuid", "guid")
#: Objects around what was made.
_ENVELOPES = ("data", "result", "item", "items", "results")


@dataclass(frozen=True, slots=True)
class Producer:
    """An operation whose success holds an id that another operation takes."""

    operation: str
    #: The JSON pointer of the id in the response body.
    pointer: str
    #: Whether names alone suggest it, and no link says it.
    is_guess: bool = False


def looks_like_id(name: str) -> bool:
    """Whether a property or parameter is called like an id; `name` may be dotted."""
    return _ID.search(name) is not None


class Producers:
    """Who makes the ids that the operations of one contract take."""

    def __init__(self, contract: Contract) -> None:
        """Read the links and the answers of all operations."""
        self._linked: dict[str, dict[Place, Producer]] = {}
        for maker in contract.operations:
            for target, link in _links(contract, maker):
                for place, pointer in _taken(target, link):
                    if target.id != maker.id or place.part is not Part.PATH:  # which it would need itself, to make one
                        self._linked.setdefault(target.id, {}).setdefault(place, Producer(maker.id, pointer))
        self._makers = list(_makers(contract))

    def of(self, analysis: Analysis) -> Mapping[Place, Producer]:
        """For each place of an operation that takes an id: who makes it. Links win over guesses."""
        found = dict(self._linked.get(analysis.operation.id, {}))
        for top in analysis.shapes.values():
            for shape in top.walk():
                place = shape.place
                if place not in found and place.steps and shape.types & {"string", "integer"}:
                    guess = self._guess(analysis.operation, place)
                    if guess is not None:
                        found[place] = guess
        return found

    def _guess(self, operation: Operation, place: Place) -> Producer | None:
        name = place.name.rpartition(".")[2]
        if place.part is Part.PATH:
            before = operation.path.partition("{" + name + "}")[0].rstrip("/")
            for maker in self._makers:
                if maker.operation.path == before and maker.operation.id != operation.id:
                    pointer = maker.ids.get(name) or maker.own_id
                    return None if pointer is None else Producer(maker.operation.id, pointer, is_guess=True)
        word = _word(_ID.sub("", name)) if looks_like_id(name) else ""
        if not word and len(place.steps) > 1 and looks_like_id(name):
            word = _word(place.holder.name.rpartition(".")[2])  # `id` in the members of `pets`
        for maker in self._makers if word else ():
            if word == maker.word and maker.operation.id != operation.id and maker.own_id is not None:
                return Producer(maker.operation.id, maker.own_id, is_guess=True)
        return None


def linked_operations(contract: Contract, operation: Operation) -> set[str]:
    """The ids of the operations that the responses of `operation` link to."""
    return {target.id for target, _ in _links(contract, operation)}


def _links(contract: Contract, operation: Operation) -> Iterator[tuple[Operation, Mapping[str, JsonValue]]]:
    for status in operation.statuses:
        pointer, response = contract.document.resolve(join(operation.pointer, "responses", status))
        listed = response.get("links") if isinstance(response, dict) else None
        for name in listed if isinstance(listed, dict) else ():
            try:
                link = contract.document.resolve(join(pointer, "links", name))[1]
            except ContractError:
                continue
            if isinstance(link, dict):
                for target in contract.operations:
                    if link.get("operationId") == target.id or link.get("operationRef") == f"#{target.pointer}":
                        yield target, link


def _taken(target: Operation, link: Mapping[str, JsonValue]) -> Iterator[tuple[Place, str]]:
    """The places that a link fills from the response body, each with the pointer there."""
    parameters = link.get("parameters")
    for name, value in parameters.items() if isinstance(parameters, dict) else ():
        part, mark, rest = name.partition(".")
        found = _RUNTIME.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            continue
        if mark and part in (Part.PATH, Part.QUERY, Part.HEADER, Part.COOKIE):
            yield Place(Part(part), (rest,)), found[1]
        else:
            yield Place(Part.PATH if name in target.path_parameters else Part.QUERY, (name,)), found[1]

    def walk(value: JsonValue, place: Place) -> Iterator[tuple[Place, str]]:
        if isinstance(value, dict):
            for name, item in value.items():
                yield from walk(item, place.below(name))
        elif isinstance(value, list):
            for item in value:
                yield from walk(item, place.below(ITEM))
        elif isinstance(value, str) and (found := _RUNTIME.fullmatch(value)):
            yield place, found[1]

    yield from walk(link.get("requestBody"), Place(Part.BODY))


@dataclass(frozen=True, slots=True)
class _Maker:
    """An operation that makes something, the word for that, and the ids in its answer by name."""

    operation: Operation
    word: str
    ids: Mapping[str, str]

    @property
    def own_id(self) -> str | None:
        return next((self.ids[name] for name in _OWN_ID if name in self.ids), None)


def _makers(contract: Contract) -> Iterator[_Maker]:
    """Those that create first, then those that list what there is."""
    for method in ("POST", "GET"):
        for operation in contract.operations:
            segments = [part for part in operation.path.split("/") if part and not part.startswith("{")]
            if operation.method == method and segments and not operation.path.endswith("}"):
                ids = dict(_ids(contract, operation, is_list=method == "GET"))
                if ids:
                    yield _Maker(operation, _word(segments[-1]), ids)


def _ids(contract: Contract, operation: Operation, *, is_list: bool) -> Iterator[tuple[str, str]]:
    """Name and pointer of each id in the successful answers; of a list, in its first member."""
    for status, media_type, pointer in answer_bodies(contract, operation):
        if not status.startswith("2") or "json" not in media_type.lower():
            continue
        schema = join(pointer, "schema")
        inside = dict(_properties(contract, schema, frozenset()))
        holders = [("", schema), *((join("", name), inside[name]) for name in _ENVELOPES if name in inside)]
        for where, held in holders:
            thing = _items(contract, held) if is_list else held
            for name, _ in _properties(contract, thing, frozenset()):
                if name in _OWN_ID or looks_like_id(name):
                    yield name, join(where, *([0] if is_list else []), name)


def _items(contract: Contract, pointer: str) -> str:
    """The pointer of the schema of an array's members; empty when the schema is of no array."""
    try:
        pointer, schema = contract.document.resolve(pointer)
    except ContractError:
        return ""
    return join(pointer, "items") if isinstance(schema, dict) and "items" in schema else ""


def _properties(contract: Contract, pointer: str, seen: frozenset[str]) -> Iterator[tuple[str, str]]:
    """The properties of the object that a schema describes, each with the pointer of its schema."""
    if not pointer or pointer in seen:
        return
    try:
        pointer, schema = contract.document.resolve(pointer)
    except ContractError:
        return
    if not isinstance(schema, dict) or pointer in seen:
        return
    properties = schema.get("properties")
    for name in properties if isinstance(properties, dict) else ():
        yield name, join(pointer, "properties", name)
    for key in ("allOf", "oneOf", "anyOf"):
        listed = schema.get(key)
        for index in range(len(listed) if isinstance(listed, list) else 0):
            yield from _properties(contract, join(pointer, key, index), seen | {pointer})


def _word(name: str) -> str:
    """A name as a word: `testCases`, `test-cases` and `test_case` are one."""
    word = re.sub(r"[^a-z0-9]", "", name.lower())
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def value_at(body: JsonValue, pointer: str) -> JsonValue:
    """The value at a pointer of a response body; None when there is none."""
    for step in split(pointer):
        if isinstance(body, dict):
            body = body.get(step)
        elif isinstance(body, list) and step.isdigit() and int(step) < len(body):
            body = body[int(step)]
        else:
            return None
    return body
