"""Sessions in projects at Galileo."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypeVar, cast

from evalsessions._core.calls import Call, perform, perform_raw
from evalsessions._core.contract import Operation
from evalsessions.models import ProjectSession

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack
    from uuid import UUID

    from evalsessions._core.engines import AsyncEngine, Engine
    from evalsessions._core.settings import CallOptions
    from evalsessions._values.messages import RawResponse
    from evalsessions_client.models.logging_method import LoggingMethod

__all__ = ["CREATE_PROJECT_SESSION", "AsyncProjectSessions", "ProjectSessionCreator", "ProjectSessions"]

CREATE_PROJECT_SESSION = Operation("createProjectSession")

ResultT = TypeVar("ResultT")

Method: TypeAlias = "Literal['playground', 'python_client', 'typescript_client', 'api_direct'] | LoggingMethod"


class ProjectSessionCreator(Generic[ResultT]):
    """What creates sessions in projects, and returns each as `ResultT`: itself, its raw response, or a coroutine."""

    def __init__(
        self, engine: Engine | AsyncEngine, perform_call: Callable[[Call[ProjectSession]], Any] = perform
    ) -> None:
        self._engine = engine
        self._perform = perform_call

    def create(
        self,
        *,
        project_id: str | UUID,
        log_stream_id: str | UUID | None = None,
        experiment_id: str | UUID | None = None,
        metrics_testing_id: str | UUID | None = None,
        previous_session_id: str | UUID | None = None,
        logging_method: Method | None = None,
        client_version: str | None = None,
        reliable: bool | None = None,
        name: str | None = None,
        external_id: str | None = None,
        **options: Unpack[CallOptions],
    ) -> ResultT:
        """Create a session in a project (operation `createProjectSession`, POST /v2/projects/{project_id}/sessions).

        None means not set. Identifiers of Galileo are UUIDs of version 4.

        Example:
            >>> session = galileo.project_sessions.create(
            ...     project_id="6f1e2d3c-4b5a-4978-8a6b-0c1d2e3f4a5b", name="Support chat"
            ... )
            >>> session.project_name
            'sandbox'

        Args:
            project_id: The project to log to.
            log_stream_id: The log stream that the traces go to.
            experiment_id: The experiment that the traces belong to.
            metrics_testing_id: The trial of metrics that the traces belong to.
            previous_session_id: The session that this one continues.
            logging_method: What kind of program logs the traces; not set, it is `api_direct`.
            client_version: The version of the program that logs the traces.
            reliable: Whether the answer waits until the traces are known to be stored; not set, it does. With False a
                failure to store goes unreported.
            name: A name to show for the session.
            external_id: An identifier of your own.
            **options: `timeout`, `max_retries`, `extra_headers`, `extra_body`, `validate`, `strict`; see `CallOptions`.

        Returns:
            The session as it was stored.

        Raises:
            ContractError: a value that the API must refuse; nothing was sent.
            NotFoundError: no such project or previous session.
            AmbiguousOutcomeError: the session may have been created or not.
            APIError: anything else; see `evalsessions.errors`.
        """
        arguments = {
            "project_id": project_id,
            "log_stream_id": _as_text(log_stream_id),
            "experiment_id": _as_text(experiment_id),
            "metrics_testing_id": _as_text(metrics_testing_id),
            "previous_session_id": _as_text(previous_session_id),
            "logging_method": logging_method,
            "client_version": client_version,
            "reliable": reliable,
            "name": name,
            "external_id": external_id,
        }
        made = self._engine.run(
            lambda settings: self._perform(Call(CREATE_PROJECT_SESSION, ProjectSession, arguments, settings)), options
        )
        return cast("ResultT", made)


class ProjectSessions(ProjectSessionCreator[ProjectSession]):
    """The sessions of Galileo's projects."""

    @property
    def with_raw_response(self) -> ProjectSessionCreator[RawResponse[ProjectSession]]:
        """The same operation, returning the response before it is read."""
        return ProjectSessionCreator(self._engine, perform_raw)


class AsyncProjectSessions(ProjectSessionCreator[Coroutine[Any, Any, ProjectSession]]):
    """The sessions of Galileo's projects, by coroutines."""

    @property
    def with_raw_response(self) -> ProjectSessionCreator[Coroutine[Any, Any, RawResponse[ProjectSession]]]:
        """The same operation, returning the response before it is read."""
        return ProjectSessionCreator(self._engine, perform_raw)


def _as_text(identifier: object) -> object:
    if identifier is None or isinstance(identifier, str):
        return identifier
    from uuid import UUID  # noqa: PLC0415 - most identifiers are texts already

    return str(identifier) if isinstance(identifier, UUID) else identifier
