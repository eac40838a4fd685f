"""What a face was told: key, address, and how to call. Checked once, when it is given."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, TypedDict, cast
from urllib.parse import urlsplit

from evalsessions._values.messages import Headers
from evalsessions._version import __version__
from evalsessions.errors import ConfigurationError

if TYPE_CHECKING:
    from evalsessions._core.contract import Operation
    from evalsessions._values.messages import Attempt, Response

__all__ = ["USER_AGENT", "CallOptions", "Secret", "Settings", "Vendor", "checked_count"]


# Seconds of a year; clocks overflow with much more.
_LONGEST_TIMEOUT = 365 * 86_400
# Header fields that say how a message is framed (RFC 9110, section 7.6.1, and RFC 9112, section 6).
_OF_THE_CONNECTION = frozenset({"connection", "content-length", "te", "trailer", "transfer-encoding", "upgrade"})
# A shorter header value is no credential, and its letters may stand in any text.
_SECRET_CHARACTERS = 8
# Who sends, for the logs of the server.
USER_AGENT = f"evalsessions/{__version__} python/{'.'.join(map(str, sys.version_info[:3]))}"


class CallOptions(TypedDict, total=False):
    """What any single call takes besides its arguments.

    Attributes:
        timeout: the most seconds to wait for a connection, for each part of the answer, and for its body as a whole;
            None for no limit.
        max_retries: how many times more than once a request is sent, where that cannot double a write.
        extra_headers: header fields to add, or to set otherwise.
        extra_body: properties to add to the body, for what the API takes and this version does not know.
        validate: False sends a request that breaks the contract, too (for testing servers).
        strict: False returns what can be read of an answer that breaks the contract.
    """

    timeout: float | None
    max_retries: int
    extra_headers: Mapping[str, str]
    extra_body: Mapping[str, object]
    validate: bool
    strict: bool


class Secret:
    """A text that is not shown by accident."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text."""
        return self._text

    def __repr__(self) -> str:
        return "Secret('***')"


@dataclass(frozen=True, slots=True)
class Vendor:
    """Where a face finds its key and its address."""

    name: str
    key_variable: str
    url_variable: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides how a call is made."""

    api_key: Secret
    base_url: str
    timeout: float | None
    max_retries: int
    key_header: str | None = None
    on_attempt: Callable[[Attempt], None] | None = None
    extra_headers: Mapping[str, str] = field(default_factory=dict[str, Any], repr=False)
    extra_body: Mapping[str, object] = field(default_factory=dict[str, Any], repr=False)
    validate: bool = True
    strict: bool = True

    @classmethod
    def resolve(
        cls,
        vendor: Vendor,
        operation: Operation,
        *,
        api_key: str | None,
        base_url: str | None,
        timeout: float | None,
        max_retries: int,
        key_header: str | None = None,
        on_attempt: Callable[[Attempt], None] | None = None,
    ) -> Settings:
        """Return the settings of a face: those given, else the environment's, else those of an operation's contract.

        Raises:
            ConfigurationError: no key, or one of them cannot work.
        """
        key = os.environ.get(vendor.key_variable) if api_key is None else api_key
        url = (os.environ.get(vendor.url_variable) or operation.server) if base_url is None else base_url
        if not key:
            message = f"{vendor.name} needs a key: give api_key, or set {vendor.key_variable} in the environment"
            raise ConfigurationError(message)
        return cls(
            api_key=Secret(_checked_key(key)),
            base_url=_checked_url(url),
            timeout=_checked_timeout(timeout),
            max_retries=checked_count("max_retries", max_retries, least=0),
            key_header=None if key_header is None else _checked_name("key_header", key_header),
            on_attempt=_checked_hook(on_attempt),
        )

    def with_options(self, options: CallOptions) -> Settings:
        """Return these settings with some of them set otherwise.

        Raises:
            TypeError: an option that does not exist.
            ConfigurationError: one that cannot work.
        """
        if not options:
            return self
        given = cast("dict[str, object]", options)
        unknown = given.keys() - CallOptions.__annotations__.keys()
        if unknown:
            known = ", ".join(CallOptions.__annotations__)
            raise TypeError(f"unexpected keyword argument {min(unknown)!r}; the options of a call are {known}")
        changed: dict[str, Any] = dict(given)
        if "timeout" in given:
            changed["timeout"] = _checked_timeout(given["timeout"])
        if "max_retries" in given:
            changed["max_retries"] = checked_count("max_retries", given["max_retries"], least=0)
        if "extra_headers" in given:
            changed["extra_headers"] = {**self.extra_headers, **_checked_headers(given["extra_headers"])}
        if "extra_body" in given:
            changed["extra_body"] = {**self.extra_body, **_checked_mapping("extra_body", given["extra_body"])}
        for name in ("validate", "strict"):
            if name in given and not isinstance(given[name], bool):
                raise ConfigurationError(f"{name} must be True or False, not {given[name]!r}")
        return replace(self, **changed)

    def redacted(self, text: str) -> str:
        """Return a text that can be written anywhere, without the key and other values that header fields have."""
        text = text.encode("utf-8", "backslashreplace").decode()
        for secret in self._secrets():
            text = text.replace(secret.reveal(), "***")
        return text

    def scrubbed(self, response: Response) -> Response:
        """Return a response without the key and other values that header fields have, should it repeat them."""
        content, said = response.content, "\n".join(response.headers.values())
        repeated = [
            found for secret in self._secrets() if (found := secret.reveal()) in said or found.encode() in content
        ]
        if not repeated:
            return response
        for secret in repeated:
            content = content.replace(secret.encode(), b"***")
        headers = [(name, self.redacted(value)) for name, value in response.headers.items()]
        return replace(response, content=content, headers=Headers(headers))

    def _secrets(self) -> list[Secret]:
        values = map(Secret, self.extra_headers.values())
        return [self.api_key, *(value for value in values if len(value.reveal()) >= _SECRET_CHARACTERS)]


def _checked_key(key: object) -> str:
    if not isinstance(key, str):
        raise ConfigurationError(f"api_key must be a text, not a {type(key).__name__}")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ConfigurationError("api_key must be visible ASCII characters without spaces; is a line break in it?")
    return key


def _checked_url(url: object) -> str:
    if not isinstance(url, str):
        raise ConfigurationError(f"base_url must be a text, not a {type(url).__name__}")
    example = "expected something like https://api.example.com"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        is_sound = parts.scheme in {"http", "https"} and all(host.removesuffix(".").split(".")) and parts.port != 0
    except ValueError:
        raise ConfigurationError(f"base_url is no address: {example}") from None
    if not is_sound or not url.isprintable() or " " in url or "\\" in url:
        raise ConfigurationError(f"base_url is no http or https address: {example}")
    if any(mark in url for mark in "@?#"):
        raise ConfigurationError(f"base_url must have no user, password, query or fragment: {example}")
    return url.rstrip("/")


def _checked_timeout(timeout: object) -> float | None:
    if timeout is None:
        return None
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not (0 < timeout <= _LONGEST_TIMEOUT):
        raise ConfigurationError(f"timeout must be a number of seconds above 0, up to a year, or None, not {timeout!r}")
    return timeout


def checked_count(option: str, value: object, *, least: int) -> int:
    """Return a whole number that an option was given.

    Raises:
        ConfigurationError: it is none, or too small.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ConfigurationError(f"{option} must be a number of at least {least}, not {value!r}")
    return value


def _checked_headers(headers: object) -> dict[str, str]:
    checked: dict[str, str] = {}
    for name, value in _checked_mapping("extra_headers", headers).items():
        if not _is_name(name) or not isinstance(value, str) or not _is_header_value(value):
            raise ConfigurationError(f"extra_headers must be names and printable ASCII texts; {name!a} is not")
        if name.lower() in _OF_THE_CONNECTION:
            raise ConfigurationError(f"extra_headers cannot have {name}: it is the connection's own")
        checked[name.lower()] = value
    return checked


def _checked_name(option: str, name: object) -> str:
    if not isinstance(name, str) or not _is_name(name):
        raise ConfigurationError(f"{option} must be the name of a header, not {name!a}")
    return name


def _is_name(text: str) -> bool:
    return text.isascii() and text.replace("-", "").replace("_", "").isalnum()


def _is_header_value(text: str) -> bool:
    return text.isascii() and text.isprintable() and text == text.strip()


def _checked_hook(hook: Callable[[Attempt], None] | None) -> Callable[[Attempt], None] | None:
    given: object = hook
    if given is not None and (not callable(given) or iscoroutinefunction(given)):
        kind = "coroutine function" if callable(given) else type(given).__name__
        raise ConfigurationError(f"on_attempt must be a plain function, not a {kind}")
    return hook


def _checked_mapping(option: str, value: object) -> dict[str, object]:
    given: Any = value
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in cast("Any", given)):
        raise ConfigurationError(f"{option} must be a mapping with texts as keys, not a {type(value).__name__}")
    return dict(cast("Mapping[str, object]", given))
