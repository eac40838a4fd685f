"""What a server says that it has deleted must be gone; without that check, a server that keeps it stays unseen."""

from __future__ import annotations

from speclock.core.profiles import Profile
from speclock.mutants.hunting import Hunt
from speclock.mutants.score import State
from tests.conformance.harness import check_app, plan_for
from tests.conformance.hunting import OWN_PHASES
from tests.conformance.notes_server import NOTES, notes_app


def test_what_is_said_to_be_deleted_and_can_still_be_read_is_a_finding() -> None:
    outcome = check_app(None, app=notes_app(deletes=False), contract=NOTES, profile=Profile(), credentials={})
    assert [(item.operation, item.check) for item in outcome.findings] == [("getNote", "deletion_conformance")]
    (finding,) = outcome.findings
    assert finding.title == "getNote does not refuse what deleteNote deleted just before"
    assert finding.message == "expected 404 or 410, got 200"
    assert finding.location.pointer == "/paths/~1notes~1{id}/get/responses/404"


def test_a_mutant_that_never_answers_404_is_killed_by_that_check_alone() -> None:
    plan = plan_for(notes_app(), NOTES, Profile(), OWN_PHASES, {})
    with Hunt(plan).ground([]) as ground:
        (mutant,) = [item for item in ground.mutants if item.id == "getNote accepts what deserves 404"]
        result = ground.hunt(mutant)
        assert result.kill is not None
        assert result.kill.check == "deletion_conformance"
        ground.ignored = lambda failure: failure.check == "deletion_conformance"
        alive = ground.hunt(mutant)
    assert (alive.state, alive.acted > 0) == (State.SURVIVED, True)
