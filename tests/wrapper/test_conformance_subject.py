"""The SDK held to its contract by speclock: what it sends, refuses and reads, by each of its ways to the wire."""

from __future__ import annotations

import ast
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

import evalsessions.conformance
from evalsessions.conformance import async_subject, fast_subject, subject
from evalsessions.models import BatchEvaluation, Model, ProjectSession, Session, SessionFailure, TestCase
from speclock.core.reading import Reading
from speclock.sdk.making import SdkCases
from speclock.sdk.run import SdkRun

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from speclock.sdk.subject import Connection, Subject

pytestmark = pytest.mark.untraced

CONTRACT = Path(__file__).resolve().parents[2] / "openapi.yaml"
#: Every so many-th case, where all of them would take too long.
SAMPLE = 7
#: What no call of the SDK can break: its methods make the body, an object, of their arguments.
UNSAYABLE = {"body", "body:required", "path.project_id:required"}


class OverLoopback:
    """The SDK as it is, over httpx's own way to the wire."""

    name, refuses, errors = subject.name, subject.refuses, subject.errors
    transport: Literal["httpx"] | None = None

    def connect(self, base_url: str, credential: str, transport: object) -> Connection:
        assert transport is None
        return subject.connect(base_url, credential, None)


@pytest.fixture(scope="module")
def cases() -> SdkCases:
    return SdkCases(Reading.of(CONTRACT))


def findings(asked: Subject, made: SdkCases, every: int = 1) -> list[tuple[str, str, str]]:
    outcome = SdkRun(asked, made, made.reading.contract.operations, every=every).run()
    assert outcome.errors == ()
    assert outcome.judged > 8000 / every
    assert [tally.id for tally in outcome.rules if tally.verdict == "broken"] == []
    if every == 1:
        constraints = [tally for tally in outcome.rules if tally.kind.is_constraint]
        assert len(constraints) > 60
        assert {tally.id for tally in constraints if tally.verdict != "held"} == UNSAYABLE
    return [(finding.operation, finding.rule, finding.message) for finding in outcome.findings]


@pytest.mark.parametrize("asked", [subject, async_subject])
def test_the_sdk_has_no_finding_in_process(asked: Subject, cases: SdkCases) -> None:
    assert findings(asked, cases) == []


def test_the_sdk_has_no_finding_over_the_loopback(cases: SdkCases) -> None:
    assert findings(OverLoopback(), cases, SAMPLE) == []


def test_the_fast_transport_has_no_finding(cases: SdkCases) -> None:
    assert findings(fast_subject, cases, SAMPLE) == []


@pytest.mark.full
def test_the_fast_transport_has_no_finding_in_any_case(cases: SdkCases) -> None:
    assert findings(fast_subject, cases) == []


def test_the_subject_says_what_has_no_argument_by_the_way_that_users_have(cases: SdkCases) -> None:
    sent: list[Mapping[str, Any]] = []

    class Spy:
        name, refuses, errors, transport = subject.name, subject.refuses, subject.errors, subject.transport

        def connect(self, base_url: str, credential: str, transport: object) -> Connection:
            inner = subject.connect(base_url, credential, transport)

            class Spied:
                def call(self, request: Mapping[str, Any]) -> object:
                    sent.append(request)
                    return inner.call(request)

                def close(self) -> None:
                    inner.close()

            return Spied()

    assert findings(Spy(), cases, 40) == []
    bodies = [body for request in sent if isinstance(body := request.get("body"), dict)]
    assert any(None in body.values() for body in bodies)
    assert {request["operation"] for request in sent} == {item.id for item in cases.reading.contract.operations}


MODELS: dict[type[Model], str] = {
    Session: "createSession",
    TestCase: "createTestCase",
    BatchEvaluation: "createEvaluationsFromSessions",
    SessionFailure: "createEvaluationsFromSessions",
    ProjectSession: "createProjectSession",
}
EVERY_PROPERTY = pytest.mark.parametrize(
    ("model", "name"), [(model, name) for model in MODELS for name in model.properties], ids=str
)


def told_of(model: type[Model], made: SdkCases) -> str:
    """The rule of the first finding on the operation that answers such models."""
    operations = [item for item in made.reading.contract.operations if item.id == MODELS[model]]
    run = SdkRun(subject, made, operations, every=11, is_enough=lambda _failure, _exchange: True)
    return "".join(finding.rule for finding in run.run().findings)


@EVERY_PROPERTY
def test_a_property_that_reads_another_one_is_found(
    model: type[Model], name: str, cases: SdkCases, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire_name = model.properties[name]
    monkeypatch.setattr(vars(model)[name], "wire_name", f"another_{wire_name}")
    assert told_of(model, cases).startswith(("legal 20", "the answer to a legal request: BareError"))


@EVERY_PROPERTY
def test_a_property_that_cannot_be_read_is_found(
    model: type[Model], name: str, cases: SdkCases, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(_value: object) -> object:
        raise KeyError(name)

    monkeypatch.setattr(vars(model)[name], "_read", read)
    assert told_of(model, cases).endswith(("BareError", "BareError, KeyError"))


def test_an_answer_that_is_taken_and_cannot_be_read_is_found(cases: SdkCases, monkeypatch: pytest.MonkeyPatch) -> None:
    for face in ("Galtea", "Galileo"):
        monkeypatch.setattr(evalsessions.conformance, face, partial(_lenient, getattr(evalsessions, face)))
    (creation,) = (item for item in cases.reading.contract.operations if item.id == "createSession")
    rules = {finding.rule for finding in SdkRun(subject, cases, [creation]).run().findings}
    assert "broken 201: BareError, LateError" in rules


def _lenient(made: Callable[..., Any], **options: Any) -> Any:
    return made(**options).with_options(strict=False)


def test_a_property_that_makes_another_value_of_it_is_found(cases: SdkCases, monkeypatch: pytest.MonkeyPatch) -> None:
    descriptor = vars(TestCase)["confidence"]
    monkeypatch.setattr(descriptor, "_read", lambda value: None if value is None else round(value))
    assert told_of(TestCase, cases) == "legal 201: ChangedValue, /confidence"


def test_a_moment_beyond_a_datetime_that_is_read_otherwise_is_found(
    cases: SdkCases, monkeypatch: pytest.MonkeyPatch
) -> None:
    descriptor = vars(Session)["created_at"]
    read = descriptor._read

    def later(value: Any) -> object:
        is_beyond = len(value) > len("2026-03-02T09:15:00.123456Z")
        return read("2026-03-02T09:15:00Z" if is_beyond and value.endswith("Z") else value)

    monkeypatch.setattr(descriptor, "_read", later)
    (creation,) = (item for item in cases.reading.contract.operations if item.id == "createSession")
    rules = {finding.rule for finding in SdkRun(subject, cases, [creation]).run().findings}
    assert "legal 201: ChangedValue, /createdAt" in rules


def test_the_module_imports_nothing_of_speclock() -> None:
    tree = ast.parse(Path(evalsessions.conformance.__file__).read_text("utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert [name for name in names if name.startswith("speclock")] == []
