"""What changed in the Python interface of evalsessions, read from the sources by griffe; nothing is imported.

Its interface is what `evalsessions` exports, what its public modules hold, and the classes behind both: those that an
annotation of something public names, such as the one behind `galtea.sessions`, whose home is a private module. Types
and overloads, which griffe does not compare, are compared by their annotations.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import griffe

from tools.release.bumps import Bump, Debt
from tools.release.errors import ReleaseError
from tools.release.python_types import changed_types

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["compare_interfaces"]

PACKAGE = "evalsessions"
SOURCES = "wrapper/src"
#: What every release changes, and no caller's code depends on.
IGNORED = frozenset({"evalsessions.__version__", "evalsessions._version.__version__"})

#: Told by name here: griffe holds that `**options` takes what is gone, whatever may be among the options.
REMOVALS = frozenset({griffe.BreakageKind.OBJECT_REMOVED, griffe.BreakageKind.PARAMETER_REMOVED})

_COLOURS = re.compile(r"\x1b\[[\d;]*m")

Node = griffe.Object | griffe.Alias


def compare_interfaces(old: Path, new: Path) -> list[Debt]:
    """What the interface below `new` owes to those who program against the one below `old` (both repositories).

    Raises:
        ReleaseError: one of them cannot be read.
    """
    before, after = _load(old), _load(new)
    lines: dict[str, None] = {}
    for was, now in [(before, after), *_behind(before, after)]:
        for breakage in griffe.find_breaking_changes(was, now):
            if breakage.kind not in REMOVALS and breakage.obj.path not in IGNORED:
                lines[_line(breakage, new)] = None
    typed, typed_now = _typed(before), _typed(after)
    for name in sorted(typed.keys() & typed_now.keys()):
        lines |= dict.fromkeys(changed_types(name, typed[name], typed_now[name]))
    was_there, is_there = _names(before), _names(after)
    gone = [f"{name} is gone" for name in _outermost(was_there - is_there)]
    added = [f"{name} is new" for name in _outermost(is_there - was_there)]
    return [
        *(Debt(Bump.MAJOR, f"Python: {line}") for line in [*gone, *lines]),
        *(Debt(Bump.MINOR, f"Python: {line}") for line in added),
    ]


def _load(root: Path) -> Node:
    try:
        return griffe.load(
            PACKAGE, search_paths=[root / SOURCES], allow_inspection=False, resolve_aliases=True, resolve_external=False
        )
    except (griffe.GriffeError, ImportError, OSError) as error:
        raise ReleaseError(f"{SOURCES}/{PACKAGE}: expected a package that can be read: {error!r}") from error


def _line(breakage: griffe.Breakage, root: Path) -> str:
    """One line, with the place in the new sources."""
    said = _COLOURS.sub("", breakage.explain(griffe.ExplanationStyle.ONE_LINE))
    return " ".join(said.split()).replace(f"{root}/", "")


def _outermost(names: set[str]) -> list[str]:
    """The names without those of their parts."""
    return sorted(name for name in names if _holder(name) not in names)


def _holder(name: str) -> str:
    return name.partition("(")[0] if "(" in name else name.rpartition(".")[0]


def _behind(before: Node, after: Node) -> Iterator[tuple[Node, Node]]:
    """The classes of private modules that both interfaces lead to."""
    found = _reachable(before)
    for path in found:
        try:
            yield before[path], after[path]
        except KeyError:
            # Whoever holds it was compared as well, so that a class which moved is a change of a type there.
            continue


def _names(package: Node) -> set[str]:
    """What a caller can name: objects by where they are met, and the parameters of each that can be called."""
    names: set[str] = set()
    for name, member in [(member.path, member) for member in _public(package)] + [
        (f"{package.path}.{path}", package[path]) for path in _reachable(package)
    ]:
        names.add(name)
        names |= _parts(name, member)
    return names - IGNORED


def _parts(name: str, member: Node) -> set[str]:
    target = _target(member)
    if target is None:
        return set()
    if isinstance(target, griffe.Function):
        return {f"{name}({parameter.name})" for parameter in target.parameters if parameter.name != "self"}
    if isinstance(target, griffe.Class):
        bases = {f"{name}(kind of {base.name})" for base in target.mro() if base.is_public}
        return bases | {
            found
            for part, held in target.all_members.items()
            if _is_met(part)
            for found in {f"{name}.{part}", *_parts(f"{name}.{part}", held)}
        }
    return set()


def _typed(package: Node) -> dict[str, griffe.Object]:
    """What a caller can call or read, by the name that `_names` has for it."""
    typed: dict[str, griffe.Object] = {}
    waiting = [(member.path, member) for member in _public(package)]
    waiting += [(f"{package.path}.{path}", package[path]) for path in _reachable(package)]
    while waiting:
        name, member = waiting.pop()
        target = _target(member)
        if isinstance(target, griffe.Class):
            waiting += [(f"{name}.{part}", held) for part, held in target.all_members.items() if _is_met(part)]
        elif target is not None and name not in IGNORED:
            typed[name] = target
    return typed


def _is_met(part: str) -> bool:
    """Whether callers meet a member of a class by this name."""
    return not part.startswith("_") or part == "__init__"


def _public(module: Node) -> Iterator[Node]:
    for member in module.members.values():
        if not member.is_public:
            continue
        target = _target(member)
        if isinstance(target, griffe.Module):
            yield from _public(target)
        else:
            yield member


def _reachable(package: Node) -> list[str]:
    """Paths, below the package, of classes that no one can import by a public name and everyone can hold."""
    met: dict[str, None] = {}
    waiting = [target for member in _public(package) if (target := _target(member)) is not None]
    while waiting:
        holder = waiting.pop()
        for path in sorted(_named(holder)):
            if not path.startswith(f"{PACKAGE}._"):
                continue
            below = path.removeprefix(f"{PACKAGE}.")
            try:
                found = _target(package[below])
            except KeyError:
                continue
            if isinstance(found, griffe.Class) and below not in met and not found.name.startswith("_"):
                met[below] = None
                waiting.append(found)
    return list(met)


def _named(holder: griffe.Object) -> set[str]:
    """What the annotations of something public name, by full path."""
    if isinstance(holder, griffe.Class):
        held = [
            target
            for name, member in holder.all_members.items()
            if not name.startswith("_") and (target := _target(member)) is not None
        ]
        return {path for member in held for path in _named(member)}
    if isinstance(holder, griffe.Function):
        return _paths(holder.returns)
    return _paths(holder.annotation) if isinstance(holder, griffe.Attribute) else set()


def _paths(annotation: str | griffe.Expr | None) -> set[str]:
    if not isinstance(annotation, griffe.Expr):
        return set()
    return {part.canonical_path for part in annotation.iterate(flat=True) if isinstance(part, griffe.ExprName)}


def _target(member: Node) -> griffe.Object | None:
    """What a name stands for; None for what another package defines."""
    if isinstance(member, griffe.Alias):
        try:
            return member.final_target
        except griffe.GriffeError:
            return None
    return member
