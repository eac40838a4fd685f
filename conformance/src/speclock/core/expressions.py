"""CEL expressions: compiled once, every name checked at load, evaluated against one context per answer.

The package knows undefined names at execution only, and a short circuit can hide them; so the names and functions
that an expression mentions are checked here, statically, when it is read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import cel
from cel import stdlib

from speclock.core.values import DEEPEST, is_deep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speclock.core.documents import JsonValue

__all__ = ["Expression", "ExpressionError", "Scope", "Unjudgeable"]

#: What expressions may read.
ROOTS = ("request", "response", "run")

_NAMESPACES = frozenset({"math", "sets", "strings", "base64", "lists"})
#: Names of types, as in `type(x) == string`.
_TYPES = frozenset({"int", "uint", "double", "string", "bytes", "bool", "list", "map", "null_type", "type"})
#: Functions and macros that the package's Rust core has; the rest is asked of a context (cel 0.10, `cel.stdlib`).
_NATIVE = frozenset(
    [
        "size",
        "startsWith",
        "endsWith",
        "matches",
        "contains",
        "int",
        "uint",
        "double",
        "string",
        "bytes",
        "bool",
        "timestamp",
        "duration",
        "type",
        "dyn",
        "has",
        "all",
        "exists",
        "exists_one",
        "map",
        "filter",
        "getFullYear",
        "getMonth",
        "getDate",
        "getDayOfMonth",
        "getDayOfWeek",
        "getDayOfYear",
        "getHours",
        "getMinutes",
        "getSeconds",
        "getMilliseconds",
    ]
)
_BOUND = re.compile(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(\s*([A-Za-z_]\w*)\s*,")
_MEMBERS = re.compile(r"\brun\s*\.\s*(ids|created)\s*\.\s*([A-Za-z_]\w*)")
_ANY_MEMBER = re.compile(
    r"\brequest\s*\.\s*([A-Za-z_]\w*)|\bresponse\s*\.\s*([A-Za-z_]\w*)|\brun\s*\.\s*([A-Za-z_]\w*)"
)
_KNOWN_MEMBERS = frozenset({"body", "path", "query", "status", "ids", "created"})


class ExpressionError(ValueError):
    """The text is no usable expression."""


class Unjudgeable(Exception):  # noqa: N818 - neither an error of the subject nor of the user
    """Evaluation raised: nothing follows about the subject."""


class Scope:
    """The variables of one answer, converted once for all rules that read them."""

    def __init__(self, variables: Mapping[str, JsonValue]) -> None:
        """Take the variables over.

        Raises:
            Unjudgeable: a value that CEL cannot hold, such as a lone surrogate or a number beyond a double.
        """
        if is_deep(dict(variables)):  # the package would end the whole process
            raise Unjudgeable(f"nested deeper than {DEEPEST} levels")
        try:
            self._context = cel.Context(dict(variables))
        except Exception as error:  # noqa: BLE001 - the Rust core raises whatever its conversion raised
            raise Unjudgeable(_line(error)) from None
        stdlib.add_stdlib_to_context(self._context)

    @property
    def context(self) -> cel.Context:
        return self._context


@dataclass(frozen=True, slots=True)
class Expression:
    """One expression, compiled."""

    source: str
    roots: frozenset[str]
    #: (`ids` or `created`, operation) for each part of the run that the expression reads.
    run_members: frozenset[tuple[str, str]]
    _program: cel.Program = field(repr=False, compare=False)

    @classmethod
    def compile(cls, source: str) -> Expression:
        """Compile `source`.

        Raises:
            ExpressionError: it does not parse, or names what does not exist.
        """
        try:
            program = cel.compile(source)
        except Exception as error:  # noqa: BLE001 - ValueError, or a Rust panic on odd input
            raise ExpressionError(_line(error)) from None
        references = program.references()
        bound = set(_BOUND.findall(source))
        variables = set(references["variables"]) - bound - _NAMESPACES - _TYPES
        unknown = sorted(variables - set(ROOTS))
        if unknown:
            raise ExpressionError(f"it names {unknown[0]!r}; known are {', '.join(ROOTS)}")
        functions = {name for name in references["functions"] if name.isidentifier()} - _NATIVE - _stdlib_names()
        if functions:
            raise ExpressionError(f"it calls the unknown function {min(functions)!r}")
        members = {name for groups in _ANY_MEMBER.findall(source) for name in groups if name}
        if members - _KNOWN_MEMBERS:
            raise ExpressionError(
                f"it reads {min(members - _KNOWN_MEMBERS)!r}; known are request.body, request.path, request.query, "
                "response.status, response.body, run.ids and run.created"
            )
        compiled = cls(source, frozenset(variables), frozenset(_MEMBERS.findall(source)), program)
        if not variables:  # it is the same for every request
            try:
                compiled.holds(Scope({}))
            except Unjudgeable as error:
                raise ExpressionError(str(error)) from None
        return compiled

    def holds(self, scope: Scope) -> bool:
        """Whether the expression is true.

        Raises:
            Unjudgeable: evaluation raised, or the result is no truth value.
        """
        try:
            result = self._program.execute(scope.context)
        except Exception as error:  # noqa: BLE001 - see Scope
            raise Unjudgeable(_line(error)) from None
        if not isinstance(result, bool):
            raise Unjudgeable(f"the expression gave {type(result).__name__}, not a truth value")
        return result


def _stdlib_names() -> set[str]:
    context = cel.Context({})
    stdlib.add_stdlib_to_context(context)
    return {name.rpartition(".")[2] for name in context.functions}


def _line(error: BaseException) -> str:
    text = str(error).split("\n", maxsplit=1)[0].strip()
    return text or type(error).__name__
