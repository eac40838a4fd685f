"""Sessions at Galtea."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeAlias, TypedDict, TypeVar, cast, overload

from evalsessions._core.calls import Call, perform, perform_raw
from evalsessions._core.contract import Operation
from evalsessions._core.many import CONCURRENCY, in_order, in_order_async
from evalsessions.errors import ContractError
from evalsessions.models import Session

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Callable, Generator, Iterable
    from typing import NotRequired, Required, Unpack

    from evalsessions._core.engines import AsyncEngine, Engine
    from evalsessions._core.many import Outcome, Progress
    from evalsessions._core.settings import CallOptions, Settings
    from evalsessions._values.messages import RawResponse
    from evalsessions_client.models.session_status import SessionStatus

__all__ = ["CREATE_SESSION", "AsyncSessions", "SessionArguments", "SessionCreator", "Sessions"]

CREATE_SESSION = Operation("createSession")

ResultT = TypeVar("ResultT")

Status: TypeAlias = "Literal['PENDING', 'COMPLETED', 'FAILED'] | SessionStatus"


class _AnySession(TypedDict):
    version_id: Required[str]
    custom_id: NotRequired[str | None]
    metadata: NotRequired[Mapping[str, object] | None]
    status: NotRequired[Status | None]


class ProductionSession(_AnySession):
    """Arguments of a session that records real traffic."""

    test_case_id: NotRequired[None]
    is_production: NotRequired[Literal[True] | None]
    context: NotRequired[str | Mapping[str, object] | None]


class TestDrivenSession(_AnySession):
    """Arguments of a session that plays a test case."""

    test_case_id: Required[str]
    is_production: NotRequired[Literal[False] | None]
    context: NotRequired[None]


class ImportedSession(_AnySession):
    """Arguments of a session that was taken over from elsewhere."""

    test_case_id: NotRequired[None]
    is_production: Required[Literal[False]]
    context: NotRequired[str | Mapping[str, object] | None]


class _SessionWithATestCaseOrNone(_AnySession):
    """Arguments that are legal with a test case and without."""

    test_case_id: Required[str | None]
    is_production: NotRequired[Literal[False] | None]
    context: NotRequired[None]


class _SessionOfAnyTraffic(_AnySession):
    """Arguments that are legal for real traffic and for what was taken over from elsewhere."""

    test_case_id: NotRequired[None]
    is_production: Required[bool | None]
    context: NotRequired[str | Mapping[str, object] | None]


SessionArguments: TypeAlias = (
    "ProductionSession | TestDrivenSession | ImportedSession | _SessionWithATestCaseOrNone | _SessionOfAnyTraffic"
)


class SessionCreator(Generic[ResultT]):
    """What creates sessions, and returns each as `ResultT`: the session, its raw response, or a coroutine of either."""

    def __init__(self, engine: Engine | AsyncEngine, perform_call: Callable[[Call[Session]], Any] = perform) -> None:
        self._engine = engine
        self._perform = perform_call

    @overload
    def create(
        self,
        *,
        version_id: str,
        custom_id: str | None = None,
        test_case_id: None = None,
        is_production: Literal[True] | None = None,
        context: str | Mapping[str, object] | None = None,
        metadata: Mapping[str, object] | None = None,
        status: Status | None = None,
        **options: Unpack[CallOptions],
    ) -> ResultT: ...
    @overload
    def create(
        self,
        *,
        version_id: str,
        custom_id: str | None = None,
        test_case_id: str,
        is_production: Literal[False] | None = None,
        context: None = None,
        metadata: Mapping[str, object] | None = None,
        status: Status | None = None,
        **options: Unpack[CallOptions],
    ) -> ResultT: ...
    @overload
    def create(
        self,
        *,
        version_id: str,
        custom_id: str | None = None,
        test_case_id: None = None,
        is_production: bool,
        context: str | Mapping[str, object] | None = None,
        metadata: Mapping[str, object] | None = None,
        status: Status | None = None,
        **options: Unpack[CallOptions],
    ) -> ResultT: ...
    def create(
        self,
        *,
        version_id: str,
        custom_id: str | None = None,
        test_case_id: str | None = None,
        is_production: bool | None = None,
        context: str | Mapping[str, object] | None = None,
        metadata: Mapping[str, object] | None = None,
        status: Status | None = None,
        **options: Unpack[CallOptions],
    ) -> ResultT:
        """Create a session (operation `createSession`, POST /sessions).

        There are three kinds: a production session (no test case), a test-driven one (a test case, never production,
        no context of its own), an imported one (no test case, `is_production=False`). None means not set.

        Example:
            >>> session = galtea.sessions.create(version_id="ver_123", test_case_id="tc_123")
            >>> session.is_production
            False

        Args:
            version_id: The version of the product that the session belongs to.
            custom_id: An identifier of your own, used once at most in a version. With it a call can be repeated after
                a lost answer, for no second session is made.
            test_case_id: The test case that the session plays, which gives it its context.
            is_production: Whether the session is real traffic; not set, it is so without a test case.
            context: What else is known about the conversation, as text or as an object. A text comes back as the
                `value` of an object.
            metadata: Data of your own, kept and returned as they are.
            status: The status that the session starts in; not set, it is COMPLETED.
            **options: `timeout`, `max_retries`, `extra_headers`, `extra_body`, `validate`, `strict`; see `CallOptions`.

        Returns:
            The session as it was stored.

        Raises:
            ContractError: it breaks a rule, such as `test-case-session-is-not-production`; nothing was sent.
            NotFoundError: no such version or test case.
            ConflictError: `custom_id` is used already in that version.
            AmbiguousOutcomeError: the session may have been created or not.
            APIError: anything else; see `evalsessions.errors`.
        """
        arguments = {
            "version_id": version_id,
            "custom_id": custom_id,
            "test_case_id": test_case_id,
            "is_production": is_production,
            "context": context,
            "metadata": metadata,
            "status": status,
        }
        made = self._engine.run(
            lambda settings: self._perform(Call(CREATE_SESSION, Session, arguments, settings)), options
        )
        return cast("ResultT", made)


class Sessions(SessionCreator[Session]):
    """The sessions of Galtea."""

    _engine: Engine

    @property
    def with_raw_response(self) -> SessionCreator[RawResponse[Session]]:
        """The same operation, returning the response before it is read."""
        return SessionCreator(self._engine, perform_raw)

    def create_many(
        self,
        sessions: Iterable[SessionArguments],
        *,
        concurrency: int = CONCURRENCY,
        progress: Callable[[Progress], object] | None = None,
        stop_on_error: bool = False,
        **options: Unpack[CallOptions],
    ) -> Generator[Outcome[SessionArguments, Session], None, None]:
        """Create sessions, several at once, and hand out what became of each, in order.

        Memory does not grow with their number: the input is taken as the outcomes are.

        Example:
            >>> wanted = [{"version_id": "ver_123", "custom_id": f"import-{n}"} for n in range(3)]
            >>> [outcome.result is not None for outcome in galtea.sessions.create_many(wanted)]
            [True, True, True]

        Args:
            sessions: The arguments of `create` for each session.
            concurrency: How many calls are in flight at once.
            progress: Told of each outcome as it is handed out.
            stop_on_error: Whether nothing more is sent after an error. What was sent until then has its outcome.
            **options: As for `create`, for each call.

        Yields:
            The outcome of each session: the session, or the error that its call raised.

        Raises:
            ConfigurationError: an option that cannot work.
        """
        engine = self._engine.with_options(options)
        return in_order(
            lambda arguments: engine.run(lambda settings: perform(_call(arguments, settings)), {}),
            sessions,
            concurrency=concurrency,
            progress=progress,
            stop_on_error=stop_on_error,
        )


class AsyncSessions(SessionCreator[Coroutine[Any, Any, Session]]):
    """The sessions of Galtea, by coroutines."""

    _engine: AsyncEngine

    @property
    def with_raw_response(self) -> SessionCreator[Coroutine[Any, Any, RawResponse[Session]]]:
        """The same operation, returning the response before it is read."""
        return SessionCreator(self._engine, perform_raw)

    @overload
    def create_many(
        self,
        sessions: Iterable[SessionArguments],
        *,
        concurrency: int = CONCURRENCY,
        progress: Callable[[Progress], object] | None = None,
        stop_on_error: bool = False,
        **options: Unpack[CallOptions],
    ) -> AsyncGenerator[Outcome[SessionArguments, Session], None]: ...
    @overload
    def create_many(
        self,
        sessions: AsyncIterable[SessionArguments],
        *,
        concurrency: int = CONCURRENCY,
        progress: Callable[[Progress], object] | None = None,
        stop_on_error: bool = False,
        **options: Unpack[CallOptions],
    ) -> AsyncGenerator[Outcome[SessionArguments, Session], None]: ...
    def create_many(
        self,
        sessions: Iterable[SessionArguments] | AsyncIterable[SessionArguments],
        *,
        concurrency: int = CONCURRENCY,
        progress: Callable[[Progress], object] | None = None,
        stop_on_error: bool = False,
        **options: Unpack[CallOptions],
    ) -> AsyncGenerator[Outcome[SessionArguments, Session], None]:
        """Create sessions, several at once, and hand out what became of each, in order; see `Sessions.create_many`.

        It needs asyncio.

        Example:
            >>> async for outcome in galtea.sessions.create_many(wanted, concurrency=32):
            ...     print(outcome.index, outcome.unwrap().id)
        """
        engine = self._engine.with_options(options)
        return in_order_async(
            lambda arguments: engine.run(lambda settings: perform(_call(arguments, settings)), {}),
            sessions,
            concurrency=concurrency,
            progress=progress,
            stop_on_error=stop_on_error,
        )


def _call(arguments: Mapping[str, object], settings: Settings) -> Call[Session]:
    """One of many calls, whose arguments come from who knows where."""
    known = ("version_id", "custom_id", "test_case_id", "is_production", "context", "metadata", "status")
    given: Any = arguments
    if not isinstance(given, Mapping):
        problem = f"expected a mapping of the arguments of create, got a {type(given).__name__}"
        raise ContractError(problem, operation=CREATE_SESSION.name)
    unknown = [name for name in arguments if name not in known]
    if unknown or "version_id" not in arguments:
        problem = f"unknown argument {unknown[0]!r}" if unknown else "version_id is missing"
        raise ContractError(f"{problem}; create takes {', '.join(known)}", operation=CREATE_SESSION.name)
    return Call(CREATE_SESSION, Session, arguments, settings)
