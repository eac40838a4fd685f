"""What the schemas of openapi.yaml accept, value by value: a truth table for each request rule and each kind of limit.

Every row is judged by jsonschema-rs and by jsonschema, format checks on, and both must name exactly what the row says:
a rule by its name, another constraint by its place and keyword. "-" in a table is a property that is absent.
"""

from itertools import product
from typing import Any

import pytest

from tests.support.contract_document import broken_constraints, document

NOT_PRODUCTION = "test-case-session-is-not-production"
OWN_CONTEXT = "test-case-provides-context"
SELECTION = "exactly-one-selection"
METRIC = "metric-has-id-or-name"
ABSENT = "-"


def made_of(**given: Any) -> dict[str, Any]:
    """A JSON object of the properties that are not absent."""
    return {name: value for name, value in given.items() if value != ABSENT}


@pytest.mark.parametrize(
    ("test_case", "production", "broken"),
    [
        # testCaseId, isProduction
        (ABSENT, ABSENT, []),
        (ABSENT, None, []),
        (ABSENT, False, []),
        (ABSENT, True, []),
        (None, ABSENT, []),
        (None, None, []),
        (None, False, []),
        (None, True, []),
        ("tc_123", ABSENT, []),
        ("tc_123", None, []),
        ("tc_123", False, []),
        ("tc_123", True, [NOT_PRODUCTION]),
        # A value of the wrong type breaks its type alone: it is not true.
        ("tc_123", "true", ["/isProduction type"]),
        ("tc_123", 1, ["/isProduction type"]),
        ("tc_123", 1.0, ["/isProduction type"]),
        ("tc_123", [True], ["/isProduction type"]),
        # A test case that cannot be one is still set.
        ("", False, ["/testCaseId minLength"]),
        ("", True, ["/testCaseId minLength", NOT_PRODUCTION]),
        (7, True, ["/testCaseId type", NOT_PRODUCTION]),
        (False, True, ["/testCaseId type", NOT_PRODUCTION]),
    ],
)
def test_a_session_with_a_test_case_is_not_production(test_case: object, production: object, broken: list[str]) -> None:
    body = made_of(versionId="ver_123", testCaseId=test_case, isProduction=production)
    assert broken_in("NewSession", body) == broken


@pytest.mark.parametrize(
    ("test_case", "context", "broken"),
    [
        # testCaseId, context
        (ABSENT, ABSENT, []),
        (ABSENT, None, []),
        (ABSENT, "", []),
        (ABSENT, "text", []),
        (ABSENT, {}, []),
        (ABSENT, {"key": "value"}, []),
        (None, ABSENT, []),
        (None, None, []),
        (None, "", []),
        (None, "text", []),
        (None, {}, []),
        (None, {"key": "value"}, []),
        ("tc_123", ABSENT, []),
        ("tc_123", None, []),
        ("tc_123", "", [OWN_CONTEXT]),
        ("tc_123", "text", [OWN_CONTEXT]),
        ("tc_123", {}, [OWN_CONTEXT]),
        ("tc_123", {"key": None}, [OWN_CONTEXT]),
        # A context of the wrong type is still a context that was set.
        (ABSENT, 7, ["/context oneOf"]),
        ("tc_123", 7, ["/context oneOf", OWN_CONTEXT]),
        ("tc_123", [], ["/context oneOf", OWN_CONTEXT]),
    ],
)
def test_a_test_case_provides_the_context(test_case: object, context: object, broken: list[str]) -> None:
    body = made_of(versionId="ver_123", testCaseId=test_case, context=context)
    assert broken_in("NewSession", body) == broken


def test_the_two_session_rules_are_independent_and_stand_in_order() -> None:
    body = {"versionId": "ver_123", "testCaseId": "tc_123", "isProduction": True, "context": ""}
    assert broken_in("NewSession", body) == sorted([NOT_PRODUCTION, OWN_CONTEXT])
    order = [rule["title"] for rule in document()["components"]["schemas"]["NewSession"]["allOf"]]
    assert order == [NOT_PRODUCTION, OWN_CONTEXT]


@pytest.mark.parametrize(
    ("sessions", "version", "broken"),
    [
        # sessionIds, versionId
        (ABSENT, ABSENT, [SELECTION]),
        (ABSENT, None, [SELECTION]),
        (ABSENT, "ver_123", []),
        (None, ABSENT, [SELECTION]),
        (None, None, [SELECTION]),
        (None, "ver_123", []),
        (["ses_1"], ABSENT, []),
        (["ses_1"], None, []),
        (["ses_1"], "ver_123", [SELECTION]),
        (["ses_1", "ses_1"], ABSENT, []),
        # An empty array is set, and too short.
        ([], ABSENT, ["/sessionIds minItems"]),
        ([], "ver_123", ["/sessionIds minItems", SELECTION]),
        ([""], ABSENT, ["/sessionIds/0 minLength"]),
        (["ses_1", None], ABSENT, ["/sessionIds/1 type"]),
        ("ses_1", ABSENT, ["/sessionIds type"]),
        (ABSENT, "", ["/versionId minLength"]),
        (ABSENT, 7, ["/versionId type"]),
        (["ses_1"], "", ["/versionId minLength", SELECTION]),
    ],
)
def test_a_batch_has_exactly_one_selection(sessions: object, version: object, broken: list[str]) -> None:
    assert broken_in("BatchEvaluationRequest", made_of(sessionIds=sessions, versionId=version)) == broken


@pytest.mark.parametrize(
    ("metric_id", "name", "broken"),
    [
        # id, name
        (ABSENT, ABSENT, [METRIC]),
        (ABSENT, None, [METRIC]),
        (ABSENT, "accuracy", []),
        (ABSENT, "", []),
        (None, ABSENT, [METRIC]),
        (None, None, [METRIC]),
        (None, "accuracy", []),
        ("metric_123", ABSENT, []),
        ("metric_123", None, []),
        ("metric_123", "accuracy", []),
        ("", ABSENT, ["/metrics/1/id minLength"]),
        (7, ABSENT, ["/metrics/1/id type"]),
        (ABSENT, 7, ["/metrics/1/name type"]),
    ],
)
def test_a_metric_has_an_id_or_a_name(metric_id: object, name: object, broken: list[str]) -> None:
    body = {"versionId": "ver_123", "metrics": [{"id": "metric_1"}, made_of(id=metric_id, name=name, score=0.5)]}
    assert broken_in("BatchEvaluationRequest", body) == broken


@pytest.mark.parametrize("metric", [None, "metric_123", []], ids=str)
def test_what_is_no_metric_at_all_breaks_its_type_and_not_the_rule(metric: object) -> None:
    """`required` says nothing about what is not an object (JSON Schema Validation, section 6.5.3)."""
    assert broken_in("BatchEvaluationRequest", {"versionId": "ver_123", "metrics": [metric]}) == ["/metrics/0 type"]


def test_a_session_rule_breaks_exactly_when_it_says_over_every_combination() -> None:
    """All values of the three properties together, against the rules as sentences of Python."""
    test_cases = [ABSENT, None, "", "tc_123", 7]
    productions = [ABSENT, None, False, True, "true", 1]
    contexts = [ABSENT, None, "", "text", {}, {"key": "value"}, 7]
    for test_case, production, context in product(test_cases, productions, contexts):
        has_test_case = test_case is not None and test_case != ABSENT
        expected = {NOT_PRODUCTION} if has_test_case and production is True else set()
        if has_test_case and context is not None and context != ABSENT:
            expected.add(OWN_CONTEXT)
        body = made_of(versionId="ver_123", testCaseId=test_case, isProduction=production, context=context)
        assert {found for found in broken_in("NewSession", body) if " " not in found} == expected, body


UUID = "6f1e2d3c-4b5a-4978-8a6b-0c1d2e3f4a5b"


@pytest.mark.parametrize(
    ("component", "body", "broken"),
    [
        ("NewSession", {}, [" required"]),
        ("NewSession", {"versionId": None}, ["/versionId type"]),
        ("NewSession", {"versionId": "v", "status": "PENDING"}, []),
        ("NewSession", {"versionId": "v", "status": "pending"}, ["/status oneOf"]),
        ("NewSession", {"versionId": "v", "metadata": []}, ["/metadata oneOf"]),
        ("NewSession", {"versionId": "v", "customId": ""}, ["/customId minLength"]),
        ("NewSession", {"versionId": "v", "customId": "\0"}, []),
        ("NewSession", {"versionId": "v", "notDocumented": {"any": "thing"}}, []),
        # What is no object at all breaks no rule about properties.
        ("NewSession", [], [" type"]),
        ("NewSession", None, [" type"]),
        ("BatchEvaluationRequest", [], [" type"]),
        ("BatchEvaluationRequest", "text", [" type"]),
        ("MetricSelection", None, [" type"]),
        ("NewTestCase", {}, [" required"]),
        ("NewTestCase", {"testId": ""}, ["/testId minLength"]),
        ("NewTestCase", {"testId": "t", "maxIterations": 1}, []),
        ("NewTestCase", {"testId": "t", "maxIterations": 1.0}, []),
        ("NewTestCase", {"testId": "t", "maxIterations": 0}, ["/maxIterations minimum"]),
        ("NewTestCase", {"testId": "t", "maxIterations": 1.5}, ["/maxIterations type"]),
        ("NewTestCase", {"testId": "t", "maxIterations": True}, ["/maxIterations type"]),
        ("NewTestCase", {"testId": "t", "confidence": -1e300}, []),
        ("NewTestCase", {"testId": "t", "confidence": False}, ["/confidence type"]),
        ("NewTestCase", {"testId": "t", "userScore": -(10**30)}, []),
        ("NewTestCase", {"testId": "t", "expectedTools": []}, []),
        ("NewTestCase", {"testId": "t", "expectedTools": [None]}, ["/expectedTools/0 type"]),
        ("NewTestCase", {"testId": "t", "reviewedById": ""}, ["/reviewedById minLength"]),
        ("NewTestCase", {"testId": "t", "input": ""}, []),
        ("NewTestCase", {"testId": "t", "input": ["text"]}, ["/input oneOf"]),
        ("NewTestCase", {"testId": "t", "id": 7, "createdAt": "never"}, []),
        ("MetricSelection", {"id": "m", "score": 0}, []),
        ("MetricSelection", {"id": "m", "score": 1.0}, []),
        ("MetricSelection", {"id": "m", "score": None}, []),
        ("MetricSelection", {"id": "m", "score": -1e-300}, ["/score minimum"]),
        ("MetricSelection", {"id": "m", "score": 1.0000000000000002}, ["/score maximum"]),
        ("NewProjectSession", {}, []),
        ("NewProjectSession", {"log_stream_id": UUID}, []),
        ("NewProjectSession", {"log_stream_id": UUID.upper()}, []),
        ("NewProjectSession", {"log_stream_id": "6F1e2d3c" + UUID[8:]}, []),
        ("NewProjectSession", {"log_stream_id": UUID.replace("-", "")}, ["/log_stream_id oneOf"]),
        ("NewProjectSession", {"log_stream_id": UUID.replace("-4978", "-1978")}, ["/log_stream_id oneOf"]),
        ("NewProjectSession", {"log_stream_id": UUID.replace("-8a6b", "-ca6b")}, ["/log_stream_id oneOf"]),
        ("NewProjectSession", {"log_stream_id": f"{{{UUID}}}"}, ["/log_stream_id oneOf"]),
        ("NewProjectSession", {"log_stream_id": f"{UUID}\n"}, ["/log_stream_id oneOf"]),
        ("NewProjectSession", {"log_stream_id": ""}, ["/log_stream_id oneOf"]),
        ("NewProjectSession", {"logging_method": "api_direct"}, []),
        ("NewProjectSession", {"logging_method": "API_DIRECT"}, ["/logging_method oneOf"]),
        ("NewProjectSession", {"reliable": 0}, ["/reliable oneOf"]),
        ("NewProjectSession", {"external_id": ""}, ["/external_id minLength"]),
        ("NewProjectSession", {"name": ""}, []),
    ],
    ids=str,
)
def test_a_property_takes_the_values_that_the_contract_names(component: str, body: object, broken: list[str]) -> None:
    assert broken_in(component, body) == broken


@pytest.mark.parametrize(
    ("component", "answer", "changes", "broken"),
    [
        ("Session", "production", {"createdAt": "2026-03-02"}, ["/createdAt format"]),
        ("Session", "production", {"createdAt": "2026-02-30T09:15:00Z"}, ["/createdAt format"]),
        ("Session", "production", {"createdAt": "2026-03-02T09:15:00"}, ["/createdAt format"]),
        ("Session", "production", {"createdAt": "2026-03-02T09:15:00.123456+01:00"}, []),
        ("Session", "production", {"createdAt": None}, ["/createdAt type"]),
        ("Session", "production", {"deletedAt": "yesterday"}, ["/deletedAt format"]),
        ("Session", "production", {"status": None}, ["/status enum", "/status type"]),
        ("Session", "production", {"id": ""}, ["/id minLength"]),
        ("Session", "production", {"isProduction": None}, ["/isProduction type"]),
        ("Session", "production", {"context": "text"}, ["/context oneOf"]),
        ("Session", "production", {"notDocumented": 1}, []),
    ],
)
def test_an_answer_has_the_values_that_the_contract_names(
    component: str, answer: str, changes: dict[str, object], broken: list[str]
) -> None:
    example = document()["paths"]["/sessions"]["post"]["responses"]["201"]["content"]["application/json"]["examples"]
    assert broken_in(component, {**example[answer]["value"], **changes}) == broken


@pytest.mark.parametrize(
    ("detail", "broken"),
    [
        ("text", []),
        ([], []),
        ([{"loc": ["body", "metrics", 0], "msg": "wrong", "type": "type", "input": None}], []),
        ([{"loc": "body", "msg": "wrong", "type": "type"}], ["/detail oneOf"]),
        (None, ["/detail oneOf"]),
    ],
    ids=str,
)
def test_a_galileo_detail_is_a_list_or_a_text(detail: object, broken: list[str]) -> None:
    assert broken_in("GalileoValidationError", {"detail": detail}) == broken


def broken_in(component: str, value: object) -> list[str]:
    return broken_constraints({"$ref": f"#/components/schemas/{component}"}, value)
