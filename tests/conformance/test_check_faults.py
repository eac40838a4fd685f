"""Small servers with one fault each: speclock finds it, names it, and finds nothing else to blame the server for."""

import pytest

from tests.conformance.harness import check_app
from tests.conformance.loans_server import FAULTS

pytestmark = pytest.mark.untraced


def test_a_correct_server_has_no_findings_and_no_errors() -> None:
    outcome = check_app(None)

    assert outcome.findings == ()
    assert outcome.errors == ()
    assert outcome.status(strict=True) == 0
    assert {tally.id for tally in outcome.rules if tally.verdict != "held"} == {"path.shelf:required"}
    assert {tally.id for tally in outcome.rules} >= {
        "held-loan-is-not-renewable",
        "first-day-not-after-last",
        "loan-id-is-new",
        "loan-is-of-the-book",
        "loan-days-by-default",
        "return-is-of-the-loan",
    }


@pytest.mark.parametrize("name", FAULTS)
def test_one_fault_is_found_and_named(name: str) -> None:
    fault = FAULTS[name]

    outcome = check_app(name)

    assert outcome.status() == 1
    named = [
        finding
        for finding in outcome.findings
        if (finding.check, finding.operation) == (fault.check, fault.operation) and fault.rule in (None, finding.rule)
    ]
    assert named, [(finding.operation, finding.check, finding.rule) for finding in outcome.findings]
    assert {finding.check for finding in outcome.findings} == {fault.check}


def test_a_fault_found_many_times_is_one_finding_with_a_count() -> None:
    outcome = check_app("lends for 21 days by default")

    assert [finding.rule for finding in outcome.findings] == ["loan-days-by-default"]
    assert outcome.findings[0].count > 10


def test_a_finding_has_the_same_id_and_place_in_every_run() -> None:
    seen = {
        (finding.id, finding.location.line, finding.location.pointer)
        for seed in (1, 2)
        for finding in check_app("drops a required property", seed=seed).findings
    }

    assert len(seen) == 1
    ((_, _, pointer),) = seen
    assert pointer == "/components/schemas/Loan/required"


def test_a_finding_is_shown_by_a_small_request() -> None:
    (finding,) = check_app("lends for 21 days by default").findings

    assert finding.exchange is not None
    assert len(finding.exchange.request.body) < 60
