"""JSON in: of files, of standard input, of options. It is read strictly, and an error says where it stands."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NoReturn, cast

from evalsessions.cli.outcomes import CommandError

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = [
    "STANDARD_INPUT",
    "kind_of",
    "name_of",
    "opened",
    "read_json",
    "read_lines",
    "read_object",
    "read_text",
    "reason_of",
]

STANDARD_INPUT = "-"


def name_of(file: str) -> str:
    """Return what to call a file in a message."""
    return "standard input" if file == STANDARD_INPUT else file


@contextmanager
def opened(file: str) -> Generator[BinaryIO]:
    """Open a file, or standard input.

    Raises:
        CommandError: it cannot be opened.
    """
    if file == STANDARD_INPUT:
        if sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison] - it is, where it is closed
            raise CommandError("standard input is closed")
        yield sys.stdin.buffer
        return
    try:
        stream = Path(file).open("rb")  # noqa: SIM115 - errors of its use are not those of opening it
    except (OSError, ValueError) as error:
        raise CommandError(f"{file} cannot be read: {reason_of(error)}") from None
    with stream:
        yield stream


def read_text(content: bytes) -> str:
    """Return the text of a file or of one of its lines.

    Raises:
        ValueError: it is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8 at byte {error.start}") from None


def read_json(text: str) -> object:
    """Return the value of a JSON text.

    Raises:
        ValueError: it is none, or one that readers take for different things; the message says what and where.
    """
    try:
        return cast("object", json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_members))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}" if "\n" in text.strip() else f"column {error.colno}"
        message = error.msg[:1].lower() + error.msg[1:]
        raise ValueError(f"no JSON: {message.removesuffix(' at')} at {where}") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None


def read_lines(file: str) -> list[str]:
    """Return the lines of a file that are not blank.

    Raises:
        CommandError: it cannot be read, or is no text.
    """
    lines = (line.strip() for line in _whole(file).split("\n"))
    return [line for line in lines if line]


def read_object(file: str) -> dict[str, object]:
    """Return the JSON object of a file.

    Raises:
        CommandError: it cannot be read, or is something else.
    """
    try:
        value = read_json(_whole(file))
    except ValueError as error:
        raise CommandError(f"{name_of(file)}: {error}") from None
    if not isinstance(value, dict):
        raise CommandError(f"{name_of(file)}: expected a JSON object, got {kind_of(value)}")
    return cast("dict[str, object]", value)


def kind_of(value: object) -> str:
    """Return what a JSON value is, in words."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return "a number"
    return "a text" if isinstance(value, str) else "an array" if isinstance(value, list) else "an object"


def reason_of(error: Exception) -> str:
    """Return why a file could not be read or written."""
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)


def _whole(file: str) -> str:
    with opened(file) as stream:
        try:
            return read_text(stream.read())
        except (OSError, ValueError) as error:
            raise CommandError(f"{name_of(file)} cannot be read: {reason_of(error)}") from None


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"no JSON: {constant}")


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in members if names.count(name) > 1)
        raise ValueError(f"the name {twice!r} stands twice in an object")
    return members
