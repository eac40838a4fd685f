"""Mutants of the loans server: which there are, who kills them, and that a kill needs the check that makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from speclock.core.findings import fingerprint
from speclock.mutants.hunting import Hunt
from speclock.mutants.model import MutantKind
from speclock.mutants.score import State
from tests.conformance.harness import plan_for
from tests.conformance.hunting import OWN_PHASES, loans_ground
from tests.conformance.loans_server import FAULTS, app_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.mutants.ground import Ground
    from speclock.mutants.score import Result

#: A mutant that one check alone can kill, for each check that judges the loans server.
ONLY = {
    "rule_rejection": "createLoan accepts held-loan-is-not-renewable",
    "data_rejection": "createLoan accepts body.days",
    "acceptance_conformance": "createLoan refuses days that is null",
    "status_conformance": "createLoan answers 201 with the undocumented status 299 instead",
    "media_type_conformance": "createLoan answers 201 with the media type text/html",
    "schema_conformance": "createLoan answers 201 with createdAt left out",
    "header_conformance": "createLoan answers 401 with no header WWW-Authenticate",
    "rule_conformance": "createLoan answers 201 with bookId replaced by another value",
    "credential_rejection": "createLoan takes a wrong credential for a good one",
    "credential_conformance": "createLoan refuses readerKey when the name of its scheme is not written Bearer",
    "malformed_body_rejection": "createLoan accepts a body that is not JSON",
    "media_type_rejection": "createLoan accepts JSON under another media type",
    "unknown_id_rejection": "createLoan accepts what deserves 404",
    "duplicate_rejection": "createLoan accepts what deserves 409",
    "method_rejection": "createLoan accepts a method that its path does not have",
    "answer_conformance": "createLoan hangs up on a body that is not JSON",
}
#: The same for each response rule: what its violation looks like, said without the rule.
ONLY_BY_RULE = {
    "loan-id-is-new": "createLoan answers 201 with id replaced by another value",
    "loan-is-of-the-book": "createLoan answers 201 with bookId replaced by another value",
    "loan-days-by-default": "createLoan answers 201 with days replaced by another value, when days is not set",
    "return-is-of-the-loan": "createReturn answers 200 with bookId replaced by another value",
}


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with loans_ground() as found:
        assert found.outcome.findings == ()
        yield found


def hunted(ground: Ground, name: str) -> Result:
    (mutant,) = [mutant for mutant in ground.mutants if mutant.id == name]
    return ground.hunt(mutant)


def test_every_kind_of_mutant_is_made_of_every_operation_that_has_what_it_breaks(ground: Ground) -> None:
    kinds = {(mutant.operation.id, mutant.kind) for mutant in ground.mutants}
    assert kinds >= {(name, kind) for name in ("createLoan", "createReturn", "getShelf") for kind in MutantKind}


def test_a_mutant_has_a_name_of_its_own_a_sentence_and_a_line_of_the_contract(ground: Ground) -> None:
    assert len({mutant.id for mutant in ground.mutants}) == len(ground.mutants)
    for mutant in ground.mutants:
        assert mutant.words.startswith(f"{mutant.operation.id} ")
        assert mutant.location.line > 1


def test_there_is_a_mutant_for_every_constraint_and_every_response_rule(ground: Ground) -> None:
    names = {mutant.id for mutant in ground.mutants}
    for tally in ground.outcome.rules:
        verb = "accepts" if tally.kind.is_constraint else "violates"
        assert f"{tally.operation} {verb} {tally.id}" in names


@pytest.mark.parametrize("check", ONLY)
def test_without_the_check_the_mutant_lives(check: str, ground: Ground) -> None:
    result = hunted(ground, ONLY[check])
    assert result.kill is not None
    assert result.kill.check == check
    ground.ignored = lambda failure: failure.check == check
    try:
        alive = hunted(ground, ONLY[check])
    finally:
        ground.ignored = lambda _failure: False
    assert (alive.state, alive.acted > 0) == (State.SURVIVED, True)


@pytest.mark.parametrize("rule", ONLY_BY_RULE)
def test_without_the_response_rule_the_mutant_lives(rule: str, ground: Ground) -> None:
    result = hunted(ground, ONLY_BY_RULE[rule])
    assert result.kill is not None
    assert (result.kill.check, result.kill.rule) == ("rule_conformance", rule)
    ground.ignored = lambda failure: failure.rule == rule
    try:
        assert hunted(ground, ONLY_BY_RULE[rule]).state is State.SURVIVED
    finally:
        ground.ignored = lambda _failure: False


def test_a_kill_is_shown_by_few_requests_that_the_mutant_changed(ground: Ground) -> None:
    for name in ONLY.values():
        result = hunted(ground, name)
        assert result.acted >= 1
        assert result.requests <= 60, name


def test_what_a_mutant_was_told_is_forgotten_with_it(ground: Ground) -> None:
    before = ground.run.memory.size
    hunted(ground, "createLoan answers 201 with id replaced by another value")
    assert ground.run.memory.size == before
    assert ground.run.at_end() == ()


def test_each_case_of_the_run_shows_nothing_when_a_correct_subject_is_sent_it_again(ground: Ground) -> None:
    before = ground.run.memory.size
    cases = [view.exchange.case for view in ground.seen]
    shown = {case.description: found for case in cases if (found := ground.run.again(case, ground.run.transport))}
    ground.run.memory.forget(before)
    assert shown == {}
    assert {case.demand.check for case in cases if case.demand and case.fresh} >= {"unknown_id_rejection"}


def test_a_condition_that_leaves_nothing_to_break_is_argued(ground: Ground) -> None:
    result = hunted(ground, "createLoan accepts held-loan-is-not-renewable, when renewable is false")
    assert result.state is State.EQUIVALENT
    assert result.reason is not None
    assert "combinations of body.renewable" in result.reason


def test_a_value_that_no_rule_speaks_of_is_unguarded_and_a_rule_is_suggested() -> None:
    only = "createLoan answers 201 with note replaced by another value"
    hunt = Hunt(plan_for(app_with(None), phases=OWN_PHASES), wanted=lambda name: name.startswith(only))
    _, score = hunt.score([])
    (promise,) = score.unguarded
    assert (promise.operation, promise.status, promise.pointer) == ("createLoan", "201", "/note")
    (rule,) = promise.suggested
    assert rule.rule == (
        "has(response.body.note) && response.body.note != null && response.body.note == request.body.note"
    )
    assert rule.when == "has(request.body.note) && request.body.note != null"
    assert rule.seen > 20


def test_findings_on_the_subject_itself_kill_nobody() -> None:
    fault = FAULTS["drops a required property"]
    plain = "createLoan answers 201 with createdAt left out"
    with Hunt(plan_for(app_with(fault.name), phases=OWN_PHASES), wanted=lambda name: name == plain).ground(
        []
    ) as ground:
        found = {item.id for item in ground.outcome.findings}
        (mutant,) = ground.mutants
        result = ground.hunt(mutant)
    assert found
    assert result.kill is None or fingerprint("createLoan", result.kill.check, result.kill.rule) not in found
