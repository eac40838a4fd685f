"""A document as it is compared: what senders promise with its requests, and what readers are promised of its answers.

The planner and the oracle know requests. An answer's body is put before them as the request body of an operation of
its own, in a copy of the document in which `readOnly` and `writeOnly` have changed places: so that the same cases and
the same judgement serve both directions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from speclock.core.constraints import Oracle
from speclock.core.documents import Document, JsonValue
from speclock.core.rules import RuleKind, read_rules
from speclock.core.schemas import Schemas, changed
from speclock.diff.meaning import View

if TYPE_CHECKING:
    from speclock.core.contract import Contract, Operation
    from speclock.core.rules import Rule
    from speclock.core.schemas import Unusable

__all__ = ["Half", "Side"]

_ANSWER = "x-speclock-answer"
#: The range of an integer format (OpenAPI's format registry), which no validator of JSON Schema checks.
_RANGES = {
    f"{sign}int{bits}": (0, 2**bits - 1) if sign else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    for sign in ("", "u")
    for bits in (8, 16, 32, 64)
}


@dataclass
class Half:
    """The requests, or the answers, of one document."""

    contract: Contract
    schemas: Schemas
    rules: tuple[Rule, ...]

    @cached_property
    def view(self) -> View:
        return View(self.schemas.root)

    @cached_property
    def oracle(self) -> Oracle:
        return Oracle(self.contract, self.schemas, self.rules)

    def body_of(self, operation: Operation, name: str, pointer: str) -> Operation:
        """The operation whose request body is the body at `pointer` (a media type object) and nothing else."""
        return replace(
            operation, id=name, pointer=f"/{_ANSWER}", body=pointer, has_body=True, path_parameters=(), security=()
        )


class Side:
    """One document of the two."""

    def __init__(self, contract: Contract) -> None:
        """Take the contract, with the ranges of integer formats written out."""
        self.contract = _with_value(contract, _ranged(contract.document.value))

    @cached_property
    def requests(self) -> Half:
        """What may be sent."""
        return Half(self.contract, Schemas(self.contract), self._rules[0])

    @cached_property
    def answers(self) -> Half:
        """What may come back."""
        value = _mirrored(self.contract.document.value)
        assert isinstance(value, dict)
        mirrored = _with_value(self.contract, {**value, _ANSWER: {"requestBody": {"required": True}}})
        return Half(mirrored, Schemas(mirrored), ())

    @cached_property
    def _rules(self) -> tuple[tuple[Rule, ...], tuple[Unusable, ...]]:
        return read_rules(self.contract)

    def rules(self, operation: Operation) -> list[Rule]:
        """What is promised of the answers of an operation, and of a run, in CEL."""
        return [
            rule
            for rule in self._rules[0]
            if rule.operation == operation.id and rule.kind in (RuleKind.RESPONSE, RuleKind.RUN)
        ]

    def flaws(self) -> list[str]:
        """What is wrong with the document, for which a part of it is not compared."""
        found = [flaw.text for flaw in self.contract.flaws]
        unusable = (*self._rules[1], *self.requests.schemas.unusable())
        return found + [f"{item.location}: {item.reason}" for item in unusable]


def _with_value(contract: Contract, value: JsonValue) -> Contract:
    document = contract.document
    assert isinstance(value, dict)
    if value is document.value:
        return contract
    return replace(contract, document=Document(document.file, value, document.sha256, document._mark))  # noqa: SLF001


def _ranged(value: JsonValue) -> JsonValue:
    """The document with the range of each integer format as bounds; pointers unchanged, the rest shared."""
    value = changed(value, _ranged)
    if not isinstance(value, dict) or not _may_be_number(value.get("type")):
        return value
    limits = _RANGES.get(str(value.get("format")))
    if limits is None:
        return value
    added: dict[str, JsonValue] = {
        keyword: limit
        for keyword, exclusive, limit in (
            ("minimum", "exclusiveMinimum", limits[0]),
            ("maximum", "exclusiveMaximum", limits[1]),
        )
        if not any(_is_bound(value.get(key)) for key in (keyword, exclusive))
    }
    return {**value, **added}


def _may_be_number(types: JsonValue) -> bool:
    """Whether a `type` allows numbers; bounds say nothing of values of other types."""
    listed = types if isinstance(types, list) else ["number"] if types is None else [types]
    return "integer" in listed or "number" in listed


def _is_bound(value: JsonValue) -> bool:
    return isinstance(value, int | float) and value is not True


def _mirrored(value: JsonValue) -> JsonValue:
    """The document with `readOnly` and `writeOnly` in each other's place."""
    value = changed(value, _mirrored)
    if isinstance(value, dict) and (value.get("readOnly") is True or value.get("writeOnly") is True):
        rest = {key: item for key, item in value.items() if key not in ("readOnly", "writeOnly")}
        for key, other in (("readOnly", "writeOnly"), ("writeOnly", "readOnly")):
            if value.get(key) is True:
                rest[other] = True
        return rest
    return value
