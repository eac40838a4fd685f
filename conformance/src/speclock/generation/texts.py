"""Texts: those that a pattern or a format asks for, and their nearest neighbours on both sides of it."""

from __future__ import annotations

import re
import string
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["FORMATS", "UNCHECKED", "UNRESTRICTED", "legal_neighbours", "matching", "near_misses"]

#: A plain text of each format that JSON Schema and OpenAPI name.
FORMATS: Mapping[str, str] = {
    "date-time": "2026-03-02T09:15:00Z",
    "date": "2026-03-02",
    "time": "09:15:00Z",
    "duration": "P1D",
    "email": "reader@example.org",
    "idn-email": "reader@example.org",
    "hostname": "example.org",
    "idn-hostname": "example.org",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.org/a",
    "uri-reference": "/a",
    "iri": "https://example.org/a",
    "iri-reference": "/a",
    "uri-template": "/a/{b}",
    "uuid": "6f1e2d3c-4b5a-4978-8a6b-0c1d2e3f4a5b",
    "json-pointer": "/a",
    "relative-json-pointer": "0",
    "regex": "a",
}
#: The same of formats that no validator of JSON Schema checks; a server may.
UNCHECKED: Mapping[str, str] = {
    "byte": "c3BlY2xvY2s=",
    "base64": "c3BlY2xvY2s=",
    **dict.fromkeys(("int32", "int64", "float", "double", "decimal", "number", "integer"), "1"),
}
#: Formats of which any text is one.
UNRESTRICTED = frozenset({"password", "binary", "char", "html", "commonmark", "string"})
#: Texts of a format that look unlike the plain one.
_UNLIKE: Mapping[str, tuple[str, ...]] = {
    "date-time": ("2026-03-02T09:15:00.123456+02:00", "1999-12-31T23:59:59-11:30", "2024-02-29T00:00:00Z"),
    "date": ("2024-02-29", "1999-12-31"),
    "ipv6": ("::", "2001:0db8:0000:0000:0000:0000:0000:0001"),
    "email": ("first.last+tag@sub.example.org",),
    "uri": ("https://example.org:8443/a%20b?c=d#e", "urn:isbn:0451450523"),
}
#: Characters that stand for the kinds that patterns tell apart, the nearest neighbours of most first.
_PROBES = "0197afgzAFGZ-_. :/+@!~é"
#: Characters of one text whose neighbours are tried; longer ones at both ends alone.
_WIDEST = 80
#: Wrong characters that are tried at one place.
_WRONG = 3
_PRINTABLE = string.printable[:95]


def near_misses(text: str, accepts: Callable[[str], bool]) -> Iterator[str]:
    """Texts that differ from a legal one as little as can be and are illegal, each kind of place in it once."""
    for changed in (
        text[:-1],
        text[1:],
        f"{text}0",
        f"{text}x",
        f"x{text}",
        f"{text}\n",
        f" {text}",
        f"{text} ",
        f"{{{text}}}",
        f'"{text}"',
        re.sub(r"[-:.]", "", text),
        text.upper(),
        text.lower(),
        text.swapcase(),
    ):
        if changed != text and not accepts(changed):
            yield changed
    for accepted, positions in _signatures(text, accepts).items():
        wrong = [mark for mark in _PROBES if mark not in accepted][:_WRONG]
        for index in dict.fromkeys((positions[0], positions[-1])):
            for mark in wrong:
                yield text[:index] + mark + text[index + 1 :]


def legal_neighbours(text: str, accepts: Callable[[str], bool]) -> Iterator[str]:
    """Legal texts that together have each character that a place of the text may have, as few as hold them all."""
    places = [""] * len(text)
    for accepted, positions in _signatures(text, accepts).items():
        for index in positions:
            places[index] = accepted
    turns = max(map(len, places), default=0)
    for turn in range(turns):
        changed = "".join(
            accepted[turn % len(accepted)] if accepted else mark for mark, accepted in zip(text, places, strict=True)
        )
        if changed != text and accepts(changed):
            yield changed
    for changed in (text.upper(), text.lower()):
        if changed != text and accepts(changed):
            yield changed


def unlike(name: str) -> tuple[str, ...]:
    """Texts of a format that look unlike the plain one."""
    return _UNLIKE.get(name, ())


@lru_cache(maxsize=1024)
def matching(pattern: str) -> str | None:
    """A text that Python's reading of the pattern matches; None when none is found."""
    # Late: hypothesis takes a third of a second to import, and most contracts show a text for each pattern.
    import hypothesis  # noqa: PLC0415
    from hypothesis import strategies  # noqa: PLC0415
    from hypothesis.errors import HypothesisException  # noqa: PLC0415

    from speclock.generation.drawing import by_seed_alone, settings  # noqa: PLC0415

    found: list[str] = []
    texts = strategies.from_regex(re.sub(r"\$$", r"\\Z", pattern), alphabet=strategies.sampled_from(_PRINTABLE))

    @hypothesis.seed(0)
    @settings(1)
    @hypothesis.given(texts)
    def draw(text: str) -> None:
        found.append(text)

    try:
        with by_seed_alone():
            draw()
    except (HypothesisException, re.error, ValueError, RecursionError):
        return None
    return found[0] if found else None


def _signatures(text: str, accepts: Callable[[str], bool]) -> dict[str, list[int]]:
    """The places of a text by the characters that each may have."""
    found: dict[str, list[int]] = {}
    for index in range(len(text)):
        if _WIDEST // 2 <= index < len(text) - _WIDEST // 2:
            continue
        accepted = "".join(mark for mark in _PROBES if accepts(text[:index] + mark + text[index + 1 :]))
        found.setdefault(accepted, []).append(index)
    return found
