"""Contains all the data models used in inputs/outputs"""

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
