"""Where in a JSON text each value stands, found when it is first asked for.

One pass over the text pairs the brackets; after that, only the objects and arrays on the way to a pointer are looked
into. So a document of many megabytes costs little more than its brackets.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["JsonPositions"]

_STRING = r'"(?:[^"\\]|\\.)*"'
_BRACKETS = re.compile(rf"{_STRING}|[\[\]{{}}]", re.DOTALL)
_TOKEN = re.compile(rf"\s*({_STRING}|[\[\]{{}}:,]|[^\s\[\]{{}}:,\"]+)", re.DOTALL)


class JsonPositions:
    """The positions of one JSON text, which is known to be sound."""

    def __init__(self, text: str) -> None:
        """Take the text; nothing is read yet."""
        self._text = text
        self._ends: dict[int, int] | None = None
        self._lines: list[int] = []
        self._members: dict[int, dict[str, tuple[int, int]]] = {}

    def find(self, steps: list[str]) -> tuple[int, int] | None:
        """Line and column, from 1, of the member's name (of an array: of its value); None when there is none."""
        self._prepare()
        offset = len(self._text) - len(self._text.lstrip())
        mark = offset
        for step in steps:
            found = self._of(offset).get(step)
            if found is None:
                return None
            mark, offset = found
        line = bisect_right(self._lines, mark)
        return line, mark - self._lines[line - 1] + 1

    def repeated(self) -> tuple[str, int, int] | None:
        """The first name that stands twice in one object, with line and column."""
        self._prepare()
        for start in sorted(self._ends or {}):
            seen: set[str] = set()
            for name, mark, _ in self._walk(start) if self._text[start] == "{" else ():
                if name in seen:
                    line = bisect_right(self._lines, mark)
                    return name, line, mark - self._lines[line - 1] + 1
                seen.add(name)
        return None

    def _prepare(self) -> None:
        if self._ends is not None:
            return
        self._lines = [0, *(found.end() for found in re.finditer("\n", self._text))]
        ends: dict[int, int] = {}
        started: list[int] = []
        for token in _BRACKETS.finditer(self._text):
            mark = token[0]
            if mark in "[{":
                started.append(token.start())
            elif mark in "]}" and started:
                ends[started.pop()] = token.end()
        self._ends = ends

    def _of(self, start: int) -> dict[str, tuple[int, int]]:
        if start not in self._members:
            self._members[start] = {name: (mark, value) for name, mark, value in self._walk(start)}
        return self._members[start]

    def _walk(self, start: int) -> Iterator[tuple[str, int, int]]:
        """Name, offset of the name and offset of the value, of each member of the object or array at `start`."""
        text, ends = self._text, self._ends or {}
        if text[start] not in "[{":
            return
        is_object, index, offset = text[start] == "{", 0, start + 1
        while token := _TOKEN.match(text, offset):
            mark = token.start(1)
            if token[1] in "]}":
                return
            if token[1] == ",":
                offset = token.end()
                continue
            name, value = str(index), mark
            if is_object:
                name = json.loads(token[1], strict=False)
                colon = _TOKEN.match(text, token.end())
                following = _TOKEN.match(text, colon.end()) if colon else None
                if following is None:
                    return
                value = following.start(1)
                token = following
            yield name, mark, value
            index += 1
            offset = ends.get(value, token.end())
