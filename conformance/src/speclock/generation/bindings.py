"""Bindings put ids that exist into positive cases, so that a server has no reason to refuse them.

Only values that a case has are replaced, and only when the case stays valid: a binding never adds a property, so it
cannot break a rule that ties properties together. A value that must be unique keeps its generated text and gets a
nonce of the run.

What looks like an id and is not bound is named as well, because a refusal of the case may be for that id alone: every
path parameter, and every text whose property or parameter is called `id` or ends so.
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from speclock.core.contract import Operation
    from speclock.core.documents import JsonValue
    from speclock.core.profiles import Binding, Profile

__all__ = ["Binder", "Bound"]

#: The last word of `id`, `petIds`, `pet_id`, `pet-id`, `petID`; not of `grid` or `paid`.
_ID = re.compile(r"(?:^|[._-])(?:id|uuid|guid)s?$|(?:Id|ID|Uuid|UUID|Guid|GUID)s?$")


@dataclass(frozen=True, slots=True)
class Bound:
    """A case's values with the bindings put in."""

    body: JsonValue
    path_parameters: dict[str, str]
    #: The properties and parameters that were bound; none when a binding could not be put in.
    names: tuple[str, ...]
    #: What looks like an id and is not bound.
    unbound: tuple[str, ...]


@dataclass
class Binder:
    """Applies one profile's bindings during one run."""

    profile: Profile
    #: Tells the runs apart; random, never from the seed, so a run can be repeated on the same data.
    nonce: str
    #: The ids that this run has created, by operation.
    created: Callable[[str], Sequence[str]]
    #: Whether the run has created a thing of this id: a link put it there, and it is to stay.
    knows: Callable[[str], bool]
    _counter: count[int] = field(default_factory=lambda: count(1))

    def bind(
        self,
        operation: Operation,
        body: JsonValue,
        path_parameters: Mapping[str, str],
        others: Mapping[str, str] | None = None,
        *,
        is_valid: Callable[[JsonValue], bool],
    ) -> Bound:
        """Put the bindings into a body and path parameters, never into `others` (query, headers, cookies).

        The body is not changed in place.
        """
        names: list[str] = []
        ids = [name for name, value in path_parameters.items() if not self._is_known(value)]
        ids += [name for name, value in (others or {}).items() if _looks_like_id(name, value)]

        def replace(path: str, value: JsonValue) -> JsonValue:
            if _looks_like_id(path, value) and not self._is_known(value):
                ids.append(path)
            binding = self.profile.binding(operation, path)
            if binding is None or value is None or isinstance(value, bool | dict):
                return value
            names.append(path)
            return self._value(binding, value)

        def walk(value: JsonValue, path: str) -> JsonValue:
            if isinstance(value, dict):
                return {key: walk(replace(_below(path, key), item), _below(path, key)) for key, item in value.items()}
            if isinstance(value, list):
                return [walk(item, path) for item in value]
            return value

        parameters = dict(path_parameters)
        for name, value in path_parameters.items():
            bound = replace(name, value)
            if isinstance(bound, str | int):
                parameters[name] = str(bound)
        result = walk(body, "")
        found = tuple(dict.fromkeys(names))
        if is_valid(result):
            return Bound(result, parameters, found, tuple(name for name in dict.fromkeys(ids) if name not in found))
        # What the profile knows does not fit here (no id was created yet, say): the case goes out as it was generated.
        return Bound(body, parameters, (), tuple(dict.fromkeys(ids)))

    def _value(self, binding: Binding, value: JsonValue) -> JsonValue:
        if binding.unique:
            return f"{value}-{self.nonce}-{next(self._counter)}" if isinstance(value, str) else value
        known: tuple[str | int, ...] = binding.values
        if binding.created is not None:
            known = tuple(self.created(binding.created))
        if not known:
            return [] if isinstance(value, list) else None
        start = zlib.crc32(json.dumps(value, sort_keys=True).encode())
        if isinstance(value, list):
            if value and all(self._stays(item, known) for item in value):
                return value
            return [known[(start + index) % len(known)] for index in range(len(value))]
        return value if self._stays(value, known) else known[start % len(known)]

    def _is_known(self, value: JsonValue) -> bool:
        items = value if isinstance(value, list) else [value]
        return all(isinstance(item, str) and self.knows(item) for item in items)

    def _stays(self, value: JsonValue, known: Sequence[str | int]) -> bool:
        return value in known or (isinstance(value, str) and self.knows(value))


def _looks_like_id(path: str, value: JsonValue) -> bool:
    items = value if isinstance(value, list) else [value]
    return _ID.search(path) is not None and any(isinstance(item, str | int) for item in items)


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
