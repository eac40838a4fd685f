"""What openapi.yaml says beyond the generated code: request rules, keys, repeatability, answers."""

from typing import Any

__all__ = ["OPERATIONS", "READING_SCHEMAS", "REQUEST_SCHEMAS", "VERSION"]

VERSION = "1.0.0"

OPERATIONS: dict[str, dict[str, Any]] = {
    "createEvaluationsFromSessions": {
        "method": "POST",
        "path": "/evaluations/fromSessions",
        "summary": "Evaluate many sessions at once",
        "server": "https://api.galtea.ai",
        "key": {"header": "Authorization", "prefix": "Bearer "},
        "retry": "never",
        "parameters": [],
        "request": {"$ref": "#/components/schemas/BatchEvaluationRequest"},
        "expressions": [],
        "responses": {"200": {"$ref": "#/components/schemas/BatchEvaluation"}},
    },
    "createProjectSession": {
        "method": "POST",
        "path": "/v2/projects/{project_id}/sessions",
        "summary": "Create a session in a project",
        "server": "https://api.galileo.ai",
        "key": {"header": "Galileo-API-Key", "prefix": ""},
        "retry": "never",
        "parameters": [{"name": "project_id", "in": "path", "schema": {"$ref": "#/components/schemas/UuidV4"}}],
        "request": {"$ref": "#/components/schemas/NewProjectSession"},
        "expressions": [],
        "responses": {"200": {"$ref": "#/components/schemas/ProjectSession"}},
    },
    "createSession": {
        "method": "POST",
        "path": "/sessions",
        "summary": "Create a session",
        "server": "https://api.galtea.ai",
        "key": {"header": "Authorization", "prefix": "Bearer "},
        "retry": {"when": "request.body.customId"},
        "parameters": [],
        "request": {"$ref": "#/components/schemas/NewSession"},
        "expressions": [],
        "responses": {"201": {"$ref": "#/components/schemas/Session"}},
    },
    "createTestCase": {
        "method": "POST",
        "path": "/testCases",
        "summary": "Create a test case",
        "server": "https://api.galtea.ai",
        "key": {"header": "Authorization", "prefix": "Bearer "},
        "retry": "never",
        "parameters": [],
        "request": {"$ref": "#/components/schemas/NewTestCase"},
        "expressions": [],
        "responses": {"201": {"$ref": "#/components/schemas/TestCase"}},
    },
}

REQUEST_SCHEMAS: dict[str, Any] = {
    "JsonObject": {"type": "object", "additionalProperties": True},
    "UuidV4": {
        "type": "string",
        "format": "uuid",
        "pattern": "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$",
    },
    "SessionStatus": {"type": "string", "enum": ["PENDING", "COMPLETED", "FAILED"]},
    "LoggingMethod": {"type": "string", "enum": ["playground", "python_client", "typescript_client", "api_direct"]},
    "NewSession": {
        "type": "object",
        "required": ["versionId"],
        "properties": {
            "versionId": {"type": "string", "minLength": 1},
            "customId": {"type": ["string", "null"], "minLength": 1},
            "testCaseId": {"type": ["string", "null"], "minLength": 1},
            "isProduction": {"type": ["boolean", "null"]},
            "context": {"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/JsonObject"}, {"type": "null"}]},
            "metadata": {"oneOf": [{"$ref": "#/components/schemas/JsonObject"}, {"type": "null"}]},
            "status": {"oneOf": [{"$ref": "#/components/schemas/SessionStatus"}, {"type": "null"}]},
        },
        "allOf": [
            {
                "title": "test-case-session-is-not-production",
                "description": "a session of a test case is not production: remove "
                "isProduction, or send false, or remove testCaseId",
                "not": {
                    "type": "object",
                    "required": ["testCaseId", "isProduction"],
                    "properties": {"testCaseId": {"not": {"type": "null"}}, "isProduction": {"const": True}},
                },
            },
            {
                "title": "test-case-provides-context",
                "description": "the test case provides the context: remove context or testCaseId",
                "not": {
                    "type": "object",
                    "required": ["testCaseId", "context"],
                    "properties": {"testCaseId": {"not": {"type": "null"}}, "context": {"not": {"type": "null"}}},
                },
            },
        ],
    },
    "NewTestCase": {
        "type": "object",
        "required": ["testId"],
        "properties": {
            "testId": {"type": "string", "minLength": 1},
            "input": {"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/JsonObject"}, {"type": "null"}]},
            "context": {"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/JsonObject"}, {"type": "null"}]},
            "expectedOutput": {"type": ["string", "null"]},
            "expectedTools": {"type": ["array", "null"], "items": {"type": "string"}},
            "source": {"type": ["string", "null"]},
            "sourceFile": {"type": ["string", "null"]},
            "confidence": {"type": ["number", "null"]},
            "confidenceReason": {"type": ["string", "null"]},
            "variant": {"type": ["string", "null"]},
            "strategy": {"type": ["string", "null"]},
            "languageCode": {"type": ["string", "null"]},
            "userPersona": {"type": ["string", "null"]},
            "scenario": {"type": ["string", "null"]},
            "goal": {"type": ["string", "null"]},
            "stoppingCriterias": {"type": ["array", "null"], "items": {"type": "string"}},
            "maxIterations": {"type": ["integer", "null"], "minimum": 1},
            "isAugmented": {"type": ["boolean", "null"]},
            "reviewedById": {"type": ["string", "null"], "minLength": 1},
            "userScore": {"type": ["integer", "null"]},
            "userScoreReason": {"type": ["string", "null"]},
        },
    },
    "BatchEvaluationRequest": {
        "type": "object",
        "properties": {
            "sessionIds": {"type": ["array", "null"], "minItems": 1, "items": {"type": "string", "minLength": 1}},
            "versionId": {"type": ["string", "null"], "minLength": 1},
            "metrics": {"type": ["array", "null"], "items": {"$ref": "#/components/schemas/MetricSelection"}},
            "specificationIds": {"type": ["array", "null"], "items": {"type": "string", "minLength": 1}},
        },
        "allOf": [
            {
                "title": "exactly-one-selection",
                "description": "send exactly one of sessionIds and versionId",
                "oneOf": [
                    {
                        "type": "object",
                        "required": ["sessionIds"],
                        "properties": {"sessionIds": {"not": {"type": "null"}}},
                    },
                    {"required": ["versionId"], "properties": {"versionId": {"not": {"type": "null"}}}},
                ],
            }
        ],
    },
    "MetricSelection": {
        "type": "object",
        "properties": {
            "id": {"type": ["string", "null"], "minLength": 1},
            "name": {"type": ["string", "null"]},
            "score": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
        },
        "allOf": [
            {
                "title": "metric-has-id-or-name",
                "description": "a metric needs an id or a name",
                "anyOf": [
                    {"required": ["id"], "properties": {"id": {"not": {"type": "null"}}}},
                    {"required": ["name"], "properties": {"name": {"not": {"type": "null"}}}},
                ],
            }
        ],
    },
    "NewProjectSession": {
        "type": "object",
        "properties": {
            "log_stream_id": {"oneOf": [{"$ref": "#/components/schemas/UuidV4"}, {"type": "null"}]},
            "experiment_id": {"oneOf": [{"$ref": "#/components/schemas/UuidV4"}, {"type": "null"}]},
            "metrics_testing_id": {"oneOf": [{"$ref": "#/components/schemas/UuidV4"}, {"type": "null"}]},
            "previous_session_id": {"oneOf": [{"$ref": "#/components/schemas/UuidV4"}, {"type": "null"}]},
            "logging_method": {"oneOf": [{"$ref": "#/components/schemas/LoggingMethod"}, {"type": "null"}]},
            "client_version": {"type": ["string", "null"]},
            "reliable": {"oneOf": [{"type": "boolean"}, {"type": "null"}]},
            "name": {"type": ["string", "null"]},
            "external_id": {"type": ["string", "null"], "minLength": 1},
        },
    },
}

READING_SCHEMAS: dict[str, Any] = {
    "JsonObject": {"type": "object", "additionalProperties": True},
    "UuidV4": {
        "type": "string",
        "format": "uuid",
        "pattern": "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-4[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}$",
    },
    "SessionStatus": {"type": "string"},
    "Session": {
        "type": "object",
        "required": ["id", "versionId", "status", "isProduction", "createdAt"],
        "properties": {
            "id": {"type": "string", "minLength": 1},
            "customId": {"type": ["string", "null"], "minLength": 1},
            "versionId": {"type": "string", "minLength": 1},
            "userId": {"type": ["string", "null"]},
            "testCaseId": {"type": ["string", "null"], "minLength": 1},
            "context": {"oneOf": [{"$ref": "#/components/schemas/JsonObject"}, {"type": "null"}]},
            "stoppingReason": {"type": ["string", "null"]},
            "error": {"type": ["string", "null"]},
            "status": {"$ref": "#/components/schemas/SessionStatus"},
            "isProduction": {"type": "boolean"},
            "metadata": {"oneOf": [{"$ref": "#/components/schemas/JsonObject"}, {"type": "null"}]},
            "createdAt": {"type": "string", "format": "date-time"},
            "deletedAt": {"type": ["string", "null"], "format": "date-time"},
        },
    },
    "TestCase": {
        "type": "object",
        "required": ["id", "testId", "createdAt"],
        "properties": {
            "id": {"type": "string", "minLength": 1},
            "testId": {"type": "string", "minLength": 1},
            "userId": {"type": ["string", "null"]},
            "input": {"oneOf": [{"$ref": "#/components/schemas/JsonObject"}, {"type": "null"}]},
            "context": {"oneOf": [{"$ref": "#/components/schemas/JsonObject"}, {"type": "null"}]},
            "expectedOutput": {"type": ["string", "null"]},
            "expectedTools": {"type": ["array", "null"], "items": {"type": "string"}},
            "source": {"type": ["string", "null"]},
            "sourceFile": {"type": ["string", "null"]},
            "confidence": {"type": ["number", "null"]},
            "confidenceReason": {"type": ["string", "null"]},
            "variant": {"type": ["string", "null"]},
            "strategy": {"type": ["string", "null"]},
            "languageCode": {"type": ["string", "null"]},
            "userPersona": {"type": ["string", "null"]},
            "scenario": {"type": ["string", "null"]},
            "goal": {"type": ["string", "null"]},
            "stoppingCriterias": {"type": ["array", "null"], "items": {"type": "string"}},
            "maxIterations": {"type": ["integer", "null"], "minimum": 1},
            "isAugmented": {"type": ["boolean", "null"]},
            "reviewedById": {"type": ["string", "null"], "minLength": 1},
            "userScore": {"type": ["integer", "null"]},
            "userScoreReason": {"type": ["string", "null"]},
            "creditsUsed": {"type": ["integer", "null"]},
            "sourceTestCaseId": {"type": ["string", "null"]},
            "createdAt": {"type": "string", "format": "date-time"},
            "deletedAt": {"type": ["string", "null"], "format": "date-time"},
        },
    },
    "BatchEvaluation": {
        "type": "object",
        "required": [
            "sessionsEvaluated",
            "sessionsFailed",
            "evaluationsCreated",
            "failures",
            "message",
            "totalSessionsAvailable",
            "truncated",
        ],
        "properties": {
            "sessionsEvaluated": {"type": "integer", "minimum": 0},
            "sessionsFailed": {"type": "integer", "minimum": 0},
            "evaluationsCreated": {"type": "integer", "minimum": 0},
            "failures": {"type": "array", "items": {"$ref": "#/components/schemas/SessionFailure"}},
            "message": {"type": "string"},
            "totalSessionsAvailable": {"type": ["integer", "null"], "minimum": 0},
            "truncated": {"type": "boolean"},
        },
    },
    "SessionFailure": {
        "type": "object",
        "required": ["sessionId", "error"],
        "properties": {"sessionId": {"type": "string", "minLength": 1}, "error": {"type": "string"}},
    },
    "ProjectSession": {
        "type": "object",
        "required": ["id", "name", "project_id", "project_name"],
        "properties": {
            "id": {"$ref": "#/components/schemas/UuidV4"},
            "name": {"type": ["string", "null"]},
            "project_id": {"$ref": "#/components/schemas/UuidV4"},
            "project_name": {"type": "string"},
            "previous_session_id": {"oneOf": [{"$ref": "#/components/schemas/UuidV4"}, {"type": "null"}]},
            "external_id": {"type": ["string", "null"], "minLength": 1},
        },
    },
}
