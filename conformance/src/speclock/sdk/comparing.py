"""Where two JSON values differ."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from speclock.generation.values import same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.core.documents import JsonValue

__all__ = ["Difference", "is_same_time", "short", "unlike"]

#: Where, such as `body/customId`, and what: expected and got.
Difference = tuple[str, str]

#: Characters of a value that a difference shows.
_SHOWN = 200
#: RFC 3339, section 5.6.
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)")


def unlike(meant: JsonValue, got: JsonValue, *, times: bool = False) -> Iterator[Difference]:
    """Where two JSON values differ, as a pointer, and how; the order of members says nothing.

    With `times`, two texts that are the same moment are the same.
    """
    if isinstance(meant, dict) and isinstance(got, dict):
        for name in {**meant, **got}:
            step = "/" + name.replace("~", "~0").replace("/", "~1")
            if name not in got:
                yield step, f"expected {short(meant[name])}, got nothing"
            elif name not in meant:
                yield step, f"expected nothing, got {short(got[name])}"
            else:
                yield from ((step + where, text) for where, text in unlike(meant[name], got[name], times=times))
    elif isinstance(meant, list) and isinstance(got, list) and len(meant) == len(got):
        for index, (one, other) in enumerate(zip(meant, got, strict=True)):
            yield from ((f"/{index}{where}", text) for where, text in unlike(one, other, times=times))
    elif not same(meant, got) and not (times and is_same_time(meant, got)):
        yield "", f"expected {short(meant)}, got {short(got)}"


def is_same_time(one: object, other: object) -> bool:
    """Whether two texts are the same moment, whatever their offsets (RFC 3339)."""
    moments = [_moment(value) for value in (one, other) if isinstance(value, str)]
    return len(moments) == 2 and None not in moments and moments[0] == moments[1]


def _moment(text: str) -> tuple[datetime, str] | None:
    """The moment to the second, and the digits after it."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    day, time, fraction, offset = found.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{time}{offset.upper().replace('Z', '+00:00')}")
    except ValueError:
        return None  # a leap second
    return moment, (fraction or "").rstrip("0")


def short(value: object) -> str:
    """A value as a message shows it."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text)} characters)"
