"""Values that tell: for one shape, those at both sides of each of its promises.

Nothing here decides whether a value is legal; the oracle does. Each value comes with words that say what it stands for,
and with a sort, by which the planner chooses the few that stand for all.
"""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from speclock.core.constraints import ANY_NAME, Part
from speclock.generation.texts import FORMATS, UNCHECKED, UNRESTRICTED, legal_neighbours, matching, near_misses, unlike

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from speclock.core.constraints import Shape
    from speclock.core.documents import JsonValue

__all__ = ["Candidate", "Sort", "candidates", "full", "plain", "same"]

#: Characters of a long text, and members of a long array, where the contract sets no limit.
_LONG = 2000
_MANY = 60
#: Values of the members of a map that are tried.
_MEMBERS = 24
#: Members of an array, or characters, that a boundary may ask for; beyond, no request is made.
_MOST = 100_000
_DEEPEST = 8
_ALL_SORTS = '  Zürich 東京 \U0001f600 e\u0301 \ufb01 <b>&amp; "\\/ \t\n '
_RICH = _ALL_SORTS * (_LONG // len(_ALL_SORTS) + 1)
#: The integers of a numeric format (OpenAPI's format registry): JSON Schema validates none of them, a server may.
_WHOLE = {f"{sign}int{bits}": (sign, bits) for sign in ("", "u") for bits in (8, 16, 32, 64)}


class Sort(IntEnum):
    """What a value stands for, the most telling first."""

    PLAIN = 0
    NULL = 1
    #: Of an `enum` or `const`; true and false.
    LISTED = 2
    #: Without content: "", [], {}, 0.
    EMPTY = 3
    #: Of a type of its own among those that may stand here.
    TYPE = 4
    #: Below zero.
    NEGATIVE = 5
    #: Legal and apt to be mangled: unsorted, beyond ASCII, with white space, nested.
    UNUSUAL = 6
    LONG = 7
    #: Unusual and long in every way at once: one value for all that code may look at in a text or an object.
    RICH = 8
    #: At a bound, or one step from it.
    BOUND = 9
    EXAMPLE = 10
    #: One small step from a legal value.
    NEAR = 11


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value, and what it stands for."""

    value: JsonValue
    words: str
    sort: Sort


def same(one: JsonValue, other: JsonValue) -> bool:
    """Whether two values are the same as JSON text has them (1 and 1.0 and true are three)."""
    return repr(one) == repr(other)


def plain(shape: Shape, depth: int = 0) -> JsonValue:
    """An unremarkable value: one that the contract shows, or else the simplest of its type."""
    for value in shape.shown:
        if value is not None:
            return value
    for value in _listed(shape):
        if value is not None:
            return value
    for branch in shape.branches:
        if branch.types - {"null"}:
            return plain(branch, depth + 1)
    return _typed(shape, depth)


def full(shape: Shape, depth: int = 0) -> JsonValue:
    """A value with every optional property that the contract names."""
    for holder in shape.holders:
        if holder.properties and depth < _DEEPEST:
            return {name: full(child, depth + 1) for name, child in holder.properties.items() if name != ANY_NAME}
    return plain(shape, depth)


def candidates(shape: Shape, accepts: Callable[[JsonValue], bool]) -> Iterator[Candidate]:
    """Values around all that the shape says, no two the same; `accepts` asks the shape's own keywords."""
    seen: set[str] = set()
    is_open, whole = _is_of_unknown_form(shape), _whole(shape)
    for candidate in _all(shape, accepts):
        key = repr(candidate.value)
        if key in seen or (is_open and _is_guess(candidate, shape)):
            continue
        if whole is None or _is_promised(candidate.value, shape, *whole):
            seen.add(key)
            yield candidate


def _is_of_unknown_form(shape: Shape) -> bool:
    """Whether its texts have a format that nobody but the server can check."""
    names = [str(keyword.value) for keyword in shape.keywords.get("format", ())]
    return "string" in shape.types and any(name not in FORMATS and name not in UNRESTRICTED for name in names)


def _whole(shape: Shape) -> tuple[int, int] | None:
    """The least and the greatest integer that its format holds; beyond, nothing is promised, for or against."""
    for keyword in shape.keywords.get("format", ()):
        if keyword.value in _WHOLE:
            sign, bits = _WHOLE[str(keyword.value)]
            return (0, 2**bits - 1) if sign else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    return None


def _is_promised(value: JsonValue, shape: Shape, low: int, high: int) -> bool:
    if isinstance(value, float) and not value.is_integer():
        return "number" not in shape.types  # where it is of the wrong type
    return not isinstance(value, int | float) or low <= value <= high


def _is_guess(candidate: Candidate, shape: Shape) -> bool:
    if not isinstance(candidate.value, str):
        return shape.place.part is not Part.BODY and candidate.sort is not Sort.PLAIN
    return candidate.sort not in {Sort.PLAIN, Sort.LISTED, Sort.EXAMPLE}


def _all(shape: Shape, accepts: Callable[[JsonValue], bool]) -> Iterator[Candidate]:
    value = plain(shape)
    yield Candidate(value, "a plain value", Sort.PLAIN)
    yield Candidate(None, "null", Sort.NULL)
    for holder in shape.holders:
        for item in _listed(holder):
            yield Candidate(item, f"the value {_short(item)}", Sort.LISTED)
            yield from _variants(item)
    yield from _of_each_type(value)
    for holder in shape.holders:
        for shown in holder.shown:
            yield Candidate(shown, f"the example {_short(shown)}", Sort.EXAMPLE)
        if "string" in holder.types:
            yield from _texts(holder, accepts)
        if "number" in holder.types or "integer" in holder.types:
            yield from _numbers(holder)
        if "array" in holder.types:
            yield from _arrays(holder, accepts)
        if "object" in holder.types:
            yield from _objects(holder)
    if len([branch for branch in shape.branches if "object" in branch.types]) > 1:
        yield from _mixtures(shape)


def _of_each_type(value: JsonValue) -> Iterator[Candidate]:
    yield Candidate(True, "true", Sort.LISTED)
    yield Candidate(False, "false", Sort.LISTED)
    yield Candidate(5, "an integer", Sort.TYPE)
    yield Candidate(1.5, "a fraction", Sort.TYPE)
    yield Candidate("text", "a text", Sort.TYPE)
    yield Candidate([], "an empty array", Sort.EMPTY)
    yield Candidate({}, "an empty object", Sort.EMPTY)
    yield Candidate(0, "zero", Sort.EMPTY)
    yield Candidate(1, "one", Sort.BOUND)
    yield Candidate([value], "the plain value in an array", Sort.TYPE)
    yield Candidate({"a": value}, "the plain value in an object", Sort.TYPE)
    if value is not None and not isinstance(value, str):
        yield Candidate(json.dumps(value), "the plain value as text", Sort.TYPE)
    if isinstance(value, list) and len(value) == 1:
        yield Candidate(value[0], "the one member without its array", Sort.TYPE)
    for text in ("5", "true", "null", "[]", "{}"):
        yield Candidate(text, f"the text {text}", Sort.BOUND)


def _variants(item: JsonValue) -> Iterator[Candidate]:
    """What a careless comparison takes for a listed text."""
    if not isinstance(item, str) or not item:
        return
    for text in (item.swapcase(), item.title(), item.lower(), item.upper()):
        yield Candidate(text, f"{_short(item)} in other case", Sort.NEAR)
    for text in (f" {item}", f"{item} ", f"{item}\n"):
        yield Candidate(text, f"{_short(item)} with white space around it", Sort.NEAR)
    for text in (item.replace("_", "-"), item.replace("-", "_"), item.replace("_", " "), item.replace("_", "")):
        yield Candidate(text, f"{_short(item)} with other marks", Sort.NEAR)
    yield Candidate(f"{item}x", f"{_short(item)} and a letter more", Sort.NEAR)
    yield Candidate(item[:-1], f"{_short(item)} and a letter less", Sort.NEAR)
    yield Candidate("", "an empty text", Sort.EMPTY)


def _texts(shape: Shape, accepts: Callable[[JsonValue], bool]) -> Iterator[Candidate]:
    lows, highs = _bounds(shape, "minLength"), _bounds(shape, "maxLength")
    low, high = max(lows, default=0), min(highs, default=None)
    yield Candidate("", "an empty text", Sort.EMPTY)
    if shape.keywords.keys() & {"pattern", "format"}:
        yield from _formed(shape, accepts)
        return
    # One text of everything that is apt to be mangled stands for all of it in combinations.
    yield Candidate(_ALL_SORTS, "a text of all sorts", Sort.UNUSUAL)
    length = _LONG if high is None else min(high, _LONG)
    yield Candidate(_RICH[:length], "a long text of all sorts", Sort.RICH)
    yield Candidate("Zürich 東京 \U0001f600 e\u0301", "a text beyond ASCII", Sort.UNUSUAL)
    yield Candidate("  a  b ", "a text with white space around it", Sort.UNUSUAL)
    yield Candidate('"\\/\b\f\n\r\t<&>', "a text of characters that JSON escapes", Sort.UNUSUAL)
    yield Candidate("a" * min(_LONG, high or _LONG), "a long text", Sort.LONG)
    for length in sorted({low - 1, low, low + 1} | ({high - 1, high, high + 1} if high is not None else set())):
        if 0 <= length <= _MOST:
            yield Candidate("a" * length, f"a text of {length} characters", Sort.BOUND)
            yield Candidate("\U0001f600" * length, f"a text of {length} characters beyond the basic plane", Sort.BOUND)
    yield Candidate(" ", "a text of white space alone", Sort.UNUSUAL)


def _formed(shape: Shape, accepts: Callable[[JsonValue], bool]) -> Iterator[Candidate]:
    """Texts around a pattern or a format."""
    for keyword in shape.keywords.get("format", ()):
        known = FORMATS.get(str(keyword.value))
        if known is not None:
            yield Candidate(known, f"a {keyword.value}", Sort.EXAMPLE)
        for other in unlike(str(keyword.value)):
            yield Candidate(other, f"another {keyword.value}", Sort.UNUSUAL)
    for keyword in shape.keywords.get("pattern", ()):
        found = matching(str(keyword.value))
        if found is not None:
            yield Candidate(found, "a text of the pattern", Sort.EXAMPLE)
    shown = plain(shape)
    if isinstance(shown, str) and shown and accepts(shown):
        # Of a format we know legal texts; validators are lenient, and take for one what a server rightly refuses.
        for changed in legal_neighbours(shown, accepts) if "pattern" in shape.keywords else ():
            yield Candidate(changed, "another text of that form", Sort.UNUSUAL)
        for changed in near_misses(shown, accepts):
            yield Candidate(changed, "a text that nearly fits", Sort.NEAR)
    yield Candidate("not of that form", "a text of another form", Sort.NEAR)


def _numbers(shape: Shape) -> Iterator[Candidate]:
    step = 1 if "number" not in shape.types else 0.5
    for name in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
        for bound in _numeric(shape, name):
            for value in dict.fromkeys((bound, bound - step, bound + step, bound - 1, bound + 1)):
                yield Candidate(value, f"{value} beside the {name} {bound}", Sort.BOUND)
    for factor in _numeric(shape, "multipleOf"):
        for value in (factor, factor * 3, factor * 1.5, 0):
            yield Candidate(value, f"{value} beside the multiple {factor}", Sort.BOUND)
    for value, words, sort in (
        (-1, "a negative integer", Sort.NEGATIVE),
        (1.5, "a fraction", Sort.TYPE),
        (-0.25, "a negative fraction", Sort.NEGATIVE),
        (0.30000000000000004, "a fraction of seventeen digits", Sort.UNUSUAL),
        (1.0, "an integer written with a point", Sort.UNUSUAL),
        (2**31, "an integer beyond 32 bits", Sort.LONG),
        (2**53 - 1, "the largest integer that every double holds", Sort.LONG),
        (1e-7, "a number that is written with an exponent", Sort.UNUSUAL),
    ):
        yield Candidate(value, words, sort)


def _arrays(shape: Shape, accepts: Callable[[JsonValue], bool]) -> Iterator[Candidate]:
    item: JsonValue = plain(shape.items) if shape.items is not None else "a"
    several = _several(shape.items)
    kinds = [kind for kind in _kinds(shape.items) if accepts([kind])]
    if len(kinds) > 1:
        yield Candidate([*kinds, *kinds[:-1]], "an array of every kind of member, most of them twice", Sort.UNUSUAL)
    if shape.items is not None and accepts([_RICH, ""]):
        yield Candidate([_RICH, "", "a"], "an array of texts of all sorts", Sort.RICH)
    alike = [member for pair in _alike(shape.items) if accepts(pair) for member in pair]
    if alike:
        yield Candidate(alike, "an array of members that differ in case alone", Sort.UNUSUAL)
    yield Candidate([], "an empty array", Sort.EMPTY)
    yield Candidate([item], "an array of one", Sort.TYPE)
    if len(several) > 1:
        yield Candidate([*several, several[0]], "an array that is not sorted and holds a value twice", Sort.UNUSUAL)
        yield Candidate(several, "an array that is not sorted", Sort.UNUSUAL)
    yield Candidate([item, item], "an array of twice the same", Sort.UNUSUAL)
    yield Candidate([item, None], "an array with a null at its end", Sort.NEAR)
    yield Candidate([item, None, item], "an array with a null in the middle", Sort.NEAR)
    if not shape.keywords.keys() & {"maxItems"}:
        yield Candidate(_of_length(several, item, _MANY), f"an array of {_MANY}", Sort.LONG)
    for name in ("minItems", "maxItems"):
        for bound in _bounds(shape, name):
            for length in (bound - 1, bound, bound + 1):
                if 0 <= length <= _LONG:
                    yield Candidate(_of_length(several, item, length), f"an array of {length}", Sort.BOUND)


def _several(shape: Shape | None) -> list[JsonValue]:
    if shape is None:
        return ["m", "a", "z"]
    value = plain(shape)
    if isinstance(value, str) and not shape.keywords.keys() & {"enum", "const", "pattern", "format", "maxLength"}:
        return [f"{value}-m", f"{value}-a", f"{value}-z"]
    return [value, *(item for item in _listed(shape) if not same(item, value))]


def _kinds(shape: Shape | None) -> list[JsonValue]:
    """Members of an array of objects: with each optional property alone, and with all of them."""
    if shape is None or not shape.names:
        return []
    required = _required(shape)
    alone = [
        {**required, name: plain(child)} for name in shape.names if (child := shape.child(name)) and not child.required
    ]
    return [*alone, full(shape)]


def _required(shape: Shape) -> dict[str, JsonValue]:
    return {name: plain(child) for name in shape.names if (child := shape.child(name)) and child.required}


def _alike(shape: Shape | None) -> Iterator[list[JsonValue]]:
    """Two members that are the same but for the case of one text, which each optional text is in turn."""
    if shape is None:
        return
    required = _required(shape)
    for name in shape.names:
        child = shape.child(name)
        if child is not None and not child.required and isinstance(text := plain(child), str):
            yield [{**required, name: text}, {**required, name: text.swapcase()}]


def _of_length(several: list[JsonValue], item: JsonValue, length: int) -> list[JsonValue]:
    if isinstance(item, str) and length > len(several):
        return [f"{item}-{index}" for index in range(length)]
    if isinstance(item, int) and not isinstance(item, bool):
        return [item + index for index in range(length)]
    return [several[index % len(several)] for index in range(length)]


def _objects(shape: Shape) -> Iterator[Candidate]:
    value = plain(shape)
    yield Candidate({}, "an empty object", Sort.EMPTY)
    member = shape.properties.get(ANY_NAME)
    if member is not None and isinstance(value, dict):
        for listed in itertools.islice(_all(member, lambda _value: True), _MEMBERS):
            yield Candidate({**value, "speclock": listed.value}, f"a member that is {listed.words}", listed.sort)
    if not shape.properties:
        nested: dict[str, JsonValue] = {
            "z": [3, 1, 2],
            "a": {"b": [None, {"c": "d"}], "": []},
            "n": 1.5,
            "t": "null",
            "f": False,
        }
        yield Candidate(nested, "an object of nested values", Sort.UNUSUAL)
        odd: dict[str, JsonValue] = {"": "", "é \U0001f600": None, "a.b/c~d": [2**53 - 1, True], "$e": " x "}
        yield Candidate(odd, "an object with odd names", Sort.UNUSUAL)
        yield Candidate({**nested, **odd}, "a large object", Sort.RICH)
    if isinstance(value, dict):
        extra = "a property that nobody documents"
        yield Candidate({**value, "speclock-extra": "x"}, f"an object with {extra}", Sort.NEAR)
        yield Candidate(full(shape), "an object with every property", Sort.UNUSUAL)


def _mixtures(shape: Shape) -> Iterator[Candidate]:
    """Objects that are of no branch, or of several."""
    plains = [value for branch in shape.branches if isinstance(value := plain(branch), dict)]
    for value in plains:
        yield Candidate(value, "an alternative as it is documented", Sort.LISTED)
        for name in value:
            less = {key: item for key, item in value.items() if key != name}
            yield Candidate(less, f"an alternative without {name}", Sort.NEAR)
            wrongs: tuple[JsonValue, ...] = (None, "x", 5, [], {})
            for wrong in wrongs:
                yield Candidate({**value, name: wrong}, f"an alternative with a wrong {name}", Sort.NEAR)
    for one in plains:
        for other in plains:
            if one is not other:
                yield Candidate({**one, **other}, "two alternatives at once", Sort.NEAR)


def _typed(shape: Shape, depth: int) -> JsonValue:  # noqa: PLR0911 - one line for each type
    types = shape.types
    if "object" in types and (shape.properties or "string" not in types):
        if depth > _DEEPEST:
            return {}
        return {name: plain(child, depth + 1) for name, child in shape.properties.items() if child.required}
    if "string" in types:
        return _text(shape)
    if "integer" in types or "number" in types:
        return _number(shape)
    if "boolean" in types:
        return True
    if "array" in types:
        least = max(_bounds(shape, "minItems"), default=0)
        item: JsonValue = plain(shape.items, depth + 1) if shape.items is not None else "a"
        return _of_length([item], item, max(1, min(least, _LONG)))
    return None


def _text(shape: Shape) -> str:
    for keyword in shape.keywords.get("format", ()):
        name = str(keyword.value)
        if name in FORMATS or name in UNCHECKED:
            return FORMATS.get(name) or UNCHECKED[name]
    for keyword in shape.keywords.get("pattern", ()):
        found = matching(str(keyword.value))
        if found is not None:
            return found
    name = re.sub(r"\W", "", shape.place.steps[-1]) if shape.place.steps else ""
    low, high = max(_bounds(shape, "minLength"), default=0), min(_bounds(shape, "maxLength"), default=_LONG)
    name = name or "a"
    return (name + "a" * low)[: max(low, min(high, max(low, len(name))))]


def _number(shape: Shape) -> JsonValue:
    step = 1 if "number" not in shape.types else 0.5
    low = [*_numeric(shape, "minimum"), *(bound + step for bound in _numeric(shape, "exclusiveMinimum"))]
    high = [*_numeric(shape, "maximum"), *(bound - step for bound in _numeric(shape, "exclusiveMaximum"))]
    value: int | float = 1
    if low and value < max(low):
        value = max(low)
    if high and value > min(high):
        value = min(high)
    for factor in _numeric(shape, "multipleOf"):
        value = factor * max(1, round(value / factor)) if factor else value
    return value


def _listed(shape: Shape) -> Iterator[JsonValue]:
    """The values of `const` and `enum`."""
    for name in ("const", "enum"):
        for keyword in shape.keywords.get(name, ()):
            yield from keyword.value if name == "enum" and isinstance(keyword.value, list) else [keyword.value]


def _bounds(shape: Shape, name: str) -> list[int]:
    return [int(bound) for bound in _numeric(shape, name)]


def _numeric(shape: Shape, name: str) -> list[int | float]:
    return [
        keyword.value
        for keyword in shape.keywords.get(name, ())
        if isinstance(keyword.value, int | float) and not isinstance(keyword.value, bool)
    ]


def _short(value: JsonValue) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:40]}..."
