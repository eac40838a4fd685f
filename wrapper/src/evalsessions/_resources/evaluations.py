"""Batch evaluations at Galtea, of any number of sessions.

One request takes so many sessions at most; more are split, one request after another, for each spends credits. What the
requests answered is merged. A session that is listed twice is evaluated once, as in a single request.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Coroutine, Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypedDict, TypeVar, cast, overload

from evalsessions._core.calls import Call, perform, perform_raw, prepared
from evalsessions._core.contract import Operation
from evalsessions._core.many import in_order, in_order_async
from evalsessions.errors import (
    AmbiguousOutcomeError,
    BatchInterruptedError,
    ContractError,
    EvalSessionsError,
    ResponseValidationError,
)
from evalsessions.models import BatchEvaluation

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
    from typing import NotRequired, Required, Unpack

    from evalsessions._core.calls import Effects
    from evalsessions._core.engines import AsyncEngine, Engine
    from evalsessions._core.many import Outcome, Progress
    from evalsessions._core.settings import CallOptions, Settings
    from evalsessions._values.json_values import JsonObject, JsonValue
    from evalsessions._values.messages import RawResponse

__all__ = [
    "CREATE_EVALUATIONS",
    "SESSIONS_PER_REQUEST",
    "AsyncEvaluations",
    "EvaluationCreator",
    "Evaluations",
    "Metric",
    "MetricById",
    "MetricByName",
]

CREATE_EVALUATIONS = Operation("createEvaluationsFromSessions")
SESSIONS_PER_REQUEST = 1000

ResultT = TypeVar("ResultT")


class MetricById(TypedDict):
    """A metric by its id; a name may stand beside it, and a score from 0 to 1 that is known already."""

    id: Required[str]
    name: NotRequired[str | None]
    score: NotRequired[float | None]


class MetricByName(TypedDict):
    """A metric by its name; a score from 0 to 1 that is known already may stand beside it."""

    id: NotRequired[None]
    name: Required[str]
    score: NotRequired[float | None]


Metric: TypeAlias = "MetricById | MetricByName"


class EvaluationCreator(Generic[ResultT]):
    """What evaluates sessions, and returns the outcome as `ResultT`: itself, its raw response, or a coroutine."""

    def __init__(
        self, engine: Engine | AsyncEngine, perform_call: Callable[[Call[BatchEvaluation]], Any] | None = None
    ) -> None:
        self._engine = engine
        self._perform = perform_call or _perform_in_parts

    @overload
    def create_from_sessions(
        self,
        *,
        session_ids: Iterable[str],
        version_id: None = None,
        metrics: Sequence[Metric] | None = None,
        specification_ids: Sequence[str] | None = None,
        **options: Unpack[CallOptions],
    ) -> ResultT: ...
    @overload
    def create_from_sessions(
        self,
        *,
        session_ids: None = None,
        version_id: str,
        metrics: Sequence[Metric] | None = None,
        specification_ids: Sequence[str] | None = None,
        **options: Unpack[CallOptions],
    ) -> ResultT: ...
    def create_from_sessions(
        self,
        *,
        session_ids: Iterable[str] | None = None,
        version_id: str | None = None,
        metrics: Sequence[Metric] | None = None,
        specification_ids: Sequence[str] | None = None,
        **options: Unpack[CallOptions],
    ) -> ResultT:
        """Evaluate sessions (operation `createEvaluationsFromSessions`, POST /evaluations/fromSessions).

        Either the listed sessions, any number of them, or at most 1000 of a version. It creates records and spends
        credits, so a request that may have been done is never repeated by itself. Sessions that cannot be evaluated
        are in `failures` of the outcome, and raise nothing unless you ask: `outcome.raise_for_failures()`.

        Example:
            >>> outcome = galtea.evaluations.create_from_sessions(
            ...     session_ids=["ses_123", "ses_456"], metrics=[{"id": "metric_123"}]
            ... )
            >>> outcome.evaluations_created
            2

        Args:
            session_ids: The sessions to evaluate. More than 1000 go in several requests, one after another.
            version_id: The version whose sessions to evaluate.
            metrics: What to evaluate each session with, by `id` or `name`, with a `score` that is known already if
                there is one. Not set, the metrics linked to the specifications.
            specification_ids: The specifications whose linked metrics are used as well.
            **options: `timeout`, `max_retries`, `extra_headers`, `extra_body`, `validate`, `strict`; see `CallOptions`.

        Returns:
            The outcome, merged where it took several requests.

        Raises:
            ContractError: it breaks a rule, such as `exactly-one-selection`; nothing was sent.
            NotFoundError: no such version, metric or specification.
            AmbiguousOutcomeError: the evaluations may have been created or not.
            BatchInterruptedError: of several requests one failed; it has what was done, in doubt and not done.
            APIError: anything else; see `evalsessions.errors`.
        """
        arguments = {
            "session_ids": _listed(session_ids),
            "version_id": version_id,
            "metrics": _chosen(metrics),
            "specification_ids": specification_ids,
        }
        made = self._engine.run(
            lambda settings: self._perform(Call(CREATE_EVALUATIONS, BatchEvaluation, arguments, settings)), options
        )
        return cast("ResultT", made)


class Evaluations(EvaluationCreator[BatchEvaluation]):
    """The evaluations of Galtea."""

    _engine: Engine

    @property
    def with_raw_response(self) -> EvaluationCreator[RawResponse[BatchEvaluation]]:
        """The same operation in one request, of at most 1000 sessions, returning the response before it is read."""
        return EvaluationCreator(self._engine, perform_raw)

    def create_many_from_sessions(
        self,
        session_ids: Iterable[str],
        *,
        metrics: Sequence[Metric] | None = None,
        specification_ids: Sequence[str] | None = None,
        concurrency: int = 1,
        progress: Callable[[Progress], object] | None = None,
        stop_on_error: bool = False,
        **options: Unpack[CallOptions],
    ) -> Generator[Outcome[Sequence[str], BatchEvaluation], None, None]:
        """Evaluate any number of sessions, and hand out what became of each request of at most 1000, in order.

        For more sessions than fit into memory, and where one failed request must not stop the others. A session is to
        be listed once: one that is listed again much later is evaluated again.

        Args:
            session_ids: The sessions to evaluate, taken as the outcomes are.
            metrics: As for `create_from_sessions`.
            specification_ids: As for `create_from_sessions`.
            concurrency: How many requests are in flight at once.
            progress: Told of each outcome as it is handed out.
            stop_on_error: Whether nothing more is sent after an error.
            **options: As for `create_from_sessions`, for each request.

        Yields:
            For each request the sessions that it was about, and its outcome or its error.

        Raises:
            ConfigurationError: an option that cannot work.
        """
        engine = self._engine.with_options(options)
        return in_order(
            lambda part: engine.run(lambda settings: perform(_part(part, metrics, specification_ids, settings)), {}),
            _parts(session_ids),
            concurrency=concurrency,
            progress=progress,
            stop_on_error=stop_on_error,
        )


class AsyncEvaluations(EvaluationCreator[Coroutine[Any, Any, BatchEvaluation]]):
    """The evaluations of Galtea, by coroutines."""

    _engine: AsyncEngine

    @property
    def with_raw_response(self) -> EvaluationCreator[Coroutine[Any, Any, RawResponse[BatchEvaluation]]]:
        """The same operation in one request, of at most 1000 sessions, returning the response before it is read."""
        return EvaluationCreator(self._engine, perform_raw)

    def create_many_from_sessions(
        self,
        session_ids: Iterable[str] | AsyncIterable[str],
        *,
        metrics: Sequence[Metric] | None = None,
        specification_ids: Sequence[str] | None = None,
        concurrency: int = 1,
        progress: Callable[[Progress], object] | None = None,
        stop_on_error: bool = False,
        **options: Unpack[CallOptions],
    ) -> AsyncGenerator[Outcome[Sequence[str], BatchEvaluation], None]:
        """Evaluate any number of sessions; see `Evaluations.create_many_from_sessions`. It needs asyncio."""
        engine = self._engine.with_options(options)
        return in_order_async(
            lambda part: engine.run(lambda settings: perform(_part(part, metrics, specification_ids, settings)), {}),
            _async_parts(session_ids) if isinstance(session_ids, AsyncIterable) else _parts(session_ids),
            concurrency=concurrency,
            progress=progress,
            stop_on_error=stop_on_error,
        )


def _listed(session_ids: object) -> object:
    """The ids as a list; what is no list of texts stays as it is, to be refused.

    Those that take several requests are listed once each: a session must not be evaluated by two of them.
    """
    given: Any = session_ids
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        return session_ids
    ids = list(cast("Iterable[object]", given))
    is_long = len(ids) > SESSIONS_PER_REQUEST
    return list(dict.fromkeys(ids)) if is_long and all(isinstance(item, str) for item in ids) else ids


def _chosen(metrics: object) -> object:
    """The metrics without what is not set; what is no list of objects stays as it is, to be refused."""
    if isinstance(metrics, str | bytes) or not isinstance(metrics, Sequence):
        return metrics
    return [_set(metric) for metric in cast("Sequence[object]", metrics)]


def _set(metric: object) -> object:
    if not isinstance(metric, Mapping):
        return metric
    return {name: value for name, value in cast("Mapping[object, object]", metric).items() if value is not None}


def _part(part: Sequence[str], metrics: object, specification_ids: object, settings: Settings) -> Call[BatchEvaluation]:
    arguments = {"session_ids": part, "metrics": _chosen(metrics), "specification_ids": specification_ids}
    return Call(CREATE_EVALUATIONS, BatchEvaluation, arguments, settings)


def _parts(session_ids: Iterable[str]) -> Iterator[Sequence[str]]:
    listed: Any = session_ids
    if isinstance(listed, str | bytes | Mapping):
        raise ContractError("/sessionIds: expected an array of ids", operation=CREATE_EVALUATIONS.name)
    waiting = iter(session_ids)
    while part := list(islice(waiting, SESSIONS_PER_REQUEST)):
        yield cast("list[str]", _listed(part))


async def _async_parts(session_ids: AsyncIterable[str]) -> AsyncIterator[Sequence[str]]:
    part: list[str] = []
    async for session_id in session_ids:
        part.append(session_id)
        if len(part) == SESSIONS_PER_REQUEST:
            yield cast("list[str]", _listed(part))
            part = []
    if part:
        yield cast("list[str]", _listed(part))


def _perform_in_parts(call: Call[BatchEvaluation]) -> Effects[BatchEvaluation]:
    """Evaluate the sessions in as many requests as it takes."""
    session_ids = call.arguments["session_ids"]
    names_sessions = "sessionIds" in call.settings.extra_body  # for each of several requests the same ones
    if (
        names_sessions
        or not isinstance(session_ids, list)
        or len(ids := cast("list[str]", session_ids)) <= SESSIONS_PER_REQUEST
    ):
        return (yield from perform(call))
    prepared(call)  # nothing is sent where the last of the ids is wrong
    merged: BatchEvaluation | None = None
    for start in range(0, len(ids), SESSIONS_PER_REQUEST):
        part = ids[start : start + SESSIONS_PER_REQUEST]
        arguments = {**call.arguments, "session_ids": part}
        try:
            outcome = yield from perform(Call(call.operation, call.model, arguments, call.settings))
        except EvalSessionsError as error:
            if merged is None and not isinstance(error, AmbiguousOutcomeError | ResponseValidationError):
                raise
            is_in_doubt = isinstance(error, AmbiguousOutcomeError | ResponseValidationError)
            raise BatchInterruptedError(
                result=merged or BatchEvaluation.from_dict(_NOTHING),
                in_doubt=part if is_in_doubt else (),
                not_done=ids[start + SESSIONS_PER_REQUEST :] if is_in_doubt else ids[start:],
            ) from error
        merged = outcome if merged is None else _merged(merged, outcome)
    assert merged is not None
    return merged


_NOTHING: JsonObject = {
    "sessionsEvaluated": 0,
    "sessionsFailed": 0,
    "evaluationsCreated": 0,
    "failures": [],
    "message": "no request was done",
    "totalSessionsAvailable": None,
    "truncated": False,
}


def _merged(one: BatchEvaluation, other: BatchEvaluation) -> BatchEvaluation:
    """The outcome of both requests, in the shape of one answer; what cannot be merged is left out."""
    first, second = one.to_dict(), other.to_dict()
    both: JsonObject = {**first, **second}
    for name in ("sessionsEvaluated", "sessionsFailed", "evaluationsCreated", "failures", "message"):
        both.pop(name, None)
        merged = _joined(first.get(name), second.get(name))
        if merged is not None:
            both[name] = merged
    return BatchEvaluation.from_dict(both)


def _joined(one: JsonValue, other: JsonValue) -> JsonValue:
    if isinstance(one, str) and isinstance(other, str):
        return "; ".join(dict.fromkeys([*one.split("; "), *other.split("; ")]))
    if isinstance(one, list) and isinstance(other, list):
        return [*one, *other]
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one + other
    return None
