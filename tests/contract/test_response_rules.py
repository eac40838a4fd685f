"""The response rules of openapi.yaml: each compiles, holds on a correct answer and fails on a wrong one.

The table has a row for each case worth naming. Requests and answers hold only what the rule looks at: a missing
property is the schema's finding, so a rule must neither raise nor complain about one. Two independent CEL packages
read every row.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.support.cel_readings import READINGS, Verdict
from tests.support.contract_document import Operation, operations

HOLDS, BROKEN, DOES_NOT_APPLY = Verdict

by_both_readings = pytest.mark.parametrize("read", READINGS.values(), ids=READINGS)

RULES = {rule["id"]: (op, rule) for op in operations() for rule in op.rules}

# Rules that one property of the request comes back unchanged, and null or absent when it was not set.
ECHOES = {
    "session-custom-id-comes-back": ("customId", "my-1", "my-2"),
    "session-test-case-comes-back": ("testCaseId", "tc_1", "tc_2"),
    "test-case-expected-output-comes-back": ("expectedOutput", "", "Paris"),
    "test-case-expected-tools-comes-back": ("expectedTools", ["a", "b"], ["b", "a"]),
    "test-case-source-comes-back": ("source", "manual", "Manual"),
    "test-case-source-file-comes-back": ("sourceFile", "a.csv", "b.csv"),
    "test-case-confidence-comes-back": ("confidence", 0.95, 0.9500000000000001),
    "test-case-confidence-reason-comes-back": ("confidenceReason", "sure", "unsure"),
    "test-case-variant-comes-back": ("variant", "V1", "V2"),
    "test-case-strategy-comes-back": ("strategy", "S1", "S2"),
    "test-case-language-code-comes-back": ("languageCode", "en", "EN"),
    "test-case-user-persona-comes-back": ("userPersona", "Student", "Teacher"),
    "test-case-scenario-comes-back": ("scenario", "quiz", "quiz "),
    "test-case-goal-comes-back": ("goal", "é", "e\u0301"),
    "test-case-stopping-criterias-comes-back": ("stoppingCriterias", [], ["GOAL_ACHIEVED"]),
    "test-case-max-iterations-comes-back": ("maxIterations", 10, 11),
    "test-case-is-augmented-comes-back": ("isAugmented", False, True),
    "test-case-reviewed-by-id-comes-back": ("reviewedById", "user_1", "user_2"),
    "test-case-user-score-comes-back": ("userScore", 0, False),
    "test-case-user-score-reason-comes-back": ("userScoreReason", "right", "wrong"),
    "project-session-previous-comes-back": ("previous_session_id", "9c3d5e7f", "9C3D5E7F"),
    "project-session-external-id-comes-back": ("external_id", "chat-1", "chat-2"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """An answer to a request, and what the rule says of it."""

    rule: str
    request: Any
    answer: Any
    verdict: Verdict
    path: dict[str, str] = field(default_factory=dict)
    ids: list[str] | None = None
    created: dict[str, Any] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, Any]:
        """What the expressions see."""
        op, _ = RULES[self.rule]
        return {
            "request": {"body": self.request, "path": self.path},
            "response": {"status": 200, "body": self.answer},
            "run": {
                "ids": {} if self.ids is None else {op.id: self.ids},
                "created": {"createTestCase": self.created} if self.created else {},
            },
        }

    def __str__(self) -> str:
        return f"{self.rule}-{self.verdict.value}"


def counts(evaluated: object, failed: object, total: object = None, **more: object) -> dict[str, object]:
    """The counts of a batch evaluation."""
    return {"sessionsEvaluated": evaluated, "sessionsFailed": failed, "totalSessionsAvailable": total, **more}


UPPER, LOWER = "6F1E2D3C-4B5A-4978-8A6B-0C1D2E3F4A5B", "6f1e2d3c-4b5a-4978-8a6b-0c1d2e3f4a5b"
# The least and the greatest integer that CEL reads as `uint`; below is `int`, above is `double`.
LEAST_UINT, GREATEST_UINT = 2**63, 2**64 - 1
TWO_METRICS = [{"id": "m1"}, {"name": "m1"}, {"id": "m1", "name": "other"}, {"id": None, "name": "m1", "score": 1}]

ROWS = [
    # Ids are new.
    *(
        row
        for rule in ("session-id-is-new", "test-case-id-is-new", "project-session-id-is-new")
        for row in (
            Row(rule, {}, {"id": "a"}, HOLDS, ids=["a"]),
            Row(rule, {}, {"id": "c"}, HOLDS, ids=["a", "b", "c"]),
            Row(rule, {}, {"id": "a"}, BROKEN, ids=["a", "b", "a"]),
            Row(rule, {}, {"id": "a"}, BROKEN, ids=["a", "a"]),
            Row(rule, {}, {}, DOES_NOT_APPLY),
        )
    ),
    # What was sent comes back.
    *(
        row
        for rule, (name, value, other) in ECHOES.items()
        for row in (
            Row(rule, {name: value}, {name: value}, HOLDS),
            Row(rule, {name: value}, {name: other}, BROKEN),
            Row(rule, {name: value}, {name: None}, BROKEN),
            Row(rule, {name: value}, {}, BROKEN),
            Row(rule, {}, {}, HOLDS),
            Row(rule, {}, {name: None}, HOLDS),
            Row(rule, {}, {name: value}, BROKEN),
            Row(rule, {name: None}, {}, HOLDS),
            Row(rule, {name: None}, {name: None}, HOLDS),
            Row(rule, {name: None}, {name: value}, BROKEN),
        )
    ),
    Row("test-case-confidence-comes-back", {"confidence": 1}, {"confidence": 1.0}, HOLDS),
    Row("test-case-max-iterations-comes-back", {"maxIterations": 3.0}, {"maxIterations": 3}, HOLDS),
    Row("test-case-user-score-comes-back", {"userScore": -7}, {"userScore": 7}, BROKEN),
    # Sessions.
    Row("session-version-comes-back", {"versionId": "v1"}, {"versionId": "v1"}, HOLDS),
    Row("session-version-comes-back", {"versionId": "v1"}, {"versionId": "v2"}, BROKEN),
    Row("session-version-comes-back", {"versionId": "v1"}, {}, HOLDS),
    Row("session-production-as-asked", {"isProduction": True}, {"isProduction": True}, HOLDS),
    Row("session-production-as-asked", {"isProduction": False}, {"isProduction": False}, HOLDS),
    Row("session-production-as-asked", {"isProduction": False}, {"isProduction": True}, BROKEN),
    Row("session-production-as-asked", {"isProduction": True}, {"isProduction": False}, BROKEN),
    Row("session-production-as-asked", {"isProduction": True}, {}, HOLDS),
    Row("session-production-as-asked", {"isProduction": None}, {"isProduction": True}, DOES_NOT_APPLY),
    Row("session-production-as-asked", {}, {"isProduction": True}, DOES_NOT_APPLY),
    Row("session-production-by-default", {}, {"isProduction": True}, HOLDS),
    Row("session-production-by-default", {}, {"isProduction": False}, BROKEN),
    Row("session-production-by-default", {"isProduction": None}, {"isProduction": True}, HOLDS),
    Row("session-production-by-default", {"isProduction": None}, {"isProduction": False}, BROKEN),
    Row("session-production-by-default", {"testCaseId": None}, {"isProduction": True}, HOLDS),
    Row("session-production-by-default", {"testCaseId": None}, {"isProduction": False}, BROKEN),
    Row("session-production-by-default", {"testCaseId": "t"}, {"isProduction": False}, HOLDS),
    Row("session-production-by-default", {"testCaseId": "t"}, {"isProduction": True}, BROKEN),
    Row("session-production-by-default", {"testCaseId": "t"}, {}, HOLDS),
    Row("session-production-by-default", {"isProduction": False}, {"isProduction": True}, DOES_NOT_APPLY),
    Row("session-status-as-asked", {"status": "FAILED"}, {"status": "FAILED"}, HOLDS),
    Row("session-status-as-asked", {"status": "FAILED"}, {"status": "COMPLETED"}, BROKEN),
    Row("session-status-as-asked", {"status": "FAILED"}, {}, HOLDS),
    Row("session-status-as-asked", {"status": None}, {"status": "PENDING"}, DOES_NOT_APPLY),
    Row("session-status-by-default", {}, {"status": "COMPLETED"}, HOLDS),
    Row("session-status-by-default", {}, {"status": "PENDING"}, BROKEN),
    Row("session-status-by-default", {"status": None}, {"status": "COMPLETED"}, HOLDS),
    Row("session-status-by-default", {"status": None}, {"status": "FAILED"}, BROKEN),
    Row("session-status-by-default", {"status": None}, {}, HOLDS),
    Row("session-status-by-default", {"status": "PENDING"}, {"status": "PENDING"}, DOES_NOT_APPLY),
    # Texts become objects, under a name of their own.
    *(
        row
        for rule, name, key in (
            ("session-context-comes-back", "context", "value"),
            ("test-case-context-comes-back", "context", "value"),
            ("test-case-input-comes-back", "input", "user_message"),
        )
        for row in (
            Row(rule, {name: "text"}, {name: {key: "text"}}, HOLDS),
            Row(rule, {name: ""}, {name: {key: ""}}, HOLDS),
            Row(rule, {name: "text"}, {name: "text"}, BROKEN),
            Row(rule, {name: "text"}, {name: {key: "other"}}, BROKEN),
            Row(rule, {name: "text"}, {name: {key: "text", "more": 1}}, BROKEN),
            Row(rule, {name: "text"}, {name: {"text": "text"}}, BROKEN),
            Row(rule, {name: "text"}, {name: None}, BROKEN),
            Row(rule, {name: "text"}, {}, BROKEN),
            Row(rule, {name: {}}, {name: {}}, HOLDS),
            Row(rule, {name: {}}, {name: None}, BROKEN),
            Row(rule, {name: {"a": [1, {"b": None}]}}, {name: {"a": [1.0, {"b": None}]}}, HOLDS),
            Row(rule, {name: {"a": [1, {"b": None}]}}, {name: {"a": [1, {}]}}, BROKEN),
            Row(rule, {name: {"a": 1}}, {name: {"a": True}}, BROKEN),
            Row(rule, {name: {"a": 1}}, {name: {key: {"a": 1}}}, BROKEN),
            Row(rule, {}, {}, HOLDS),
            Row(rule, {}, {name: None}, HOLDS),
            Row(rule, {}, {name: {}}, BROKEN),
            Row(rule, {name: None}, {}, HOLDS),
            Row(rule, {name: None}, {name: None}, HOLDS),
            Row(rule, {name: None}, {name: {key: None}}, BROKEN),
        )
    ),
    Row("session-context-comes-back", {"testCaseId": None, "context": "x"}, {"context": {"value": "x"}}, HOLDS),
    Row("session-context-comes-back", {"testCaseId": "t"}, {"context": {"value": "x"}}, DOES_NOT_APPLY),
    *(
        Row("session-context-of-test-case", request, answer, verdict, created=created)
        for request, answer, created, verdict in (
            ({"testCaseId": "t"}, {"context": {"value": "x"}}, {"t": {"context": {"value": "x"}}}, HOLDS),
            ({"testCaseId": "t"}, {"context": {"value": "y"}}, {"t": {"context": {"value": "x"}}}, BROKEN),
            ({"testCaseId": "t"}, {"context": None}, {"t": {"context": {"value": "x"}}}, BROKEN),
            ({"testCaseId": "t"}, {}, {"t": {"context": {"value": "x"}}}, BROKEN),
            ({"testCaseId": "t"}, {}, {"t": {"context": None}}, HOLDS),
            ({"testCaseId": "t"}, {"context": None}, {"t": {}}, HOLDS),
            ({"testCaseId": "t"}, {"context": {"value": "x"}}, {"t": {}}, BROKEN),
            ({"testCaseId": "t"}, {"context": {"value": "x"}}, {"u": {"context": None}}, DOES_NOT_APPLY),
            ({"testCaseId": "t"}, {"context": {"value": "x"}}, {}, DOES_NOT_APPLY),
            ({"testCaseId": None}, {"context": None}, {"t": {"context": {"value": "x"}}}, DOES_NOT_APPLY),
            ({}, {"context": None}, {"t": {"context": {"value": "x"}}}, DOES_NOT_APPLY),
        )
    ),
    Row("session-metadata-comes-back", {"metadata": {"a": 1}}, {"metadata": {"a": 1.0}}, HOLDS),
    Row("session-metadata-comes-back", {"metadata": {"a": 1}}, {"metadata": {"a": 2}}, BROKEN),
    Row("session-metadata-comes-back", {"metadata": {"a": 1}}, {"metadata": {}}, BROKEN),
    Row("session-metadata-comes-back", {"metadata": {"a": 1}}, {"metadata": None}, BROKEN),
    Row("session-metadata-comes-back", {"metadata": {"a": 1}}, {}, BROKEN),
    Row("session-metadata-comes-back", {"metadata": {}}, {"metadata": {}}, HOLDS),
    Row("session-metadata-comes-back", {"metadata": {}}, {"metadata": None}, BROKEN),
    Row("session-metadata-comes-back", {"metadata": None}, {"metadata": {}}, HOLDS),
    Row("session-metadata-comes-back", {"metadata": None}, {"metadata": {"a": 1}}, BROKEN),
    Row("session-metadata-comes-back", {}, {"metadata": None}, HOLDS),
    Row("session-metadata-comes-back", {}, {}, HOLDS),
    Row("session-metadata-comes-back", {}, {"metadata": {"a": 1}}, BROKEN),
    Row("session-starts-without-error", {}, {"error": None}, HOLDS),
    Row("session-starts-without-error", {}, {}, HOLDS),
    Row("session-starts-without-error", {}, {"error": ""}, BROKEN),
    Row("session-starts-undeleted", {}, {"deletedAt": None}, HOLDS),
    Row("session-starts-undeleted", {}, {}, HOLDS),
    Row("session-starts-undeleted", {}, {"deletedAt": "2026-03-02T09:15:00Z"}, BROKEN),
    # Test cases.
    Row("test-case-test-comes-back", {"testId": "t1"}, {"testId": "t1"}, HOLDS),
    Row("test-case-test-comes-back", {"testId": "t1"}, {"testId": "t2"}, BROKEN),
    Row("test-case-test-comes-back", {"testId": "t1"}, {}, HOLDS),
    # Batch evaluations.
    Row("batch-lists-every-failure", {}, {"failures": [], "sessionsFailed": 0}, HOLDS),
    Row("batch-lists-every-failure", {}, {"failures": [{}], "sessionsFailed": 1.0}, HOLDS),
    Row("batch-lists-every-failure", {}, {"failures": [], "sessionsFailed": 1}, BROKEN),
    Row("batch-lists-every-failure", {}, {"failures": [{}], "sessionsFailed": 0}, BROKEN),
    Row("batch-lists-every-failure", {}, {"failures": [], "sessionsFailed": LEAST_UINT}, BROKEN),
    Row("batch-lists-every-failure", {}, {"failures": [{}], "sessionsFailed": -1}, BROKEN),
    Row("batch-lists-every-failure", {}, {"failures": None, "sessionsFailed": 0}, DOES_NOT_APPLY),
    Row("batch-lists-every-failure", {}, {"failures": [], "sessionsFailed": None}, DOES_NOT_APPLY),
    Row("batch-lists-every-failure", {}, {"failures": [], "sessionsFailed": "0"}, DOES_NOT_APPLY),
    Row("batch-lists-every-failure", {}, {"failures": []}, DOES_NOT_APPLY),
    Row("batch-of-sessions-has-no-total", {"sessionIds": ["a"]}, {"totalSessionsAvailable": None}, HOLDS),
    Row("batch-of-sessions-has-no-total", {"sessionIds": ["a"]}, {}, HOLDS),
    Row("batch-of-sessions-has-no-total", {"sessionIds": ["a"]}, {"totalSessionsAvailable": 1}, BROKEN),
    Row("batch-of-sessions-has-no-total", {"versionId": "v"}, {"totalSessionsAvailable": 1}, DOES_NOT_APPLY),
    Row("batch-of-sessions-has-no-total", {"sessionIds": None}, {"totalSessionsAvailable": 1}, DOES_NOT_APPLY),
    Row("batch-of-sessions-is-not-truncated", {"sessionIds": ["a"]}, {"truncated": False}, HOLDS),
    Row("batch-of-sessions-is-not-truncated", {"sessionIds": ["a"]}, {}, HOLDS),
    Row("batch-of-sessions-is-not-truncated", {"sessionIds": ["a"]}, {"truncated": True}, BROKEN),
    Row("batch-of-sessions-is-not-truncated", {"sessionIds": None}, {"truncated": True}, DOES_NOT_APPLY),
    *(
        Row("batch-fails-only-listed-sessions", {"sessionIds": ["a", "b"]}, {"failures": failures}, verdict)
        for failures, verdict in (
            ([], HOLDS),
            ([{"sessionId": "b"}], HOLDS),
            ([{"sessionId": "b"}, {"sessionId": "a"}], HOLDS),
            ([{"sessionId": "b"}, {"sessionId": "c"}], BROKEN),
            ([{"sessionId": None}], BROKEN),
            ([{}], HOLDS),
            ([None, "a", []], HOLDS),
            (None, DOES_NOT_APPLY),
        )
    ),
    Row("batch-fails-only-listed-sessions", {"sessionIds": None}, {"failures": []}, DOES_NOT_APPLY),
    Row("batch-fails-only-listed-sessions", {"versionId": "v"}, {"failures": [{"sessionId": "c"}]}, DOES_NOT_APPLY),
    *(
        Row("batch-handles-at-most-the-listed-sessions", {"sessionIds": ["a", "b", "a"]}, answer, verdict)
        for answer, verdict in (
            (counts(2, 0), HOLDS),
            (counts(0, 2), HOLDS),
            (counts(1.0, 1.0), HOLDS),
            (counts(2, 1), BROKEN),
            (counts(2.0, 1.0), BROKEN),
            (counts(3, 0), BROKEN),
            (counts(LEAST_UINT, 0), BROKEN),
            (counts(0, GREATEST_UINT), BROKEN),
            (counts(LEAST_UINT - 1, 1), BROKEN),
            (counts(LEAST_UINT // 2, LEAST_UINT // 2), BROKEN),
            (counts(1e30, 0), BROKEN),
            (counts(None, 0), DOES_NOT_APPLY),
            (counts("3", 0), DOES_NOT_APPLY),
            ({"sessionsFailed": 3}, DOES_NOT_APPLY),
            ({}, DOES_NOT_APPLY),
        )
    ),
    Row("batch-handles-at-most-the-listed-sessions", {"sessionIds": None}, counts(0, 0), DOES_NOT_APPLY),
    Row("batch-handles-at-most-the-listed-sessions", {"versionId": "v"}, counts(9, 9), DOES_NOT_APPLY),
    *(
        Row("batch-of-version-handles-at-most-1000", {"versionId": "v"}, answer, verdict)
        for answer, verdict in (
            (counts(1000, 0), HOLDS),
            (counts(999.0, 1.0), HOLDS),
            (counts(1000, 1), BROKEN),
            (counts(1000.0, 1.0), BROKEN),
            (counts(1001, 0), BROKEN),
            (counts(LEAST_UINT, 0), BROKEN),
            (counts(0, GREATEST_UINT), BROKEN),
            (counts(1, LEAST_UINT - 1), BROKEN),
            (counts(1e30, 0), BROKEN),
            (counts(None, 0), DOES_NOT_APPLY),
            ({"sessionsEvaluated": 1001}, DOES_NOT_APPLY),
        )
    ),
    Row("batch-of-version-handles-at-most-1000", {"sessionIds": ["a"]}, counts(1001, 0), DOES_NOT_APPLY),
    Row("batch-of-version-handles-at-most-1000", {"versionId": None}, counts(1001, 0), DOES_NOT_APPLY),
    Row("batch-of-version-has-a-total", {"versionId": "v"}, {"totalSessionsAvailable": 0}, HOLDS),
    Row("batch-of-version-has-a-total", {"versionId": "v"}, {"totalSessionsAvailable": 1.0}, HOLDS),
    Row("batch-of-version-has-a-total", {"versionId": "v"}, {"totalSessionsAvailable": LEAST_UINT}, HOLDS),
    Row("batch-of-version-has-a-total", {"versionId": "v"}, {"totalSessionsAvailable": 1e30}, HOLDS),
    Row("batch-of-version-has-a-total", {"versionId": "v"}, {"totalSessionsAvailable": None}, BROKEN),
    Row("batch-of-version-has-a-total", {"versionId": "v"}, {"totalSessionsAvailable": "1"}, BROKEN),
    Row("batch-of-version-has-a-total", {"versionId": "v"}, {}, HOLDS),
    Row("batch-of-version-has-a-total", {"versionId": None}, {"totalSessionsAvailable": 1}, DOES_NOT_APPLY),
    Row("batch-of-version-has-a-total", {"sessionIds": ["a"]}, {"totalSessionsAvailable": None}, DOES_NOT_APPLY),
    *(
        Row("batch-of-version-is-truncated-above-1000", {"versionId": "v"}, answer, verdict)
        for answer, verdict in (
            ({"totalSessionsAvailable": 0, "truncated": False}, HOLDS),
            ({"totalSessionsAvailable": 1000, "truncated": False}, HOLDS),
            ({"totalSessionsAvailable": 1001.0, "truncated": True}, HOLDS),
            ({"totalSessionsAvailable": 1000, "truncated": True}, BROKEN),
            ({"totalSessionsAvailable": 1001, "truncated": False}, BROKEN),
            ({"totalSessionsAvailable": LEAST_UINT, "truncated": True}, HOLDS),
            ({"totalSessionsAvailable": GREATEST_UINT, "truncated": False}, BROKEN),
            ({"totalSessionsAvailable": 1e30, "truncated": True}, HOLDS),
            ({"totalSessionsAvailable": 1e30, "truncated": False}, BROKEN),
            ({"totalSessionsAvailable": None, "truncated": True}, DOES_NOT_APPLY),
            ({"totalSessionsAvailable": 1001}, DOES_NOT_APPLY),
        )
    ),
    *(
        Row("batch-of-version-is-truncated-above-1000", request, answer, DOES_NOT_APPLY)
        for request in ({"sessionIds": ["a"]}, {"versionId": None})
        for answer in ({"totalSessionsAvailable": 1001, "truncated": False},)
    ),
    *(
        Row("batch-of-version-handles-at-most-its-sessions", {"versionId": "v"}, answer, verdict)
        for answer, verdict in (
            (counts(2, 1, 3), HOLDS),
            (counts(2, 0, 3), HOLDS),
            (counts(0, 0, 0), HOLDS),
            (counts(2.0, 1.0, 3.0), HOLDS),
            (counts(2.0, 2.0, 3.0), BROKEN),
            (counts(1, 0, 0), BROKEN),
            (counts(1, 0, LEAST_UINT), HOLDS),
            (counts(LEAST_UINT, 0, 1000), BROKEN),
            (counts(LEAST_UINT - 1, 1, 1000), BROKEN),
            (counts(0, 1e30, GREATEST_UINT), BROKEN),
            (counts(1, 0, None), DOES_NOT_APPLY),
            (counts(None, 0, 0), DOES_NOT_APPLY),
        )
    ),
    Row("batch-of-version-handles-at-most-its-sessions", {"versionId": None}, counts(1, 0, 0), DOES_NOT_APPLY),
    Row("batch-of-version-handles-at-most-its-sessions", {"sessionIds": ["a"]}, counts(1, 0, 0), DOES_NOT_APPLY),
    *(
        Row("batch-creates-one-evaluation-per-session-and-metric", request, answer, verdict)
        for request, answer, verdict in (
            ({"metrics": [{"id": "m"}]}, counts(2, 0, evaluationsCreated=2), HOLDS),
            ({"metrics": [{"id": "m"}]}, counts(0, 2, evaluationsCreated=0), HOLDS),
            ({"metrics": TWO_METRICS}, counts(3, 0, evaluationsCreated=6), HOLDS),
            ({"metrics": TWO_METRICS}, counts(3.0, 0, evaluationsCreated=6.0), HOLDS),
            ({"metrics": TWO_METRICS, "specificationIds": None}, counts(3, 0, evaluationsCreated=6), HOLDS),
            ({"metrics": TWO_METRICS, "specificationIds": []}, counts(3, 0, evaluationsCreated=12), BROKEN),
            ({"metrics": TWO_METRICS}, counts(3, 0, evaluationsCreated=12), BROKEN),
            ({"metrics": [{"id": "m"}]}, counts(2, 1, evaluationsCreated=3), BROKEN),
            ({"metrics": [{"id": "m"}]}, counts(2, 0, evaluationsCreated=1), BROKEN),
            ({"metrics": [{"id": "m"}], "specificationIds": ["s"]}, counts(2, 0, evaluationsCreated=9), DOES_NOT_APPLY),
            ({"metrics": []}, counts(2, 0, evaluationsCreated=9), DOES_NOT_APPLY),
            ({"metrics": None}, counts(2, 0, evaluationsCreated=9), DOES_NOT_APPLY),
            ({}, counts(2, 0, evaluationsCreated=9), DOES_NOT_APPLY),
            ({"metrics": [{"id": "m"}]}, counts(2, 0, evaluationsCreated=LEAST_UINT), BROKEN),
            ({"metrics": [{"id": "m"}]}, counts(LEAST_UINT, 0, evaluationsCreated=2), BROKEN),
            ({"metrics": TWO_METRICS}, counts(LEAST_UINT // 2, 0, evaluationsCreated=LEAST_UINT), HOLDS),
            ({"metrics": TWO_METRICS}, counts(1e30, 0, evaluationsCreated=2), BROKEN),
            ({"metrics": [{"id": "m"}]}, counts(2, 0, evaluationsCreated=None), DOES_NOT_APPLY),
            ({"metrics": [{"id": "m"}]}, counts(2, 0), DOES_NOT_APPLY),
            ({"metrics": [{"id": "m"}]}, counts(None, 0, evaluationsCreated=0), DOES_NOT_APPLY),
        )
    ),
    # Project sessions.
    *(
        Row("project-session-is-of-the-project", {}, answer, verdict, path={"project_id": path})
        for path, answer, verdict in (
            (LOWER, {"project_id": LOWER}, HOLDS),
            (UPPER, {"project_id": LOWER}, HOLDS),
            (LOWER, {"project_id": UPPER}, HOLDS),
            (LOWER, {"project_id": LOWER[:-1] + "c"}, BROKEN),
            (LOWER, {"project_id": None}, DOES_NOT_APPLY),
            (LOWER, {}, DOES_NOT_APPLY),
        )
    ),
    Row("project-session-name-comes-back", {"name": "chat"}, {"name": "chat"}, HOLDS),
    Row("project-session-name-comes-back", {"name": ""}, {"name": ""}, HOLDS),
    Row("project-session-name-comes-back", {"name": "chat"}, {"name": "other"}, BROKEN),
    Row("project-session-name-comes-back", {"name": "chat"}, {"name": None}, BROKEN),
    Row("project-session-name-comes-back", {"name": "chat"}, {}, HOLDS),
    Row("project-session-name-comes-back", {"name": None}, {"name": "given by the server"}, DOES_NOT_APPLY),
    Row("project-session-name-comes-back", {}, {"name": "given by the server"}, DOES_NOT_APPLY),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
@by_both_readings
def test_a_rule_says_of_an_answer_what_the_table_says(row: Row, read: Any) -> None:
    assert read(RULES[row.rule][1], row.variables) is row.verdict, row


def test_every_rule_holds_on_a_correct_answer_and_fails_on_a_wrong_one() -> None:
    """No rule is left out of the table, and no row is about a rule that is gone."""
    verdicts = defaultdict(set)
    for row in ROWS:
        verdicts[row.rule].add(row.verdict)
    assert verdicts.keys() == RULES.keys()
    assert [rule for rule, seen in verdicts.items() if not {HOLDS, BROKEN} <= seen] == []
    conditional = {rule for rule, (_, entry) in RULES.items() if "when" in entry}
    assert {rule for rule, seen in verdicts.items() if DOES_NOT_APPLY in seen} == conditional


@pytest.mark.parametrize(
    ("op", "name"),
    [pytest.param(op, name, id=f"{op.id}-{name}") for op in operations() for name in op.request["examples"]],
)
@by_both_readings
def test_every_rule_holds_on_the_documented_examples(op: Operation, name: str, read: Any) -> None:
    answer = op.success["content"]["application/json"]["examples"][name]["value"]
    variables = {
        "request": {"body": op.request["examples"][name]["value"], "path": {"project_id": UPPER}},
        "response": {"status": 200, "body": answer},
        "run": {
            "ids": {op.id: [answer["id"]]} if "id" in answer else {},
            "created": {"createTestCase": {"tc_123": {"context": {"value": "Geography question"}}}},
        },
    }
    assert {rule["id"]: read(rule, variables) for rule in op.rules if read(rule, variables) is BROKEN} == {}


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(READINGS["rust"], id="rust"),
        pytest.param(
            READINGS["google"],
            id="google",
            marks=pytest.mark.xfail(reason="cel-expr-python 0.1.3 cuts a text at its first NUL", strict=True),
        ),
    ],
)
def test_a_text_is_compared_past_its_first_nul(read: Any) -> None:
    row = Row("test-case-goal-comes-back", {"goal": "quiz\0one"}, {"goal": "quiz\0two"}, BROKEN)
    assert read(RULES[row.rule][1], row.variables) is BROKEN


def test_only_what_cannot_be_computed_with_makes_a_rule_raise() -> None:
    """A number beyond 64 bits is compared as a double by the reading that speclock uses."""
    rule = RULES["test-case-user-score-comes-back"][1]
    row = Row("test-case-user-score-comes-back", {"userScore": 10**30}, {"userScore": 10**30}, HOLDS)
    assert READINGS["rust"](rule, row.variables) is HOLDS
    rule = RULES["batch-of-version-handles-at-most-1000"][1]
    row = Row("batch-of-version-handles-at-most-1000", {"versionId": "v"}, counts(10**30, 0), BROKEN)
    assert READINGS["rust"](rule, row.variables) is BROKEN
    unholdable = Row("test-case-user-score-comes-back", {"userScore": 10**400}, {"userScore": 10**400}, HOLDS)
    with pytest.raises(ValueError, match="convert variable 'request'"):
        READINGS["rust"](rule, unholdable.variables)
