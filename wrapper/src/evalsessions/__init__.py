"""A small, fast, typed SDK for the evaluation sessions of Galtea and Galileo.

    from evalsessions import Galtea

    with Galtea() as galtea:  # the key is GALTEA_API_KEY of the environment
        session = galtea.sessions.create(version_id="ver_123", test_case_id="tc_123")

What the API must refuse is refused before it is sent, by the type checker or by `ContractError`. No write is doubled,
and each error says whether it was done (`evalsessions.errors`).

Importing this package imports next to nothing: each name is imported when it is first used.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evalsessions._core.many import Outcome, Progress
    from evalsessions._core.settings import CallOptions
    from evalsessions._resources.evaluations import Metric, MetricById, MetricByName
    from evalsessions._resources.sessions import (
        ImportedSession,
        ProductionSession,
        SessionArguments,
        TestDrivenSession,
    )
    from evalsessions._transports.over_pyreqwest import AsyncFastTransport, FastTransport
    from evalsessions._values.json_values import JsonObject, JsonValue
    from evalsessions._values.messages import Attempt, Headers, RawResponse, Request, Response
    from evalsessions._version import __version__
    from evalsessions.errors import (
        AmbiguousOutcomeError,
        APIConnectionError,
        APIError,
        APIStatusError,
        APITimeoutError,
        AuthenticationError,
        BadRequestError,
        BatchInterruptedError,
        ConfigurationError,
        ConflictError,
        ContentTooLargeError,
        ContractError,
        EvalSessionsError,
        NotFoundError,
        PartialFailureError,
        PermissionDeniedError,
        RateLimitError,
        ResponseValidationError,
        ServiceUnavailableError,
        UnprocessableContentError,
        UnreadableError,
        UnsupportedMediaTypeError,
    )
    from evalsessions.galileo import AsyncGalileo, Galileo
    from evalsessions.galtea import AsyncGaltea, Galtea
    from evalsessions.models import BatchEvaluation, ProjectSession, Session, SessionFailure, TestCase
    from evalsessions_client.models import LoggingMethod, SessionStatus

_HOMES = {
    "evalsessions._core.many": ("Outcome", "Progress"),
    "evalsessions._values.json_values": ("JsonObject", "JsonValue"),
    "evalsessions._values.messages": ("Attempt", "Headers", "RawResponse", "Request", "Response"),
    "evalsessions._core.settings": ("CallOptions",),
    "evalsessions._resources.evaluations": ("Metric", "MetricById", "MetricByName"),
    "evalsessions._resources.sessions": (
        "ImportedSession",
        "ProductionSession",
        "SessionArguments",
        "TestDrivenSession",
    ),
    "evalsessions._transports.over_pyreqwest": ("AsyncFastTransport", "FastTransport"),
    "evalsessions._version": ("__version__",),
    "evalsessions.errors": (
        "APIConnectionError",
        "APIError",
        "APIStatusError",
        "APITimeoutError",
        "AmbiguousOutcomeError",
        "AuthenticationError",
        "BadRequestError",
        "BatchInterruptedError",
        "ConfigurationError",
        "ConflictError",
        "ContentTooLargeError",
        "ContractError",
        "EvalSessionsError",
        "NotFoundError",
        "PartialFailureError",
        "PermissionDeniedError",
        "RateLimitError",
        "ResponseValidationError",
        "ServiceUnavailableError",
        "UnprocessableContentError",
        "UnreadableError",
        "UnsupportedMediaTypeError",
    ),
    "evalsessions.galileo": ("AsyncGalileo", "Galileo"),
    "evalsessions.galtea": ("AsyncGaltea", "Galtea"),
    "evalsessions.models": ("BatchEvaluation", "ProjectSession", "Session", "SessionFailure", "TestCase"),
    "evalsessions_client.models": ("LoggingMethod", "SessionStatus"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIStatusError",
    "APITimeoutError",
    "AmbiguousOutcomeError",
    "AsyncFastTransport",
    "AsyncGalileo",
    "AsyncGaltea",
    "Attempt",
    "AuthenticationError",
    "BadRequestError",
    "BatchEvaluation",
    "BatchInterruptedError",
    "CallOptions",
    "ConfigurationError",
    "ConflictError",
    "ContentTooLargeError",
    "ContractError",
    "EvalSessionsError",
    "FastTransport",
    "Galileo",
    "Galtea",
    "Headers",
    "ImportedSession",
    "JsonObject",
    "JsonValue",
    "LoggingMethod",
    "Metric",
    "MetricById",
    "MetricByName",
    "NotFoundError",
    "Outcome",
    "PartialFailureError",
    "PermissionDeniedError",
    "ProductionSession",
    "Progress",
    "ProjectSession",
    "RateLimitError",
    "RawResponse",
    "Request",
    "Response",
    "ResponseValidationError",
    "ServiceUnavailableError",
    "Session",
    "SessionArguments",
    "SessionFailure",
    "SessionStatus",
    "TestCase",
    "TestDrivenSession",
    "UnprocessableContentError",
    "UnreadableError",
    "UnsupportedMediaTypeError",
    "__version__",
]


def __getattr__(name: str) -> object:
    from importlib import import_module  # noqa: PLC0415 - a part of what is put off

    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOME_OF[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
