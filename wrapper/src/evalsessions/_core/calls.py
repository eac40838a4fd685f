"""One call from its arguments to its result, as a generator of what to do: send, pause. Both faces drive it.

The result, the errors and the log are the same for both, for they are made here alone.
"""

from __future__ import annotations

import itertools
import logging
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from evalsessions._core.answers import phrase, read_refusal
from evalsessions._core.retries import Fate, fate_of, pause_before
from evalsessions._core.settings import USER_AGENT
from evalsessions._core.transport import NoAnswer
from evalsessions._values.json_values import NotJsonError, encode, encode_leniently, plain, pointer_to
from evalsessions._values.messages import Attempt, Headers, RawResponse, Request, Response
from evalsessions.errors import (
    AmbiguousOutcomeError,
    APIConnectionError,
    APIError,
    APITimeoutError,
    ContractError,
    ResponseValidationError,
    status_error,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from evalsessions._core.contract import Operation
    from evalsessions._core.settings import Settings
    from evalsessions._values.json_values import JsonObject, JsonValue

__all__ = ["Call", "Effects", "Pause", "Send", "perform", "perform_raw", "prepared"]

ModelT = TypeVar("ModelT")
ResultT = TypeVar("ResultT")

# Of the way to a value that cannot be sent.
_TOLD_STEPS = 20

_logger = logging.getLogger("evalsessions")
_logger.addHandler(logging.NullHandler())


@dataclass(frozen=True, slots=True)
class Send:
    """Send a request; the answer, or the reason why there is none, is to be sent back."""

    request: Request
    timeout: float | None


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait for some seconds."""

    seconds: float


Effects: TypeAlias = "Generator[Send | Pause, Response | NoAnswer | None, ResultT]"


@dataclass(frozen=True, slots=True)
class Call(Generic[ModelT]):
    """What a face was asked to do."""

    operation: Operation
    model: Callable[[JsonObject], ModelT]
    arguments: Mapping[str, object]
    settings: Settings


def perform(call: Call[ModelT]) -> Effects[ModelT]:
    """Do a call, and read its answer.

    Raises:
        EvalSessionsError: see `evalsessions.errors`.
    """
    response = yield from _attempts(call, prepared(call))
    return _read(call, response, call.settings.strict)


def perform_raw(call: Call[ModelT]) -> Effects[RawResponse[ModelT]]:
    """Do a call, and leave its answer to be read.

    Raises:
        EvalSessionsError: see `evalsessions.errors`; no `ResponseValidationError`.
    """
    response = yield from _attempts(call, prepared(call))
    return RawResponse(
        response.status_code,
        response.headers,
        response.content,
        response.request,
        response.flaw,
        reader=lambda _, strict: _read(call, response, strict),
    )


def prepared(call: Call[Any]) -> tuple[Request, JsonValue]:
    """Return the request of a call, and its body.

    Raises:
        ContractError: the API must refuse it, or it cannot be said in JSON.
    """
    name, settings = call.operation.name, call.settings
    if settings.validate:
        call.operation.check_path(call.arguments)
    try:
        method, path = call.operation.target(call.arguments)
    except UnicodeEncodeError as error:
        raise ContractError(f"expected Unicode text in the path, got {error.object!a}", operation=name) from error
    given = {**call.operation.body(call.arguments), **settings.extra_body}
    try:
        body = plain(given)
        content = encode(body)
    except NotJsonError as error:
        pointer = pointer_to(error.path[:_TOLD_STEPS])
        if settings.validate:
            raise ContractError(f"{pointer}: {error}", operation=name, pointer=pointer) from error
        try:
            body, content = None, encode_leniently(given)
        except NotJsonError as worse:
            raise ContractError(f"{pointer}: {worse}", operation=name, pointer=pointer) from worse
    if settings.validate:
        call.operation.check_body(body, call.arguments)
    header, prefix = call.operation.key
    headers = Headers(
        {
            "accept": "application/json",
            "content-type": "application/json",
            "user-agent": USER_AGENT,
            (settings.key_header or header).lower(): prefix + settings.api_key.reveal(),
            **settings.extra_headers,
        }.items()
    )
    return Request(name, method, settings.base_url + path, headers, content), body


def _attempts(call: Call[Any], made: tuple[Request, JsonValue]) -> Effects[Response]:
    request, body = made
    settings = call.settings
    key = call.operation.repeatable_by(body)
    in_doubt: Response | NoAnswer | None = None
    for number in itertools.count(1):
        started = perf_counter()
        came = yield Send(request, settings.timeout)
        assert came is not None
        seconds = perf_counter() - started
        fate = fate_of(came)
        # What was done is read as it came; of anything else the error is told.
        answer = settings.scrubbed(came) if isinstance(came, Response) and fate is not Fate.DONE else came
        is_repeated = fate is Fate.UNDONE or (fate is Fate.LOST and key is not None)
        pause = pause_before(number, answer) if is_repeated and number <= settings.max_retries else None
        _report(settings, request, answer, number=number, seconds=seconds, pause=pause)
        if fate is Fate.DONE:
            assert isinstance(answer, Response)
            return answer
        if fate in {Fate.LOST, Fate.UNKNOWN}:
            in_doubt = answer
        if pause is None:
            error = (
                _failure(call, request, answer) if in_doubt is None else _doubt(request, answer, in_doubt, number, key)
            )
            raise error from (answer.__cause__ if isinstance(answer, NoAnswer) else None)
        yield Pause(pause)
    raise AssertionError  # pragma: no cover


def _report(
    settings: Settings,
    request: Request,
    answer: Response | NoAnswer,
    *,
    number: int,
    seconds: float,
    pause: float | None,
) -> None:
    """Log an attempt, and tell the hook of it, where somebody listens."""
    level = logging.DEBUG if pause is None else logging.INFO
    if settings.on_attempt is None and not _logger.isEnabledFor(level):
        return
    response = answer if isinstance(answer, Response) else None
    attempt = Attempt(
        operation=request.operation,
        number=number,
        method=request.method,
        url=request.url,
        status_code=response.status_code if response else None,
        request_id=settings.redacted(response.request_id) if response and response.request_id else None,
        problem=None if response else settings.redacted(str(answer)),
        seconds=seconds,
        retry_in=pause,
    )
    again = "" if pause is None else f", sent again in {pause:.1f} s"
    outcome = attempt.problem or str(attempt.status_code)
    text = f"{attempt.operation}, attempt {number}: {outcome} after {seconds:.3f} s{again}"
    _logger.log(level, text, extra={"request_id": attempt.request_id})
    if settings.on_attempt is not None:
        try:
            settings.on_attempt(attempt)
        except Exception:
            # What the hook does wrong must not take the outcome of a write with it.
            _logger.exception("on_attempt raised an error")


def _failure(call: Call[Any], request: Request, answer: Response | NoAnswer) -> APIError:
    """The error of a call of which no attempt was done."""
    redacted = call.settings.redacted
    if isinstance(answer, NoAnswer):
        kind = APITimeoutError if answer.timed_out else APIConnectionError
        return kind(redacted(f"{request.operation} was not sent: {answer}"), request=request)
    said = read_refusal(answer)
    notes = [f"rule {said.rule}"] if said.rule else []
    notes += [f"request id {answer.request_id}"] if answer.request_id else []
    place = f" at {said.pointer}" if said.pointer and said.pointer not in said.message else ""
    text = f"{request.operation} was refused with {phrase(answer.status_code)}{place}"
    text += f": {said.message}" if said.message else ""
    text += f" ({', '.join(notes)})" if notes else ""
    return status_error(answer.status_code)(
        redacted(text),
        response=answer,
        body=said.body,
        message=redacted(said.message),
        rule=said.rule,
        pointer=said.pointer,
    )


def _doubt(
    request: Request, answer: Response | NoAnswer, in_doubt: Response | NoAnswer, attempts: int, key: str | None
) -> AmbiguousOutcomeError:
    """The error of a call of which an attempt may have been done."""
    what = str(in_doubt) if isinstance(in_doubt, NoAnswer) else f"the answer was {phrase(in_doubt.status_code)}"
    text = f"{request.operation} may have been done or not: {what}"
    response = answer if isinstance(answer, Response) else None
    if response is not None and response.status_code == 409 and key is not None:
        text += f"; sent again, it was answered 409: one with {key} exists, made by this call or by an earlier one"
    elif answer is not in_doubt:
        last = str(answer) if isinstance(answer, NoAnswer) else f"the answer was {phrase(answer.status_code)}"
        text += f"; sent again, {last}"
    if key is not None:
        text += f". Look for one with {key} before you send it anew"
    else:
        text += ". It is not sent again by itself: look whether it was done before you send it anew"
    return AmbiguousOutcomeError(text, request=request, response=response, attempts=attempts)


def _read(call: Call[ModelT], response: Response, strict: bool) -> ModelT:
    try:
        return _model(call, response, strict)
    except ResponseValidationError:
        told = call.settings.scrubbed(response)
        if told is response:
            raise
    return _model(call, told, strict)  # tells the same, without what is secret


def _model(call: Call[ModelT], response: Response, strict: bool) -> ModelT:
    done = f"{call.operation.name} was done, but"
    if response.flaw is not None:
        raise ResponseValidationError(call.settings.redacted(f"{done} {response.flaw}"), response=response)
    try:
        body = response.json()
    except ValueError as error:
        kind = f"{phrase(response.status_code)}, {response.headers.get('content-type', 'no media type')}"
        raise ResponseValidationError(f"{done} the answer ({kind}) is no JSON: {error}", response=response) from error
    if strict:
        call.operation.check_answer(response, body)
    if not isinstance(body, dict):
        raise ResponseValidationError(f"{done} the answer is no JSON object", response=response)
    return call.model(body)
