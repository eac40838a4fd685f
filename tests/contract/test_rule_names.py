"""The response rules name only what exists, and a misspelt name is noticed wherever it stands."""

import pytest

from tests.support.cel_names import reads_inside_macros, unknown_names
from tests.support.contract_document import operations

RULES = {rule["id"]: (op, rule) for op in operations() for rule in op.rules}


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_written_completely_and_reads_only_what_exists(name: str) -> None:
    op, rule = RULES[name]
    assert {"id", "description", "rule"} <= rule.keys() <= {"id", "description", "scope", "when", "rule"}
    expression = f"{rule.get('when', '')} {rule['rule']}"
    assert unknown_names(op, expression) == []
    assert ("run." in expression) == (rule.get("scope") == "run")
    assert "response." in expression or rule.get("scope") == "run"


@pytest.mark.parametrize(
    ("name", "right", "wrong", "noticed"),
    [
        ("session-version-comes-back", "== request.body.versionId", "== request.body.versionID", 1),
        ("session-version-comes-back", "== request.body.versionId", "== req.body.versionId", 1),
        ("session-version-comes-back", "== request.body.versionId", "== request.params.versionId", 1),
        ("session-version-comes-back", "== request.body.versionId", "== request.body.versionId.value", 1),
        ("session-version-comes-back", "== request.body.versionId", "== versionId", 1),
        ("session-version-comes-back", "has(", "exists(", 1),
        ("session-context-comes-back", "== string", "== text", 1),
        ("session-context-of-test-case", "testCaseId].context", "testCaseId].contexts", 3),
        ("session-context-of-test-case", "created.createTestCase[", "created.createTest[", 3),
        ("session-id-is-new", "run.ids.createSession", "run.ids.createSessions", 2),
        ("batch-fails-only-listed-sessions", "failure.sessionId", "failure.sessionID", 2),
        ("batch-fails-only-listed-sessions", "all(listed,", "all(them,", 1),
        ("batch-fails-only-listed-sessions", "failures.all", "failure.all", 3),
        ("batch-creates-one-evaluation-per-session-and-metric", "metric.id", "metric.ID", 3),
        ("batch-creates-one-evaluation-per-session-and-metric", "+ metric.name", "+ metric.title", 1),
        ("project-session-is-of-the-project", "path.project_id", "path.projectId", 1),
        ("project-session-is-of-the-project", "lowerAscii", "lowerASCII", 2),
    ],
)
def test_a_misspelt_name_is_noticed(name: str, right: str, wrong: str, noticed: int) -> None:
    op, rule = RULES[name]
    assert right in rule["rule"]
    assert len(unknown_names(op, rule["rule"].replace(right, wrong))) == noticed


@pytest.mark.parametrize("name", RULES)
def test_a_rule_reads_no_list_anew_for_every_item_of_another(name: str) -> None:
    """speclock's CEL package copies a list whenever it is read: 14 s for 4,000 sessions (ADR 3)."""
    assert reads_inside_macros(RULES[name][1]["rule"]) == []
