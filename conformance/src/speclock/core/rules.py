"""The rules of `x-contract-rules`: what a contract promises in CEL, each with a name and a place in the source.

Three kinds. `request`: it reads only the request; a request that breaks it must be refused. `response`: it relates a
documented success to its request. `run`: it reads the answers of one run. What a contract promises of requests in JSON
Schema is found by `speclock.core.constraints`. An entry that cannot be used leaves the others in use.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from speclock.core.declared import unknown_name
from speclock.core.documents import JsonValue, Location, join
from speclock.core.expressions import Expression, ExpressionError
from speclock.core.schemas import Unusable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.core.contract import Contract, Operation

__all__ = ["Rule", "RuleKind", "read_rules"]

_FIELDS = {"id", "description", "when", "rule", "scope"}


class RuleKind(StrEnum):
    """What a rule, or a constraint on requests, relates."""

    VALUE = "value"
    REQUIRED = "required"
    SCHEMA = "schema"
    REQUEST = "request"
    RESPONSE = "response"
    RUN = "run"

    @property
    def is_constraint(self) -> bool:
        """Whether it says which requests are legal."""
        return self not in (RuleKind.RESPONSE, RuleKind.RUN)


@dataclass(frozen=True, slots=True)
class Rule:
    """One named rule of one operation."""

    id: str
    operation: str
    kind: RuleKind
    description: str
    location: Location
    expression: Expression | None = None
    when: Expression | None = None

    @property
    def source(self) -> str:
        """Its expressions, as the contract has them."""
        return " ".join(part.source for part in (self.when, self.expression) if part is not None)

    @property
    def words(self) -> str:
        """What it says, in one line."""
        return " ".join(self.description.split()) or self.source


def read_rules(contract: Contract) -> tuple[tuple[Rule, ...], tuple[Unusable, ...]]:
    """The rules of `x-contract-rules` that can be used, in document order, and the entries that cannot."""
    rules: list[Rule] = []
    refused: list[Unusable] = []
    for operation in contract.operations:
        seen: set[str] = set()
        for pointer, entry in _entries(contract, operation, refused):
            try:
                rule = _expression_rule(contract, operation, pointer, entry)
            except _Refusal as refusal:
                refused.append(Unusable(operation.id, contract.locate(refusal.pointer), refusal.reason))
                continue
            if rule.id in seen:
                reason = f"the rule {rule.id!r} of {operation.id} is defined twice"
                refused.append(Unusable(operation.id, rule.location, reason))
                continue
            seen.add(rule.id)
            rules.append(rule)
    return tuple(rules), tuple(refused)


class _Refusal(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(reason)
        self.pointer, self.reason = pointer, reason


def _entries(contract: Contract, operation: Operation, refused: list[Unusable]) -> Iterator[tuple[str, JsonValue]]:
    pointer = join(operation.pointer, "x-contract-rules")
    try:
        entries = contract.document.at(pointer)
    except KeyError:
        return
    if not isinstance(entries, list):
        refused.append(Unusable(operation.id, contract.locate(pointer), "expected a list of rules"))
        return
    for index, entry in enumerate(entries):
        yield join(pointer, index), entry


def _expression_rule(contract: Contract, operation: Operation, pointer: str, entry: JsonValue) -> Rule:
    if not isinstance(entry, dict):
        raise _Refusal(pointer, "expected a rule: an object with id, description and rule")
    for key, value in entry.items():
        if key not in _FIELDS and not key.startswith("x-"):
            raise _Refusal(join(pointer, key), f"unknown key {key!r} in a rule; expected {', '.join(sorted(_FIELDS))}")
        if key in _FIELDS and not isinstance(value, str):
            raise _Refusal(join(pointer, key), f"expected text for {key!r}")
    for key in ("id", "rule"):
        if not entry.get(key):
            raise _Refusal(pointer, f"a rule needs {key!r}")
    scope = entry.get("scope", "answer")
    if scope not in ("answer", "run"):
        raise _Refusal(join(pointer, "scope"), f"expected scope 'run' or none, got {scope!r}")
    rule = _compile(contract, operation, join(pointer, "rule"), str(entry["rule"]))
    when = _compile(contract, operation, join(pointer, "when"), str(entry["when"])) if "when" in entry else None
    roots = rule.roots | (when.roots if when else frozenset())
    members = rule.run_members | (when.run_members if when else frozenset())
    known = {item.id for item in contract.operations}
    for _, name in members:
        if name not in known:
            raise _Refusal(join(pointer, "rule"), f"run names the operation {name!r}, which is not there")
    if "run" in roots and scope != "run":
        raise _Refusal(join(pointer, "rule"), "a rule that reads `run` needs `scope: run`")
    kind = RuleKind.RUN if scope == "run" else RuleKind.RESPONSE if "response" in roots else RuleKind.REQUEST
    return Rule(
        str(entry["id"]),
        operation.id,
        kind,
        str(entry.get("description", "")),
        contract.locate(pointer),
        expression=rule,
        when=when,
    )


def _compile(contract: Contract, operation: Operation, pointer: str, source: str) -> Expression:
    try:
        expression = Expression.compile(source)
    except ExpressionError as error:
        raise _Refusal(pointer, f"the expression cannot be used: {error}") from None
    unknown = unknown_name(contract, operation, source)
    if unknown is not None:
        raise _Refusal(pointer, f"the expression cannot be used: {unknown}")
    return expression
