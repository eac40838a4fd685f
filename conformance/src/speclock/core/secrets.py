"""Credentials never leave the harness: every text that goes out passes here.

A value is taken out wherever it stands, also in what a server echoes, in the forms that a transport gives it: as it
is, percent-encoded, escaped in JSON, in base64. In its place stands the name of its environment variable.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["SHORTEST", "Secrets"]

#: Shorter values would black out ordinary text; a credential this short protects nothing.
SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Secrets:
    """The values to hide, each with the variable that it came from. Its repr shows the variables alone."""

    variables: tuple[str, ...] = ()
    _forms: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, values: Iterable[tuple[str, str]]) -> Secrets:
        """Hide each (variable, value)."""
        pairs = list(values)
        forms: dict[str, str] = {}
        for variable, value in pairs:
            for form in _forms_of(value):
                if len(form) >= SHORTEST:
                    forms.setdefault(form, f"${variable}")
        ordered = tuple(sorted(forms.items(), key=lambda item: -len(item[0])))
        return cls(tuple(variable for variable, _ in pairs), ordered)

    def beside(self, other: Secrets) -> Secrets:
        """What either of the two hides."""
        forms = sorted((*self._forms, *other._forms), key=lambda item: -len(item[0]))
        return Secrets((*self.variables, *other.variables), tuple(forms))

    def hide(self, text: str) -> str:
        """`text` with every known value replaced by the name of its variable."""
        for form, name in self._forms:
            if form in text:
                text = text.replace(form, name)
        return text


def _forms_of(value: str) -> set[str]:
    encodings = {quote(value), quote(value, safe=""), quote_plus(value)}
    forms = {value, *encodings, json.dumps(value)[1:-1], repr(value)[1:-1]}
    encoded = base64.b64encode(value.encode()).decode()
    return forms | {encoded, encoded.rstrip("="), value.lower(), value.upper()}
