"""What a 405 says of the methods that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speclock.core.findings import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.core.cases import Exchange

__all__ = ["check_methods"]

_NO_METHOD = 405


def check_methods(exchange: Exchange) -> Iterator[Failure]:
    """A 405 names the methods of its path in the header Allow (RFC 9110, section 15.5.6)."""
    answer, operation = exchange.answer, exchange.case.operation
    if answer.status == _NO_METHOD and not any(name.lower() == "allow" for name in answer.headers):
        yield Failure(
            check="method_rejection",
            kind="MissingHeader",
            rule="Allow beside 405",
            pointer=operation.pointer.rpartition("/")[0],
            title=f"{operation.path} answers 405 without the header Allow",
            message="expected the header Allow with the methods of the path (RFC 9110, section 15.5.6), got none",
        )
