"""From a request that is meant to a case that can be judged: what kind it is, and with ids in it that exist.

A generator's word on a case is not taken alone: a positive case must keep every constraint, a case whose body is meant
to be invalid must break one. Where the oracle and the generator disagree the case is a probe, of which only a server
error is a finding.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from speclock.core.cases import ABSENT, Case, CaseKind, Draft

if TYPE_CHECKING:
    from collections.abc import Collection

    from schemathesis.generation.case import Case as NativeCase

    from speclock.core.constraints import Oracle
    from speclock.core.contract import Operation
    from speclock.core.documents import JsonValue
    from speclock.core.schemas import Schemas
    from speclock.generation.bindings import Binder, Bound

__all__ = ["CaseMaker", "draft_of_native"]

#: Constraints whose names start so are not about the body; generators' parameters are theirs to judge.
_ELSEWHERE = ("path.", "query.", "header.", "cookie.")


@dataclass(frozen=True, slots=True)
class CaseMaker:
    """Makes cases for one run."""

    schemas: Schemas
    binder: Binder
    oracle: Oracle

    def finish(self, case: Case, *, spared: frozenset[str] = frozenset()) -> Case:
        """Bind a case of our own: known ids wherever they are not what it is about, so that no refusal is for them.

        What the case breaks stays what it was, and what is `spared` (dotted names) stays as it is. A draft without the
        body that its operation wants, in a media type that drafts are not written in, is no legal request: a probe.
        """
        draft = case.draft
        if draft is None:
            return case
        if case.kind is CaseKind.POSITIVE and draft.body is ABSENT and self._wants_other_body(case.operation):
            case = replace(case, kind=CaseKind.PROBE)
        if case.breaks is not None or case.kind is CaseKind.POSITIVE:
            own: Collection[str] = () if case.breaks is None else (case.breaks,)
        else:
            own = self.oracle.broken(case.operation, draft) or ()
        bound = self._bind(case.operation, draft, set(own), self._spared(case) | spared)
        return _with(case, bound, bound.draft)

    def renewed(self, case: Case) -> Case:
        """The case with new values where they must be new; all others stay, such as an id that nobody has."""
        if not case.fresh:
            return case
        if case.draft is None:
            return self.make(cast("NativeCase[Any]", case.native), case.operation, case.phase)
        kept = frozenset((*case.known, *case.linked, *case.guessed)) - frozenset(case.fresh)
        return replace(case, draft=self.finish(case, spared=kept).draft)

    def make(self, native: NativeCase[Any], operation: Operation, phase: str) -> Case:
        """Judge the kind of a generated case and bind it."""
        kind, breaks = self._kind(native, operation)
        case = Case(operation, phase, kind, _describe(native, kind, phase), breaks, native=native)
        if kind is not CaseKind.POSITIVE:
            return case
        bound = self._bind(operation, draft_of_native(native), set(), frozenset())
        if isinstance(bound.draft.body, dict | list):
            native.body = bound.draft.body
        for part in ("path_parameters", "query", "headers", "cookies"):
            values = getattr(bound.draft, part.partition("_")[0])
            getattr(native, part).update(
                {name: value for name, value in values.items() if name in getattr(native, part)}
            )
        return _with(case, bound, None)

    def _wants_other_body(self, operation: Operation) -> bool:
        if operation.body is not None or not operation.has_body:
            return False
        return self.schemas.requires_body(operation)

    def _bind(self, operation: Operation, draft: Draft, own: set[str], spared: frozenset[str]) -> Bound:
        def is_same(changed: Draft) -> bool:
            found = self.oracle.broken(operation, changed)
            return found is not None and set(found) == own

        return self.binder.bind(operation, draft, is_same=is_same, spared=spared)

    def _spared(self, case: Case) -> frozenset[str]:
        """The dotted names that the case is about, and that no binding may touch."""
        if case.breaks is None:
            return frozenset()
        try:
            constraint = self.oracle.analysis(case.operation).constraint(case.breaks)
        except KeyError:
            return frozenset()
        return frozenset() if constraint.is_rule else frozenset({constraint.place.name})

    def _kind(self, native: NativeCase[Any], operation: Operation) -> tuple[CaseKind, str | None]:
        from schemathesis.core import NOT_SET  # noqa: PLC0415 - see phases.library
        from schemathesis.core.parameters import ParameterLocation  # noqa: PLC0415
        from schemathesis.generation.meta import REQUEST_SHAPE_PROBES, coverage_scenario  # noqa: PLC0415

        if native.method.upper() != operation.method or coverage_scenario(native) in REQUEST_SHAPE_PROBES:
            return CaseKind.PROBE, None
        meta = native.meta
        meant_valid = meta is None or meta.generation.mode.is_positive
        elsewhere = meta is not None and any(
            info.mode.is_negative
            for location, info in meta.components.items()
            if location is not ParameterLocation.BODY
        )
        if native.body is not NOT_SET and not self.schemas.judges(operation):
            return (CaseKind.POSITIVE if meant_valid else CaseKind.NEGATIVE), None
        found = self.oracle.broken(operation, draft_of_native(native))
        if found is None:
            return CaseKind.PROBE, None
        in_body = any(not name.startswith(_ELSEWHERE) for name in found)
        alone = next(iter(found)) if len(found) == 1 else None
        if in_body:
            # A positive case that the oracle refuses is not the subject's fault, whatever it answers.
            return (CaseKind.PROBE if meant_valid and meta is not None else CaseKind.NEGATIVE), (
                None if elsewhere else alone
            )
        if elsewhere:
            return CaseKind.NEGATIVE, alone
        return (CaseKind.POSITIVE if meant_valid else CaseKind.PROBE), None


def draft_of_native(native: NativeCase[Any]) -> Draft:
    """A generated case as a draft."""
    from schemathesis.core import NOT_SET  # noqa: PLC0415 - see phases.library

    return Draft(
        path=dict(native.path_parameters or {}),
        query=dict(native.query or {}),
        headers=dict(native.headers or {}),
        cookies=dict(native.cookies or {}),
        body=ABSENT if native.body is NOT_SET else cast("JsonValue", native.body),
    )


def _with(case: Case, bound: Bound, draft: Draft | None) -> Case:
    return replace(
        case,
        draft=draft,
        known=bound.known,
        linked=bound.linked,
        guessed=bound.guessed,
        unbound=bound.unbound,
        fresh=bound.fresh,
    )


def _describe(native: NativeCase[Any], kind: CaseKind, phase: str) -> str:
    meta = native.meta
    said = meta.phase.data.description if meta is not None else None
    article = "an invalid request" if kind is CaseKind.NEGATIVE else "a valid request"
    return f"{article} of the {phase} phase" + (f" ({' '.join(said.split())})" if said else "")
