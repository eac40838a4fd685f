"""Whether what is called still takes and gives what it did, by its annotations: griffe compares names and never types.

What is called has one face or several, its overloads, and each old face must be covered by one new face. A face covers
another when it can be called with all that the other can be called with, and gives nothing else. A type is wider when
each member of its union is the same text, a class of Python above it (`Iterable` for `Sequence`), or a literal's class.
What cannot be told counts as narrower: the last release's typing tests, and people, know better.
"""

from __future__ import annotations

import ast
import builtins
import collections.abc
from typing import TYPE_CHECKING

import griffe

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["changed_types", "is_wider"]

_ANYTHING = frozenset({"Any", "object"})
_VARIADIC = frozenset({griffe.ParameterKind.var_positional, griffe.ParameterKind.var_keyword})
_OWN = frozenset({"self", "cls"})


def changed_types(name: str, was: griffe.Object, now: griffe.Object) -> Iterator[str]:
    """A line for each type of `name` that is not what callers rely on.

    Args:
        name: What callers know it by.
        was: A function or an attribute.
        now: The same, in the next release.
    """
    if isinstance(was, griffe.Attribute) and isinstance(now, griffe.Attribute):
        if was.annotation is not None and not is_wider(was.annotation, now.annotation):
            yield f"{name} was {was.annotation} and is {now.annotation}"
    elif isinstance(was, griffe.Function) and isinstance(now, griffe.Function):
        if was.overloads or now.overloads:
            faces = _faces(now)
            for number, face in enumerate(_faces(was), 1):
                if not any(_covers(other, face) for other in faces):
                    yield f"{name}: no overload takes and gives what overload {number} did: {_shown(face)}"
        else:
            yield from _narrowed(name, was, now)


def _narrowed(name: str, was: griffe.Function, now: griffe.Function) -> Iterator[str]:
    """The types alone: griffe tells of parameters that are gone, moved or required."""
    there = {parameter.name: parameter for parameter in now.parameters}
    for parameter in was.parameters:
        other = there.get(parameter.name)
        if other is not None and not is_wider(other.annotation, parameter.annotation):
            yield f"{name}({parameter.name}) took {parameter.annotation} and takes {other.annotation}"
    if was.returns is not None and not is_wider(was.returns, now.returns):
        yield f"{name} returned {was.returns} and returns {now.returns}"


def _faces(function: griffe.Function) -> list[griffe.Function]:
    return function.overloads or [function]


def _covers(face: griffe.Function, old: griffe.Function) -> bool:
    there = {parameter.name: parameter for parameter in face.parameters}
    for place, parameter in enumerate(old.parameters):
        other = there.pop(parameter.name, None)
        if other is None or not is_wider(other.annotation, parameter.annotation):
            return False
        if other.required and not parameter.required:
            return False
        if other.kind is not parameter.kind and not _is_freer(other, parameter):
            return False
        if parameter.kind is griffe.ParameterKind.positional_or_keyword and list(face.parameters).index(other) != place:
            return False
    if any(parameter.required and parameter.kind not in _VARIADIC for parameter in there.values()):
        return False
    return old.returns is None or is_wider(old.returns, face.returns)


def _is_freer(parameter: griffe.Parameter, old: griffe.Parameter) -> bool:
    return parameter.kind is griffe.ParameterKind.positional_or_keyword and old.kind not in _VARIADIC


def is_wider(wide: str | griffe.Expr | None, narrow: str | griffe.Expr | None) -> bool:
    """Whether each value of the second type is one of the first; what has no annotation takes anything."""
    if wide is None or str(wide) == str(narrow):
        return True
    if narrow is None:
        return str(wide) in _ANYTHING
    members = _members(str(wide))
    return all(any(_is_within(member, other) for other in members) for member in _members(str(narrow)))


def _members(text: str) -> list[str]:
    """The members of a union, each literal by itself; True and False stand for bool, which they make up."""
    try:
        found = [ast.unparse(member) for member in _unfolded(ast.parse(text, mode="eval").body)]
    except SyntaxError:
        return [text]
    return [member for each in found for member in (["Literal[True]", "Literal[False]"] if each == "bool" else [each])]


def _unfolded(tree: ast.expr) -> Iterator[ast.expr]:
    match tree:
        case ast.Constant(value=str(text)):  # a type that is named before it is there
            yield from _unfolded(ast.parse(text, mode="eval").body)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            yield from _unfolded(left)
            yield from _unfolded(right)
        case ast.Subscript(value=ast.Name(id="Optional"), slice=inner):
            yield from _unfolded(inner)
            yield ast.Constant(None)
        case ast.Subscript(value=ast.Name(id="Union"), slice=ast.Tuple(elts=parts)):
            for part in parts:
                yield from _unfolded(part)
        case ast.Subscript(value=ast.Name(id="Literal") as literal, slice=inner):
            for part in inner.elts if isinstance(inner, ast.Tuple) else [inner]:
                yield ast.Subscript(value=literal, slice=part)
        case _:
            yield tree


def _is_within(narrow: str, wide: str) -> bool:
    if narrow == wide or wide in _ANYTHING:
        return True
    name, _, arguments = narrow.partition("[")
    above, _, other = wide.partition("[")
    if name == "Literal":
        return not other and isinstance(_value(arguments.removesuffix("]")), _class(above) or ())
    below, kind = _class(name), _class(above)
    return arguments == other and below is not None and kind is not None and issubclass(below, kind)


def _value(literal: str) -> object:
    """The value that a literal names; something that is of no class here for a member of an enumeration."""
    try:
        return ast.literal_eval(literal)
    except ValueError:
        return ...


def _class(name: str) -> type | None:
    found = getattr(builtins, name, None) or getattr(collections.abc, name, None)
    return found if isinstance(found, type) else None


def _shown(face: griffe.Function) -> str:
    parts = [f"{parameter.name}: {parameter.annotation}" for parameter in face.parameters if parameter.name not in _OWN]
    return f"({', '.join(parts)}) -> {face.returns}"
