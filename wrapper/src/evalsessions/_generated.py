"""The one module that calls the generated client: which request an operation's arguments make.

Arguments have the names of the generated request models; what is None is not set, and not sent.
"""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from types import ModuleType

    from evalsessions_client.models.session_status import SessionStatus

__all__ = ["REQUESTS", "contract", "session_status"]

Arguments = Mapping[str, object]


def contract() -> ModuleType:
    """Return what the contract says beyond the generated code."""
    from evalsessions_client import contract as said

    return said


def session_status(value: str) -> SessionStatus:
    """Return the status as an enum; one that the contract does not list stays the text that it is."""
    from evalsessions_client.models.session_status import SessionStatus as Status

    return Status(value)


def _create_session(arguments: Arguments) -> dict[str, Any]:
    from evalsessions_client.api.galtea import create_session
    from evalsessions_client.models.new_session import NewSession

    return _sent(create_session._get_kwargs(body=NewSession(**_set(arguments, "version_id"))))


def _create_test_case(arguments: Arguments) -> dict[str, Any]:
    from evalsessions_client.api.galtea import create_test_case
    from evalsessions_client.models.new_test_case import NewTestCase

    return _sent(create_test_case._get_kwargs(body=NewTestCase(**_set(arguments, "test_id"))))


def _create_evaluations(arguments: Arguments) -> dict[str, Any]:
    from evalsessions_client.api.galtea import create_evaluations_from_sessions
    from evalsessions_client.models.batch_evaluation_request import BatchEvaluationRequest

    given = _set(arguments)
    metrics: object = given.get("metrics")
    if isinstance(metrics, Sequence) and not isinstance(metrics, str | bytes):
        given["metrics"] = [_metric(item) for item in cast("Sequence[object]", metrics)]
    return create_evaluations_from_sessions._get_kwargs(body=BatchEvaluationRequest(**given))


def _create_project_session(arguments: Arguments) -> dict[str, Any]:
    from evalsessions_client.api.galileo import create_project_session
    from evalsessions_client.models.new_project_session import NewProjectSession

    given = _set(arguments)
    project_id: Any = given.pop("project_id", "")
    return create_project_session._get_kwargs(project_id, body=NewProjectSession(**given))


REQUESTS = {
    "createSession": _create_session,
    "createTestCase": _create_test_case,
    "createEvaluationsFromSessions": _create_evaluations,
    "createProjectSession": _create_project_session,
}
"""By operationId: the method, the path and the JSON body (`method`, `url`, `json`) of a request."""


def _set(arguments: Arguments, *required: str) -> dict[str, Any]:
    """What is set, and a place for what the generated models cannot do without."""
    return dict.fromkeys(required) | {name: value for name, value in arguments.items() if value is not None}


def _sent(request: dict[str, Any]) -> dict[str, Any]:
    """A request without the places that stayed empty."""
    request["json"] = {name: value for name, value in request["json"].items() if value is not None}
    return request


class _AsGiven:
    """A value of no use to the generated client, which is to be sent as it is."""

    def __init__(self, value: object) -> None:
        self._value = value

    def to_dict(self) -> object:
        return self._value


def _metric(item: object) -> object:
    from evalsessions_client.models.metric_selection import MetricSelection

    if not isinstance(item, Mapping):
        return _AsGiven(item)
    return MetricSelection.from_dict(_set(cast("Mapping[str, object]", item)))
