"""Covering arrays: few rows in which every choice of values for any `strength` columns occurs.

Pairs are covered by a greedy search of our own: covertable needs seconds for the twenty columns of one request body,
and a contract may have a thousand operations (docs/adr/0007-constraints-broken-alone.md). Higher strengths are
covertable's.
"""

from __future__ import annotations

import itertools
import math
from functools import lru_cache

__all__ = ["covering_rows"]

#: Rows of a whole product beyond which it is covered in parts all the same.
_PRODUCT = 4096


@lru_cache(maxsize=512)
def covering_rows(sizes: tuple[int, ...], strength: int = 2) -> tuple[tuple[int, ...], ...]:
    """Rows of indices, one column for each of `sizes`; the same for the same sizes on every machine."""
    if strength >= len(sizes) and math.prod(sizes) <= _PRODUCT:
        return tuple(itertools.product(*map(range, sizes)))
    if strength <= 1 or len(sizes) == 1:
        return tuple(tuple(turn % size for size in sizes) for turn in range(max(sizes, default=0)))
    if strength == 2:
        return _pairs(sizes)
    import covertable  # noqa: PLC0415 - rarely asked for

    found = covertable.make([list(range(size)) for size in sizes], strength=min(strength, len(sizes)))
    return tuple(tuple(int(value) for value in row) for row in found)


def _pairs(sizes: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """A cell is one value of one column, and a bit; `left` has for each cell those that it was not yet seen with."""
    starts = [0, *itertools.accumulate(sizes)]
    cells = [range(starts[column], starts[column + 1]) for column in range(len(sizes))]
    everything = (1 << starts[-1]) - 1
    left = [everything & ~sum(1 << own for own in column) for column in cells for _ in column]
    order = sorted(range(len(sizes)), key=lambda column: -sizes[column])
    rows: list[tuple[int, ...]] = []
    while True:
        start = max(range(starts[-1]), key=lambda cell: left[cell].bit_count())
        if not left[start]:
            return tuple(rows)
        column = next(index for index, own in enumerate(cells) if start in own)
        row, chosen = {column: start}, 1 << start
        for other in order:
            if other not in row:
                own = cells[other]
                turn = len(rows) % len(own)  # so that ties are shared out
                best = max((*own[turn:], *own[:turn]), key=lambda cell: (left[cell] & chosen).bit_count())
                row[other] = best
                chosen |= 1 << best
        for cell in row.values():
            left[cell] &= ~chosen
        rows.append(tuple(row[index] - starts[index] for index in range(len(sizes))))
