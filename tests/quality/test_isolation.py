"""The plan, judged by a second validator: each negative case breaks one promise alone, whatever stands beside it."""

from __future__ import annotations

import copy
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml

from speclock.core.cases import ABSENT, CaseKind
from speclock.core.constraints import ConstraintKind, Oracle, Part, Place
from speclock.core.reading import Reading
from speclock.generation.bases import Bases
from speclock.generation.planning import OperationPlan
from speclock.generation.requests import draft_of, remove, tree_of
from tests.conformance.harness import CONTRACT, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from speclock.core.constraints import Constraint
    from speclock.core.contract import Operation
    from speclock.generation.planning import PlannedCase

pytestmark = pytest.mark.untraced

OURS = ROOT / "openapi.yaml"
OPERATIONS = ("createSession", "createTestCase", "createEvaluationsFromSessions", "createProjectSession")


def _plan(path: Path, name: str) -> tuple[OperationPlan, Oracle, Operation]:
    reading = Reading.of(path)
    oracle = Oracle(reading.contract, reading.schemas, reading.rules)
    operation = reading.contract.operation(name)
    return OperationPlan(oracle.analysis(operation), oracle, reading.rules), oracle, operation


def _accepts(document: dict[str, Any], operation: Operation, case: PlannedCase) -> bool:
    """Whether the document allows the body and the path of the case, as the `jsonschema` package reads it."""
    top = f"#/paths/{operation.path.replace('/', '~1')}/{operation.method.lower()}"
    checks: list[tuple[str, object]] = []
    if case.draft.body is not ABSENT:
        checks.append((f"{top}/requestBody/content/application~1json/schema", case.draft.body))
    raw = document["paths"][operation.path][operation.method.lower()]
    for index, parameter in enumerate(raw.get("parameters", ())):
        checks.append((f"{top}/parameters/{index}/schema", case.draft.path[parameter["name"]]))
    return all(
        jsonschema.Draft202012Validator(
            {**document, "$ref": pointer}, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
        ).is_valid(value)
        for pointer, value in checks
    )


def _without(document: dict[str, Any], constraint: Constraint) -> dict[str, Any]:
    """The document, with that constraint alone taken out."""
    edited: dict[str, Any] = copy.deepcopy(document)
    if constraint.place.part is Part.PATH:  # its schema is others', too
        for path in edited["paths"].values():
            for parameter in path["post"].get("parameters", ()):
                parameter["schema"] = {}
        return edited
    steps = [step.replace("~1", "/").replace("~0", "~") for step in constraint.location.pointer.split("/")[1:]]
    holder: Any = edited
    for step in steps[:-1]:
        holder = holder[int(step) if isinstance(holder, list) else step]
    if constraint.kind is ConstraintKind.REQUIRED:
        holder[steps[-1]] = [name for name in holder[steps[-1]] if name != constraint.place.steps[-1]]
    else:
        holder.clear()  # the constraint's place is its first keyword; the others of the same value go with it
    return edited


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_negative_case_is_legal_once_its_constraint_alone_is_taken_out(name: str) -> None:
    plan, oracle, operation = _plan(OURS, name)
    document = yaml.safe_load(OURS.read_text())
    wrong = []
    seen = 0
    for constraint in oracle.analysis(operation).constraints:
        if constraint.kind is ConstraintKind.REQUIRED and not constraint.place.steps:
            continue  # a whole body that is not there; no schema speaks of it
        if constraint.kind is ConstraintKind.REQUIRED and constraint.place.part is Part.PATH:
            continue  # a path without it is another path
        lenient = _without(document, constraint)
        for case in plan.cases:
            if case.breaks == constraint.id:
                seen += 1
                if _accepts(document, operation, case) or not _accepts(lenient, operation, case):
                    wrong.append((constraint.id, case.description, case.draft))
    assert wrong == []
    assert seen > 100


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_positive_case_is_legal_for_another_validator_too(name: str) -> None:
    plan, _, operation = _plan(OURS, name)
    document = yaml.safe_load(OURS.read_text())

    positive = [case for case in plan.cases if case.kind is CaseKind.POSITIVE]

    assert [(case.description, case.draft) for case in positive if not _accepts(document, operation, case)] == []
    assert len(positive) > 100


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


#: What a server may look at before it forgets a constraint.
CONDITIONS: dict[str, Callable[[Any], bool]] = {
    "absent": lambda value: value is ABSENT,
    "null": lambda value: value is None,
    "not set": lambda value: value is ABSENT or value is None,
    "set": lambda value: value is not ABSENT and value is not None,
    "true": lambda value: value is True,
    "false": lambda value: value is False,
    "a text": lambda value: isinstance(value, str),
    "an object": lambda value: isinstance(value, dict),
    "an array": lambda value: isinstance(value, list),
    "a number": _is_number,
    "empty": lambda value: isinstance(value, str | list | dict) and not value,
    "not empty": lambda value: isinstance(value, str | list | dict) and bool(value),
    "longer than one": lambda value: isinstance(value, str | list) and len(value) > 1,
    "above 0": lambda value: _is_number(value) and value > 0,
    "below 0": lambda value: _is_number(value) and value < 0,
}


def _at(body: Any, place: Place) -> Any:
    for step in place.steps:
        if step == "[]":
            body = body[0] if isinstance(body, list) and body else ABSENT
        else:
            body = body[step] if isinstance(body, dict) and step in body else ABSENT
    return body


def _conditions(plan: OperationPlan, place: Place) -> Iterator[tuple[str, Callable[[Any], bool]]]:
    """Those that some legal value of the place meets; each enum value is one."""
    levels = plan.classes(place)
    shape = plan.analysis.shape(place)
    assert shape is not None
    conditions = dict(CONDITIONS)
    for part in (shape, *shape.branches):
        for keyword in part.keywords.get("enum", ()):
            assert isinstance(keyword.value, list)
            conditions |= {f"{value!r}": lambda got, value=value: got == value for value in keyword.value}  # type: ignore[misc]
    yield from ((name, meets) for name, meets in conditions.items() if any(map(meets, levels)))


def _could(plan: OperationPlan, oracle: Oracle, case: PlannedCase, place: Place, meets: Callable[[Any], bool]) -> bool:
    """Whether the case with another legal value at the place still breaks the same constraint alone."""
    bases = Bases(plan.analysis, oracle)
    tree = tree_of(case.draft)
    for level in filter(meets, plan.classes(place)):
        changed = remove(tree, place) if level is ABSENT else bases.put(tree, place, level)
        if changed is not None and list(oracle.broken(plan.analysis.operation, draft_of(changed)) or ()) == [
            case.breaks
        ]:
            return True
    return False


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (OURS, "createSession"),
        pytest.param(OURS, "createEvaluationsFromSessions", marks=pytest.mark.full),
        (CONTRACT, "createLoan"),
        pytest.param(OURS, "createTestCase", marks=pytest.mark.full),
        pytest.param(OURS, "createProjectSession", marks=pytest.mark.full),
    ],
)
def test_each_constraint_is_broken_under_each_condition_on_one_other_property(path: Path, name: str) -> None:
    plan, oracle, operation = _plan(path, name)
    analysis = oracle.analysis(operation)
    places = [
        shape.place
        for shape in analysis.shapes[Place(Part.BODY)].walk()
        if shape.place.steps and shape.place.steps[-1] != "[]" and "*" not in shape.place.steps
    ]
    broken: dict[tuple[str, str | None], list[PlannedCase]] = defaultdict(list)
    for case in plan.cases:
        if case.breaks is not None and case.draft.body is not ABSENT:
            is_rule = analysis.constraint(case.breaks).is_rule
            broken[case.breaks, None if is_rule else case.keyword].append(case)
    missing = []
    checked = 0
    for (constraint, keyword), cases in broken.items():
        ties = analysis.constraint(constraint).ties
        for place in places:
            if any(place.holds(tied) or tied.holds(place) for tied in ties):
                continue
            for condition, meets in _conditions(plan, place):
                checked += 1
                if any(meets(_at(case.draft.body, place)) for case in cases):
                    continue
                if any(_could(plan, oracle, case, place, meets) for case in cases[:40]):
                    missing.append((constraint, keyword, str(place), condition))
    assert missing == []
    assert checked > 100


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_constraint_of_our_contract_is_broken_alone_or_says_why_not(name: str) -> None:
    plan, oracle, operation = _plan(OURS, name)

    planned = {item.id: item for item in plan.constraints()}

    assert list(planned) == [constraint.id for constraint in oracle.analysis(operation).constraints]
    assert {item.id: item.reason for item in planned.values() if not item.isolated} == (
        {"path.project_id:required": "a path without it is another path"} if name == "createProjectSession" else {}
    )
    assert [item.id for item in planned.values() if not item.boundary] == []
    assert plan.cases  # the numbers above are of cases that are really made
