"""Whether the contract's word on a request is kept: what it allows is accepted, what it forbids is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speclock.core.cases import CaseKind, Exchange
from speclock.core.documents import join
from speclock.core.findings import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["check_acceptance", "unjudged"]

#: Refusals that a valid request may meet for reasons outside of its schema: credentials, rights, load (RFC 9110, RFC
#: 6585).
_OUTSIDE_OF_THE_SCHEMA = frozenset({401, 403, 408, 413, 429, 431})
#: Refusals that speak of the server's state: an id that is not there, one that is there already.
_OF_STATE = frozenset({404, 409, 410, 412})


def unjudged(exchange: Exchange) -> str | None:
    """Why a positive case's refusal says nothing about the subject; None when it does."""
    case, status = exchange.case, exchange.answer.status
    if case.kind is not CaseKind.POSITIVE or status not in _OUTSIDE_OF_THE_SCHEMA | _OF_STATE:
        return None
    if status in _OUTSIDE_OF_THE_SCHEMA:
        return f"answered {status}: refused for a reason outside of its schema"
    if case.bound and not case.unbound:
        return None
    ids = f": {', '.join(case.unbound)}" if case.unbound else ""
    return f"answered {status}: it needs data that exist; bind its ids in a profile{ids}"


def check_acceptance(exchange: Exchange) -> Iterator[Failure]:
    """Judge whether the request should have been accepted or refused."""
    case, status = exchange.case, exchange.answer.status
    operation = case.operation
    if case.kind is CaseKind.POSITIVE and 400 <= status < 500 and unjudged(exchange) is None:
        bound = f" (bound by the profile: {', '.join(case.bound)})" if case.bound else ""
        yield Failure(
            check="acceptance_conformance",
            kind="ValidRequestRefused",
            rule=f"status {status}",
            pointer=join(operation.pointer, "requestBody") if operation.body else operation.pointer,
            title=f"{operation.id} refuses a request that the contract allows, with {status}",
            message=f"expected a documented success for {case.description}{bound}, got {status}",
        )
