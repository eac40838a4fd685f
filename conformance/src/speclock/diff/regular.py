"""Whether every text of one regular expression is one of another, and the shortest that is not: by their automata.

Expressions are read as JSON Schema means them (ECMA-262, found anywhere in the text). What an automaton cannot say,
such as looking ahead, and what would take one of too many states, is not settled here.
"""

from __future__ import annotations

import re
import warnings
from collections import deque
from functools import lru_cache
from re import _constants as codes
from re import _parser as reader
from typing import TYPE_CHECKING, Any, TypeAlias

from greenery.bound import Bound
from greenery.charclass import Charclass
from greenery.fsm import Fsm
from greenery.multiplier import Multiplier
from greenery.rxelems import Conc, Mult, Pattern

from speclock.core.patterns import trouble

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["only_in", "texts_of"]

#: A node of Python's own reading of an expression: what it is, and what of it.
_Node: TypeAlias = "tuple[object, Any]"
#: Characters of the longest text that an automaton has states for.
_MOST = 100
_EVERY = Charclass("", negated=True)
_ONCE = Multiplier(Bound(1), Bound(1))
_ANY_NUMBER = Multiplier(Bound(0), Bound(None))
_LINE_ENDS = "\n\r\u2028\u2029"
_SPACES = "\t\n\v\f\r \u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000\ufeff"
_DIGITS = (("0", "9"),)
_WORD = (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z"))
_CLASSES: dict[object, tuple[tuple[tuple[str, str], ...], bool]] = {
    codes.CATEGORY_DIGIT: (_DIGITS, False),
    codes.CATEGORY_NOT_DIGIT: (_DIGITS, True),
    codes.CATEGORY_WORD: (_WORD, False),
    codes.CATEGORY_NOT_WORD: (_WORD, True),
    codes.CATEGORY_SPACE: (tuple((mark, mark) for mark in _SPACES), False),
    codes.CATEGORY_NOT_SPACE: (tuple((mark, mark) for mark in _SPACES), True),
}


class _Beyond(Exception):  # noqa: N818 - never leaves this module
    """It is no matter for an automaton."""


@lru_cache(maxsize=1024)
def texts_of(patterns: frozenset[str], shortest: int, longest: int | None) -> Fsm | None:
    """The texts that keep all patterns and are so long; None where they cannot be told."""
    try:
        found = [_searched(pattern).to_fsm() for pattern in sorted(patterns)]
        if shortest or longest is not None:
            found.append(_sized(shortest, longest).to_fsm())
        return Fsm.intersection(*found) if found else None
    except (_Beyond, re.error, OverflowError, RecursionError, ValueError):
        return None


def only_in(one: Fsm, other: Fsm) -> str | None:
    """The shortest text that is one of the first and none of the second; None: the second has them all."""
    rest = one.difference(other)
    known: dict[Any, str] = {rest.initial: ""}
    queue = deque([rest.initial])
    while queue:
        state = queue.popleft()
        if state in rest.finals:
            return known[state]
        for marks, target in sorted(rest.map[state].items(), key=lambda entry: (entry[0].negated, entry[0])):
            if target not in known:
                known[target] = known[state] + _mark(marks)
                queue.append(target)
    return None


def _mark(marks: Charclass) -> str:
    """A readable character of a class."""
    return next(chr(code) for code in (*range(97, 123), *range(33, 0x110000)) if marks.accepts(chr(code)))


def _sized(shortest: int, longest: int | None) -> Pattern:
    if max(shortest, longest or 0) > _MOST:
        raise _Beyond
    return Pattern(Conc(Mult(_EVERY, Multiplier(Bound(shortest), Bound(longest)))))


def _searched(pattern: str) -> Pattern:
    """The texts in which a pattern is found."""
    if trouble(pattern) is not None:
        raise _Beyond
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = reader.parse(pattern)
    if tree.state.flags & ~re.UNICODE.value or _states(tree) > _MOST:
        raise _Beyond
    branches = _branches(tree)
    around = Mult(_EVERY, _ANY_NUMBER)
    found = []
    for items in branches:
        parts = list(items)
        start = bool(parts) and parts[0] in ((codes.AT, codes.AT_BEGINNING), (codes.AT, codes.AT_BEGINNING_STRING))
        end = bool(parts) and parts[-1] == (codes.AT, codes.AT_END)
        inner = parts[start : len(parts) - end if end else None]
        found.append(Conc(*(() if start else (around,)), *map(_part, inner), *(() if end else (around,))))
    return Pattern(*found)


def _branches(tree: Iterable[_Node]) -> list[list[_Node]]:
    """The alternatives at the top, each of which may have its own anchors."""
    items = list(tree)
    if len(items) == 1 and items[0][0] is codes.BRANCH:
        return [list(branch) for branch in items[0][1][1]]
    return [items]


def _part(item: _Node) -> Mult:  # noqa: PLR0911 - one line for each kind
    code, value = item
    if code is codes.LITERAL:
        return Mult(Charclass(chr(value)), _ONCE)
    if code is codes.NOT_LITERAL:
        return Mult(Charclass(chr(value), negated=True), _ONCE)
    if code is codes.ANY:
        return Mult(Charclass(_LINE_ENDS, negated=True), _ONCE)
    if code is codes.IN:
        return Mult(_set(value), _ONCE)
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
        low, high, inner = value
        most = None if high is codes.MAXREPEAT else int(high)
        return Mult(Pattern(Conc(*map(_part, inner))), Multiplier(Bound(int(low)), Bound(most)))
    if code is codes.SUBPATTERN:
        _, added, removed, inner = value
        if added or removed:
            raise _Beyond
        return Mult(Pattern(Conc(*map(_part, inner))), _ONCE)
    if code is codes.BRANCH:
        return Mult(Pattern(*(Conc(*map(_part, branch)) for branch in value[1])), _ONCE)
    raise _Beyond


def _set(items: Iterable[_Node]) -> Charclass:
    found = Charclass("")
    is_negated = False
    for code, value in items:
        if code is codes.NEGATE:
            is_negated = True
        elif code is codes.LITERAL:
            found |= Charclass(chr(value))
        elif code is codes.RANGE:
            found |= Charclass(((chr(value[0]), chr(value[1])),))
        elif code is codes.CATEGORY and value in _CLASSES:
            ranges, other = _CLASSES[value]
            found |= Charclass(ranges, negated=other)
        else:
            raise _Beyond
    return ~found if is_negated else found


def _states(tree: Iterable[_Node]) -> int:
    """About how many states an automaton of the expression has."""
    count = 0
    for code, value in tree:
        if code in (codes.MAX_REPEAT, codes.MIN_REPEAT):
            low, high, inner = value
            times = int(low) if high is codes.MAXREPEAT else int(high)
            count += max(1, times) * _states(inner)
        elif code is codes.SUBPATTERN:
            count += _states(value[3])
        elif code is codes.BRANCH:
            count += sum(map(_states, value[1]))
        else:
            count += 1
    return count
