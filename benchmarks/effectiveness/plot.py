"""The plot: for each kind of fault and each tool the part that was noticed, with its interval, as SVG."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.effectiveness.results import rate
from benchmarks.effectiveness.tools import WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.effectiveness.faults import FaultKind
    from benchmarks.effectiveness.results import Rate, Results

__all__ = ["plot"]

#: In pixels: the whole width, what words take on the left, what is free on the right, a line, the gap above a group.
WIDTH, LEFT, RIGHT, LINE, GAP = 800, 340, 90, 20, 34
#: Distinct for the colour-blind, too (after Okabe and Ito).
COLOURS = ("#0072b2", "#d55e00", "#cc79a7", "#e69f00", "#009e73")


def plot(results: Results, kinds: Sequence[FaultKind]) -> str:
    """Draw one line for each tool, in a group for each kind."""
    names = [name for name in WORDS if any(run.tool == name for run in results.runs)]
    parts, y = [], 20
    for kind in kinds:
        y += GAP
        parts.append(f'<text x="16" y="{y}" style="font-weight: bold">{kind.value}</text>')
        for name, colour in zip(names, COLOURS, strict=False):
            y += LINE
            parts.append(f'<text x="{LEFT - 12}" y="{y}" text-anchor="end">{WORDS[name].replace("`", "")}</text>')
            found = rate(run for run in results.runs if run.tool == name and run.kind == kind)
            if found is not None:
                parts += _line(found, y - 4, colour)
    bottom = y + 16
    grid = []
    for percent in (0, 25, 50, 75, 100):
        x = _at(percent / 100)
        grid.append(f'<line x1="{x}" y1="34" x2="{x}" y2="{bottom}" stroke="#ddd"/>')
        grid.append(f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">{percent} %</text>')
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 30}">',
            "<style>text { font: 12px sans-serif }</style>",
            "<title>Faults noticed by each tool, with 95 % intervals</title>",
            f'<rect width="{WIDTH}" height="{bottom + 30}" fill="white"/>',
            f'<text x="{LEFT}" y="20">faults noticed, with Wilson 95 % intervals</text>',
            *grid,
            *parts,
            "</svg>\n",
        ]
    )


def _line(found: Rate, y: int, colour: str) -> list[str]:
    low, high = found.interval
    return [
        f'<line x1="{_at(low)}" y1="{y}" x2="{_at(high)}" y2="{y}" stroke="{colour}" stroke-width="3"/>',
        f'<circle cx="{_at(found.count / found.total)}" cy="{y}" r="5" fill="{colour}"/>',
        f'<text x="{WIDTH - RIGHT + 14}" y="{y + 4}">{found.count} of {found.total}</text>',
    ]


def _at(part: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * part, 1)
