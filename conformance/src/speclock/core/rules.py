"""The rules of a contract: what it promises beyond single values, each with a name and a place in the source.

Four kinds. `schema`: a titled element of an `allOf` in a request body. `request`: CEL that reads only the request; a
request that breaks it must be refused. `response`: CEL that relates a documented success to its request. `run`: CEL
across the answers of one run.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from speclock.core.documents import JsonValue, Location, join
from speclock.core.errors import ContractError
from speclock.core.expressions import Expression, ExpressionError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.core.contract import Contract, Operation

__all__ = ["Rule", "RuleKind", "load_rules"]

_FIELDS = {"id", "description", "when", "rule", "scope"}


class RuleKind(StrEnum):
    """What a rule relates."""

    SCHEMA = "schema"
    REQUEST = "request"
    RESPONSE = "response"
    RUN = "run"


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


def load_rules(contract: Contract) -> tuple[Rule, ...]:
    """All named rules, in document order.

    Raises:
        ContractError: an `x-contract-rules` entry that does not compile, is incomplete, or repeats a name.
    """
    rules: list[Rule] = []
    for operation in contract.operations:
        found = [*_schema_rules(contract, operation), *_expression_rules(contract, operation)]
        seen: set[str] = set()
        for rule in found:
            if rule.id in seen:
                raise ContractError(f"{rule.location}: the rule {rule.id!r} of {operation.id} is defined twice")
            seen.add(rule.id)
        rules.extend(found)
    return tuple(rules)


def _expression_rules(contract: Contract, operation: Operation) -> Iterator[Rule]:
    pointer = join(operation.pointer, "x-contract-rules")
    try:
        entries = contract.document.at(pointer)
    except KeyError:
        return
    if not isinstance(entries, list):
        raise ContractError(f"{contract.locate(pointer)}: expected a list of rules")
    for index, entry in enumerate(entries):
        yield _expression_rule(contract, operation, join(pointer, index), entry)


def _expression_rule(contract: Contract, operation: Operation, pointer: str, entry: JsonValue) -> Rule:
    place = contract.locate(pointer)
    if not isinstance(entry, dict):
        raise ContractError(f"{place}: expected a rule: an object with id, description and rule")
    for key, value in entry.items():
        if key not in _FIELDS and not key.startswith("x-"):
            raise ContractError(
                f"{contract.locate(join(pointer, key))}: unknown key {key!r} in a rule; "
                f"expected {', '.join(sorted(_FIELDS))}"
            )
        if key in _FIELDS and not isinstance(value, str):
            raise ContractError(f"{contract.locate(join(pointer, key))}: expected text for {key!r}")
    for key in ("id", "rule"):
        if not entry.get(key):
            raise ContractError(f"{place}: a rule needs {key!r}")
    scope = entry.get("scope", "answer")
    if scope not in ("answer", "run"):
        raise ContractError(f"{contract.locate(join(pointer, 'scope'))}: expected scope 'run' or none, got {scope!r}")
    rule = _compile(contract, join(pointer, "rule"), str(entry["rule"]))
    when = _compile(contract, join(pointer, "when"), str(entry["when"])) if "when" in entry else None
    roots = rule.roots | (when.roots if when else frozenset())
    members = rule.run_members | (when.run_members if when else frozenset())
    known = {item.id for item in contract.operations}
    for _, name in members:
        if name not in known:
            raise ContractError(
                f"{contract.locate(join(pointer, 'rule'))}: run names the operation {name!r}, which is not there"
            )
    if "run" in roots and scope != "run":
        raise ContractError(f"{contract.locate(join(pointer, 'rule'))}: a rule that reads `run` needs `scope: run`")
    kind = RuleKind.RUN if scope == "run" else RuleKind.RESPONSE if "response" in roots else RuleKind.REQUEST
    return Rule(
        str(entry["id"]), operation.id, kind, str(entry.get("description", "")), place, expression=rule, when=when
    )


def _compile(contract: Contract, pointer: str, source: str) -> Expression:
    try:
        return Expression.compile(source)
    except ExpressionError as error:
        raise ContractError(f"{contract.locate(pointer)}: the expression cannot be used: {error}") from None


def _schema_rules(contract: Contract, operation: Operation) -> Iterator[Rule]:
    if operation.body is None:
        return
    seen: set[str] = set()
    stack = [join(operation.body, "schema")]
    while stack:
        here = stack.pop()
        try:
            pointer, schema = contract.document.resolve(here)
        except ContractError:
            continue  # a media type without a schema has no rules; broken references are found when compiled
        if pointer in seen or not isinstance(schema, dict):
            continue
        seen.add(pointer)
        branches: list[str] = []
        for key in ("allOf", "anyOf", "oneOf"):
            listed = schema.get(key)
            for index in range(len(listed) if isinstance(listed, list) else 0):
                place = join(pointer, key, index)
                branches.append(place)
                target, branch = contract.document.resolve(place)
                if key == "allOf" and isinstance(branch, dict) and isinstance(branch.get("title"), str):
                    yield Rule(
                        str(branch["title"]),
                        operation.id,
                        RuleKind.SCHEMA,
                        str(branch.get("description", "")),
                        contract.locate(target),
                    )
        properties = schema.get("properties")
        branches += [join(pointer, "properties", name) for name in (properties if isinstance(properties, dict) else ())]
        branches += [
            join(pointer, key) for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)
        ]
        stack.extend(reversed(branches))
