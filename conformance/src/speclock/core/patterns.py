r"""Regular expressions of a contract: which of them every reader takes, and takes alike.

JSON Schema means ECMA-262 (JSON Schema Validation, section 4.3). Some that stand in contracts do not compile, and some
mean one thing there and another in Python, in which servers and generators are written. What is only about which
letters and digits count (`\d`, `\w`) is no matter here: cases are judged by one reader.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

import jsonschema_rs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.core.documents import JsonValue

__all__ = ["patterns", "trouble", "without_patterns"]

#: Syntax that one side reads in another way than the other: what it is, and how it is read.
_READ_DIFFERENTLY = (
    (re.compile(r"\\[AZ]"), "{0} is an anchor in Python and the letter itself in ECMA-262"),
    (re.compile(r"\(\?P[<=>]"), "{0} is a named group of Python alone"),
    (re.compile(r"\(\?#"), "{0} is a comment in Python alone"),
    (re.compile(r"\(\?[aiLmsux]+\)"), "{0} sets flags in Python alone"),
    (re.compile(r"\[\[:\w+:\]\]"), "{0} is a class of POSIX; here it is a plain set of characters"),
    (re.compile(r"\{,\d+\}"), "{0} repeats in Python and is plain text in ECMA-262"),
    (re.compile(r"\[\^?\](?=$|[^\]]*$)"), "{0} is a set in ECMA-262 and starts one in Python"),
    (re.compile(r"(?<![\\*+?}])[*+?}]\+"), "{0} repeats without going back in Python alone"),
)
_ESCAPED = re.compile(r"\\\\")


@lru_cache(maxsize=4096)
def trouble(pattern: str) -> tuple[str, bool] | None:
    """Why a pattern is not worked with, and whether it can be judged by nevertheless; None when nothing is wrong."""
    judged = _compiles(pattern)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        if not judged:
            return f"the regular expression {pattern!r} does not compile: {error}", False
        return f"the regular expression {pattern!r} is one for ECMA-262 and none for Python: {error}", True
    if not judged:
        return f"the regular expression {pattern!r} is one for Python and none for ECMA-262", False
    plain = _ESCAPED.sub("__", pattern)
    for syntax, reading in _READ_DIFFERENTLY:
        found = syntax.search(plain)
        if found is not None:
            return f"the regular expression {pattern!r} is read differently: {reading.format(found[0])}", True
    return None


def patterns(value: JsonValue) -> Iterator[str]:
    """The patterns that stand anywhere in `value`."""
    stack = [value]
    while stack:
        here = stack.pop()
        if isinstance(here, list):
            stack += here
        elif isinstance(here, dict):
            pattern, table = here.get("pattern"), here.get("patternProperties")
            if isinstance(pattern, str):
                yield pattern
            yield from table if isinstance(table, dict) else ()
            stack += here.values()


def without_patterns(value: JsonValue, unusable: frozenset[str]) -> JsonValue:
    """`value` without the keywords of these patterns; every other pointer unchanged."""
    if isinstance(value, list):
        return [without_patterns(item, unusable) for item in value]
    if not isinstance(value, dict):
        return value
    result = {key: without_patterns(item, unusable) for key, item in value.items()}
    if isinstance(result.get("pattern"), str) and result["pattern"] in unusable:
        del result["pattern"]
    table = result.get("patternProperties")
    if isinstance(table, dict):
        result["patternProperties"] = {key: item for key, item in table.items() if key not in unusable}
    return result


def _compiles(pattern: str) -> bool:
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except ValueError:
        return False
    return True
