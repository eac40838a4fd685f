"""From a generated case to one that the harness can judge: what kind it is, and with the profile's ids in it.

The generator's word on a case is not taken alone: a positive case must satisfy the oracle and the request rules, a
case whose body is meant to be invalid must break the schema. Where the two disagree the case is a probe, of which
only a server error is a finding.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from schemathesis.core import NOT_SET
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import REQUEST_SHAPE_PROBES, coverage_scenario

from speclock.core.cases import Case, CaseKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from schemathesis.generation.case import Case as NativeCase

    from speclock.core.contract import Operation
    from speclock.core.documents import JsonValue
    from speclock.core.schemas import Schemas
    from speclock.generation.bindings import Binder, Bound

__all__ = ["CaseMaker"]


@dataclass(frozen=True, slots=True)
class CaseMaker:
    """Makes cases for one run."""

    schemas: Schemas
    binder: Binder
    #: The names of the request rules (CEL) that a request breaks.
    broken_rules: Callable[[str, Mapping[str, JsonValue]], list[str]]

    def make(self, native: NativeCase[Any], operation: Operation, phase: str) -> Case:
        """Judge the kind of a generated case and bind it."""
        kind, breaks = self._kind(native, operation)
        case = Case(operation, phase, kind, _describe(native, kind, phase), breaks, native=native)
        if kind is CaseKind.POSITIVE:
            bound = self._bind(native, operation)
            return replace(case, bound=bound.names, unbound=bound.unbound)
        return case

    def _kind(  # noqa: PLR0911 - one line for each kind of case
        self, native: NativeCase[Any], operation: Operation
    ) -> tuple[CaseKind, str | None]:
        if native.method.upper() != operation.method or coverage_scenario(native) in REQUEST_SHAPE_PROBES:
            return CaseKind.PROBE, None
        meta = native.meta
        meant_valid = meta is None or meta.generation.mode.is_positive
        elsewhere = meta is not None and any(
            info.mode.is_negative
            for location, info in meta.components.items()
            if location is not ParameterLocation.BODY
        )
        if native.body is NOT_SET or not self.schemas.judges(operation):
            return (CaseKind.POSITIVE if meant_valid else CaseKind.NEGATIVE), None
        body = cast("JsonValue", native.body)
        valid = self.schemas.is_valid(operation, body)
        if valid is None:
            return CaseKind.PROBE, None
        if not valid:
            found = self.schemas.breakages(operation, body) or []
            alone = found[0].rule if len(found) == 1 and not elsewhere else None
            # A positive case that the oracle refuses is not the subject's fault, whatever it answers.
            return (CaseKind.PROBE if meant_valid and meta is not None else CaseKind.NEGATIVE), alone
        if elsewhere:
            return CaseKind.NEGATIVE, None
        path: dict[str, JsonValue] = dict(native.path_parameters or {})
        query: dict[str, JsonValue] = dict(native.query or {})
        broken = self.broken_rules(operation.id, {"body": body, "path": path, "query": query})
        if broken:
            return CaseKind.NEGATIVE, broken[0] if len(broken) == 1 else None
        return (CaseKind.POSITIVE if meant_valid else CaseKind.PROBE), None

    def _bind(self, native: NativeCase[Any], operation: Operation) -> Bound:
        has_body = native.body is not NOT_SET and self.schemas.judges(operation)
        bound = self.binder.bind(
            operation,
            cast("JsonValue", native.body) if has_body else None,
            native.path_parameters or {},
            dict([*native.query.items(), *native.headers.items(), *native.cookies.items()]),
            is_valid=lambda body: not has_body or self._keeps_contract(operation, body),
        )
        if has_body:
            native.body = bound.body
        for name, value in bound.path_parameters.items():
            native.path_parameters[name] = value
        return bound

    def _keeps_contract(self, operation: Operation, body: JsonValue) -> bool:
        return self.schemas.is_valid(operation, body) is True and not self.broken_rules(
            operation.id, {"body": body, "path": {}, "query": {}}
        )


def _describe(native: NativeCase[Any], kind: CaseKind, phase: str) -> str:
    meta = native.meta
    said = meta.phase.data.description if meta is not None else None
    article = "an invalid request" if kind is CaseKind.NEGATIVE else "a valid request"
    return f"{article} of the {phase} phase" + (f" ({' '.join(said.split())})" if said else "")
