"""What a server is started with, and where it may come from: options first, then the environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from evalsessions_server.auth import GALTEA_PREFIXES, new_key
from evalsessions_server.errors import Vendor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Settings", "SettingsError"]

_GALTEA_VARIABLES = ("GALTEA_API_KEY", "GALTEA_LEGACY_API_KEY")
_GALILEO_VARIABLES = ("GALILEO_API_KEY",)


class SettingsError(ValueError):
    """The server cannot start like this; the message is one line for the person who starts it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One server. Keys and the database URL stay out of the repr, since both hold credentials.

    Raises:
        SettingsError: no key of a vendor; ``resolve`` makes the keys that nobody gives.
    """

    database: str = field(default="sqlite://", repr=False)
    galtea_keys: tuple[str, ...] = field(default=(), repr=False)
    galileo_keys: tuple[str, ...] = field(default=(), repr=False)
    made_keys: tuple[Vendor, ...] = ()
    """The vendors for which nobody gave a key, so that a random one was made."""
    catalog: Path | None = None
    open_world: bool = False

    def __post_init__(self) -> None:
        if not self.galtea_keys or not self.galileo_keys:
            raise SettingsError(
                "no key for one of the vendors: give galtea_keys and galileo_keys, or use Settings.resolve"
            )

    @classmethod
    def resolve(
        cls,
        environment: Mapping[str, str],
        *,
        database: str = "sqlite://",
        galtea_keys: Sequence[str] = (),
        galileo_keys: Sequence[str] = (),
        catalog: Path | None = None,
        open_world: bool = False,
    ) -> Settings:
        """Return settings with keys for both vendors: those given, else the environment's, else random ones.

        Raises:
            SettingsError: a key that no client could send.
        """
        galtea = tuple(galtea_keys) or _from(environment, _GALTEA_VARIABLES)
        galileo = tuple(galileo_keys) or _from(environment, _GALILEO_VARIABLES)
        for key in (*galtea, *galileo):
            if not key or not key.isascii() or not key.isprintable() or " " in key:
                raise SettingsError("a key must be visible ASCII characters without spaces")
        if not all(key.startswith(GALTEA_PREFIXES) and key not in GALTEA_PREFIXES for key in galtea):
            raise SettingsError("a Galtea key must begin with gsk_ (or, legacy, gsk-) and go on")
        made = tuple(vendor for vendor, keys in ((Vendor.GALTEA, galtea), (Vendor.GALILEO, galileo)) if not keys)
        return cls(
            database=database,
            galtea_keys=galtea or (new_key(Vendor.GALTEA),),
            galileo_keys=galileo or (new_key(Vendor.GALILEO),),
            made_keys=made,
            catalog=catalog,
            open_world=open_world,
        )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Return the settings of ``evalsessions_server.asgi``, which has no command line.

        Raises:
            SettingsError: as ``resolve``, or a switch that is neither on nor off.
        """
        catalog = environment.get("EVALSESSIONS_CATALOG")
        switch = environment.get("EVALSESSIONS_OPEN_WORLD", "").lower()
        if switch not in {"", "0", "1", "false", "true"}:
            raise SettingsError("EVALSESSIONS_OPEN_WORLD must be 0, 1, true or false")
        return cls.resolve(
            environment,
            database=environment.get("EVALSESSIONS_DATABASE") or "sqlite://",
            catalog=Path(catalog) if catalog else None,
            open_world=switch in {"1", "true"},
        )

    def announcements(self) -> list[str]:
        """Return the lines that tell the person who starts the server the keys made for this run."""
        keys = {Vendor.GALTEA: self.galtea_keys, Vendor.GALILEO: self.galileo_keys}
        return [f"{vendor.title()} key, made for this run: {keys[vendor][0]}" for vendor in self.made_keys]


def _from(environment: Mapping[str, str], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(environment[name] for name in names if environment.get(name))
