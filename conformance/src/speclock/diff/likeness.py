"""Which alternative of one schema stands for which of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speclock.diff.words import component

if TYPE_CHECKING:
    from speclock.diff.alternatives import Alternative, Schema
    from speclock.diff.meaning import View

__all__ = ["paired"]


def paired(
    old: View, new: View, a: tuple[Alternative, ...], b: tuple[Alternative, ...]
) -> tuple[list[tuple[Alternative, Alternative]], list[Alternative], list[Alternative]]:
    """The alternatives that stand for each other, and those that only one side has."""
    if len(a) == 1 and len(b) == 1:
        return [(a[0], b[0])], [], []
    left, right = list(a), list(b)
    pairs: list[tuple[Alternative, Alternative]] = []
    for likeness in (_is_same, _is_told, _is_namesake, _is_alike):
        for one in list(left):
            scored = [(score, other) for other in right if (score := likeness(old, new, one, other)) > 0]
            if len(scored) > 1 and likeness is _is_same:  # alike at a glance: those of the same text belong together
                text = old.texts(one.pointers)
                scored = [(score + 4 * (new.texts(o.pointers) == text), o) for score, o in scored]
            if scored:
                best = max(scored, key=lambda entry: entry[0])[1]
                pairs.append((one, best))
                left.remove(one)
                right.remove(best)
    return pairs, left, right


def _is_same(old: View, new: View, a: Alternative, b: Alternative) -> float:
    if a.signature() != b.signature():
        return 0
    told = _tells(old, new, a, b)
    return 0 if told is False else 3 if told else 2 if _is_namesake(old, new, a, b) else 1


def _is_told(old: View, new: View, a: Alternative, b: Alternative) -> float:
    return 1 if _tells(old, new, a, b) else 0


def _is_namesake(old: View, new: View, a: Alternative, b: Alternative) -> float:
    if _tells(old, new, a, b) is False:
        return 0
    names = {name for pointer in a.pointers if (name := component(pointer))}
    others = {name for pointer in b.pointers if (name := component(pointer))}
    return len(names & others)


def _is_alike(old: View, new: View, a: Alternative, b: Alternative) -> float:
    if a.type != "object":
        return 1 if (a.values is None) is (b.values is None) else 0
    if _tells(old, new, a, b) is False:
        return 0
    one, other = set(a.properties), set(b.properties)
    return len(one & other) / max(1, len(one | other))


def _tells(old: View, new: View, a: Alternative, b: Alternative) -> bool | None:
    """Whether listed values say that two objects are of one kind, or of two; None: there are none.

    One property that has no value in common is enough: others may list the same in every kind.
    """
    said: bool | None = None
    for name in a.properties.keys() & b.properties.keys():
        first, second = _constant(old, a.properties[name]), _constant(new, b.properties[name])
        if first and second:
            if not first & second:
                return False
            said = True
    return said


def _constant(view: View, schema: Schema) -> frozenset[str] | None:
    alternatives = view.meaning(schema).alternatives
    if set(alternatives) == {"string"} and len(alternatives["string"]) == 1:
        return alternatives["string"][0].values
    return None
