"""One-line deviations of generated code: each the source of a module with one thing in it that is not as it was made.

What is broken: the names on the wire, defaults, parameters of a path, headers, types, the method, statuses, whole
statements, and the entries of tables of constants. Annotations, docstrings and `__all__` say nothing at run time.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Deviation", "DeviationKind", "deviations"]

_MARK = "_speclock"
_PATH = re.compile(r"\S*/\S*")


class DeviationKind(StrEnum):
    """What sort of mistake it is."""

    RENAMED = "renamed field"
    DEFAULT = "dropped default"
    PARAMETER = "swapped path parameter"
    HEADER = "lost header"
    TYPE = "coerced type"
    METHOD = "another method"
    PATH = "another path"
    STATUS = "another status"
    STATEMENT = "lost statement"
    ENTRY = "lost entry"
    VALUE = "another value"


@dataclass(frozen=True, slots=True)
class Deviation:
    """A module with one mistake in it."""

    #: Stable from run to run: `models/new_session.py NewSession.to_dict: renamed field customId`.
    id: str
    kind: DeviationKind
    #: The file, relative to the package, and the line.
    file: str
    line: int
    before: str
    after: str
    source: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Edit:
    kind: DeviationKind
    node: ast.expr | ast.stmt
    text: str
    what: str


def deviations(file: str, source: str) -> Iterator[Deviation]:
    """All of one module, no two with the same id."""
    tree = ast.parse(source)
    seen: Counter[str] = Counter()
    starts = _line_starts(source)
    for where, edit in _of_module(tree, source):
        name = f"{file} {where}: {edit.kind} {edit.what}"
        seen[name] += 1
        start, end = _span(edit.node, starts, source)
        changed = source[:start] + edit.text + source[end:]
        if changed == source:
            continue
        yield Deviation(
            id=name if seen[name] == 1 else f"{name} ({seen[name]})",
            kind=edit.kind,
            file=file,
            line=edit.node.lineno,
            before=source[start:end],
            after=edit.text,
            source=changed,
        )


def _of_module(tree: ast.Module, source: str) -> Iterator[tuple[str, _Edit]]:
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield from ((name, edit) for edit in _of_function(node, source))
            case ast.ClassDef(name=name):
                for inner in node.body:
                    if isinstance(inner, ast.FunctionDef):
                        yield from ((f"{name}.{inner.name}", edit) for edit in _of_function(inner, source))
                    elif isinstance(inner, ast.Assign) and isinstance(inner.value, ast.Constant):
                        yield f"{name}.{_target(inner)}", _other_value(inner.value, _target(inner))
            case ast.Assign(value=ast.Dict() | ast.List() | ast.Constant() as value):
                if not _target(node).startswith("__"):
                    yield from _of_table(_target(node), value, source)
            case ast.AnnAssign(value=ast.Dict() | ast.List() | ast.Constant() as value):
                yield from _of_table(ast.unparse(node.target), value, source)


def _target(node: ast.Assign) -> str:
    return ast.unparse(node.targets[0])


# Functions


def _of_function(function: ast.FunctionDef | ast.AsyncFunctionDef, source: str) -> Iterator[_Edit]:
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            yield from _of_assignment(node, source)
        elif isinstance(node, ast.Call):
            yield from _of_call(node, source)
        elif isinstance(node, ast.Dict):
            yield from _of_dictionary(node)
        elif isinstance(node, ast.Compare) and _is_status(node):
            (number,) = node.comparators
            assert isinstance(number, ast.Constant)
            assert isinstance(number.value, int)
            yield _Edit(DeviationKind.STATUS, number, str(number.value + 1), str(number.value))
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Call) and _name(node.value) == "cast":
            data = node.value.args[-1]
            yield _Edit(DeviationKind.TYPE, data, f"str({ast.unparse(data)})", ast.unparse(node.value))


def _is_status(node: ast.Compare) -> bool:
    return (
        len(node.ops) == 1
        and ast.unparse(node.left).endswith("status_code")
        and isinstance(node.ops[0], ast.Eq)
        and isinstance(node.comparators[0], ast.Constant)
        and isinstance(node.comparators[0].value, int)
    )


def _of_assignment(node: ast.Assign, source: str) -> Iterator[_Edit]:
    target, text = node.targets[0], ast.unparse(node)
    if isinstance(target, ast.Subscript):
        holder = ast.unparse(target.value)
        is_header = holder.endswith("headers")
        yield _Edit(
            DeviationKind.HEADER if is_header else DeviationKind.STATEMENT, node, "pass", text.partition(" = ")[0]
        )
        if isinstance(target.slice, ast.Constant) and holder == "field_dict":
            yield _renamed(target.slice)
    elif isinstance(target, ast.Attribute):
        yield _Edit(DeviationKind.STATEMENT, node, "pass", text.partition(" = ")[0])
    elif isinstance(target, ast.Name) and _is_plain(node.value):
        segment = ast.get_source_segment(source, node.value) or ""
        yield _Edit(DeviationKind.TYPE, node.value, f"str({segment})", ast.unparse(target))


def _is_plain(value: ast.expr) -> bool:
    """Whether it is a value as it came or as it is set: `self.name`, or `d.pop("name")`."""
    if isinstance(value, ast.Attribute):
        return isinstance(value.value, ast.Name) and value.value.id == "self" and not value.attr.startswith("_")
    return isinstance(value, ast.Call) and _name(value) == "d.pop" and len(value.args) == 1


def _of_call(node: ast.Call, source: str) -> Iterator[_Edit]:
    name = _name(node)
    if name == "d.pop" and node.args and isinstance(node.args[0], ast.Constant):
        yield _renamed(node.args[0])
        if len(node.args) == 2:
            first = ast.get_source_segment(source, node.args[0])
            yield _Edit(DeviationKind.DEFAULT, node, f"d.pop({first})", str(node.args[0].value))
    elif name == "field_dict.update" and ast.unparse(node.args[0]) != "{}":
        yield _Edit(DeviationKind.STATEMENT, node, "None", ast.unparse(node.args[0])[:40])
    elif name.endswith(".format") and isinstance(node.func, ast.Attribute):
        yield from _of_path(node, node.func.value)


def _of_path(node: ast.Call, template: ast.expr) -> Iterator[_Edit]:
    if not isinstance(template, ast.Constant) or not isinstance(template.value, str):
        return
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    names = list(given)
    for index, name in enumerate(names):
        other = names[(index + 1) % len(names)]
        swapped = ast.unparse(given[other]) if other != name else '"speclock"'
        yield _Edit(DeviationKind.PARAMETER, given[name], swapped, str(name))
        if isinstance(given[name], ast.Call) and _name(given[name]) == "quote":
            bare = ast.unparse(given[name].args[0])  # type: ignore[attr-defined]
            yield _Edit(DeviationKind.PARAMETER, given[name], bare, f"{name} without its encoding")
    yield from _another_path(template)


def _of_dictionary(node: ast.Dict) -> Iterator[_Edit]:
    for key, value in zip(node.keys, node.values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            continue
        if key.value == "method" and isinstance(value, ast.Constant):
            other = "put" if str(value.value).lower() != "put" else "post"
            yield _Edit(DeviationKind.METHOD, value, repr(other), str(value.value))
        elif key.value in {"url", "path"} and isinstance(value, ast.Constant):
            yield from _another_path(value)
        elif key.value not in {"method", "url", "path"}:
            yield _renamed(key)


def _another_path(node: ast.Constant) -> Iterator[_Edit]:
    """The last literal segment of a path spelt otherwise; one more where it has none."""
    text = str(node.value)
    if not _PATH.fullmatch(text):
        return
    segments = text.split("/")
    literal = [index for index, segment in enumerate(segments) if segment and "{" not in segment]
    if literal:
        segments[literal[-1]] += _MARK
    else:
        segments[1:1] = [_MARK]
    yield _Edit(DeviationKind.PATH, node, repr("/".join(segments)), text)


def _renamed(node: ast.Constant) -> _Edit:
    return _Edit(DeviationKind.RENAMED, node, repr(str(node.value) + _MARK), str(node.value))


def _name(node: ast.expr) -> str:
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


# Tables


def _of_table(where: str, node: ast.expr, source: str) -> Iterator[tuple[str, _Edit]]:
    """Each entry of a literal left out, each constant in it another one."""
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if not isinstance(key, ast.Constant):
                continue
            name = key.value if isinstance(key.value, str) else ast.unparse(key)
            rest = ", ".join(
                f"{ast.unparse(other)}: {ast.unparse(item)}"
                for other, item in zip(node.keys, node.values, strict=True)
                if other is not key and other is not None
            )
            yield where, _Edit(DeviationKind.ENTRY, node, "{" + rest + "}", name)
            yield from _of_table(f"{where}/{name}", value, source)
    elif isinstance(node, ast.List):
        for index, value in enumerate(node.elts):
            rest = ", ".join(ast.unparse(item) for item in node.elts if item is not value)
            yield where, _Edit(DeviationKind.ENTRY, node, f"[{rest}]", f"number {index + 1}")
            yield from _of_table(f"{where}/{index}", value, source)
    elif isinstance(node, ast.Constant):
        yield where, _other_value(node, "")


def _other_value(node: ast.Constant, what: str) -> _Edit:
    match node.value:
        case bool(value):
            text = repr(not value)
        case int(value) | float(value):
            text = repr(value + 1)
        case str(value):
            text = repr(value + _MARK)
        case _:
            text = repr("speclock")
    return _Edit(DeviationKind.VALUE, node, text, what or ast.unparse(node))


# Places in the source


def _line_starts(source: str) -> list[int]:
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts


def _span(node: ast.expr | ast.stmt, starts: list[int], source: str) -> tuple[int, int]:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return (
        _offset(node.lineno, node.col_offset, starts, source),
        _offset(node.end_lineno, node.end_col_offset, starts, source),
    )


def _offset(line: int, column: int, starts: list[int], source: str) -> int:
    """The index of a place that the parser gives in bytes of UTF-8."""
    text = source[starts[line - 1] : starts[line]]
    return starts[line - 1] + len(text.encode()[:column].decode())
