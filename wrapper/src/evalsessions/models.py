"""What the API answers, as immutable values over the JSON that came.

Nothing is lost: `to_dict()` is what the server said, `extra` what this version does not know. An optional property that
is null or absent reads as None. A property is read when it is asked for, and one that the contract would not allow
(possible with `strict=False` only) raises `UnreadableError` then.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Generic, TypeVar, cast, overload

from evalsessions import _generated
from evalsessions._values.base_error import EvalSessionsError, UnreadableError
from evalsessions._values.json_values import copied, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import NoReturn, Self

    from evalsessions._values.json_values import JsonObject, JsonValue
    from evalsessions_client.models.session_status import SessionStatus

__all__ = ["BatchEvaluation", "Model", "PartialFailureError", "ProjectSession", "Session", "SessionFailure", "TestCase"]

ValueT = TypeVar("ValueT")
# Seconds of RFC 3339 go to 60, where one was added; a datetime has no such second.
_LEAP_SECOND = ":60"


class _Property(Generic[ValueT]):
    """One property of an answer: its name there, and how its value is read."""

    def __init__(self, wire_name: str, read: Callable[[JsonValue], ValueT]) -> None:
        self.wire_name = wire_name
        self._read = read

    def __set_name__(self, owner: type[Model], name: str) -> None:
        self.name = name
        owner.properties = {**owner.properties, name: self.wire_name}

    @overload
    def __get__(self, model: None, owner: type[Model]) -> Self: ...
    @overload
    def __get__(self, model: Model, owner: type[Model]) -> ValueT: ...
    def __get__(self, model: Model | None, owner: type[Model]) -> ValueT | Self:
        if model is None:
            return self
        value = model._said.get(self.wire_name)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        try:
            return self._read(value)
        except (TypeError, ValueError) as error:
            message = f"{owner.__name__}.{self.name}: expected {error}, got {shown(value)}"
            raise UnreadableError(message) from None


class Model:
    """The JSON object of an answer, or of a part of it."""

    __slots__ = ("_said",)
    _said: JsonObject

    properties: Mapping[str, str] = {}
    """The properties that the contract has: their names here, and in the answer."""

    def __init__(self, said: JsonObject) -> None:
        object.__setattr__(self, "_said", said)

    @classmethod
    def from_dict(cls, said: Mapping[str, object]) -> Self:
        """Return the model of an object in the shape of an answer, for tests of your own."""
        return cls(cast("JsonObject", copied(cast("JsonValue", dict(said)))))

    def to_dict(self) -> JsonObject:
        """Return what the server said, with the names of the API, as a copy."""
        return cast("JsonObject", copied(self._said))

    @property
    def extra(self) -> JsonObject:
        """What the server said and this version has no property for."""
        known = set(self.properties.values())
        return {name: copied(value) for name, value in self._said.items() if name not in known}

    if not TYPE_CHECKING:  # a type checker that saw these would take them for a way to set anything

        def __setattr__(self, name: str, value: object) -> NoReturn:
            raise AttributeError(f"{type(self).__name__} is immutable")

        def __delattr__(self, name: str) -> NoReturn:
            raise AttributeError(f"{type(self).__name__} is immutable")

    def __eq__(self, other: object) -> bool:
        return self._said == other._said if type(other) is type(self) else NotImplemented

    def __hash__(self) -> int:
        # Numbers are left out: 1, 1.0 and True are equal.
        return hash((type(self), frozenset(item for item in self._said.items() if isinstance(item[1], str))))

    def __reduce__(self) -> tuple[type[Self], tuple[JsonObject]]:
        return type(self), (self._said,)

    def __repr__(self) -> str:
        said = self._said
        told = [f"{name}={said[wire]!r}" for name, wire in self.properties.items() if said.get(wire) is not None]
        return f"{type(self).__name__}({', '.join(told)})"


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise TypeError("a text")
    return value


def _boolean(value: JsonValue) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false")
    return value


def _number(value: JsonValue) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("a number")
    return value


def _integer(value: JsonValue) -> int:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError("an integer")
    return value


def _object(value: JsonValue) -> JsonObject:
    if not isinstance(value, dict):
        raise TypeError("an object")
    return cast("JsonObject", copied(value))


def _texts(value: JsonValue) -> Sequence[str]:
    if not isinstance(value, list):
        raise TypeError("an array of texts")
    return [_text(item) for item in value]


def _time(value: JsonValue) -> datetime:
    """A time of RFC 3339, section 5.6: in any case of letters, with any number of digits, with leap seconds."""
    if not isinstance(value, str):
        raise TypeError("a time of RFC 3339")
    text = value.upper()
    is_leap = text[16:19] == _LEAP_SECOND
    try:
        time = datetime.fromisoformat(text[:16] + ":59" + text[19:] if is_leap else text)
    except ValueError:
        raise ValueError("a time of RFC 3339 from the year 1 on") from None
    if time.tzinfo is None:
        raise ValueError("a time of RFC 3339 with its offset")
    try:
        return time + timedelta(seconds=1) if is_leap else time
    except OverflowError:
        raise ValueError("a time of RFC 3339 up to the year 9999") from None


def _status(value: JsonValue) -> SessionStatus:
    return _generated.session_status(_text(value))


def _optional(read: Callable[[JsonValue], ValueT]) -> Callable[[JsonValue], ValueT | None]:
    return lambda value: None if value is None else read(value)


class Session(Model):
    """A stored session of Galtea."""

    __slots__ = ()

    id = _Property("id", _text)
    """The identifier, given by the server."""
    version_id = _Property("versionId", _text)
    """The version of the product that the session belongs to."""
    status = _Property("status", _status)
    """How far the session has come; a status that this version does not know is a text that equals itself."""
    is_production = _Property("isProduction", _boolean)
    """Whether the session is real traffic."""
    created_at = _Property("createdAt", _time)
    """When the session was created."""
    custom_id = _Property("customId", _optional(_text))
    """The identifier that the caller gave."""
    user_id = _Property("userId", _optional(_text))
    """The user whose key created the session."""
    test_case_id = _Property("testCaseId", _optional(_text))
    """The test case that the session plays."""
    context = _Property("context", _optional(_object))
    """The context; one that was sent as text is its `value`."""
    stopping_reason = _Property("stoppingReason", _optional(_text))
    """Why a simulated conversation ended."""
    error = _Property("error", _optional(_text))
    """What went wrong while the session ran."""
    metadata = _Property("metadata", _optional(_object))
    """The caller's own data."""
    deleted_at = _Property("deletedAt", _optional(_time))
    """When the session was deleted."""


class TestCase(Model):
    """A stored test case of Galtea."""

    __slots__ = ()
    __test__ = False  # pytest collects what is called Test...

    id = _Property("id", _text)
    """The identifier, given by the server."""
    test_id = _Property("testId", _text)
    """The test that the test case belongs to."""
    created_at = _Property("createdAt", _time)
    """When the test case was created."""
    user_id = _Property("userId", _optional(_text))
    """The user whose key created the test case."""
    input = _Property("input", _optional(_object))
    """What the user says; an input that was sent as text is its `user_message`."""
    context = _Property("context", _optional(_object))
    """What else is known about the question; a context that was sent as text is its `value`."""
    expected_output = _Property("expectedOutput", _optional(_text))
    """The answer that a good reply comes close to."""
    expected_tools = _Property("expectedTools", _optional(_texts))
    """The tools that a good reply calls, in order."""
    source = _Property("source", _optional(_text))
    """Where the test case comes from."""
    source_file = _Property("sourceFile", _optional(_text))
    """The file that the test case was taken from."""
    confidence = _Property("confidence", _optional(_number))
    """How sure its author is of the test case."""
    confidence_reason = _Property("confidenceReason", _optional(_text))
    """Why its author is as sure as that."""
    variant = _Property("variant", _optional(_text))
    """Which variant of a generated test case this is."""
    strategy = _Property("strategy", _optional(_text))
    """The strategy that the test case was generated with."""
    language_code = _Property("languageCode", _optional(_text))
    """The language of the conversation, as a tag of BCP 47."""
    user_persona = _Property("userPersona", _optional(_text))
    """Who the simulated user is."""
    scenario = _Property("scenario", _optional(_text))
    """The situation that the conversation takes place in."""
    goal = _Property("goal", _optional(_text))
    """What the simulated user wants to reach."""
    stopping_criterias = _Property("stoppingCriterias", _optional(_texts))
    """What ends a simulated conversation, in order."""
    max_iterations = _Property("maxIterations", _optional(_integer))
    """After how many turns a simulated conversation ends at the latest."""
    is_augmented = _Property("isAugmented", _optional(_boolean))
    """Whether the test case was derived from another by machine."""
    reviewed_by_id = _Property("reviewedById", _optional(_text))
    """The user who reviewed the test case."""
    user_score = _Property("userScore", _optional(_integer))
    """The score that a user gave the test case."""
    user_score_reason = _Property("userScoreReason", _optional(_text))
    """Why the user gave that score."""
    credits_used = _Property("creditsUsed", _optional(_integer))
    """How many credits it took to make the test case."""
    source_test_case_id = _Property("sourceTestCaseId", _optional(_text))
    """The test case that this one was derived from."""
    deleted_at = _Property("deletedAt", _optional(_time))
    """When the test case was deleted."""


class SessionFailure(Model):
    """A session that could not be evaluated."""

    __slots__ = ()

    session_id = _Property("sessionId", _text)
    """The session."""
    error = _Property("error", _text)
    """Why it could not be evaluated."""


def _failures(value: JsonValue) -> Sequence[SessionFailure]:
    if not isinstance(value, list):
        raise TypeError("an array of failures")
    return [SessionFailure(_object(item)) for item in value]


class BatchEvaluation(Model):
    """The outcome of a batch evaluation, merged where it took several requests."""

    __slots__ = ()

    sessions_evaluated = _Property("sessionsEvaluated", _integer)
    """How many sessions were handed to evaluation."""
    sessions_failed = _Property("sessionsFailed", _integer)
    """How many sessions could not be evaluated."""
    evaluations_created = _Property("evaluationsCreated", _integer)
    """How many evaluations were created over all sessions."""
    failures = _Property("failures", _failures)
    """Each session that could not be evaluated, with the reason."""
    message = _Property("message", _text)
    """A summary for people: it tells of skipped sessions, and of a batch that had nothing to do."""
    total_sessions_available = _Property("totalSessionsAvailable", _optional(_integer))
    """How many sessions the version has; None when the sessions were listed."""
    truncated = _Property("truncated", _boolean)
    """Whether the version has more sessions than the 1000 that one request handles."""

    def raise_for_failures(self) -> Self:
        """Return this outcome if every session was evaluated.

        Raises:
            PartialFailureError: some could not be.
        """
        if self.failures:
            raise PartialFailureError(self)
        return self


class PartialFailureError(EvalSessionsError):
    """Some sessions of a batch could not be evaluated; the others were.

    Attributes:
        result: the whole outcome, its `failures` among it.
    """

    def __init__(self, result: BatchEvaluation) -> None:
        failures = result.failures
        told = "; ".join(f"{failure.session_id}: {failure.error}" for failure in failures[:5])
        more = f"; and {len(failures) - 5} more" if len(failures) > 5 else ""
        super().__init__(f"{len(failures)} sessions could not be evaluated: {told}{more}")
        self.result = result


class ProjectSession(Model):
    """A stored session of a Galileo project."""

    __slots__ = ()

    id = _Property("id", _text)
    """The identifier, a UUID of version 4 given by the server."""
    name = _Property("name", _optional(_text))
    """The name, chosen by the caller or by the server."""
    project_id = _Property("project_id", _text)
    """The project that the session belongs to."""
    project_name = _Property("project_name", _text)
    """The name of that project."""
    previous_session_id = _Property("previous_session_id", _optional(_text))
    """The session that this one continues."""
    external_id = _Property("external_id", _optional(_text))
    """The caller's own identifier of the session."""
