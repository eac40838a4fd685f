"""Two independent readings of the contract's CEL rules: the Rust interpreter of speclock, and Google's C++ runtime.

A rule's verdict is HOLDS, BROKEN or DOES_NOT_APPLY (its `when` is false). Expressions that raise, raise here too.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import Any, TypeVar

import cel
from cel.stdlib import add_stdlib_to_context
from cel_expr_python import cel as google_cel  # type: ignore[import-untyped]
from cel_expr_python.ext import ext_strings  # type: ignore[import-untyped]

__all__ = ["READINGS", "Verdict", "read_by_google", "read_by_rust"]

Element = TypeVar("Element")


class Verdict(Enum):
    """What a response rule says of an answer."""

    HOLDS = "holds"
    BROKEN = "broken"
    DOES_NOT_APPLY = "does not apply"


def read_by_rust(rule: Mapping[str, Any], variables: Mapping[str, Any]) -> Verdict:
    """The verdict by common-expression-language."""
    context = cel.Context(dict(variables))
    add_stdlib_to_context(context)
    return _verdict(rule, lambda expression: _compile_by_rust(expression).execute(context))


def read_by_google(rule: Mapping[str, Any], variables: Mapping[str, Any]) -> Verdict:
    """The verdict by cel-expr-python, which also checks names and types when it compiles."""
    activation = _google_environment().Activation(variables)
    return _verdict(rule, lambda expression: _compile_by_google(expression).eval(activation).plain_value())


READINGS = {"rust": read_by_rust, "google": read_by_google}


def _verdict(rule: Mapping[str, Any], evaluate: Callable[[str], object]) -> Verdict:
    if "when" in rule and not _truth(evaluate(rule["when"])):
        return Verdict.DOES_NOT_APPLY
    return Verdict.HOLDS if _truth(evaluate(rule["rule"])) else Verdict.BROKEN


def _truth(value: object) -> bool:
    assert isinstance(value, bool), f"a rule is to be true or false, not {value!r}"
    return value


@cache
def _compile_by_rust(expression: str) -> cel.Program:
    return cel.compile(expression)


@cache
def _compile_by_google(expression: str) -> google_cel.Expression:
    return _google_environment().compile(expression)


@cache
def _google_environment() -> google_cel.Env:
    dyn = google_cel.Type.DYN
    list_of_dyn = google_cel.Type.List(dyn)
    overload = google_cel.Overload("distinct_list", return_type=list_of_dyn, parameters=[list_of_dyn], impl=_distinct)
    return google_cel.NewEnv(
        variables={"request": dyn, "response": dyn, "run": dyn},
        extensions=[ext_strings.ExtStrings()],
        functions=[google_cel.FunctionDecl("distinct", [overload])],
    )


def _distinct(items: list[Element]) -> list[Element]:
    return list(dict.fromkeys(items))
