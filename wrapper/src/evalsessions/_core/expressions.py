"""Request rules that JSON Schema cannot say, written in CEL beside the operation (`x-contract-rules`)."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import cel
from cel import stdlib

from evalsessions._core.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from evalsessions._values.json_values import JsonValue

__all__ = ["broken_expressions"]


def broken_expressions(rules: Sequence[Mapping[str, str]], body: JsonValue, path: Mapping[str, str]) -> list[Fault]:
    """Return a fault for each rule that the request breaks.

    A rule that cannot be judged, for a value that CEL cannot hold, refuses nothing: the server decides.
    """
    try:
        context = cel.Context({"request": {"body": body, "path": dict(path)}})
    except Exception:  # noqa: BLE001 - the Rust core raises whatever its conversion raised
        return []
    stdlib.add_stdlib_to_context(context)
    return [Fault("", rule["description"], rule["id"]) for rule in rules if _is_broken(rule, context)]


def _is_broken(rule: Mapping[str, str], context: cel.Context) -> bool:
    return _result(rule.get("when", "true"), context) is True and _result(rule["rule"], context) is False


def _result(expression: str, context: cel.Context) -> object:
    try:
        return _program(expression).execute(context)
    except Exception:  # noqa: BLE001 - evaluation raises as the conversion does
        return None


@cache
def _program(expression: str) -> cel.Program:
    return cel.compile(expression)
