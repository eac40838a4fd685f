"""Conformance as pytest items: one for each operation, phase and rule, in the suite that a team has already.

    from speclock.pytest_plugin import conformance

    @conformance(contract="openapi.yaml", profile="profile.toml")
    def test_api(server):        # any fixtures
        return server.url        # the subject: a URL or an ASGI application

Each phase runs once for a subject, when its first item does; the items then tell what it found of their rule. A fixture
that gives the same subject to all of them is of the module or the session.
"""

from __future__ import annotations

import functools
import inspect
import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from speclock.core.errors import SpeclockError
from speclock.phases.base import PHASES

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from pathlib import Path

    from speclock.cli.preparing import Options, Prepared
    from speclock.core.findings import Finding
    from speclock.engine.events import Outcome
    from speclock.phases.asgi import AsgiApp

__all__ = ["conformance"]

_ARGUMENT = "speclock_promise"
#: Of a module or class: why a suite in it has no items.
_WRONG = pytest.StashKey[str]()
#: What the last item of each phase stands for: all that is no rule of the contract's.
_REST = {
    "examples": "examples",
    "combinations": "answers",
    "auth": "credentials",
    "robustness": "hostile-input",
    "coverage": "answers",
    "fuzzing": "answers",
    "stateful": "chains",
}


@dataclass(frozen=True, slots=True)
class _Promise:
    """What one item is about."""

    operation: str
    phase: str
    #: None: everything that is no named rule or constraint.
    rule: str | None

    def __str__(self) -> str:
        return f"{self.operation}-{self.phase}-{self.rule or _REST[self.phase]}"


@dataclass
class _Suite:
    """One decorated function: what to run, and what has run."""

    options: dict[str, Any]
    _outcomes: dict[tuple[object, str], tuple[Prepared, Outcome]] = field(default_factory=dict)

    def promises(self, root: Path) -> Iterator[_Promise]:
        """One for each operation, phase and rule."""
        # Late, here and below: a suite without such a test does not wait for the harness.
        from speclock.cli.preparing import chosen_phases, selected  # noqa: PLC0415
        from speclock.core.constraints import Oracle  # noqa: PLC0415
        from speclock.core.reading import Reading  # noqa: PLC0415
        from speclock.core.rules import RuleKind  # noqa: PLC0415

        options = self._options(root)
        phases = chosen_phases(options.phases)
        reading = Reading.of(options.contract, strict=options.strict)
        oracle = Oracle(reading.contract, reading.schemas, reading.rules)
        for operation in selected(reading.contract, options):
            constraints = [item.id for item in oracle.analysis(operation).constraints]
            about_answers = [
                rule.id
                for rule in reading.rules
                if rule.operation == operation.id and rule.kind is not RuleKind.REQUEST
            ]
            for phase in phases:
                names = [*constraints, *about_answers] if phase == "combinations" else about_answers
                for name in (*names, None):
                    yield _Promise(operation.id, phase, name)

    def judge(self, subject: str | AsgiApp, promise: _Promise, root: Path) -> None:
        """Pass, skip or fail the item of this promise."""
        prepared, outcome = self._outcome(subject, promise.phase, root)
        if outcome.fatal is not None:
            pytest.fail(f"could not be judged: {outcome.fatal}", pytrace=False)
        mine = [finding for finding in outcome.findings if finding.operation == promise.operation]
        tally = next((t for t in outcome.rules if (t.operation, t.id) == (promise.operation, promise.rule)), None)
        if promise.rule is None:
            known = {item.id for item in outcome.rules if item.operation == promise.operation}
            if promise.phase == "combinations":
                found = [finding for finding in mine if finding.rule not in known]
            else:
                of_answers = {item.id for item in outcome.rules if item.kind in ("response", "run")}
                found = [finding for finding in mine if finding.rule not in of_answers]
        else:
            found = [finding for finding in mine if finding.rule == promise.rule]
        if found:
            pytest.fail("\n\n".join(_told(finding, prepared) for finding in found), pytrace=False)
        errors = [error for error, _ in outcome.errors if error.operation == promise.operation]
        if promise.rule is None and self.options["strict"] and errors:
            pytest.fail("\n".join(prepared.secrets.hide(error.message) for error in errors), pytrace=False)
        if tally is not None and tally.verdict != "held":
            off = prepared.plan.profile.reason_off(tally.operation, tally.id)
            pytest.skip(tally.reason or off or f"{tally.verdict} in the {promise.phase} phase")

    def _outcome(self, subject: str | AsgiApp, phase: str, root: Path) -> tuple[Prepared, Outcome]:
        from speclock.cli.preparing import prepare  # noqa: PLC0415
        from speclock.engine.run import run_check  # noqa: PLC0415

        key = (subject if isinstance(subject, str) else id(subject), phase)
        if key not in self._outcomes:
            options = replace(self._options(root), phases=phase)
            options = replace(options, url=subject) if isinstance(subject, str) else replace(options, app=subject)
            try:
                prepared = prepare(options, os.environ)
                self._outcomes[key] = (prepared, run_check(prepared.plan, []))
            except SpeclockError as error:
                pytest.fail(f"could not be judged: {error}", pytrace=False)
        return self._outcomes[key]

    def _options(self, root: Path) -> Options:
        from speclock.cli.preparing import Options  # noqa: PLC0415

        paths = {name: root / self.options[name] for name in ("contract", "profile", "baseline") if self.options[name]}
        return Options(**{**self.options, **paths})


def conformance(
    *,
    contract: str | os.PathLike[str],
    profile: str | os.PathLike[str] | None = None,
    phases: Sequence[str] = PHASES,
    seed: int = 1,
    strength: int = 2,
    workers: int = 1,
    rate: str | None = None,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    baseline: str | os.PathLike[str] | None = None,
    strict: bool = False,
) -> Callable[[Callable[..., str | AsgiApp]], Callable[..., None]]:
    """Make a test function a conformance suite: it takes fixtures and returns the subject, a URL or an application.

    Paths are relative to pytest's root directory. The other arguments are those of `speclock check`, by the same names;
    with `strict`, cases that could not be judged fail the last item of their phase.
    """
    options: dict[str, Any] = {
        "contract": contract,
        "profile": profile,
        "phases": ",".join(phases),
        "seed": seed,
        "strength": strength,
        "workers": workers,
        "rate": rate,
        "include": tuple(include),
        "exclude": tuple(exclude),
        "baseline": baseline,
        "strict": strict,
    }
    suite = _Suite(options)

    def decorate(function: Callable[..., str | AsgiApp]) -> Callable[..., None]:
        signature = inspect.signature(function)
        own = inspect.Parameter(_ARGUMENT, inspect.Parameter.KEYWORD_ONLY)
        request = inspect.Parameter("request", inspect.Parameter.KEYWORD_ONLY)
        asks = "request" in signature.parameters

        @functools.wraps(function)
        def test(**arguments: Any) -> None:  # noqa: ANN401 - whatever fixtures the function takes
            promise: _Promise = arguments.pop(_ARGUMENT)
            asked = arguments["request"] if asks else arguments.pop("request")
            suite.judge(function(**arguments), promise, asked.config.rootpath)

        test.__signature__ = signature.replace(  # type: ignore[attr-defined]
            parameters=[*signature.parameters.values(), own, *(() if asks else (request,))], return_annotation=None
        )
        test.__speclock__ = suite  # type: ignore[attr-defined]
        return test

    return decorate


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make an item for each promise of a conformance suite."""
    suite = getattr(metafunc.function, "__speclock__", None)
    if not isinstance(suite, _Suite):
        return
    try:
        promises = list(suite.promises(metafunc.config.rootpath))
    except SpeclockError as error:
        # Told in `pytest_make_collect_report`: raised here, it would come with the traceback of every plugin around.
        assert metafunc.definition.parent is not None
        metafunc.definition.parent.stash[_WRONG] = f"{metafunc.function.__name__}: {error}"
        promises = []
    together = metafunc.config.pluginmanager.has_plugin("xdist")
    metafunc.parametrize(
        _ARGUMENT,
        [
            pytest.param(promise, id=str(promise), marks=_group(metafunc, promise) if together else ())
            for promise in promises
        ],
    )


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Tell in one line why a conformance suite has no items."""
    report = yield
    if report.passed and _WRONG in collector.stash:
        report.outcome, report.longrepr, report.result = "failed", collector.stash[_WRONG], []
    return report


def _group(metafunc: pytest.Metafunc, promise: _Promise) -> list[pytest.MarkDecorator]:
    """What keeps the items of one phase on one of pytest-xdist's workers (`--dist=loadgroup`)."""
    return [pytest.mark.xdist_group(f"{metafunc.function.__qualname__}-{promise.phase}")]


def _told(finding: Finding, prepared: Prepared) -> str:
    from speclock.reporting.curl import curl_line  # noqa: PLC0415

    lines = [finding.title, finding.message, f"promised at {finding.location} ({finding.location.pointer})"]
    if finding.exchange is not None:
        lines.append(curl_line(finding.exchange.request, prepared.secrets))
    return prepared.secrets.hide("\n".join(lines))
