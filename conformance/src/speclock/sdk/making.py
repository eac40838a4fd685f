"""The cases of a run on an SDK, each made when it is first asked for, and kept: mutants are run on the same ones."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from speclock.core.cases import Absent, Answer, Case, CaseKind
from speclock.core.constraints import Oracle, Part, Place
from speclock.core.constraints.parameters import parameters
from speclock.core.errors import ContractError
from speclock.generation.planning import OperationPlan
from speclock.generation.values import plain
from speclock.mutants.places import changed, to_be
from speclock.phases.writing import write
from speclock.sdk.answers import LIKE_TIMES, Worth, answers
from speclock.sdk.comparing import forms_of, has_forms
from speclock.sdk.parameters import as_said
from speclock.sdk.subject import schemes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speclock.core.cases import Draft
    from speclock.core.constraints import Shape
    from speclock.core.constraints.parameters import Parameter
    from speclock.core.contract import Operation, SecurityScheme
    from speclock.core.documents import JsonValue
    from speclock.core.reading import Reading
    from speclock.generation.planning import ConstraintPlan
    from speclock.phases.library import Library
    from speclock.sdk.answers import Served
    from speclock.sdk.comparing import Forms

__all__ = ["SdkCases"]

#: Of each operation: legal requests that hypothesis draws, and bodies of each answer that chance puts together.
DRAWN = 60
#: The marks of RFC 3986, section 2.2, an encoding that is none, and what forms read as a space.
_MARKS = "a+b%41#c?d;e&f=g/h:i@j"
#: What a URL takes for the segment above (RFC 3986, section 5.2.4); so an SDK may as well refuse it.
_ABOVE = ".."
#: Texts that are easily written wrong in one part of a request, beside those that the plan has for the others.
_TEXTS = {Part.PATH: ("Zürich 東京", "long-" * 20), Part.HEADER: ("Two  spaces",)}


@dataclass
class SdkCases:
    """The requests and answers of one contract."""

    reading: Reading
    seed: int = 1
    drawn: int = DRAWN
    oracle: Oracle = field(init=False)
    #: The names of the properties that the contract has anywhere.
    named: frozenset[str] = field(init=False)
    _library: Library | None = None
    _plans: dict[str, OperationPlan] = field(default_factory=dict)
    _parameters: dict[str, list[Parameter]] = field(default_factory=dict)
    _schemes: dict[str, list[SecurityScheme]] = field(default_factory=dict)
    _forms: dict[str, Forms] = field(default_factory=dict)
    _requests: dict[str, tuple[Case, ...]] = field(default_factory=dict)
    _answers: dict[str, tuple[Served, ...]] = field(default_factory=dict)
    _gaps: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read what the contract promises."""
        self.oracle = Oracle(self.reading.contract, self.reading.schemas, self.reading.rules)
        self.named = frozenset(_properties(self.reading.contract.document.value))

    def requests(self, operation: Operation) -> tuple[Case, ...]:
        """Each constraint broken alone, the legal requests beside, and legal requests as hypothesis draws them."""
        if operation.id not in self._requests:
            said = (self._said(operation, case) for case in self._made(operation))
            self._requests[operation.id] = tuple(
                case for case in said if case is not None and self._is_writable(operation, case)
            )
        return self._requests[operation.id]

    def answers(self, operation: Operation) -> tuple[Served, ...]:
        """The contract's whole range of answers, and broken ones."""
        if operation.id not in self._answers:
            made = answers(self.reading, self.oracle, operation, self.drawn, self._chance(operation))
            self._answers[operation.id] = tuple(made)
        return self._answers[operation.id]

    def success(self, operation: Operation) -> Answer:
        """A legal answer of success; of an operation that documents none, a bare one."""
        served = (item for item in answers(self.reading, self.oracle, operation, 0, self._chance(operation)))
        found = (item.answer for item in served if item.worth is Worth.LEGAL and item.answer.is_success)
        return next(found, Answer(204, {}, b"", 0.0))

    def legal(self, operation: Operation) -> Case | None:
        """A plain legal request; None when none is known."""
        draft = self._plan(operation).plain
        if draft is None or _has_other_body(operation):
            return None
        case = Case(operation, "answers", CaseKind.POSITIVE, "a plain request", draft=draft)
        return self._said(operation, case)

    def gaps(self, operation: Operation) -> list[str]:
        """What could not be made, once `requests` was asked for."""
        self.requests(operation)
        if _has_other_body(operation):
            return ["its request body is not JSON, so that no request is made"]
        return [*self._gaps.get(operation.id, ()), *self._plan(operation).gaps()]

    def constraints(self, operation: Operation) -> tuple[ConstraintPlan, ...]:
        """What is planned for each constraint."""
        return tuple(self._plan(operation).constraints())

    def parameters(self, operation: Operation) -> Sequence[Parameter]:
        """The parameters of an operation."""
        if operation.id not in self._parameters:
            self._parameters[operation.id] = parameters(self.reading.contract, self.reading.schemas.root, operation)
        return self._parameters[operation.id]

    def schemes(self, operation: Operation) -> Sequence[SecurityScheme]:
        """The ways to say a credential that an operation knows."""
        if operation.id not in self._schemes:
            self._schemes[operation.id] = schemes(self.reading.contract, operation)
        return self._schemes[operation.id]

    def forms(self, operation: Operation) -> Forms:
        """Where the body of its requests has texts that may be written in another form."""
        if operation.id not in self._forms:
            shape = self._body(operation)
            self._forms[operation.id] = frozenset() if shape is None else forms_of(shape)
        return self._forms[operation.id]

    def _body(self, operation: Operation) -> Shape | None:
        return self.oracle.analysis(operation).shapes.get(Place(Part.BODY))

    def _plan(self, operation: Operation) -> OperationPlan:
        if operation.id not in self._plans:
            analysis = self.oracle.analysis(operation)
            self._plans[operation.id] = OperationPlan(analysis, self.oracle, self.reading.rules, self.seed)
        return self._plans[operation.id]

    def _said(self, operation: Operation, case: Case) -> Case | None:
        """The case with its parameters as a caller would say them.

        None where OpenAPI defines no form for them, or where the contract allows them as texts of the wire alone.
        """
        draft, shapes, schemas = case.draft, self.oracle.analysis(operation).shapes, self.reading.schemas
        assert draft is not None
        for parameter in self.parameters(operation):
            part, (name, *_) = parameter.place.part.value, parameter.place.steps
            values = draft.parameters(part)
            if name not in values or parameter.place not in shapes:
                continue
            shape = shapes[parameter.place]
            said = as_said(shape, values[str(name)], schemas, as_json="content" in parameter.value)
            if said is None or (case.kind is CaseKind.POSITIVE and not schemas.accepts(shape.pointers, said)):
                return None
            draft = draft.with_parameters(part, {**values, str(name): said})
        return replace(case, draft=draft)

    def _made(self, operation: Operation) -> Iterator[Case]:
        if _has_other_body(operation):
            return
        for planned in self._plan(operation).cases:
            yield Case(
                operation,
                "requests",
                planned.kind,
                planned.description,
                planned.breaks,
                planned.names,
                planned.keyword,
                planned.borders,
                planned.draft,
            )
        base = self._plan(operation).plain
        if base is None:
            return
        yield from self._with_marks(operation, base)
        if operation.body is None:
            return
        yield from self._with_misleading_texts(operation, base)
        try:
            drafts = self._drawn(operation)
        except ContractError as error:
            self._gaps.setdefault(operation.id, []).append(str(error))
            return
        for drawn in drafts:
            draft = replace(base, body=drawn.body)
            broken = self.oracle.broken(operation, draft)
            if broken is not None and not broken:
                yield Case(operation, "requests", CaseKind.POSITIVE, "a drawn body", draft=draft)

    def _with_marks(self, operation: Operation, draft: Draft) -> Iterator[Case]:
        """A text of what a URL gives a meaning is to be encoded wherever a parameter may have it."""
        shapes = self.oracle.analysis(operation).shapes
        for parameter in self.parameters(operation):
            part, name, shape = parameter.place.part.value, str(parameter.place.steps[0]), shapes.get(parameter.place)
            texts = (_MARKS, *_TEXTS.get(parameter.place.part, ()), _ABOVE)
            if shape is None or parameter.value.get("allowReserved") is True:  # it may be sent as it is
                continue
            values = draft.parameters(part)
            for inner in shape.walk():
                if "string" not in inner.types:
                    continue
                for text in texts:
                    value = changed(values.get(name, plain(shape)), inner.place.steps[1:], to_be(text))
                    marked = draft.with_parameters(part, {**values, name: value})
                    if marked == draft or self.oracle.broken(operation, marked) != {}:
                        continue
                    if text == _ABOVE and not self._goes_above(operation, marked):
                        continue
                    kind = CaseKind.PROBE if text == _ABOVE else CaseKind.POSITIVE
                    yield Case(operation, "requests", kind, f"the text {text} at {inner.place}", draft=marked)

    def _with_misleading_texts(self, operation: Operation, base: Draft) -> Iterator[Case]:
        """A text that the contract calls no time is to be sent as it is, whatever it looks like."""
        shape = self._body(operation)
        if shape is None or isinstance(base.body, Absent):
            return
        for part in shape.walk():
            if "string" not in part.types or has_forms(part):
                continue
            for text in LIKE_TIMES:
                draft = replace(base, body=changed(base.body, part.place.steps, to_be(text)))
                if draft != base and self.oracle.broken(operation, draft) == {}:
                    words = f"the text {text} at {part.place}"
                    yield Case(operation, "requests", CaseKind.POSITIVE, words, draft=draft)

    def _drawn(self, operation: Operation) -> list[Draft]:
        """Requests of which the body is as it is meant; parameters come as they are written."""
        from speclock.phases.drawing import drawn_requests  # noqa: PLC0415 - brings schemathesis
        from speclock.phases.library import Library  # noqa: PLC0415

        if not self.drawn:
            return []
        if self._library is None:
            self._library = Library(self.reading.contract)
        return drawn_requests(self._library, operation, self.seed, self.drawn)

    def _goes_above(self, operation: Operation, draft: Draft) -> bool:
        return _ABOVE in write(operation, draft, self.parameters(operation)).target.partition("?")[0].split("/")

    def _is_writable(self, operation: Operation, case: Case) -> bool:
        assert case.draft is not None
        try:
            write(operation, case.draft, self.parameters(operation))
        except ValueError:
            return False
        return True

    def _chance(self, operation: Operation) -> random.Random:
        return random.Random(f"{self.seed} {operation.id}")  # noqa: S311 - the same for the same seed


def _has_other_body(operation: Operation) -> bool:
    return operation.has_body and operation.body is None


def _properties(value: JsonValue) -> Iterator[str]:
    if isinstance(value, dict):
        listed = value.get("properties")
        yield from listed if isinstance(listed, dict) else ()
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _properties(child)
