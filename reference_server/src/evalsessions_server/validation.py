"""Reading the properties of a request body, collecting every fault instead of stopping at the first.

Decided here, for every operation: null means not set on an optional property; unknown properties are ignored;
``10.0`` is an integer and ``true`` is none (JSON Schema 2020-12, section 6.1.1); an identifier is a non-empty
text; a UUID is version 4 in its plain form, in either case of letters.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from evalsessions_server.errors import MAX_FAULTS, Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evalsessions_server.json_types import JsonObject, JsonValue

__all__ = ["UUID4", "Properties", "kind_of"]

UUID4 = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}", re.ASCII)

# A refused value is shown so that it can be recognised, not repeated whole.
_SHOWN_CHARACTERS = 40


def kind_of(value: JsonValue) -> str:
    """Return what a value is, in words, for a message."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return "the number " + _shortened(json.dumps(value))
    if isinstance(value, str):
        return "the text " + _shortened(json.dumps(value)) if value else "an empty text"
    return "an array" if isinstance(value, list) else "an object"


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "..."


class Properties:
    """One JSON object of a request and where it stands; each method reads one property and notes its fault.

    After a fault a method returns the same as for a property that is not set; callers look at ``faults`` before
    they use anything. Reading an array ends at the fault that makes ``MAX_FAULTS``, and later ones are dropped.
    """

    __slots__ = ("_location", "_values", "faults")

    def __init__(self, value: JsonValue, *, location: tuple[str | int, ...], faults: list[Fault]) -> None:
        self.faults = faults
        self._location = location
        self._values: JsonObject = {}
        if isinstance(value, dict):
            self._values = value
        else:
            self.refuse((), "object_type", f"expected an object, got {kind_of(value)}")

    def refuse(self, path: Iterable[str | int], kind: str, message: str, *, rule: str | None = None) -> None:
        """Note a fault at ``path`` below this object, unless enough of them are noted."""
        if not self.full:
            self.faults.append(Fault((*self._location, *path), kind, message, rule))

    @property
    def full(self) -> bool:
        """Whether enough faults are noted, so that looking for more is in vain."""
        return len(self.faults) >= MAX_FAULTS

    def is_set(self, name: str) -> bool:
        """Return whether the property is present and not null."""
        return self._values.get(name) is not None

    def unknown(self, known: Iterable[str]) -> list[str]:
        """Return the names that are not among ``known``, for readers that do not ignore them."""
        names = frozenset(known)
        return [name for name in self._values if name not in names]

    def text(self, name: str) -> str | None:
        """Any text, the empty one too."""
        value = self._values.get(name)
        if value is None or isinstance(value, str):
            return value
        self._wrong(name, "string_type", "a text", value)
        return None

    def identifier(self, name: str) -> str | None:
        """A non-empty text."""
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, str) and value:
            return value
        kind = "string_too_short" if value == "" else "string_type"
        self._wrong(name, kind, "a non-empty text", value)
        return None

    def required_identifier(self, name: str) -> str:
        """A non-empty text that must be there, and not as null."""
        value = self._values.get(name)
        if value is None:
            got = "null" if name in self._values else "nothing"
            self.refuse((name,), "missing", f"required: expected a non-empty text, got {got}")
            return ""
        return self.identifier(name) or ""

    def boolean(self, name: str) -> bool | None:
        value = self._values.get(name)
        if value is None or isinstance(value, bool):
            return value
        self._wrong(name, "bool_type", "true or false", value)
        return None

    def number(self, name: str, *, lowest: float | None = None, highest: float | None = None) -> int | float | None:
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._wrong(name, "number_type", "a number", value)
            return None
        if lowest is not None and value < lowest:
            self._wrong(name, "greater_than_equal", f"a number of at least {lowest}", value)
            return None
        if highest is not None and value > highest:
            self._wrong(name, "less_than_equal", f"a number of at most {highest}", value)
            return None
        return value

    def integer(self, name: str, *, lowest: int | None = None) -> int | None:
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            self._wrong(name, "int_type", "an integer", value)
            return None
        if lowest is not None and value < lowest:
            self._wrong(name, "greater_than_equal", f"an integer of at least {lowest}", value)
            return None
        return value

    def choice(self, name: str, allowed: Iterable[str]) -> str | None:
        value = self._values.get(name)
        if value is None:
            return None
        allowed = tuple(allowed)
        if isinstance(value, str) and value in allowed:
            return value
        self._wrong(name, "enum", "one of " + ", ".join(allowed), value)
        return None

    def uuid4(self, name: str) -> str | None:
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, str) and UUID4.fullmatch(value):
            return value
        self._wrong(name, "uuid_parsing", "a UUID of version 4", value)
        return None

    def json_object(self, name: str) -> JsonObject | None:
        value = self._values.get(name)
        if value is None or isinstance(value, dict):
            return value
        self._wrong(name, "dict_type", "an object", value)
        return None

    def text_or_object(self, name: str, *, text_becomes: str) -> JsonObject | None:
        """An object, or a text, which becomes the object ``{text_becomes: text}``."""
        value = self._values.get(name)
        if value is None or isinstance(value, dict):
            return value
        if isinstance(value, str):
            return {text_becomes: value}
        self._wrong(name, "union_type", "a text or an object", value)
        return None

    def array(self, name: str, *, non_empty: bool = False) -> list[JsonValue] | None:
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, list):
            self._wrong(name, "list_type", "an array", value)
            return None
        if non_empty and not value:
            self.refuse((name,), "too_short", "expected at least one item, got an empty array")
            return None
        return value

    def texts(self, name: str) -> list[str] | None:
        """An array of texts."""
        return self._texts(name, self.array(name), "a text", empty_allowed=True)

    def identifiers(self, name: str, *, non_empty: bool = False) -> list[str] | None:
        """An array of non-empty texts."""
        return self._texts(name, self.array(name, non_empty=non_empty), "a non-empty text", empty_allowed=False)

    def objects(self, name: str) -> Iterator[Properties]:
        """The objects of an array, each with its place, made as they are asked for; none when it is not set."""
        for index, item in enumerate(self.array(name) or ()):
            if isinstance(item, dict):
                yield Properties(item, location=(*self._location, name, index), faults=self.faults)
            else:
                self.refuse((name, index), "object_type", f"expected an object, got {kind_of(item)}")
            if self.full:
                return

    def _texts(
        self, name: str, items: list[JsonValue] | None, expected: str, *, empty_allowed: bool
    ) -> list[str] | None:
        if items is None:
            return None
        texts = []
        for index, item in enumerate(items):
            if isinstance(item, str) and (item or empty_allowed):
                texts.append(item)
            else:
                kind = "string_too_short" if item == "" else "string_type"
                self.refuse((name, index), kind, f"expected {expected}, got {kind_of(item)}")
                if self.full:
                    break
        return texts

    def _wrong(self, name: str, kind: str, expected: str, value: JsonValue) -> None:
        self.refuse((name,), kind, f"expected {expected}, got {kind_of(value)}")
