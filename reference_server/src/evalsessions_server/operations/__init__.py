"""The four operations of the contract, one module each, free of HTTP."""

from evalsessions_server.operations.common import Answer, Call, Services
from evalsessions_server.operations.create_evaluations import create_evaluations_from_sessions
from evalsessions_server.operations.create_project_session import create_project_session
from evalsessions_server.operations.create_session import create_session
from evalsessions_server.operations.create_test_case import create_test_case

__all__ = [
    "Answer",
    "Call",
    "Services",
    "create_evaluations_from_sessions",
    "create_project_session",
    "create_session",
    "create_test_case",
]
