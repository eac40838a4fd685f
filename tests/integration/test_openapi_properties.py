"""The plain property tests of the contract: schemathesis and hypothesis, pytest and a real server.

This is what a newcomer would write first. speclock judges the same server by more than this (`nox -s verify`).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis
from hypothesis import strategies as st
from schemathesis.checks import CheckFunction, load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.case import Case
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from tests.support.server_process import ServerProcess, start_server

load_all_checks()

CONTRACT = Path(__file__).parents[2] / "openapi.yaml"
# Generated credentials would only be refused: the tests send good ones.
CONFIG = SchemathesisConfig.from_dict({"generation": {"with-security-parameters": False}})
SCHEMA = schemathesis.openapi.from_path(CONTRACT, config=CONFIG)

few = hypothesis.settings(max_examples=25, deadline=None, derandomize=True, database=None)
texts = st.text(max_size=40)


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with start_server() as running:
        yield running


@pytest.fixture(scope="module")
def headers(server: ServerProcess) -> dict[str, str]:
    return {"Authorization": f"Bearer {server.galtea_key}", "Galileo-API-Key": server.galileo_key}


@pytest.fixture(scope="module")
def galtea(server: ServerProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {server.galtea_key}"}) as client:
        yield client


@SCHEMA.parametrize()
@few
def test_whatever_is_sent_the_answer_is_documented(
    case: Case[Any], server: ServerProcess, headers: dict[str, str]
) -> None:
    response = case.call(base_url=server.url, headers=headers)

    # Whether data are accepted is left out: random ids exist nowhere, and are refused with 404.
    excluded: list[CheckFunction] = [positive_data_acceptance, negative_data_rejection]
    case.validate_response(response, excluded_checks=excluded, headers=headers)


@few
@hypothesis.given(texts, st.dictionaries(texts, texts, max_size=4))
def test_a_session_keeps_what_it_is_given(galtea: httpx.Client, context: str, metadata: dict[str, str]) -> None:
    sent = {"versionId": "ver_123", "context": context, "metadata": metadata}

    answer = galtea.post("/sessions", json=sent)

    assert answer.status_code == 201
    session = answer.json()
    assert session["context"] == {"value": context}
    assert session["metadata"] == metadata


@few
@hypothesis.given(st.sampled_from([None, "tc_123"]), st.sampled_from([None, False, True]))
def test_only_a_session_of_a_test_case_may_not_be_production(
    galtea: httpx.Client, test_case: str | None, production: bool | None
) -> None:
    answer = galtea.post(
        "/sessions", json={"versionId": "ver_123", "testCaseId": test_case, "isProduction": production}
    )

    if test_case is not None and production is True:
        assert (answer.status_code, answer.json()["rule"]) == (400, "test-case-session-is-not-production")
    else:
        expected = test_case is None if production is None else production
        assert (answer.status_code, answer.json()["isProduction"]) == (201, expected)


@few
@hypothesis.given(st.lists(st.sampled_from(["ses_123", "ses_456", "ses_unknown"]), min_size=1, max_size=6))
def test_a_batch_accounts_for_every_session_it_was_asked_for(galtea: httpx.Client, sessions: list[str]) -> None:
    answer = galtea.post("/evaluations/fromSessions", json={"sessionIds": sessions, "metrics": [{"id": "metric_123"}]})

    assert answer.status_code == 200
    batch = answer.json()
    assert {failure["sessionId"] for failure in batch["failures"]} == set(sessions) & {"ses_unknown"}
    assert batch["sessionsEvaluated"] == batch["evaluationsCreated"] == len(set(sessions) - {"ses_unknown"})
