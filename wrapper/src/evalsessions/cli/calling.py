"""The options that every command has: where the API is, how it is called, and what is shown.

They stand before the command or after it. Keys have no option: they would end in the shell's history and in the list of
processes.
"""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from evalsessions._core.faces import MAX_CONNECTIONS, MAX_RETRIES, TIMEOUT
from evalsessions.cli.arguments import option
from evalsessions.cli.outcomes import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from inspect import Parameter

    from evalsessions import Galileo, Galtea

__all__ = ["Calling", "Output", "calling_options", "galileo", "galtea"]


class Output(StrEnum):
    """How a result is shown."""

    JSON = "json"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Calling:
    """What the options that every command has say; None is not given."""

    base_url: str | None
    timeout: float | None
    max_retries: int | None
    no_validate: bool | None
    lenient: bool | None
    verbose: bool | None
    output: Output | None

    @classmethod
    def of(cls, before: Mapping[str, Any], after: Mapping[str, Any]) -> Calling:
        """Return what options before a command say, and options after it, which win.

        Raises:
            CommandError: one that cannot work.
        """
        values = {name: before[name] if after[name] is None else after[name] for name in cls.__slots__}
        if values["base_url"] == "":
            raise CommandError("--base-url is empty: expected something like https://api.example.com")
        return cls(**values)

    @property
    def is_table(self) -> bool:
        """Whether a result is shown as a table, as it is on a terminal if nobody says otherwise."""
        return sys.stdout.isatty() if self.output is None else self.output is Output.TABLE

    def log(self) -> None:
        """Show what the SDK logs on standard error, if that was asked for."""
        if self.verbose:
            handler = logging.StreamHandler()
            handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
            logger = logging.getLogger("evalsessions")
            logger.addHandler(handler)
            logger.setLevel(logging.DEBUG)


def calling_options(*, hidden: bool) -> Iterator[Parameter]:
    """The options of `Calling`."""
    told = "Where the API is; else GALTEA_API_URL or GALILEO_API_URL of the environment, else the vendor's service."
    yield option("base_url", str, "--base-url", metavar="URL", help=told, hidden=hidden)
    told = f"The most seconds to wait for a connection, for each part of an answer, and for all of it; {TIMEOUT:g}."
    yield option("timeout", float, "--timeout", metavar="SECONDS", help=told, hidden=hidden)
    told = f"How often a request is sent again, where that cannot double a write; {MAX_RETRIES}."
    yield option("max_retries", int, "--max-retries", metavar="N", help=told, hidden=hidden)
    told = "Send what breaks the contract, too: for testing servers."
    yield option("no_validate", bool, "--no-validate", help=told, hidden=hidden)
    told = "Take an answer that breaks the contract as it is."
    yield option("lenient", bool, "--lenient", help=told, hidden=hidden)
    told = "Log each attempt to send a request on standard error."
    yield option("verbose", bool, "--verbose", help=told, hidden=hidden)
    told = "json (where the output is no terminal it is this) or table."
    yield option("output", Output, "--output", metavar="FORMAT", help=told, hidden=hidden)


def galtea(calling: Calling, *, connections: int = MAX_CONNECTIONS) -> Galtea:
    """Return a face of Galtea.

    Raises:
        CommandError: there is no key.
        ConfigurationError: something cannot work.
    """
    from evalsessions import Galtea  # noqa: PLC0415 - help needs none

    _require_key("Galtea", "GALTEA_API_KEY")
    face = Galtea(**_settings(calling), max_connections=connections)
    return face.with_options(validate=not calling.no_validate, strict=not calling.lenient)


def galileo(calling: Calling) -> Galileo:
    """Return a face of Galileo.

    Raises:
        CommandError: there is no key.
        ConfigurationError: something cannot work.
    """
    from evalsessions import Galileo  # noqa: PLC0415 - help needs none

    _require_key("Galileo", "GALILEO_API_KEY")
    face = Galileo(**_settings(calling))
    return face.with_options(validate=not calling.no_validate, strict=not calling.lenient)


def _require_key(vendor: str, variable: str) -> None:
    if not os.environ.get(variable):
        raise CommandError(f"{vendor} needs a key: set {variable} in the environment")


def _settings(calling: Calling) -> dict[str, Any]:
    given = {"base_url": calling.base_url, "timeout": calling.timeout, "max_retries": calling.max_retries}
    return {name: value for name, value in given.items() if value is not None}
