"""Results on standard output: what the API said, as JSON in one line, or as a table for people."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, cast

from evalsessions.cli.outcomes import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["write_bytes", "write_json", "write_line", "write_table"]

# So wide that nothing is folded: what is no terminal has no width.
_NO_WIDTH = 100_000


def write_json(value: object) -> None:
    """Write a JSON value as one line, and on a terminal so that it reads well.

    Raises:
        OSError: it cannot be written.
    """
    _write(_encoded(value, indent=2 if sys.stdout.isatty() else None))


def write_line(value: object) -> None:
    """Write a JSON value as one line, wherever it goes.

    Raises:
        OSError: it cannot be written.
    """
    _write(_encoded(value, indent=None))


def write_bytes(content: bytes) -> None:
    """Write bytes as they are, but to a terminal without what controls it.

    Raises:
        OSError: they cannot be written.
    """
    if sys.stdout.isatty():
        lines = content.decode("utf-8", "replace").splitlines()
        content = "\n".join([*map(visible, lines), ""]).encode()
    _write(content)


def write_table(said: Mapping[str, object]) -> None:
    """Write an object as a table of its properties that have a value, and each array of objects in it as one more.

    Raises:
        OSError: it cannot be written.
    """
    from rich.console import Console  # noqa: PLC0415 - JSON needs none
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else _NO_WIDTH, highlight=False)
    arrays = {name: rows for name, value in said.items() if (rows := _rows(value))}
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in said.items():
        if value is not None and name not in arrays:
            table.add_row(Text(visible(name)), Text(_cell(value)))
    console.print(table)
    for name, rows in arrays.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        table = Table(*map(_header, columns), box=None, pad_edge=False, title=visible(name), title_justify="left")
        for row in rows:
            table.add_row(*(Text(_cell(row.get(column))) for column in columns))
        console.print()
        console.print(table)
    sys.stdout.flush()


def _encoded(value: object, *, indent: int | None) -> bytes:
    try:
        text = json.dumps(value, ensure_ascii=False, indent=indent).encode()
    except UnicodeEncodeError:
        text = json.dumps(value, indent=indent).encode()  # a lone surrogate, which UTF-8 does not have
    return text + b"\n"


def _write(content: bytes) -> None:
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def _rows(value: object) -> Sequence[Mapping[str, object]]:
    items = cast("list[object]", value) if isinstance(value, list) else []
    return cast("list[dict[str, object]]", items) if all(isinstance(item, dict) for item in items) else []


def _cell(value: object) -> str:
    if value is None:
        return ""
    return visible(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _header(name: str) -> str:
    from rich.markup import escape  # noqa: PLC0415

    return escape(visible(name))
