"""The names of a contract's properties: all of them, and those under which texts may come in another form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from speclock.core.documents import join
from speclock.core.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.core.documents import Document, JsonValue

__all__ = ["Names"]

#: Formats of which a type holds the meaning, and not how it was written.
_OF_FORMS = frozenset({"date-time", "uuid"})
#: Keywords with schemas of the same value, and of its members.
_LISTED = ("anyOf", "oneOf", "allOf")
_MEMBERS = ("items", "additionalProperties")


@dataclass(frozen=True, slots=True)
class Names:
    """The names of properties that stand anywhere in a contract."""

    all: frozenset[str]
    #: Those that are declared as moments or UUIDs anywhere, or as arrays or maps of them.
    of_forms: frozenset[str]

    @classmethod
    def of(cls, document: Document) -> Names:
        """The names in a document."""
        found = list(_properties("", document.value))
        return cls(
            frozenset(name for name, _ in found),
            frozenset(name for name, pointer in found if _has_forms(document, pointer, set())),
        )


def _properties(pointer: str, value: JsonValue) -> Iterator[tuple[str, str]]:
    """The name of each property that is declared, and the pointer of its schema."""
    if isinstance(value, dict):
        listed = value.get("properties")
        for name in listed if isinstance(listed, dict) else ():
            yield name, join(pointer, "properties", name)
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, child in children:
        yield from _properties(join(pointer, str(step)), child)


def _has_forms(document: Document, pointer: str, seen: set[str]) -> bool:
    try:
        pointer, schema = document.resolve(pointer)
    except ContractError:
        return False
    if pointer in seen or not isinstance(schema, dict):
        return False
    seen.add(pointer)
    branches = ((name, schema.get(name)) for name in _LISTED)
    below = [
        join(pointer, name, str(index))
        for name, listed in branches
        if isinstance(listed, list)
        for index in range(len(listed))
    ]
    below += [join(pointer, name) for name in _MEMBERS if name in schema]
    return schema.get("format") in _OF_FORMS or any(_has_forms(document, item, seen) for item in below)
