"""How differences name what they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speclock.diff.facts import keyword_of, rest_of

if TYPE_CHECKING:
    from speclock.diff.alternatives import Alternative, Bound

__all__ = [
    "TYPE_NAMES",
    "alternative_words",
    "bound_words",
    "component",
    "fact_words",
    "listed",
    "number_name",
    "or_none",
]

TYPE_NAMES = {
    "null": "null",
    "boolean": "true or false",
    "number": "a number",
    "string": "a text",
    "array": "an array",
    "object": "an object",
}


def number_name(item: Alternative) -> str:
    """A number, or a whole one."""
    return "a whole number" if item.is_whole else "a number"


def component(pointer: str) -> str | None:
    """The name of a schema of `components`; None of any other."""
    head, mark, name = pointer.partition("/components/schemas/")
    return name if mark and not head and "/" not in name else None


def fact_words(fact: str) -> str:
    """What a fact says, where it is short."""
    if fact == "exclusive":
        return "that no two of the alternatives fit (`oneOf`)"
    keyword, rest = keyword_of(fact), rest_of(fact)
    return f"the {keyword} {rest}" if len(rest) < 60 else f"a rule (`{keyword}`)"


def alternative_words(item: Alternative) -> str:
    """What an alternative is called."""
    if item.values is not None:
        return listed(item.values)
    name = next((name for pointer in item.pointers if (name := component(pointer))), None)
    if name:
        return name
    if item.type == "object" and item.properties:
        return f"an object with {', '.join(list(item.required)[:4] or list(item.properties)[:4])}"
    return TYPE_NAMES[item.type]


def listed(values: frozenset[str] | frozenset[float]) -> str:
    """The first of some values."""
    texts = sorted(map(str, values))
    return ", ".join(texts[:8]) + (", ..." if len(texts) > 8 else "") if texts else "nothing"


def bound_words(bound: Bound | None) -> str:
    """A bound as a number."""
    if bound is None:
        return "none"
    number = int(bound.value) if float(bound.value).is_integer() else bound.value
    return f"{number}, itself not allowed," if bound.is_exclusive else str(number)


def or_none(value: int | None) -> str:
    """A number, or that there is none."""
    return "none" if value is None else str(value)
