"""One operation in one direction: requests that one document allows, judged by the other."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote

from speclock.core.cases import ABSENT, Draft
from speclock.core.constraints import Part, Place, parameters
from speclock.core.documents import join
from speclock.diff.alternatives import ANY
from speclock.diff.differences import Kind
from speclock.generation.bases import Bases
from speclock.generation.levels import is_writable
from speclock.generation.requests import draft_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speclock.core.constraints import Parameter
    from speclock.core.contract import Operation
    from speclock.core.documents import JsonValue
    from speclock.diff.alternatives import Schema
    from speclock.diff.differences import Difference
    from speclock.diff.sides import Half
    from speclock.diff.witnesses import Hunt

__all__ = ["Way", "named_parameters", "schema_of"]


@dataclass
class Way:
    """One direction: requests of `own`, judged by `other`."""

    own: Half
    other: Half
    operation: Operation
    counterpart: Operation
    hunt: Hunt
    #: The parameters of both, by what they are called on the wire.
    mine: Mapping[tuple[str, str], Parameter]
    theirs: Mapping[tuple[str, str], Parameter]

    @cached_property
    def base(self) -> Draft:
        """A small request of `own`, with what `other` requires as far as `own` knows it."""
        draft = Draft()
        for key, parameter in self.mine.items():
            other = self.theirs.get(key)
            if parameter.required or (other is not None and other.required):
                value = self.hunt.maker.smallest(schema_of(parameter), ANY if other is None else schema_of(other))
                draft = self.with_parameter(draft, parameter.place, "a" if value is None else value)
        if self._body is not None and (
            self._requires_body(self.own, self.operation) or self._requires_body(self.other, self.counterpart)
        ):
            draft = replace(draft, body=self.hunt.maker.smallest(*self._body))
        if self.own.oracle.broken(self.operation, draft) == {} or not self.bases.found:
            return draft
        trees = sorted(self.bases.found, key=lambda tree: len(self._newly_broken(draft_of(tree))))
        return draft_of(trees[0])

    @cached_property
    def bases(self) -> Bases:
        """The plain requests that a run would start from."""
        return Bases(self.own.oracle.analysis(self.operation), self.own.oracle)

    def is_legal(self, draft: Draft) -> bool:
        return self.own.oracle.broken(self.operation, draft) == {}

    def breaks(self, draft: Draft) -> Mapping[str, str] | None:
        """What the request breaks in the other document."""
        return self.other.oracle.broken(self.counterpart, self.translated(draft))

    def translated(self, draft: Draft) -> Draft:
        """The request in the names of the other document: path parameters are known by their position."""
        path = {
            (self.theirs[key].place.steps[0] if key in self.theirs else parameter.place.steps[0]): draft.path[name]
            for key, parameter in self.mine.items()
            if parameter.place.part is Part.PATH and (name := parameter.place.steps[0]) in draft.path
        }
        return replace(draft, path=path)

    def is_witness(self, draft: Draft, names: tuple[str, ...] = ()) -> bool:
        """Whether the request is legal in the one document, and breaks one of these constraints of the other.

        Without names: any that the base does not break.
        """
        if not self.is_legal(draft):
            return False
        return bool(set(names) & set(self.breaks(draft) or ()) if names else self._newly_broken(draft))

    def declared(self, draft: Draft) -> Draft:
        """The request without the parameters, and the body, that its document does not declare."""
        if self.operation.body is None:
            draft = replace(draft, body=ABSENT)
        for part in (Part.PATH, Part.QUERY, Part.HEADER, Part.COOKIE):
            values = draft.parameters(part)
            known = {name: value for name, value in values.items() if self._key(part, name) in self._declared}
            if len(known) < len(values):
                draft = draft.with_parameters(part, known)
        return draft

    @cached_property
    def _declared(self) -> frozenset[tuple[str, str]]:
        return frozenset(self._key(item.place.part, item.place.steps[0]) for item in self.mine.values())

    @staticmethod
    def _key(part: Part, name: str) -> tuple[str, str]:
        return part.value, name.lower() if part is Part.HEADER else name

    def _newly_broken(self, draft: Draft) -> set[str]:
        return set(self.breaks(draft) or ()) - self._broken_anyway

    @cached_property
    def _broken_anyway(self) -> set[str]:
        tree = self.__dict__.get("base")
        return set() if tree is None else set(self.breaks(tree) or ())

    def in_body(self, difference: Difference) -> Iterator[Draft]:
        """Requests with what tells of a difference of the body."""
        if self._body is None:
            return
        for value in self.hunt.values(difference, *self._body):
            yield replace(self.base, body=value)
        place = Place(Part.BODY, difference.place)
        for leaf in self.hunt.telling(difference):
            for tree in self.bases.found:
                changed = self.bases.put(tree, place, leaf)
                if changed is not None:
                    yield draft_of(changed)

    def showing_body(self, difference: Difference) -> Iterator[Draft]:
        for value in self.hunt.shows(difference, *self._body) if self._body is not None else ():
            yield replace(self.base, body=value)
        if difference.kind is Kind.DEFAULT:
            yield self.base

    def in_parameter(self, difference: Difference, key: tuple[str, str], *, shows: bool = False) -> Iterator[Draft]:
        """Requests with what tells of a difference of a parameter."""
        if key not in self.mine:
            return
        mine = self.mine[key]
        theirs = schema_of(self.theirs[key]) if key in self.theirs else ANY
        shape = self.own.oracle.analysis(self.operation).shape(mine.place)
        if shows and difference.kind is Kind.DEFAULT:
            yield from self.without(key)
        look = self.hunt.shows if shows else self.hunt.values
        for value in look(difference, schema_of(mine), theirs):
            if shape is None or is_writable(mine.place, shape, value):
                yield self.with_parameter(self.base, mine.place, value)

    def without(self, key: tuple[str, str]) -> Iterator[Draft]:
        """Requests without a parameter."""
        if key in self.mine:
            place = self.mine[key].place
            values = {name: v for name, v in self.base.parameters(place.part).items() if name != place.steps[0]}
            yield self.base.with_parameters(place.part, values)
        else:
            yield self.base

    def with_some(self, key: tuple[str, str]) -> Iterator[Draft]:
        """Requests with a parameter."""
        if key in self.mine:
            mine = self.mine[key]
            for value in self.hunt.maker.values(schema_of(mine), ANY):
                yield self.with_parameter(self.base, mine.place, value)

    def with_parameter(self, draft: Draft, place: Place, value: JsonValue) -> Draft:
        return draft.with_parameters(place.part, {**draft.parameters(place.part), place.steps[0]: value})

    @cached_property
    def _body(self) -> tuple[Schema, Schema] | None:
        if self.operation.body is None:
            return None
        other = self.counterpart.body
        return (join(self.operation.body, "schema"),), ANY if other is None else (join(other, "schema"),)

    @staticmethod
    def _requires_body(half: Half, operation: Operation) -> bool:
        return operation.has_body and half.schemas.requires_body(operation)

    def said(self, draft: Draft) -> JsonValue:
        """The request as a report shows it."""
        path = self.operation.path
        for name, value in draft.path.items():
            path = path.replace(f"{{{name}}}", _in_path(value))
        result: dict[str, JsonValue] = {"method": self.operation.method, "path": path}
        for name, values in (("query", draft.query), ("headers", draft.headers), ("cookies", draft.cookies)):
            if values:
                result[name] = dict(values)
        if draft.body is not ABSENT and draft.media_type is not None:  # not the one that it would be sent in anyway
            result["headers"] = {**draft.headers, "content-type": draft.media_type}
        if draft.body is not ABSENT:
            result["body"] = draft.body
        return result


def named_parameters(half: Half, operation: Operation) -> dict[tuple[str, str], Parameter]:
    """The parameters by part and name; those of the path by position, for their names never go over the wire."""
    found: dict[tuple[str, str], Parameter] = {}
    for parameter in parameters(half.contract, half.schemas.root, operation):
        part, name = parameter.place.part, parameter.place.steps[0]
        if part is Part.PATH:
            name = str(operation.path.partition(f"{{{name}}}")[0].count("{"))
        found[part.value, name.lower() if part is Part.HEADER else name] = parameter
    return found


def _in_path(value: JsonValue) -> str:
    """A value as it is written in a path (style `simple`)."""
    if isinstance(value, list):
        return ",".join(map(_in_path, value))
    if isinstance(value, dict):
        return ",".join(f"{name},{_in_path(item)}" for name, item in value.items())
    return quote(value, safe="") if isinstance(value, str) else json.dumps(value)


def schema_of(parameter: Parameter) -> Schema:
    """The schema of a parameter."""
    return ANY if parameter.schema is None else (parameter.schema,)
