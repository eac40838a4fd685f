"""The data models of requests and responses, each imported when it is first asked for."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .batch_evaluation import BatchEvaluation
    from .batch_evaluation_request import BatchEvaluationRequest
    from .galileo_error import GalileoError
    from .galileo_validation_error import GalileoValidationError
    from .galtea_error import GalteaError
    from .json_object import JsonObject
    from .logging_method import LoggingMethod
    from .metric_selection import MetricSelection
    from .new_project_session import NewProjectSession
    from .new_session import NewSession
    from .new_test_case import NewTestCase
    from .project_session import ProjectSession
    from .session import Session
    from .session_failure import SessionFailure
    from .session_status import SessionStatus
    from .test_case import TestCase
    from .validation_issue import ValidationIssue

__all__ = (
    "BatchEvaluation",
    "BatchEvaluationRequest",
    "GalileoError",
    "GalileoValidationError",
    "GalteaError",
    "JsonObject",
    "LoggingMethod",
    "MetricSelection",
    "NewProjectSession",
    "NewSession",
    "NewTestCase",
    "ProjectSession",
    "Session",
    "SessionFailure",
    "SessionStatus",
    "TestCase",
    "ValidationIssue",
)

_HOMES = {
    "BatchEvaluation": ".batch_evaluation",
    "BatchEvaluationRequest": ".batch_evaluation_request",
    "GalileoError": ".galileo_error",
    "GalileoValidationError": ".galileo_validation_error",
    "GalteaError": ".galtea_error",
    "JsonObject": ".json_object",
    "LoggingMethod": ".logging_method",
    "MetricSelection": ".metric_selection",
    "NewProjectSession": ".new_project_session",
    "NewSession": ".new_session",
    "NewTestCase": ".new_test_case",
    "ProjectSession": ".project_session",
    "Session": ".session",
    "SessionFailure": ".session_failure",
    "SessionStatus": ".session_status",
    "TestCase": ".test_case",
    "ValidationIssue": ".validation_issue",
}


def __getattr__(name: str) -> object:
    from importlib import import_module  # noqa: PLC0415

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name], __name__), name)
