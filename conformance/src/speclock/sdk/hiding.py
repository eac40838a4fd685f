"""What an SDK adds of its own may be somebody's credential, such as a key that it has found in its environment.

So it is kept by its name and its length alone; what the request was to say, and the made-up credential, stay.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_plus

from speclock.sdk.named import OF_THE_CLIENT, crumbs, pairs
from speclock.sdk.wire import CREDENTIAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from speclock.core.contract import SecurityScheme
    from speclock.phases.writing import Written
    from speclock.sdk.wire import Received

__all__ = ["hidden"]

#: Shorter values protect nothing.
_SHORTEST = 4


def hidden(known: Sequence[SecurityScheme], meant: Written, sent: Received) -> Received:
    """The request without the values that nobody asked for; `known` are the ways to say its credential."""
    said = " ".join((unquote(meant.target), *meant.headers.values(), meant.body.decode("utf-8", "replace")))
    names = {name.lower() for name in meant.headers} - {item.parameter.lower() for item in known}
    cookies = crumbs(meant.headers.get("Cookie", "")).keys() - {item.parameter for item in known}

    def header(name: str, value: str) -> str:
        if name.lower() == "cookie":
            return "; ".join(_pair(crumb.strip(), crumb, cookies, said) for crumb in value.split(";"))
        return value if name.lower() in OF_THE_CLIENT | names else _shown(value, said)

    path, mark, query = sent.target.partition("?")
    wanted = pairs(meant.target.partition("?")[2]).keys() - {item.parameter for item in known}
    shown = "&".join(_pair(pair, unquote_plus(pair), wanted, said) for pair in query.split("&"))
    return replace(
        sent, target=path + mark + shown, headers=tuple((name, header(name, value)) for name, value in sent.headers)
    )


def _pair(written: str, read: str, wanted: set[str], said: str) -> str:
    """A `name=value` as it was written, or with its value hidden."""
    name, mark, value = read.partition("=")
    shown = value if name.strip() in wanted else _shown(value, said)
    return written if shown == value else f"{written.partition('=')[0]}{mark}{shown}"


def _shown(value: str, said: str) -> str:
    if len(value) < _SHORTEST or value.endswith(CREDENTIAL) or value in said:
        return value
    return f"{len(value)}-characters-not-shown"
