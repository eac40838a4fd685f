"""What a server owes to a request without a good credential: a documented refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speclock.core.documents import join
from speclock.core.findings import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.core.cases import Exchange

__all__ = ["check_refusal_of_credential"]


def check_refusal_of_credential(exchange: Exchange, *, given: str) -> Iterator[Failure]:
    """Judge the answer to a request with the credential `given` (in words): RFC 9110 knows 401 and 403."""
    operation, status = exchange.case.operation, exchange.answer.status
    if status in (401, 403) or status >= 500:
        return  # a server error is the status check's to tell
    yield Failure(
        check="credential_rejection",
        kind="CredentialNotChecked" if exchange.answer.is_success else "UnexpectedRefusal",
        rule=f"credential: {given}",
        pointer=join(operation.pointer, "security"),
        title=f"{operation.id} does not refuse {given}",
        message=f"expected 401 or 403, got {status}",
    )
