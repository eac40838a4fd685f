"""Answers that are made: another one out of a given one, and refusals as the contract documents them."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from speclock.core.cases import Answer
from speclock.core.constraints import Part, Place, ShapeReader
from speclock.core.contract import answer_bodies
from speclock.core.documents import join
from speclock.core.shown import shown
from speclock.core.values import as_header
from speclock.generation.values import plain

if TYPE_CHECKING:
    from speclock.core.constraints import Shape
    from speclock.core.contract import Contract, Operation
    from speclock.core.documents import JsonValue
    from speclock.core.schemas import Schemas

__all__ = ["Refuser", "answer_shape", "answered", "documented_headers", "with_body"]

#: Statuses that refuse a request for its data, the most telling first.
_OF_DATA = ("400", "422", "4XX", "4xx", "default")
#: Those that are for something else than the request.
_OUTSIDE = frozenset({"401", "403", "405", "406", "408", "415", "429"})


def with_body(answer: Answer, body: JsonValue) -> Answer:
    """The answer with another JSON body."""
    return answered(answer, json.dumps(body).encode())


def answered(answer: Answer, body: bytes) -> Answer:
    """The answer with another body; its length is for whoever sends it to say."""
    headers = {name: value for name, value in answer.headers.items() if name.lower() != "content-length"}
    return replace(answer, body=body, headers=headers, native=None)


@dataclass
class Refuser:
    """Makes refusals that keep the contract, but that they refuse."""

    contract: Contract
    schemas: Schemas
    _made: dict[tuple[str, str], Answer] = field(default_factory=dict)

    def of_data(self, operation: Operation) -> Answer | None:
        """A refusal of a request for what it says; None when the operation documents none."""
        refusals = (name for name in operation.statuses if name.startswith("4") and name not in _OUTSIDE)
        key = next((name for name in (*_OF_DATA, *refusals) if name in operation.statuses), None)
        return None if key is None else self.refusal(operation, key)

    def refusal(self, operation: Operation, key: str) -> Answer:
        """A refusal as it is documented under a key of `responses`, such as `400`."""
        known = self._made.get((operation.id, key))
        if known is None:
            status = int(key) if key.isdigit() else 400
            body, headers = self._body(operation, key), {"content-type": "application/json"}
            known = Answer(
                status,
                {**headers, **documented_headers(self.contract, self.schemas, operation, key)},
                json.dumps(body).encode(),
                0.0,
            )
            self._made[operation.id, key] = known
        return known

    def _body(self, operation: Operation, key: str) -> JsonValue:
        for status, _, pointer in answer_bodies(self.contract, operation):
            if status != key:
                continue
            for example in shown(self.contract, pointer, status):
                return example.value
            schema = join(pointer, "schema")
            if self.contract.document.has(schema):
                return plain(answer_shape(self.schemas, schema))
        return {}


def documented_headers(contract: Contract, schemas: Schemas, operation: Operation, key: str) -> dict[str, str]:
    """The headers that are documented under a key of `responses`, each with a value that its schema allows."""
    pointer = join(operation.pointer, "responses", key)
    if not contract.document.has(pointer):
        return {}
    pointer, response = contract.document.resolve(pointer)
    listed = response.get("headers") if isinstance(response, dict) else None
    found: dict[str, str] = {}
    for name in listed if isinstance(listed, dict) else ():
        place, _ = contract.document.resolve(join(pointer, "headers", name))
        schema = join(place, "schema")
        if contract.document.has(schema):
            with suppress(ValueError):  # no header can carry it
                found[name] = as_header(plain(answer_shape(schemas, schema)))
    return found


def answer_shape(schemas: Schemas, pointer: str) -> Shape:
    """What a schema says of an answer's body."""
    reader = ShapeReader(schemas.response_root, refuse=_quietly, leave=_quietly, hidden="writeOnly")
    return reader.read(Place(Part.BODY), pointer)


def _quietly(_pointer: str, _why: str) -> None:
    """What cannot be read is told by the run on the correct subject."""
