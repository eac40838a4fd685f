"""More faults of evalsessions-server, found by looking for what speclock misses; see `server_faults`."""

from __future__ import annotations

from tests.quality.server_faults import Fault

__all__ = ["FURTHER_FAULTS"]

FURTHER_FAULTS: dict[str, Fault] = {
    "a lone surrogate is read": Fault(
        "strict_json.py",
        "    if _SURROGATE_ESCAPE.search(text) and",
        "    if False and",
        "createSession",
        "malformed_body_rejection",
        "a lone surrogate",
    ),
    "a number beyond a double is read": Fault(
        "strict_json.py",
        ("    if math.isinf(number):\n        raise _UnsoundValueError"),
        ("    if math.isinf(number):\n        return 1e308"),
        "createSession",
        "malformed_body_rejection",
        "a number beyond a double",
    ),
    "an integer beyond a double is read": Fault(
        "strict_json.py",
        (
            "    if len(digits) >= _DIGITS_OF_LARGEST_DOUBLE and _is_beyond_double(digits):\n"
            "        raise _UnsoundValueError"
        ),
        "    if len(digits) >= 4000: return 1",
        "createSession",
        "malformed_body_rejection",
        "an integer beyond a double",
    ),
    "an unknown session is dropped": Fault(
        "operations/create_evaluations.py",
        ('            failures.append((session_id, "the session does not exist"))\n            continue'),
        "            continue",
        "createEvaluationsFromSessions",
        "unknown_id_conformance",
        "body.sessionIds[]:unknown",
    ),
    "an unknown session counts as evaluated": Fault(
        "operations/create_evaluations.py",
        "        if known is None and not services.catalog.open_world:",
        "        if False:",
        "createEvaluationsFromSessions",
        "unknown_id_conformance",
        "body.sessionIds[]:unknown",
    ),
    "an unknown session is 404 beside specifications": Fault(
        "operations/create_evaluations.py",
        ('            failures.append((session_id, "the session does not exist"))\n            continue'),
        (
            "            if request.specification_ids:\n"
            "                from evalsessions_server.errors import Problem\n"
            '                raise Problem(404, "no such session")\n'
            '            failures.append((session_id, "x"))\n'
            "            continue"
        ),
        "createEvaluationsFromSessions",
        "unknown_id_conformance",
        "body.sessionIds[]:unknown",
    ),
    "a test case with an id is refused": Fault(
        "operations/create_test_case.py",
        "    return TestCaseRequest(test_id, properties), faults",
        (
            "    v = sent._values\n"
            "    if not faults and v.get('id') != 'tc_123' and (\"id\" in v):\n"
            '        sent.refuse(("x",), "forbidden", "no")\n'
            "    return TestCaseRequest(test_id, properties), faults"
        ),
        "createTestCase",
        "acceptance_conformance",
        None,
    ),
    "production with a test case is accepted beside a long customId": Fault(
        "operations/create_session.py",
        "    if request.is_production:",
        "    if request.is_production and not (len(request.custom_id or '') > 100):",
        "createSession",
        "rule_rejection",
        "test-case-session-is-not-production",
    ),
    "two rules are named in the other order beside metadata": Fault(
        "operations/create_session.py",
        ('rule="test-case-provides-context",\n        )\n'),
        (
            'rule="test-case-provides-context",\n'
            "        )\n"
            "        if request.metadata is not None: properties.faults.reverse()\n"
        ),
        "createSession",
        "refusal_conformance",
        "test-case-session-is-not-production",
    ),
    "a wrong key is 403": Fault(
        "auth.py",
        '        raise _unauthorized(vendor, "this key is not known here")',
        '        raise Problem(403, "this key is not known here")',
        "createSession",
        "credential_rejection",
        "credential: wrong",
    ),
    "a refusal points at the test case beside a customId": Fault(
        "operations/create_session.py",
        ('            ("context",),\n            "forbidden",'),
        ('            ("testCaseId",) if request.custom_id else ("context",),\n            "forbidden",'),
        "createSession",
        "refusal_conformance",
        "test-case-provides-context",
    ),
    "a refusal points at the first metric": Fault(
        "operations/create_evaluations.py",
        'item.refuse((), "missing", "a metric needs an id or a name"',
        'properties.refuse(("metrics", 0), "missing", "a metric needs an id or a name"',
        "createEvaluationsFromSessions",
        "refusal_conformance",
        "metric-has-id-or-name",
    ),
    "an unknown test is accepted beside a reviewer": Fault(
        "operations/create_test_case.py",
        ('    require([("test", request.test_id, services.catalog.tests.access(request.test_id, call.caller))])'),
        (
            "    if not (request.properties['reviewedById']):\n"
            '        require([("test", request.test_id, services.catalog.tests.access(request.test_id, '
            "call.caller))])"
        ),
        "createTestCase",
        "unknown_id_rejection",
        "body.testId:unknown",
    ),
    "only the first metric is looked up": Fault(
        "operations/create_evaluations.py",
        ("        for metric in request.metrics\n        if"),
        ("        for metric in request.metrics[:1]\n        if"),
        "createEvaluationsFromSessions",
        "unknown_id_rejection",
        "body.metrics[].id:unknown",
    ),
    "no version for an imported session": Fault(
        "validation.py",
        ("        if value is None:\n            got = "),
        (
            '        if value is None and name in self._values and name == "versionId" and '
            'self._values.get("isProduction") is False:\n'
            '            return "ver_123"\n'
            "        if value is None:\n"
            "            got = "
        ),
        "createSession",
        "data_rejection",
        "body.versionId",
    ),
    "a nameless metric is accepted behind two others": Fault(
        "operations/create_evaluations.py",
        "        for item in nameless:",
        "        for item in [item for item in nameless if not (item._location[-1] == 2)]:",
        "createEvaluationsFromSessions",
        "rule_rejection",
        "metric-has-id-or-name",
    ),
    "a score above 1 of the second metric": Fault(
        "validation.py",
        'self.refuse((name,), kind, f"expected {expected}, got {kind_of(value)}")',
        (
            'if not (name == "score" and (kind == "less_than_equal" and self._location[-1] > 0)):\n'
            '            self.refuse((name,), kind, f"expected {expected}, got {kind_of(value)}")'
        ),
        "createEvaluationsFromSessions",
        "data_rejection",
        "body.metrics[].score",
    ),
    "the previous session comes back in small letters": Fault(
        "operations/create_project_session.py",
        '"previous_session_id": previous,',
        '"previous_session_id": previous and previous.lower(),',
        "createProjectSession",
        "rule_conformance",
        "project-session-previous-comes-back",
    ),
    "a large body is read when its length is not announced": Fault(
        "body.py",
        ("        if len(body) > MAX_BODY_BYTES:\n            raise _too_large()"),
        ("        if len(body) > MAX_BODY_BYTES * 100:\n            raise _too_large()"),
        "createSession",
        "size_rejection",
        None,
    ),
    "of two failures one is counted": Fault(
        "operations/create_evaluations.py",
        '"sessionsFailed": len(selection.failures),',
        '"sessionsFailed": min(1, len(selection.failures)),',
        "createEvaluationsFromSessions",
        "rule_conformance",
        "batch-lists-every-failure",
    ),
    "metrics of names in other case are one": Fault(
        "operations/create_evaluations.py",
        'else ("name", self.name)',
        'else ("name", self.name.lower())',
        "createEvaluationsFromSessions",
        "rule_conformance",
        "batch-creates-one-evaluation-per-session-and-metric",
    ),
    "production with a test case is accepted when the status is null": Fault(
        "operations/create_session.py",
        "    if request.is_production:",
        (
            "    if request.is_production and not ('status' in properties._values and "
            "properties._values['status'] is None):"
        ),
        "createSession",
        "rule_rejection",
        "test-case-session-is-not-production",
    ),
    "context with a test case is accepted when isProduction is null": Fault(
        "operations/create_session.py",
        '    if properties.is_set("context"):',
        (
            "    if properties.is_set(\"context\") and not ('isProduction' in properties._values and "
            "properties._values['isProduction'] is None):"
        ),
        "createSession",
        "rule_rejection",
        "test-case-provides-context",
    ),
    "both selections while the metrics are null": Fault(
        "operations/create_evaluations.py",
        "        if (session_ids is None) == (version_id is None):",
        (
            "        if (session_ids is None) == (version_id is None) and not (version_id is not None and "
            "('metrics' in properties._values and properties._values['metrics'] is None)):"
        ),
        "createEvaluationsFromSessions",
        "rule_rejection",
        "exactly-one-selection",
    ),
    "both selections of several sessions": Fault(
        "operations/create_evaluations.py",
        "        if (session_ids is None) == (version_id is None):",
        (
            "        if (session_ids is None) == (version_id is None) and not (version_id is not None and "
            "(session_ids and len(session_ids) > 1)):"
        ),
        "createEvaluationsFromSessions",
        "rule_rejection",
        "exactly-one-selection",
    ),
    "no selection beside specifications": Fault(
        "operations/create_evaluations.py",
        "        if (session_ids is None) == (version_id is None):",
        (
            "        if (session_ids is None) == (version_id is None) and not (version_id is None and "
            "(specification_ids)):"
        ),
        "createEvaluationsFromSessions",
        "rule_rejection",
        "exactly-one-selection",
    ),
    "a nameless metric whose id is null": Fault(
        "operations/create_evaluations.py",
        "        for item in nameless:",
        "        for item in [item for item in nameless if not ('id' in item._values)]:",
        "createEvaluationsFromSessions",
        "rule_rejection",
        "metric-has-id-or-name",
    ),
    "a nameless metric with a score of 0": Fault(
        "operations/create_evaluations.py",
        "        for item in nameless:",
        "        for item in [item for item in nameless if not (item._values.get('score') == 0)]:",
        "createEvaluationsFromSessions",
        "rule_rejection",
        "metric-has-id-or-name",
    ),
    "any status of a production session": Fault(
        "validation.py",
        'self.refuse((name,), kind, f"expected {expected}, got {kind_of(value)}")',
        (
            'if not (name == "status" and (self._values.get("isProduction") is True)):\n'
            '            self.refuse((name,), kind, f"expected {expected}, got {kind_of(value)}")'
        ),
        "createSession",
        "data_rejection",
        "body.status",
    ),
    "a number as customId of an imported session": Fault(
        "validation.py",
        'self.refuse((name,), kind, f"expected {expected}, got {kind_of(value)}")',
        (
            'if not (name == "customId" and (self._values.get("isProduction") is False)):\n'
            '            self.refuse((name,), kind, f"expected {expected}, got {kind_of(value)}")'
        ),
        "createSession",
        "data_rejection",
        "body.customId",
    ),
    "versionId may be absent beside a customId": Fault(
        "validation.py",
        ("        if value is None:\n            got = "),
        (
            '        if value is None and name == "versionId" and self._values.get("customId"):\n'
            '            return "ver_123"\n'
            "        if value is None:\n"
            "            got = "
        ),
        "createSession",
        "data_rejection",
        "body.versionId:required",
    ),
    "an empty reviewer beside a score": Fault(
        "validation.py",
        'self.refuse((name,), kind, f"expected {expected}, got {kind_of(value)}")',
        (
            'if not (name == "reviewedById" and (value == "" and self._values.get("userScore") is not '
            "None)):\n"
            '            self.refuse((name,), kind, f"expected {expected}, got {kind_of(value)}")'
        ),
        "createTestCase",
        "data_rejection",
        "body.reviewedById",
    ),
    "a text is a number of iterations": Fault(
        "validation.py",
        'self.refuse((name,), kind, f"expected {expected}, got {kind_of(value)}")',
        (
            'if not (name == "maxIterations" and (isinstance(value, str))):\n'
            '            self.refuse((name,), kind, f"expected {expected}, got {kind_of(value)}")'
        ),
        "createTestCase",
        "data_rejection",
        "body.maxIterations",
    ),
    "a null at the end of the specifications": Fault(
        "validation.py",
        ('            else:\n                kind = "string_too_short"'),
        (
            '            elif name == "specificationIds" and (item is None and index == len(items) - 1): '
            "pass\n"
            "            else:\n"
            '                kind = "string_too_short"'
        ),
        "createEvaluationsFromSessions",
        "data_rejection",
        "body.specificationIds[]",
    ),
    "an empty session id beside metrics": Fault(
        "validation.py",
        ('            else:\n                kind = "string_too_short"'),
        (
            "            elif name == \"sessionIds\" and (item == '' and self._values.get('metrics')): pass\n"
            "            else:\n"
            '                kind = "string_too_short"'
        ),
        "createEvaluationsFromSessions",
        "data_rejection",
        "body.sessionIds[]",
    ),
    "any logging method beside a client version": Fault(
        "validation.py",
        'self.refuse((name,), kind, f"expected {expected}, got {kind_of(value)}")',
        (
            'if not (name == "logging_method" and (self._values.get("client_version") is not None)):\n'
            '            self.refuse((name,), kind, f"expected {expected}, got {kind_of(value)}")'
        ),
        "createProjectSession",
        "data_rejection",
        "body.logging_method",
    ),
    "white space around a UUID": Fault(
        "validation.py",
        "if isinstance(value, str) and UUID4.fullmatch(value):",
        "if isinstance(value, str) and UUID4.fullmatch(value.strip()):",
        "createProjectSession",
        "data_rejection",
        None,
    ),
    "more behind a UUID": Fault(
        "validation.py",
        "if isinstance(value, str) and UUID4.fullmatch(value):",
        "if isinstance(value, str) and UUID4.match(value):",
        "createProjectSession",
        "data_rejection",
        None,
    ),
    "an unknown metric is accepted when it has a name": Fault(
        "operations/create_evaluations.py",
        ("        if metric.id is not None\n    ]"),
        ("        if metric.id is not None and metric.name is None\n    ]"),
        "createEvaluationsFromSessions",
        "unknown_id_rejection",
        None,
    ),
    "an unknown project is accepted for a named session": Fault(
        "operations/create_project_session.py",
        ('access = [("project", request.project_id, catalog.projects.access(request.project_id, call.caller))]'),
        (
            'access = [("project", request.project_id, catalog.projects.access(request.project_id, '
            "call.caller))]\n"
            "    if request.name: access = []"
        ),
        "createProjectSession",
        "unknown_id_rejection",
        None,
    ),
    "a project in capitals is unknown": Fault(
        "operations/create_project_session.py",
        "        project_id=project_id.lower(),",
        "        project_id=project_id,",
        "createProjectSession",
        "acceptance_conformance",
        None,
    ),
    "test cases that the run created are unknown": Fault(
        "operations/create_session.py",
        ("        if case is not None:\n"),
        ("        if case is not None and request.test_case_id == 'tc_123':\n"),
        "createSession",
        "acceptance_conformance",
        None,
    ),
    "previous sessions that the run created are unknown": Fault(
        "operations/create_project_session.py",
        "Access.GRANTED if known else",
        "Access.GRANTED if known and False else",
        "createProjectSession",
        "acceptance_conformance",
        None,
    ),
    "metadata of the request before": Fault(
        "operations/create_session.py",
        '"metadata": request.metadata,',
        ('"metadata": globals().__setitem__("_M", request.metadata or globals().get("_M")) or globals()["_M"],'),
        "createSession",
        "rule_conformance",
        "session-metadata-comes-back",
    ),
    "PENDING when the status is null": Fault(
        "operations/create_session.py",
        'status=properties.choice("status", STATUSES) or "COMPLETED"',
        (
            'status=properties.choice("status", STATUSES) or ("PENDING" if "status" in properties._values '
            'else "COMPLETED")'
        ),
        "createSession",
        "rule_conformance",
        "session-status-by-default",
    ),
    "not production when testCaseId is null": Fault(
        "operations/create_session.py",
        "is_production=test_case_id is None if",
        'is_production="testCaseId" not in properties._values if',
        "createSession",
        "rule_conformance",
        "session-production-by-default",
    ),
    "an object input is wrapped": Fault(
        "operations/create_test_case.py",
        '        "input": sent.text_or_object("input", text_becomes="user_message"),',
        (
            "        \"input\": (lambda x, v: x if x is None or isinstance(v.get('input'), str) or "
            "'user_message' in x else {'user_message': x})(sent.text_or_object(\"input\", "
            'text_becomes="user_message"), sent._values),'
        ),
        "createTestCase",
        "rule_conformance",
        "test-case-input-comes-back",
    ),
    "iterations have a default": Fault(
        "operations/create_test_case.py",
        '        "maxIterations": sent.integer("maxIterations", lowest=1),',
        (
            '        "maxIterations": (lambda x, v: 10 if x is None else x)(sent.integer("maxIterations", '
            "lowest=1), sent._values),"
        ),
        "createTestCase",
        "rule_conformance",
        "test-case-max-iterations-comes-back",
    ),
    "one reason instead of the other": Fault(
        "operations/create_test_case.py",
        '        "confidenceReason": sent.text("confidenceReason"),',
        (
            "        \"confidenceReason\": (lambda x, v: v.get('userScoreReason') if x and "
            "v.get('userScoreReason') else x)(sent.text(\"confidenceReason\"), sent._values),"
        ),
        "createTestCase",
        "rule_conformance",
        "test-case-confidence-reason-comes-back",
    ),
    "sessions are truncated when one failed": Fault(
        "operations/create_evaluations.py",
        '"truncated": selection.available is not None and',
        '"truncated": bool(selection.failures) or selection.available is not None and',
        "createEvaluationsFromSessions",
        "rule_conformance",
        "batch-of-sessions-is-not-truncated",
    ),
    "failed sessions count as evaluated ones": Fault(
        "operations/create_evaluations.py",
        '"evaluationsCreated": created,',
        '"evaluationsCreated": created + len(selection.failures),',
        "createEvaluationsFromSessions",
        "rule_conformance",
        "batch-creates-one-evaluation-per-session-and-metric",
    ),
    "metrics of other scores are other metrics": Fault(
        "operations/create_evaluations.py",
        'return ("id", self.id) if self.id is not None else ("name", self.name)',
        'return (("id", self.id) if self.id is not None else ("name", self.name)) + (self.score,)',
        "createEvaluationsFromSessions",
        "rule_conformance",
        "batch-creates-one-evaluation-per-session-and-metric",
    ),
    "a session has the id of the previous one": Fault(
        "operations/create_project_session.py",
        '            "id": session_id,',
        '            "id": previous or session_id,',
        "createProjectSession",
        "rule_conformance",
        "project-session-id-is-new",
    ),
    "an external id is made up": Fault(
        "operations/create_project_session.py",
        '"external_id": request.external_id,',
        '"external_id": request.external_id or session_id,',
        "createProjectSession",
        "rule_conformance",
        "project-session-external-id-comes-back",
    ),
    "no challenge for an unknown key": Fault(
        "auth.py",
        '        raise _unauthorized(vendor, "this key is not known here")',
        '        raise Problem(401, "this key is not known here")',
        "createSession",
        "header_conformance",
        None,
    ),
    "413 goes before 401": Fault(
        "app.py",
        ("            caller = self._keys.authenticate(self._vendor, heads)\n"),
        (
            "            if int(heads.get('content-length', ['0'])[0]) > 1048576: raise Problem(413, 'too "
            "large')\n"
            "            caller = self._keys.authenticate(self._vendor, heads)\n"
        ),
        "createSession",
        "refusal_order_conformance",
        None,
    ),
    "a conflict without a message": Fault(
        "errors.py",
        '"message": problem.message}',
        '**({} if problem.status == 409 else {"message": problem.message})}',
        "createSession",
        "schema_conformance",
        None,
    ),
    "a list of texts as the detail of 413": Fault(
        "errors.py",
        '            return {"detail": problem.message}',
        '            return {"detail": [problem.message] if problem.status == 413 else problem.message}',
        "createProjectSession",
        "schema_conformance",
        None,
    ),
}
