"""The arguments of an operation as options, and as properties of a JSON object; both give those of the SDK.

A JSON object has the names of the API, as its documentation, openapi.yaml and the output of the commands have them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from difflib import get_close_matches
from inspect import Parameter
from typing import TYPE_CHECKING, Any, cast

import typer

from evalsessions.cli.outcomes import CommandError
from evalsessions.cli.reading import read_json, read_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = [
    "Argument",
    "Json",
    "Metrics",
    "Operation",
    "Plain",
    "SessionIds",
    "TextOrObject",
    "Texts",
    "option",
]


def option(name: str, kind: type[object], *flags: str, **settings: object) -> Parameter:
    """Return an option of a command as the parameter that typer makes it of; not given, it is None."""
    default = typer.Option(None, *flags, show_default=False, **cast("dict[str, Any]", settings))
    return Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=kind | None)


@dataclass(frozen=True, slots=True)
class Argument(ABC):
    """One argument of an operation, by its name in the SDK."""

    name: str
    help: str
    metavar: str = "TEXT"
    required: bool = False
    choices: tuple[str, ...] = ()

    @abstractmethod
    def options(self) -> Iterator[Parameter]:
        """The options that set it."""

    @abstractmethod
    def value(self, given: Mapping[str, Any]) -> object:
        """Return what the options set it to, or None.

        Raises:
            CommandError: they cannot be read.
        """

    @property
    def flag(self) -> str:
        """The first of its options."""
        return f"--{self.name.replace('_', '-')}"


@dataclass(frozen=True, slots=True)
class Plain(Argument):
    """A text, a number, or true and false."""

    kind: type[str | int | float | bool] = str

    def options(self) -> Iterator[Parameter]:
        if self.kind is bool:
            flags = f"{self.flag}/--no{self.flag[1:]}"
            yield option(self.name, bool, flags, help=self.help)
        else:
            metavar = "N" if self.kind is int else "X" if self.kind is float else self.metavar
            completion = _completion(self.choices) if self.choices else None
            yield option(self.name, self.kind, self.flag, metavar=metavar, help=self.help, autocompletion=completion)

    def value(self, given: Mapping[str, Any]) -> object:
        return given[self.name]


@dataclass(frozen=True, slots=True)
class Texts(Argument):
    """Several texts, each by an option of its own."""

    def options(self) -> Iterator[Parameter]:
        yield option(self.name, list[str], self.flag, metavar=self.metavar, help=f"{self.help} May be repeated.")

    def value(self, given: Mapping[str, Any]) -> object:
        return given[self.name] or None

    @property
    def flag(self) -> str:
        """One of them is named in the singular."""
        return f"--{self.name.removesuffix('s').replace('_', '-')}"


@dataclass(frozen=True, slots=True)
class Json(Argument):
    """A JSON value."""

    def options(self) -> Iterator[Parameter]:
        yield option(self.name, str, self.flag, metavar="JSON", help=self.help)

    def value(self, given: Mapping[str, Any]) -> object:
        text = given[self.name]
        return None if text is None else _parsed(self.flag, text)


@dataclass(frozen=True, slots=True)
class TextOrObject(Argument):
    """A text, or an object where what is given begins with a brace; a second option takes any text as a text."""

    def options(self) -> Iterator[Parameter]:
        told = f"{self.help} It is a JSON object where it begins with {{, and a text otherwise."
        yield option(self.name, str, self.flag, metavar="TEXT|JSON", help=told)
        told = "The same, as a text whatever it begins with: for texts that you did not write yourself."
        yield option(f"{self.name}_text", str, f"{self.flag}-text", metavar="TEXT", help=told)

    def value(self, given: Mapping[str, Any]) -> object:
        either, text = given[self.name], given[f"{self.name}_text"]
        if either is not None and text is not None:
            raise CommandError(f"give either {self.flag} or {self.flag}-text")
        if either is None:
            return text
        if not either.startswith("{"):
            return either
        try:
            return read_json(either)
        except ValueError as error:
            raise CommandError(f"{self.flag}: {error} ({self.flag}-text takes it as a text)") from None


@dataclass(frozen=True, slots=True)
class SessionIds(Texts):
    """Ids, each by an option of its own, or any number of them from a file."""

    def options(self) -> Iterator[Parameter]:
        yield from Texts.options(self)
        told = "Any number of them, one a line, from a file or with - from standard input."
        yield option(f"{self.name}_from", str, "--session-ids-from", metavar="FILE|-", help=told)

    def value(self, given: Mapping[str, Any]) -> object:
        file = given[f"{self.name}_from"]
        ids = [*(given[self.name] or ()), *(() if file is None else read_lines(file))]
        return ids if ids or file is not None else None


@dataclass(frozen=True, slots=True)
class Metrics(Argument):
    """Metrics, by their ids or as JSON objects."""

    def options(self) -> Iterator[Parameter]:
        yield option("metric_ids", list[str], "--metric-id", metavar="ID", help=f"{self.help} May be repeated.")
        told = 'The same as an object, such as {"name": "Factual accuracy", "score": 0.9}. May be repeated.'
        yield option(self.name, list[str], "--metric", metavar="JSON", help=told)

    def value(self, given: Mapping[str, Any]) -> object:
        metrics = [{"id": metric_id} for metric_id in given["metric_ids"] or ()]
        return [*metrics, *(_parsed("--metric", text) for text in given[self.name] or ())] or None

    @property
    def flag(self) -> str:
        return "--metric-id"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of the contract, and what it takes."""

    name: str
    arguments: Sequence[Argument]
    rename: Callable[[str], str]
    """The API's name of what the SDK calls so."""

    def of_json(self, said: Mapping[str, object]) -> dict[str, object]:
        """Return the arguments that a JSON object sets; those that it does not set are None.

        Raises:
            ValueError: it has a property that the operation does not have.
        """
        names = {self.rename(argument.name): argument.name for argument in self.arguments}
        for property_ in said:
            if property_ not in names:
                near = get_close_matches(property_, names, n=1)
                hint = f"did you mean {near[0]}?" if near else f"{self.name} has {', '.join(names)}"
                raise ValueError(f"unknown property {property_!r}; {hint}")
        return {name: said.get(property_) for property_, name in names.items()}

    def of_options(self, given: Mapping[str, Any]) -> dict[str, object]:
        """Return the arguments that options set.

        Raises:
            CommandError: an option cannot be read.
        """
        values = {argument.name: argument.value(given) for argument in self.arguments}
        return {name: value for name, value in values.items() if value is not None}

    def check_complete(self, arguments: Mapping[str, object]) -> None:
        """Refuse arguments of which one is missing.

        Raises:
            CommandError: it has no value.
        """
        for argument in self.arguments:
            if argument.required and arguments[argument.name] is None:
                name = self.rename(argument.name)
                raise CommandError(f"{name} is missing: give {argument.flag}, or {name} in the object of --json")


def _parsed(flag: str, text: str) -> object:
    try:
        return read_json(text)
    except ValueError as error:
        raise CommandError(f"{flag}: {error}") from None


def _completion(choices: tuple[str, ...]) -> Callable[[str], list[str]]:
    def complete(incomplete: str) -> list[str]:
        return [choice for choice in choices if choice.startswith(incomplete)]

    return complete
