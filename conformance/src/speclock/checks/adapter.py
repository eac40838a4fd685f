"""The check that schemathesis brings, seen as ours: the only module of `checks` that imports it.

Taken over for the cases that it generates: refusal of invalid data, for its care about values that become valid on the
wire. The others are ours, because they can name the place in the
contract (status, media type, schema), or because schemathesis's own say too much or too little here
(docs/adr/0005-engine-and-events.md lists each with its reason).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from schemathesis.checks import CheckContext, CheckFunction
from schemathesis.config import ChecksConfig
from schemathesis.core.failures import Failure as NativeFailure
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case as NativeCase
from schemathesis.specs.openapi import checks as native

from speclock.core.cases import Case, CaseKind, Exchange
from speclock.core.documents import join
from speclock.core.findings import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.core.constraints import Analysis
    from speclock.core.contract import Contract

__all__ = ["check_with_schemathesis"]

_CONTEXT = CheckContext(
    override=None, auth=None, headers=None, config=ChecksConfig(), transport_kwargs=None, response_checks=None
)


def check_with_schemathesis(exchange: Exchange, contract: Contract, analysis: Analysis) -> Iterator[Failure]:
    """Judge one exchange by schemathesis's check."""
    case = exchange.case
    if not isinstance(exchange.answer.native, Response) or not isinstance(case.native, NativeCase):
        return
    pair = (exchange.answer.native, case.native)
    accepted = case.kind is CaseKind.NEGATIVE and exchange.answer.is_success
    if accepted and _fails(native.negative_data_rejection, *pair):
        yield _accepted(exchange, contract, analysis)


def _accepted(exchange: Exchange, contract: Contract, analysis: Analysis) -> Failure:
    case = exchange.case
    constraint = next((item for item in analysis.constraints if item.id == case.breaks), None)
    is_rule = constraint is not None and constraint.is_rule
    pointer = constraint.location.pointer if constraint else _parameter(case, contract) or case.operation.pointer
    name = case.breaks or pointer
    return Failure(
        check="rule_rejection" if is_rule else "data_rejection",
        kind="InvalidRequestAccepted",
        rule=name,
        pointer=pointer,
        title=f"{case.operation.id} accepts a request that breaks "
        + (f"{'the rule ' if is_rule else ''}{name}" if case.breaks else f"the contract at {pointer}"),
        message=f"expected a documented refusal ({_refusals(case)}) for {case.description}, "
        f"got {exchange.answer.status}",
    )


def _parameter(case: Case, contract: Contract) -> str | None:
    """The pointer of the one parameter that the generator made invalid."""
    meta = cast("NativeCase[Any]", case.native).meta
    data = meta.phase.data if meta is not None else None
    name = data.parameter if data is not None else None
    if data is not None and name is None:
        names = {mutation.parameter for mutation in data.mutations if mutation.parameter}
        name = names.pop() if len(names) == 1 else None
    for base in (case.operation.pointer, case.operation.pointer.rpartition("/")[0]):
        index = 0
        while name is not None and contract.document.has(join(base, "parameters", index)):
            pointer, parameter = contract.document.resolve(join(base, "parameters", index))
            if isinstance(parameter, dict) and parameter.get("name") == name:
                return pointer
            index += 1
    return None


def _refusals(case: Case) -> str:
    return ", ".join(status for status in case.operation.statuses if status.startswith("4")) or "4xx"


def _fails(check: CheckFunction, response: Response, case: NativeCase[Any]) -> bool:
    try:
        check(_CONTEXT, response, case)
    except (NativeFailure, FailureGroup):
        return True
    return False
