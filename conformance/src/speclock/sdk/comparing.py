"""Where two JSON values differ."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from speclock.core.constraints import ANY_NAME, ITEM
from speclock.core.values import DEEPEST
from speclock.generation.values import same

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from speclock.core.constraints import Shape
    from speclock.core.documents import JsonValue

__all__ = [
    "ANYWHERE",
    "Difference",
    "Forms",
    "formats_of",
    "forms_of",
    "has_forms",
    "is_same_text",
    "odd_part",
    "place_of",
    "short",
    "unlike",
]

#: Where, such as `body/customId`, and what: expected and got.
Difference = tuple[str, str]

#: The steps to the texts that may be written in another form with the same meaning.
Forms = frozenset[tuple[str, ...]]
_BELOW = "**"
ANYWHERE: Forms = frozenset({(_BELOW,)})

#: Characters of a value that a difference shows.
_SHOWN = 200
#: RFC 9562, section 4, and RFC 3339, section 5.6.
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)")


def forms_of(shape: Shape) -> Forms:
    """Where in a value the contract has moments and UUIDs; anywhere below a schema that contains itself."""
    return frozenset(
        part.place.steps + ((_BELOW,) if part.recursive else ())
        for part in shape.walk()
        if part.recursive or has_forms(part)
    )


def has_forms(part: Shape) -> bool:
    """Whether a text at this place may be written in another form."""
    return not formats_of(part).isdisjoint({"date-time", "uuid"})


def formats_of(part: Shape) -> frozenset[str]:
    """The formats that are named for one place."""
    return frozenset(
        keyword.value
        for holder in part.holders
        for keyword in holder.keywords.get("format", ())
        if isinstance(keyword.value, str)
    )


def unlike(meant: JsonValue, got: JsonValue, forms: Forms = frozenset()) -> Iterator[Difference]:
    """Where two JSON values differ, as a pointer, and how; the order of members says nothing.

    Where `forms` leads, two texts that say the same moment or the same UUID are the same.
    """
    if isinstance(meant, dict) and isinstance(got, dict):
        for name in {**meant, **got}:
            step = "/" + name.replace("~", "~0").replace("/", "~1")
            if name not in got:
                yield step, f"expected {short(meant[name])}, got nothing"
            elif name not in meant:
                yield step, f"expected nothing, got {short(got[name])}"
            else:
                inside = _inside(forms, name, ANY_NAME)
                yield from ((step + where, text) for where, text in unlike(meant[name], got[name], inside))
    elif isinstance(meant, list) and isinstance(got, list) and len(meant) == len(got):
        inside = _inside(forms, ITEM)
        for index, (one, other) in enumerate(zip(meant, got, strict=True)):
            yield from ((f"/{index}{where}", text) for where, text in unlike(one, other, inside))
    elif not same(meant, got) and not ({(), (_BELOW,)} & forms and is_same_text(meant, got)):
        yield "", f"expected {short(meant)}, got {short(got)}"


def _inside(forms: Forms, *steps: str) -> Forms:
    """The rest of the ways that begin with one of the steps."""
    if not forms:
        return forms
    return frozenset(way if way == (_BELOW,) else way[1:] for way in forms if way and way[0] in (*steps, _BELOW))


def odd_part(value: object, where: str = "", depth: int = DEEPEST) -> str | None:
    """What of a value is no plain data, and where, such as `a Session at /x`; None: all of it is."""
    if value is None or type(value) in {bool, int, float, str}:
        return None
    if not depth:
        return f"what is nested too deep at {where}"
    if type(value) is list:
        steps: Iterable[tuple[object, object]] = enumerate(value)
    elif type(value) is dict:
        steps = value.items()
    else:
        return f"a {type(value).__name__} at {where or '/'}"
    for step, inner in steps:
        if type(value) is dict and type(step) is not str:
            return f"a name that is a {type(step).__name__} at {where or '/'}"
        found = odd_part(inner, f"{where}/{step}", depth - 1)
        if found is not None:
            return found
    return None


def place_of(where: str, named: Collection[str]) -> str:
    """Where something differs, the same for each member of an array and for each property that nobody `named`."""
    first, *steps = where.split("/")
    return "/".join([first, *(step if step in named else "*" for step in steps)])


def is_same_text(one: object, other: object) -> bool:
    """Whether two texts are the same, or say the same moment (RFC 3339) or the same UUID (RFC 9562, section 4)."""
    if not isinstance(one, str) or not isinstance(other, str):
        return False
    if one == other or (_UUID.fullmatch(one) and one.lower() == other.lower()):
        return True
    moments = _moment(one), _moment(other)
    return None not in moments and moments[0] == moments[1]


def _moment(text: str) -> tuple[datetime, bool, str] | None:
    """The moment to the second, whether that is a leap second's, and the digits after it."""
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    day, time, fraction, offset = found.groups()
    is_leap = time.endswith(":60")
    try:
        moment = datetime.fromisoformat(
            f"{day}T{time[:-2] + '59' if is_leap else time}{offset.upper().replace('Z', '+00:00')}"
        )
    except ValueError:
        return None
    return moment, is_leap, (fraction or "").rstrip("0")


def short(value: object) -> str:
    """A value as a message shows it."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text)} characters)"
