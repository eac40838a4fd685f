"""Every error that the SDK raises, and what each says about the write that it is about.

EvalSessionsError
├── ConfigurationError              a key, an address or an option that cannot work; nothing was sent
├── ContractError                   a request that the API must refuse; nothing was sent
├── APIError
│   ├── APIConnectionError          nothing was sent
│   │   └── APITimeoutError         nothing was sent in time
│   ├── APIStatusError              refused: not done
│   │   ├── BadRequestError             400
│   │   ├── AuthenticationError         401
│   │   ├── PermissionDeniedError       403
│   │   ├── NotFoundError               404
│   │   ├── ConflictError               409
│   │   ├── ContentTooLargeError        413
│   │   ├── UnsupportedMediaTypeError   415
│   │   ├── UnprocessableContentError   422
│   │   ├── RateLimitError              429
│   │   └── ServiceUnavailableError     503 with Retry-After
│   ├── ResponseValidationError     done, and the answer is not what the contract promises
│   └── AmbiguousOutcomeError       done or not: nobody here can know
├── PartialFailureError             done, but for some sessions of a batch
├── BatchInterruptedError           a batch of several requests of which some were done
└── UnreadableError                 a property of an answer that breaks the contract, read with strict=False
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evalsessions._values.base_error import EvalSessionsError, UnreadableError
from evalsessions.models import PartialFailureError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evalsessions._values.json_values import JsonValue
    from evalsessions._values.messages import Request, Response
    from evalsessions.models import BatchEvaluation

__all__ = [
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
    "status_error",
]


class ConfigurationError(EvalSessionsError):
    """A key, an address or an option that cannot work. Nothing was sent."""


class ContractError(EvalSessionsError):
    """The request breaks the contract, so that the API must refuse it. Nothing was sent.

    Attributes:
        operation: the operationId in the contract.
        message: what is wrong; of a named rule, what the server says of it.
        rule: the name of the rule that ties several properties, or None where one value is wrong by itself.
        pointer: where in the request body, as a JSON pointer (RFC 6901); empty for the whole body or the path.
    """

    def __init__(self, message: str, *, operation: str, rule: str | None = None, pointer: str = "") -> None:
        named = f" (rule {rule})" if rule else ""
        super().__init__(f"{operation} was not sent: {message}{named}")
        self.operation = operation
        self.message = message
        self.rule = rule
        self.pointer = pointer


class APIError(EvalSessionsError):
    """Something went wrong with a request that was, or was to be, sent.

    Attributes:
        request: what was to be sent.
    """

    def __init__(self, message: str, *, request: Request) -> None:
        super().__init__(message)
        self.request = request


class APIConnectionError(APIError):
    """The request could not be sent: not done."""


class APITimeoutError(APIConnectionError):
    """The request could not be sent in time: not done."""


class APIStatusError(APIError):
    """The API refused the request: not done.

    Attributes:
        response: the answer, whole.
        status_code: its status, also one that HTTP does not know.
        request_id: the answer's `X-Request-Id`, or None.
        body: the answer's JSON value, or its text where it is no JSON.
        message: what the API says is wrong.
        rule: the named rule that was broken, where the API names one.
        pointer: where in the request body, as a JSON pointer, where the API says so.
    """

    def __init__(
        self,
        text: str,
        *,
        response: Response,
        body: JsonValue = None,
        message: str = "",
        rule: str | None = None,
        pointer: str | None = None,
    ) -> None:
        super().__init__(text, request=response.request)
        self.response = response
        self.status_code = response.status_code
        self.request_id = response.request_id
        self.body = body
        self.message = message
        self.rule = rule
        self.pointer = pointer


class BadRequestError(APIStatusError):
    """400: the body breaks the schema or a rule."""


class AuthenticationError(APIStatusError):
    """401: the key is missing or not known."""


class PermissionDeniedError(APIStatusError):
    """403: the key is known and has no right to what the request names."""


class NotFoundError(APIStatusError):
    """404: something that the request names does not exist."""


class ConflictError(APIStatusError):
    """409: the `custom_id` is used already."""


class ContentTooLargeError(APIStatusError):
    """413: the body is larger than the API takes."""


class UnsupportedMediaTypeError(APIStatusError):
    """415: the body was not sent as JSON."""


class UnprocessableContentError(APIStatusError):
    """422: the path or the body breaks the schema."""


class RateLimitError(APIStatusError):
    """429: too many requests; repeated until `max_retries` was used up."""


class ServiceUnavailableError(APIStatusError):
    """503 that says when to come back (`Retry-After`); repeated until `max_retries` was used up."""


class ResponseValidationError(APIError):
    """The request was done, and its answer is not what the contract promises.

    With `strict=False` the call returns what can be read of such an answer.

    Attributes:
        response: the answer, whole.
        status_code: its status.
        request_id: the answer's `X-Request-Id`, or None.
        pointer: where in the answer's body, as a JSON pointer; empty for the whole.
    """

    def __init__(self, text: str, *, response: Response, pointer: str = "") -> None:
        super().__init__(text, request=response.request)
        self.response = response
        self.status_code = response.status_code
        self.request_id = response.request_id
        self.pointer = pointer


class AmbiguousOutcomeError(APIError):
    """The request may have been done or not: it was sent, and no answer says which. It is not repeated by itself.

    Attributes:
        response: the last answer, or None where there was none.
        attempts: how many times the request was sent, or tried to be.
    """

    def __init__(self, text: str, *, request: Request, response: Response | None, attempts: int) -> None:
        super().__init__(text, request=request)
        self.response = response
        self.attempts = attempts

    @property
    def status_code(self) -> int | None:
        """The status of the last answer, or None where there was none."""
        return None if self.response is None else self.response.status_code

    @property
    def request_id(self) -> str | None:
        """The `X-Request-Id` of the last answer, or None."""
        return None if self.response is None else self.response.request_id


class BatchInterruptedError(EvalSessionsError):
    """A batch evaluation of several requests ended early; `__cause__` says why.

    Attributes:
        result: the merged outcome of the requests that were done.
        in_doubt: the sessions of the request that ended it, where it may have been done or not, or was done and its
            answer cannot be read (`__cause__` says which); empty where it was not done.
        not_done: the sessions of the request that was not done, and of those that were not sent.
    """

    def __init__(self, *, result: BatchEvaluation, in_doubt: Sequence[str], not_done: Sequence[str]) -> None:
        said = result.to_dict()
        counts = [said.get(name) for name in ("sessionsEvaluated", "sessionsFailed")]
        # An answer that breaks the contract, read with strict=False, may not say how many.
        handled = sum(count for count in counts if isinstance(count, int))
        super().__init__(
            f"the batch ended early: {handled} sessions were handled, {len(in_doubt)} may have been, "
            f"{len(not_done)} were not"
        )
        self.result = result
        self.in_doubt = tuple(in_doubt)
        self.not_done = tuple(not_done)


_BY_STATUS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    413: ContentTooLargeError,
    415: UnsupportedMediaTypeError,
    422: UnprocessableContentError,
    429: RateLimitError,
    503: ServiceUnavailableError,
}


def status_error(status_code: int) -> type[APIStatusError]:
    """Return the class for a status; `APIStatusError` for one that has none of its own."""
    return _BY_STATUS.get(status_code, APIStatusError)
