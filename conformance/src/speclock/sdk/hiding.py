"""What an SDK adds of its own may be somebody's credential, such as a key that it has found in its environment.

So it is kept by its name and its length alone; what the request was to say, and the made-up credential, stay.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote, unquote_plus

from speclock.core.secrets import SHORTEST
from speclock.sdk.credentials import is_basic
from speclock.sdk.named import OF_THE_CLIENT, crumbs, pairs
from speclock.sdk.wire import CREDENTIAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from speclock.core.contract import SecurityScheme
    from speclock.phases.writing import Written
    from speclock.sdk.wire import Received

__all__ = ["OF_CREDENTIALS", "hidden"]

#: Names that tell of a credential.
OF_CREDENTIALS = re.compile(r"KEY|TOKEN|SECRET|PASS|PWD|CREDENTIAL|AUTH|DSN|(^|_)PAT(_|$)", re.IGNORECASE)


def hidden(known: Sequence[SecurityScheme], meant: Written, sent: Received) -> Received:
    """The request without the values that nobody asked for; `known` are the ways to say its credential."""
    said = _even(" ".join((unquote(meant.target), *meant.headers.values(), meant.body.decode("utf-8", "replace"))))
    secret = {item.parameter.lower() for item in known}

    def plain(names: Iterable[str]) -> set[str]:
        return {name for name in names if name.lower() not in secret and not OF_CREDENTIALS.search(name)}

    names = plain(name.lower() for name in meant.headers)
    cookies = plain(crumbs(meant.headers.get("Cookie", "")))

    def header(name: str, value: str) -> str:
        if name.lower() == "cookie":
            return "; ".join(_pair(crumb.strip(), crumb, cookies, said) for crumb in value.split(";"))
        return value if name.lower() in OF_THE_CLIENT | names else _shown(value, said)

    path, mark, query = sent.target.partition("?")
    wanted = plain(pairs(meant.target.partition("?")[2]))
    shown = "&".join(_pair(pair, unquote_plus(pair), wanted, said) for pair in query.split("&"))
    return replace(
        sent, target=path + mark + shown, headers=tuple((name, header(name, value)) for name, value in sent.headers)
    )


def _pair(written: str, read: str, wanted: set[str], said: str) -> str:
    """A `name=value` as it was written, or with its value hidden."""
    name, mark, value = read.partition("=")
    if not mark:
        return written if _shown(name, said) == name else _shown(name, said)
    shown = value if name.strip() in wanted else _shown(value, said)
    return written if shown == value else f"{written.partition('=')[0]}{mark}{shown}"


def _shown(value: str, said: str) -> str:
    if len(value) < SHORTEST or value.endswith(CREDENTIAL) or is_basic(value) or _even(value) in said:
        return value
    return f"{len(value)}-characters-not-shown"


def _even(text: str) -> str:
    """A text without what two forms of the same value differ in: case, and white space."""
    return re.sub(r"\s", "", text).lower()
