"""How much speclock notices, and how little it cries wolf, whatever the seed (one of a few seeds in every run)."""

import pytest

from tests.conformance.harness import check_app
from tests.conformance.loans_server import FAULTS

pytestmark = pytest.mark.untraced

SEEDS = (11, pytest.param(12, marks=pytest.mark.full), pytest.param(13, marks=pytest.mark.full))
#: Faults that only generated cases can show: no example of the contract meets them.
GENERATED = (
    "crashes on a long note",
    "refuses null",
    "takes days as text",
    "takes more days than allowed",
    "forgets which book was lent",
)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_correct_server_is_never_blamed(seed: int) -> None:
    outcome = check_app(None, seed=seed)

    assert [(finding.check, finding.rule, finding.message) for finding in outcome.findings] == []
    assert outcome.errors == ()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", GENERATED)
def test_a_fault_is_found_whatever_the_seed(name: str, seed: int) -> None:
    fault = FAULTS[name]

    outcome = check_app(name, seed=seed)

    assert {(finding.check, finding.operation) for finding in outcome.findings} == {(fault.check, fault.operation)}
