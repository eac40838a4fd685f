"""Asking the same thing again without a good credential, once for each operation that wants one."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from speclock.core.cases import Case, CaseKind, Exchange
from speclock.phases.sending import Courier, NoAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis.generation.case import Case as NativeCase

__all__ = ["ask_without_credential"]

_WRONG = "speclock0wrong0credential"
#: The kind of a key, as many services write it in front; it tells nothing of the key itself.
_KIND = re.compile(r"[A-Za-z]{2,8}[_-]")


def ask_without_credential(courier: Courier, exchange: Exchange) -> Iterator[tuple[str, Exchange]]:
    """Repeat an accepted request with no credential and with a wrong one; yields what was given, and the exchange."""
    operation = exchange.case.operation
    schemes = {name for alternative in operation.security for name in alternative}
    for given, credentials in (
        ("a request without a credential", {}),
        ("a wrong credential", {name: wrong_credential(courier.credentials.get(name, "")) for name in schemes}),
    ):
        native = cast("NativeCase[Any]", exchange.case.native)
        again = native.derive()  # leaves generated credentials behind
        case: Case = replace(exchange.case, kind=CaseKind.NEGATIVE, description=given, breaks=None, native=again)
        try:
            yield given, courier.send(case, credentials=credentials)
        except NoAnswer:
            continue


def wrong_credential(good: str) -> str:
    """Nobody's credential, in the form of a good one, so that it is not refused for its form alone."""
    kind = _KIND.match(good)
    return (kind.group() if kind else "") + _WRONG
