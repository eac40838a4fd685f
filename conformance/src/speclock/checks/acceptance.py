"""Whether the contract's word on a request is kept: what it allows is accepted, what it forbids is refused.

A refusal counts only when it can be for what is wrong with the request. A violation that is answered like an unknown id
was not looked at, when all its ids are known and the contract documents a status for invalid requests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from speclock.core.cases import CaseKind, Exchange
from speclock.core.documents import join
from speclock.core.findings import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.core.cases import Case
    from speclock.core.constraints import Analysis, Constraint
    from speclock.core.refusals import Refusals

__all__ = ["check_acceptance", "is_refused", "no_answer", "unjudged"]

#: Refusals that any request may meet for reasons outside of its schema: credentials, rights, load (RFC 9110, RFC 6585).
_OUTSIDE_OF_THE_SCHEMA = frozenset({401, 403, 408, 413, 429, 431})
#: Refusals that speak of the server's state: what is not there (any more), and what is in the way.
_MISSING = frozenset({404, 410})
_OF_STATE = _MISSING | {409, 412}
#: Refusals of what is invalid in itself.
_OF_DATA = ("400", "422")


def unjudged(exchange: Exchange) -> str | None:
    """Why a refusal says nothing about the subject; None when it does."""
    case, status = exchange.case, exchange.answer.status
    if case.demand is not None or case.kind is CaseKind.PROBE or _is_loosely_negative(case):
        return None
    if case.kind is CaseKind.POSITIVE and 400 <= status < 500 and not case.operation.has_success:
        return f"answered {status}: the contract documents no success"
    if status in _OUTSIDE_OF_THE_SCHEMA:
        return f"answered {status}: refused for a reason outside of its schema"
    if status not in _OF_STATE or _is_accountable(case, status):
        return None
    unsure = (*case.unbound, *case.guessed)
    ids = f": {', '.join(unsure)}" if unsure else ""
    return f"answered {status}: it needs data that exist; bind its ids in a profile{ids}"


def no_answer(case: Case, reason: str) -> Failure:
    """What follows when a subject that answers others does not answer this request."""
    operation = case.operation
    return Failure(
        check="answer_conformance",
        kind="NoAnswer",
        rule="an answer",
        pointer=join(operation.pointer, "responses"),
        title=f"{operation.id} does not answer",
        message=f"expected a documented answer to {case.description}, got none ({reason}); others are answered",
    )


def is_refused(exchange: Exchange, promised: Refusals | None) -> bool:
    """Whether a violation was refused for what is wrong with it."""
    return 400 <= exchange.answer.status < 500 and unjudged(exchange) is None and not _is_masked(exchange, promised)


def check_acceptance(exchange: Exchange, analysis: Analysis, promised: Refusals | None) -> Iterator[Failure]:
    """Judge whether the request should have been accepted or refused."""
    case, status = exchange.case, exchange.answer.status
    if case.demand is not None:
        if status in case.demand.statuses:
            yield from _not_echoed(exchange)
        elif status < 500:
            yield _not_as_demanded(exchange)
        return
    if unjudged(exchange) is not None:
        return
    if case.kind is CaseKind.POSITIVE and 400 <= status < 500:
        yield _refused(exchange, analysis)
    if case.kind is CaseKind.NEGATIVE and case.native is None:
        if exchange.answer.is_success:
            yield _accepted(exchange, analysis)
        elif _is_masked(exchange, promised):
            yield _masked(exchange, analysis)


def _is_loosely_negative(case: Case) -> bool:
    """Whether a violation may be refused for any reason: a generator's, or one of the path, which is then another."""
    return case.kind is CaseKind.NEGATIVE and (case.native is not None or _is_of_path(case))


def _is_accountable(case: Case, status: int) -> bool:
    """Whether every id in the request is known to exist, so that the server has no such reason to refuse it."""
    if case.unbound or case.guessed:
        return False
    if case.kind is CaseKind.NEGATIVE:
        return True
    # A link says that the id exists, and nothing of the state that the thing is in.
    return bool(case.linked or case.known) if status in _MISSING else bool(case.known) and not case.linked


def _is_masked(exchange: Exchange, promised: Refusals | None) -> bool:
    case = exchange.case
    return (
        case.kind is CaseKind.NEGATIVE
        and case.native is None
        and case.demand is None
        and exchange.answer.status in _OF_STATE
        and (not _is_of_path(case) or _is_told_first(case, exchange.answer.status, promised))
        and any(name in case.operation.statuses for name in _OF_DATA)
    )


def _is_of_path(case: Case) -> bool:
    return case.breaks is not None and case.breaks.startswith("path.")


def _is_told_first(case: Case, status: int, promised: Refusals | None) -> bool:
    """Whether the contract promises that an invalid path is told before `status`, and the path is still one of its."""
    order = [] if promised is None else [str(known) for known in promised.order]
    first = next((name for name in order if name in _OF_DATA or name == str(status)), None)
    values = [] if case.draft is None else [str(value) for value in case.draft.path.values()]
    return first in _OF_DATA and all(value not in {"", ".", ".."} and "/" not in value for value in values)


def _not_as_demanded(exchange: Exchange) -> Failure:
    case, status = exchange.case, exchange.answer.status
    demand = case.demand
    assert demand is not None
    wanted = " or ".join(map(str, sorted(demand.statuses))) if len(demand.statuses) < 10 else "a success"
    accepts = min(demand.statuses) < 300
    return Failure(
        check=demand.check,
        kind="UnexpectedRefusal" if accepts or not exchange.answer.is_success else "Accepted",
        rule=demand.rule,
        pointer=demand.pointer,
        title=f"{case.operation.id} {'refuses' if accepts else 'does not refuse'} {demand.given}",
        message=f"expected {wanted}, got {status}",
    )


def _not_echoed(exchange: Exchange) -> Iterator[Failure]:
    case, demand = exchange.case, exchange.case.demand
    assert demand is not None
    for text in demand.echoes:
        if text.encode() in exchange.request.body and text.encode() not in exchange.answer.body:
            yield Failure(
                check=demand.check,
                kind="NotEchoed",
                rule=demand.rule,
                pointer=demand.pointer,
                title=f"{case.operation.id} says nothing of {demand.given}",
                message=f"expected an answer that names {text}, as the example of the contract does",
            )


def _refused(exchange: Exchange, analysis: Analysis) -> Failure:
    case, status, operation = exchange.case, exchange.answer.status, exchange.case.operation
    bound = f" (bound by the profile: {', '.join(case.known)})" if case.known else ""
    constraint = _constraint(analysis, case.borders)
    pointer = join(operation.pointer, "requestBody") if operation.body else operation.pointer
    return Failure(
        check="acceptance_conformance",
        kind="ValidRequestRefused",
        rule=constraint.id if constraint else f"status {status}",
        pointer=constraint.location.pointer if constraint else pointer,
        title=f"{operation.id} refuses a request that the contract allows, with {status}",
        message=f"expected a documented success for {case.description}{bound}, got {status}",
    )


def _accepted(exchange: Exchange, analysis: Analysis) -> Failure:
    case = exchange.case
    constraint = _constraint(analysis, case.breaks)
    name = case.breaks or "the contract"
    rule = "the rule " if constraint is not None and constraint.is_rule else ""
    alone = f", which breaks {name} ({constraint.words}) and nothing else" if constraint is not None else ""
    return _rejection(
        exchange,
        constraint,
        kind="InvalidRequestAccepted",
        title=f"{case.operation.id} accepts a request that breaks {rule}{name}",
        message=f"expected a documented refusal ({_refusals(case)}) of {case.description}{alone}, "
        f"got {exchange.answer.status}",
    )


def _masked(exchange: Exchange, analysis: Analysis) -> Failure:
    case = exchange.case
    name = case.breaks or "the contract"
    wanted = " or ".join(status for status in _OF_DATA if status in case.operation.statuses)
    return _rejection(
        exchange,
        _constraint(analysis, case.breaks),
        kind="RefusedForAnotherReason",
        title=f"{case.operation.id} does not look at {name}",
        message=f"expected {wanted} for {case.description}, which breaks {name} and nothing else; got "
        f"{exchange.answer.status}, which speaks of data that do or do not exist, and all ids in it are known",
    )


def _rejection(exchange: Exchange, constraint: Constraint | None, *, kind: str, title: str, message: str) -> Failure:
    case = exchange.case
    return Failure(
        check="rule_rejection" if constraint is not None and constraint.is_rule else "data_rejection",
        kind=kind,
        rule=case.breaks or "the contract",
        pointer=case.keyword or (constraint.location.pointer if constraint else case.operation.pointer),
        title=title,
        message=message,
    )


def _constraint(analysis: Analysis, name: str | None) -> Constraint | None:
    return next((item for item in analysis.constraints if item.id == name), None)


def _refusals(case: Case) -> str:
    others = {str(status) for status in _OF_STATE | _OUTSIDE_OF_THE_SCHEMA} | {"405", "406", "415"}
    listed = [status for status in case.operation.statuses if status.startswith("4")]
    return ", ".join([status for status in listed if status not in others] or listed) or "4xx"
