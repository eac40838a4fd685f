"""The mutation score of our contract, on the real server: a sample in every run, and all of it under `full`.

That the score is not for nothing: without any one check, or any one response rule, some mutant lives.
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from speclock.cli.preparing import Options, prepare
from speclock.core.reading import Reading
from speclock.engine.run import run_check
from speclock.mutants.hunting import Hunt
from speclock.mutants.proxy import MutantTransport, mutant_server
from speclock.mutants.score import State
from tests.conformance.harness import plan_for
from tests.conformance.hunting import OWN_PHASES, loans_ground
from tests.conformance.loans_server import app_with
from tests.support.edited_server import ROOT, check_server
from tests.support.server_process import start_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from speclock.core.findings import Failure
    from speclock.core.rules import Rule
    from speclock.mutants.ground import Ground
    from speclock.mutants.model import Mutant

pytestmark = pytest.mark.untraced

CONTRACT = ROOT / "openapi.yaml"
PROFILE = ROOT / "conformance" / "profiles" / "sandbox.toml"
#: Every so many-th mutant is tried in every run of the tests.
SAMPLE = 50
#: All checks but `deletion_conformance`: our contract deletes nothing (tests/conformance/test_deletions.py has it).
CHECKS = (
    "acceptance_conformance",
    "answer_conformance",
    "credential_conformance",
    "credential_rejection",
    "data_rejection",
    "duplicate_rejection",
    "header_conformance",
    "malformed_body_rejection",
    "media_type_conformance",
    "media_type_rejection",
    "method_rejection",
    "refusal_conformance",
    "refusal_order_conformance",
    "rule_conformance",
    "rule_rejection",
    "schema_conformance",
    "size_rejection",
    "status_conformance",
    "unknown_id_conformance",
    "unknown_id_rejection",
)


def score_of(folder: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """`speclock mutants` on a server of its own: the exit status and the report."""
    with start_server(database=f"sqlite:///{folder}/sandbox.db", is_measured=False) as server:
        return check_server(server, folder / "mutants.json", *options, command="mutants")


def assert_all_is_accounted_for(status: int, report: dict[str, Any], *, score: float) -> None:
    mutants = report["mutants"]
    lives = [item for item in mutants["list"] if item["state"] in {"survived", "never exercised"}]
    assert [item["id"] for item in lives if item["reason"] is None] == []
    assert [item for item in report["unguarded"] if item["reason"] is None] == []
    assert (status, report["findings"], mutants["unmatched"]) == (0, [], [])
    assert mutants["score"] >= score


def test_of_a_sample_every_mutant_is_killed_or_accounted_for(tmp_path: Path) -> None:
    status, report = score_of(tmp_path, f"--phases={','.join(OWN_PHASES)}", f"--sample={SAMPLE}")
    assert_all_is_accounted_for(status, report, score=0.85)
    assert report["mutants"]["made"] > 50
    assert len(report["mutants"]["kinds"]) == 6


@pytest.mark.full
def test_every_mutant_is_killed_or_accounted_for(tmp_path: Path) -> None:
    status, report = score_of(tmp_path)
    assert_all_is_accounted_for(status, report, score=0.9)
    assert report["mutants"]["made"] > 3500


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with (
        tempfile.TemporaryDirectory() as folder,
        start_server(database=f"sqlite:///{folder}/sandbox.db", is_measured=False) as server,
    ):
        options = Options(contract=CONTRACT, url=server.url, profile=PROFILE, phases=",".join(OWN_PHASES))
        plan = prepare(options, {**os.environ, **server.environment}).plan
        with Hunt(plan).ground([]) as found:
            assert found.outcome.findings == ()
            yield found


def killed_by(ground: Ground, mutants: list[Mutant], *, check: str, rule: str | None = None) -> Iterator[Mutant]:
    for mutant in mutants:
        kill = ground.hunt(mutant).kill
        if kill is not None and kill.check == check and rule in {None, kill.rule}:
            yield mutant


def lives_without(ground: Ground, mutant: Mutant, *, check: str, rule: str | None = None) -> bool:
    def is_ignored(failure: Failure) -> bool:
        return failure.check == check and rule in {None, failure.rule}

    ground.ignored = is_ignored
    try:
        return ground.hunt(mutant).state is State.SURVIVED
    finally:
        ground.ignored = lambda _failure: False


@pytest.mark.full
@pytest.mark.parametrize("check", CHECKS)
def test_without_any_one_check_a_mutant_lives(check: str, ground: Ground) -> None:
    mutants = [mutant for mutant in ground.mutants if mutant.condition is None]
    assert any(lives_without(ground, mutant, check=check) for mutant in killed_by(ground, mutants, check=check))


_BODY_MEMBER = re.compile(r"response\.body\.(\w+)")
#: Rules that are guarded twice, with the reason.
TWICE = {"batch-fails-only-listed-sessions": "such an answer does not name the unknown id either, which is seen too"}
RULES = [rule for rule in Reading.of(CONTRACT).rules if not rule.kind.is_constraint]


def _rule(rule: Rule) -> object:
    reason = TWICE.get(rule.id)
    marks = () if reason is None else pytest.mark.xfail(reason=reason)
    return pytest.param(rule, id=rule.id, marks=marks)


def _name(mutant: Mutant) -> str:
    """The property of the answer that a mutant is about."""
    steps = mutant.places[0].steps if mutant.places else ()
    return steps[0] if steps else ""


@pytest.mark.full
@pytest.mark.parametrize("rule", [_rule(rule) for rule in RULES])
def test_without_any_one_response_rule_a_mutant_lives(rule: Rule, ground: Ground) -> None:
    names = {*_BODY_MEMBER.findall(rule.source), *(["id"] if "run.ids" in rule.source else [])}
    own = [item for item in ground.mutants if item.operation.id == rule.operation]
    mutants = [item for item in own if " answers 2" in item.id and _name(item) in names]
    mutants += [item for item in own if f" violates {rule.id}" in item.id]
    check = "rule_conformance"
    found = killed_by(ground, mutants, check=check, rule=rule.id)
    assert any(lives_without(ground, mutant, check=check, rule=rule.id) for mutant in found)


@pytest.fixture(scope="module")
def loans() -> Iterator[Ground]:
    with loans_ground() as found:
        yield found


@pytest.mark.parametrize(
    "name",
    [
        "createLoan accepts held-loan-is-not-renewable",
        "createLoan answers 201 with note replaced by another value",
        pytest.param("createLoan answers 201 with bookId replaced by another value", marks=pytest.mark.full),
        pytest.param("createReturn takes a wrong credential for a good one", marks=pytest.mark.full),
        pytest.param("getShelf refuses query.limit that is its maximum of 50", marks=pytest.mark.full),
        pytest.param("createLoan crashes on NUL in a text", marks=pytest.mark.full),
    ],
)
def test_a_fresh_check_says_of_a_mutant_what_the_hunt_says(name: str, loans: Ground) -> None:
    (mutant,) = [item for item in loans.mutants if item.id == name]
    result = loans.hunt(mutant)
    transport = MutantTransport(loans.run.transport, loans.kit.reader, mutant)
    with mutant_server(transport, loans.run.url(mutant.operation), "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        plan = replace(
            plan_for(app_with(None), phases=OWN_PHASES), app=None, url=f"http://127.0.0.1:{server.server_port}"
        )
        outcome = run_check(plan, [])
        server.shutdown()
    assert transport.acted > 0
    assert bool(outcome.findings) is (result.state is State.KILLED)
