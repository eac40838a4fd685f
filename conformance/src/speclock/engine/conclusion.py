"""Whether a run says anything of its subject, and why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from speclock.core.contract import Operation
    from speclock.core.profiles import Profile
    from speclock.engine.ledger import Ledger

__all__ = ["why_nothing_follows"]


def why_nothing_follows(
    ledger: Ledger, profile: Profile, operations: Sequence[Operation], *, complete: bool, is_shard: bool
) -> str | None:
    """Why nothing, or no positive case of an operation that the profile binds, was judged; None when all were.

    `complete` tells a run to its end from one that was cut short, in which an operation may not have had its turn; a
    shard has but a part of the cases.
    """
    if is_shard and not ledger.cases:
        return None  # the others may have all of them
    reason = _why_not_these(ledger, profile, operations, complete=complete and not is_shard)
    if reason is not None or ledger.judged:
        return reason
    if not complete:
        return "the budget was spent before any case could be judged"
    if not ledger.cases and not ledger.errors:
        return "no case was made: the phases asked for find nothing to send in this contract"
    return "no case could be judged: see the errors"


def _why_not_these(ledger: Ledger, profile: Profile, operations: Sequence[Operation], *, complete: bool) -> str | None:
    bound = [operation for operation in operations if profile.binds(operation)]
    for operation in bound or operations:
        sent = ledger.positive[operation.id]
        if bound and not sent and complete:
            return f"no valid request to {operation.id} could be made: see the errors"
        if not sent or ledger.positive_judged[operation.id] or (not bound and any(ledger.positive_judged.values())):
            continue
        if ledger.refused_credential[operation.id] == sent:
            return f"every valid request to {operation.id} was answered 401: {_credential_hint(profile, operation)}"
        return (
            f"no valid request to {operation.id} could be judged ({sent} sent): "
            "bind ids that exist in the profile, or see the errors"
        )
    return None


def _credential_hint(profile: Profile, operation: Operation) -> str:
    schemes = sorted({name for alternative in operation.security for name in alternative})
    for source in profile.credentials:
        if source.scheme in schemes:
            return f"check the credential in {source.env} (security scheme {source.scheme})"
    if not schemes:
        return "the contract asks for no credential there"
    return f"give a profile with a credential for the security scheme {', '.join(schemes)}"
