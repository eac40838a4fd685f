"""Faults of evalsessions-server: each breaks one promise of the contract, many only beside one other property.

Each is an edit of one file, and the finding that it must cause. Together they touch every named rule, every kind of
constraint, response rules of every operation, and what refusals say.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FAULTS", "Fault"]

SESSION = "createSession"
TEST_CASE = "createTestCase"
BATCH = "createEvaluationsFromSessions"
PROJECT = "createProjectSession"


@dataclass(frozen=True, slots=True)
class Fault:
    """An edit of one file, and what speclock must say of it: the operation, the check, and the rule or constraint."""

    file: str
    before: str
    after: str
    operation: str
    check: str
    rule: str | None = None


def _forgets(name: str, operation: str, rule: str, *, when: str = "True") -> Fault:
    """A value domain that is not enforced, or only forgotten under a condition on the other properties."""
    before = 'self.refuse((name,), kind, f"expected {expected}, got {kind_of(value)}")'
    return Fault(
        "validation.py",
        before,
        f'if not (name == "{name}" and ({when})):\n            {before}',
        operation,
        "data_rejection",
        rule,
    )


def _answers(file: str, before: str, after: str, operation: str, rule: str) -> Fault:
    return Fault(f"operations/{file}.py", before, after, operation, "rule_conformance", rule)


def _set(name: str) -> str:
    return f'self._values.get("{name}") is not None'


_IS_PRODUCTION = "    if request.is_production:"
_CONTEXT = '    if properties.is_set("context"):'
_ONE_SELECTION = "        if (session_ids is None) == (version_id is None):"
_NAMELESS = "        for item in nameless:"
_DOCUMENT = "    document = dump(\n        {\n"
_EXTERNAL_ID = 'external_id=properties.identifier("external_id")'
_REQUIRED = "        if value is None:\n            got = "

FAULTS: dict[str, Fault] = {
    # Rules, dropped whole or only under a condition.
    "production with a test case is accepted": Fault(
        "operations/create_session.py",
        _IS_PRODUCTION,
        "    if False:",
        SESSION,
        "rule_rejection",
        "test-case-session-is-not-production",
    ),
    **{
        f"production with a test case is accepted when {condition}": Fault(
            "operations/create_session.py",
            _IS_PRODUCTION,
            f"    if request.is_production and not ({condition}):",
            SESSION,
            "rule_rejection",
            "test-case-session-is-not-production",
        )
        for condition in (
            "request.metadata is not None",
            "request.metadata is None",
            "request.metadata == {}",
            "request.custom_id",
            'request.status == "FAILED"',
            'request.status == "COMPLETED"',
        )
    },
    "context with a test case is accepted": Fault(
        "operations/create_session.py",
        _CONTEXT,
        "    if False:",
        SESSION,
        "rule_rejection",
        "test-case-provides-context",
    ),
    **{
        f"context with a test case is accepted when {condition}": Fault(
            "operations/create_session.py",
            _CONTEXT,
            f"{_CONTEXT[:-1]} and not ({condition}):",
            SESSION,
            "rule_rejection",
            "test-case-provides-context",
        )
        for condition in (
            "not request.context",
            'request.context == {"value": ""}',
            '"value" not in request.context',
            'request.status == "PENDING"',
            'properties.is_set("isProduction")',
            'not properties.is_set("isProduction")',
            "request.custom_id is not None",
        )
    },
    **{
        f"{which} is accepted": Fault(
            "operations/create_evaluations.py",
            _ONE_SELECTION,
            f"        if ({condition}):",
            BATCH,
            "rule_rejection",
            "exactly-one-selection",
        )
        for which, condition in {
            "both selections": "session_ids is None and version_id is None",
            "both selections with one session": "(session_ids is None) == (version_id is None) "
            "and len(session_ids or ()) != 1",
            "both selections beside specifications": "(session_ids is None) == (version_id is None) "
            "and not specification_ids",
            "both selections beside scored metrics": "(session_ids is None) == (version_id is None) "
            "and not any(metric.score is not None for metric in metrics)",
        }.items()
    },
    **{
        f"a metric without id and name is accepted {where}": Fault(
            "operations/create_evaluations.py",
            _NAMELESS,
            f"        for item in [item for item in nameless if not ({condition})]:",
            BATCH,
            "rule_rejection",
            "metric-has-id-or-name",
        )
        for where, condition in {
            "anywhere": "True",
            "with a score": "item.is_set('score')",
            "without a score": "not item.is_set('score')",
            "behind the first": "item._location[-1] > 0",
            "beside specifications": "specification_ids",
            "of a version": "version_id is not None",
            "of sessions": "version_id is None",
        }.items()
    },
    # The values of single places.
    "any text is a status": _forgets("status", SESSION, "body.status", when="isinstance(value, str)"),
    "a status may be written small": Fault(
        "validation.py",
        "if isinstance(value, str) and value in allowed:\n            return value",
        "if isinstance(value, str) and value.upper() in allowed:\n            return value.upper()",
        SESSION,
        "data_rejection",
        "body.status",
    ),
    "a status may have space around it": Fault(
        "validation.py",
        "if isinstance(value, str) and value in allowed:\n            return value",
        "if isinstance(value, str) and value.strip() in allowed:\n            return value.strip()",
        SESSION,
        "data_rejection",
        "body.status",
    ),
    "any status beside metadata": _forgets("status", SESSION, "body.status", when=_set("metadata")),
    "a text is a boolean": _forgets("isProduction", SESSION, "body.isProduction", when="isinstance(value, str)"),
    "0 and 1 are booleans": _forgets("reliable", PROJECT, "body.reliable", when="value in (0, 1)"),
    "an empty id": _forgets("versionId", SESSION, "body.versionId", when='value == "" and len(self._values) > 1'),
    "an empty customId for a test case": _forgets(
        "customId", SESSION, "body.customId", when=f'value == "" and {_set("testCaseId")}'
    ),
    "a required id may be absent": Fault(
        "validation.py",
        _REQUIRED,
        '        if value is None and name == "testId" and self._values:\n            return ""\n' + _REQUIRED,
        TEST_CASE,
        "data_rejection",
        "body.testId:required",
    ),
    "a required id may be null beside a status": Fault(
        "validation.py",
        _REQUIRED,
        f'        if name == "versionId" in self._values and value is None and {_set("status")}:\n'
        '            return "ver_123"\n' + _REQUIRED,
        SESSION,
        "data_rejection",
        "body.versionId",
    ),
    "metadata may be an array": _forgets("metadata", SESSION, "body.metadata", when="isinstance(value, list)"),
    "context may be a number": _forgets(
        "context", TEST_CASE, "body.context", when="isinstance(value, int | float) and not isinstance(value, bool)"
    ),
    "maxIterations may be 0": Fault(
        "operations/create_test_case.py",
        '"maxIterations": sent.integer("maxIterations", lowest=1)',
        '"maxIterations": sent.integer("maxIterations", lowest=0)',
        TEST_CASE,
        "data_rejection",
        "body.maxIterations",
    ),
    "maxIterations may be anything low for an augmented one": _forgets(
        "maxIterations", TEST_CASE, "body.maxIterations", when=_set("isAugmented")
    ),
    "a fraction is an integer": _forgets("userScore", TEST_CASE, "body.userScore", when="isinstance(value, float)"),
    "a score above 1": Fault(
        "operations/create_evaluations.py",
        "lowest=0, highest=1)",
        "lowest=0, highest=None)",
        BATCH,
        "data_rejection",
        "body.metrics[].score",
    ),
    "a score below 0 of a named metric": _forgets(
        "score", BATCH, "body.metrics[].score", when=f"{_set('name')} and kind == 'greater_than_equal'"
    ),
    "no sessions at all": Fault(
        "operations/create_evaluations.py",
        'properties.identifiers("sessionIds", non_empty=True)',
        'properties.identifiers("sessionIds")',
        BATCH,
        "data_rejection",
        "body.sessionIds",
    ),
    "an empty id behind the first": Fault(
        "validation.py",
        "if isinstance(item, str) and (item or empty_allowed):",
        "if isinstance(item, str) and (item or empty_allowed or index > 0):",
        BATCH,
        "data_rejection",
        "body.sessionIds[]",
    ),
    "a number among the tools": Fault(
        "validation.py",
        "            else:\n                kind = ",
        "            elif isinstance(item, bool) or not isinstance(item, int) or not empty_allowed:\n"
        "                kind = ",
        TEST_CASE,
        "data_rejection",
        "body.expectedTools[]",
    ),
    "any UUID will do": Fault(
        "validation.py",
        "-4[0-9a-fA-F]{3}-",
        "-[0-9a-fA-F]{4}-",
        PROJECT,
        "data_rejection",
        "body.log_stream_id",
    ),
    "any text is an experiment beside a name": _forgets(
        "experiment_id", PROJECT, "body.experiment_id", when=_set("name")
    ),
    "any project id": Fault(
        "operations/create_project_session.py",
        "    if not UUID4.fullmatch(project_id):",
        "    if not UUID4.fullmatch(project_id) and body == {}:",
        PROJECT,
        "data_rejection",
        "path.project_id",
    ),
    "an empty external_id for a named session": _forgets("external_id", PROJECT, "body.external_id", when=_set("name")),
    "the body may be an array": Fault(
        "validation.py",
        "        else:\n            self.refuse((), ",
        "        elif not isinstance(value, list):\n            self.refuse((), ",
        PROJECT,
        "data_rejection",
        "body",
    ),
    # Legal requests that are refused.
    "null is refused": Fault(
        "validation.py",
        "        value = self._values.get(name)\n        if value is None or isinstance(value, bool):",
        "        value = self._values.get(name)\n        if name not in self._values or isinstance(value, bool):",
        SESSION,
        "acceptance_conformance",
    ),
    "a long name is refused": Fault(
        "operations/create_project_session.py",
        "    return request, faults",
        '    if len(request.name or "") > 255:\n'
        '        faults.append(Fault(("body", "name"), "too_long", "too long"))\n'
        "    return request, faults",
        PROJECT,
        "acceptance_conformance",
    ),
    "a capital UUID is refused": Fault(
        "validation.py",
        "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}",
        "[0-9a-f]{8}-[0-9a-f]{4}",
        PROJECT,
        "acceptance_conformance",
    ),
    "10.0 is no integer": Fault(
        "validation.py",
        "        if isinstance(value, float) and value.is_integer():",
        "        if False:",
        TEST_CASE,
        "acceptance_conformance",
    ),
    "unknown properties are refused": Fault(
        "operations/create_project_session.py",
        "    return request, faults",
        """    known = "log_stream_id experiment_id metrics_testing_id previous_session_id name logging_method"
    if properties.unknown([*known.split(), "client_version", "reliable", "external_id"]):
        faults.append(Fault(("body",), "extra_forbidden", "unknown properties"))
    return request, faults""",
        PROJECT,
        "acceptance_conformance",
    ),
    "an imported session with metadata is refused": Fault(
        "operations/create_session.py",
        "    if not faults and test_case_id is not None:",
        "    if not faults and test_case_id is None and not request.is_production and request.metadata:\n"
        '        properties.refuse(("metadata",), "forbidden", "no")\n'
        "    if not faults and test_case_id is not None:",
        SESSION,
        "acceptance_conformance",
    ),
    # What answers mean.
    "the version does not come back": _answers(
        "create_session",
        '"versionId": request.version_id,',
        '"versionId": "ver_1",',
        SESSION,
        "session-version-comes-back",
    ),
    "the customId is lost beside a test case": _answers(
        "create_session",
        '"customId": request.custom_id,',
        '"customId": None if request.test_case_id else request.custom_id,',
        SESSION,
        "session-custom-id-comes-back",
    ),
    "production by default although there is a test case and a customId": _answers(
        "create_session",
        '"isProduction": request.is_production,',
        '"isProduction": request.is_production or bool(request.test_case_id and request.custom_id),',
        SESSION,
        "session-production-by-default",
    ),
    "an imported session that failed becomes production": _answers(
        "create_session",
        '"isProduction": request.is_production,',
        '"isProduction": request.is_production or (request.test_case_id is None and request.status == "FAILED"),',
        SESSION,
        "session-production-as-asked",
    ),
    "PENDING by default for a test case": _answers(
        "create_session",
        'properties.choice("status", STATUSES) or "COMPLETED"',
        'properties.choice("status", STATUSES) or ("PENDING" if test_case_id else "COMPLETED")',
        SESSION,
        "session-status-by-default",
    ),
    "FAILED is stored as COMPLETED": _answers(
        "create_session",
        '"status": request.status,',
        '"status": "COMPLETED" if request.status == "FAILED" else request.status,',
        SESSION,
        "session-status-as-asked",
    ),
    "a text context beside metadata is not wrapped": _answers(
        "create_session",
        '"context": context,',
        '"context": {"text": context["value"]} if context and "value" in context and request.metadata else context,',
        SESSION,
        "session-context-comes-back",
    ),
    "the test case's context is forgotten": _answers(
        "create_session",
        'context = json.loads(case.document)["context"]',
        "context = None",
        SESSION,
        "session-context-of-test-case",
    ),
    "metadata are cut to what is not empty": _answers(
        "create_session",
        '"metadata": request.metadata,',
        '"metadata": {k: v for k, v in request.metadata.items() if v} if request.metadata else request.metadata,',
        SESSION,
        "session-metadata-comes-back",
    ),
    "a failed session starts with an error": _answers(
        "create_session",
        '"error": None,',
        '"error": "failed" if request.status == "FAILED" else None,',
        SESSION,
        "session-starts-without-error",
    ),
    "an imported session is deleted": _answers(
        "create_session",
        '"deletedAt": None,',
        '"deletedAt": None if request.is_production or request.test_case_id else now(),',
        SESSION,
        "session-starts-undeleted",
    ),
    "sessions share an id": _answers(
        "create_session",
        '            "id": session_id,',
        '            "id": session_id if request.test_case_id else "ses_new",',
        SESSION,
        "session-id-is-new",
    ),
    "tools are sorted": _answers(
        "create_test_case",
        '_listed(sent.texts("expectedTools"))',
        'sorted(_listed(sent.texts("expectedTools")) or []) or None',
        TEST_CASE,
        "test-case-expected-tools-comes-back",
    ),
    "criteria are made distinct": _answers(
        "create_test_case",
        '_listed(sent.texts("stoppingCriterias"))',
        'None if not sent.is_set("stoppingCriterias") else list(dict.fromkeys(sent.texts("stoppingCriterias") or []))',
        TEST_CASE,
        "test-case-stopping-criterias-comes-back",
    ),
    "a text input becomes something else": _answers(
        "create_test_case",
        'text_becomes="user_message"',
        'text_becomes="value"',
        TEST_CASE,
        "test-case-input-comes-back",
    ),
    "confidence is rounded beside a reason": _answers(
        "create_test_case",
        '        "confidence": sent.number("confidence"),',
        '        "confidence": round(sent.number("confidence") or 0) if sent.is_set("confidenceReason") '
        'and sent.is_set("confidence") else sent.number("confidence"),',
        TEST_CASE,
        "test-case-confidence-comes-back",
    ),
    "text is trimmed": _answers(
        "create_test_case",
        '"goal": sent.text("goal"),',
        '"goal": (sent.text("goal") or "").strip() if sent.is_set("goal") else None,',
        TEST_CASE,
        "test-case-goal-comes-back",
    ),
    "text is cut": _answers(
        "create_test_case",
        '"scenario": sent.text("scenario"),',
        '"scenario": (sent.text("scenario") or "")[:200] if sent.is_set("scenario") else None,',
        TEST_CASE,
        "test-case-scenario-comes-back",
    ),
    "false becomes null": _answers(
        "create_test_case",
        '"isAugmented": sent.boolean("isAugmented"),',
        '"isAugmented": sent.boolean("isAugmented") or None,',
        TEST_CASE,
        "test-case-is-augmented-comes-back",
    ),
    "a failure is not listed": _answers(
        "create_evaluations",
        '"sessionsFailed": len(selection.failures),',
        '"sessionsFailed": len(selection.failures) + 1,',
        BATCH,
        "batch-lists-every-failure",
    ),
    "sessions have a total": _answers(
        "create_evaluations",
        '"totalSessionsAvailable": selection.available,',
        '"totalSessionsAvailable": evaluated if request.session_ids and request.specification_ids '
        "else selection.available,",
        BATCH,
        "batch-of-sessions-has-no-total",
    ),
    "a failure names another session": _answers(
        "create_evaluations",
        '{"sessionId": session_id, "error": error}',
        '{"sessionId": session_id + "x", "error": error}',
        BATCH,
        "batch-fails-only-listed-sessions",
    ),
    "a session named twice is evaluated twice": _answers(
        "create_evaluations",
        "session_ids=None if session_ids is None else tuple(dict.fromkeys(session_ids)),",
        "session_ids=None if session_ids is None else tuple(session_ids),",
        BATCH,
        "batch-handles-at-most-the-listed-sessions",
    ),
    "truncated from the thousandth session": _answers(
        "create_evaluations",
        '"truncated": selection.available is not None and selection.available > MAX_SESSIONS,',
        '"truncated": selection.available is not None and selection.available >= MAX_SESSIONS,',
        BATCH,
        "batch-of-version-is-truncated-above-1000",
    ),
    "more than 1000 sessions at once": _answers(
        "create_evaluations",
        "MAX_SESSIONS = 1000",
        "MAX_SESSIONS = 1001",
        BATCH,
        "batch-of-version-handles-at-most-1000",
    ),
    "the same metric twice counts twice": _answers(
        "create_evaluations",
        "        found.setdefault(metric.key, metric)",
        "        found.setdefault((metric.key, len(found)), metric)",
        BATCH,
        "batch-creates-one-evaluation-per-session-and-metric",
    ),
    "metrics of one id and two names are two": _answers(
        "create_evaluations",
        'return ("id", self.id) if self.id is not None else ("name", self.name)',
        "return (self.id, self.name)",
        BATCH,
        "batch-creates-one-evaluation-per-session-and-metric",
    ),
    "the project id is the default one": _answers(
        "create_project_session",
        '"project_id": request.project_id,',
        '"project_id": session_id,',
        PROJECT,
        "project-session-is-of-the-project",
    ),
    "an empty name is null": _answers(
        "create_project_session",
        '"name": request.name,',
        '"name": request.name or None,',
        PROJECT,
        "project-session-name-comes-back",
    ),
    "the external id is lost for a client version": _answers(
        "create_project_session",
        _EXTERNAL_ID,
        f'external_id=None if properties.is_set("client_version") else {_EXTERNAL_ID[12:]}',
        PROJECT,
        "project-session-external-id-comes-back",
    ),
    # What refusals say, and to whom.
    "a refusal names the other rule": Fault(
        "operations/create_session.py",
        'rule="test-case-session-is-not-production"',
        'rule="test-case-provides-context"',
        SESSION,
        "refusal_conformance",
        "test-case-session-is-not-production",
    ),
    "a refusal points at nothing": Fault(
        "operations/create_evaluations.py",
        'item.refuse((), "missing", "a metric needs an id or a name"',
        'properties.refuse((), "missing", "a metric needs an id or a name"',
        BATCH,
        "refusal_conformance",
        "metric-has-id-or-name",
    ),
    "413 goes before 415": Fault(
        "body.py",
        "    if fault is None and _declared_length(heads) > MAX_BODY_BYTES:",
        "    if _declared_length(heads) > MAX_BODY_BYTES:",
        SESSION,
        "refusal_order_conformance",
    ),
    "409 goes before 404": Fault(
        "operations/create_session.py",
        "    require(access)\n    record = ",
        """    if any(item[2] is not Access.GRANTED for item in access[1:]) and request.custom_id:
        raise Problem(409, "taken")
    require(access)
    record = """,
        SESSION,
        "refusal_order_conformance",
    ),
    "the body is judged before the key": Fault(
        "app.py",
        "            caller = self._keys.authenticate(self._vendor, heads)\n"
        "            body = await read_json(heads, receive, self._vendor)\n",
        "            body = await read_json(heads, receive, self._vendor)\n"
        "            caller = self._keys.authenticate(self._vendor, heads)\n",
        SESSION,
        "refusal_order_conformance",
    ),
    "customId may be taken": Fault(
        "operations/create_session.py",
        "    except DuplicateCustomIdError:\n",
        "    except DuplicateCustomIdError:\n        return Answer(201, record.document)\n",
        SESSION,
        "duplicate_rejection",
    ),
    "an unknown version is accepted": Fault(
        "operations/create_session.py",
        'access = [("version", request.version_id, catalog.versions.access(request.version_id, call.caller))]',
        'access = [("version", request.version_id, Access.GRANTED)]',
        SESSION,
        "unknown_id_rejection",
    ),
    "an unknown specification among known ones is accepted": Fault(
        "operations/create_evaluations.py",
        "    access += _access(call, request.specification_ids, catalog)\n",
        "    access += _access(call, request.specification_ids[:1], catalog)\n",
        BATCH,
        "unknown_id_rejection",
    ),
    "any key will do": Fault(
        "auth.py",
        "if caller.is_among(self._known[vendor]):",
        "if True:",
        SESSION,
        "credential_rejection",
    ),
    "legacy keys are refused": Fault(
        "auth.py",
        "    if not key.startswith(GALTEA_PREFIXES):",
        "    if not key.startswith(GALTEA_PREFIXES[0]):",
        SESSION,
        "credential_conformance",
    ),
    "a key without its scheme": Fault(
        "auth.py",
        '    scheme, _, key = values[0].partition(" ")',
        '    scheme, _, key = values[0].partition(" ") if " " in values[0] else ("bearer", "", values[0])',
        SESSION,
        "credential_rejection",
    ),
    "401 without a challenge": Fault(
        "auth.py",
        "headers=_CHALLENGE if vendor is Vendor.GALTEA else None",
        "headers=None",
        SESSION,
        "header_conformance",
    ),
    "a larger body is read": Fault(
        "body.py", "MAX_BODY_BYTES = 1_048_576", "MAX_BODY_BYTES = 8_388_608", SESSION, "size_rejection"
    ),
    "text/plain is JSON": Fault(
        "body.py",
        'if kind != "application/json":',
        'if kind not in ("application/json", "text/plain"):',
        SESSION,
        "media_type_rejection",
    ),
    "an error without a message": Fault(
        "errors.py",
        '"message": problem.message}',
        '"text": problem.message}',
        SESSION,
        "schema_conformance",
    ),
    "201 is said as 200": Fault(
        "operations/create_session.py",
        "return Answer(201, record.document)",
        "return Answer(200, record.document)",
        SESSION,
        "status_conformance",
    ),
}
