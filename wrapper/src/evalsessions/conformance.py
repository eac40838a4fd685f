"""evalsessions as a subject for `speclock sdk --subject evalsessions.conformance:subject`; it imports nothing of it.

`fast_subject` is the same SDK over its fast transport, which is another way to the wire; `async_subject` has the same
calls made by its coroutines.

A request comes as plain values under the names of the contract, and goes the way that a user's call goes: what has an
argument is given as that, anything else as `extra_body`, which is also how a null is said.
"""

from __future__ import annotations

import asyncio
import inspect
import re
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, cast

from evalsessions import AsyncGalileo, AsyncGaltea, EvalSessionsError, FastTransport, Galileo, Galtea, __version__
from evalsessions.models import Model

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["LateError", "async_subject", "fast_subject", "subject"]


#: A leap second, and more digits than those of a microsecond.
_BEYOND_DATETIME = re.compile(r":60|\.\d{7}")


class LateError(Exception):
    """An answer was taken for good, and cannot be read: no refusal of the answer, so none of the documented errors."""


class _Calls:
    """The SDK at one address."""

    def __init__(self, galtea: Galtea | AsyncGaltea, galileo: Galileo | AsyncGalileo) -> None:
        self._faces = galtea, galileo
        methods: dict[str, Callable[..., Any]] = {
            "createSession": galtea.sessions.create,
            "createTestCase": galtea.test_cases.create,
            "createEvaluationsFromSessions": galtea.evaluations.create_from_sessions,
            "createProjectSession": galileo.project_sessions.create,
        }
        self._methods = {name: (method, _parameters(method)) for name, method in methods.items()}

    def call(self, request: Mapping[str, Any]) -> object:
        """Call the method of the operation; its result under the names of the contract, as its properties read it."""
        body: object = request.get("body")
        if request["operation"] not in self._methods or not isinstance(body, dict):
            raise NotImplementedError("there is no method that could say this")
        method, parameters = self._methods[request["operation"]]
        arguments: dict[str, Any] = {
            name: None for name, parameter in parameters.items() if parameter.default is parameter.empty
        }
        extra: dict[str, Any] = {}
        in_path: dict[str, object] = request.get("path", {})
        for name, value in {**in_path, **cast("dict[str, object]", body)}.items():
            argument = _snake(name)
            if argument in parameters and not _has_null(value):
                arguments[argument] = value
            else:
                extra[name] = value
        result = self._done(method(**arguments, extra_body=extra))
        try:
            return _as_read(result)
        except EvalSessionsError as error:
            raise LateError(str(error)) from None

    def close(self) -> None:
        """Close both faces."""
        for face in self._faces:
            self._done(face.close() if isinstance(face, Galtea | Galileo) else face.aclose())

    def _done(self, result: Any) -> Any:  # noqa: ANN401 - what a call gives
        return result


class _AsyncCalls(_Calls):
    """The SDK at one address, by coroutines on a loop of its own."""

    def __init__(self, galtea: AsyncGaltea, galileo: AsyncGalileo) -> None:
        super().__init__(galtea, galileo)
        self._runner = asyncio.Runner()

    def close(self) -> None:
        """Close both faces, and the loop."""
        with self._runner:
            super().close()

    def _done(self, result: Any) -> Any:  # noqa: ANN401 - what a call gives
        return self._runner.run(result)


def _options(base_url: str, credential: str, transport: Any) -> dict[str, Any]:  # noqa: ANN401 - of httpx, which is not imported here
    return {"base_url": base_url, "api_key": credential, "max_retries": 0, "http_client": transport}


def _parameters(method: Callable[..., object]) -> dict[str, inspect.Parameter]:
    parameters = inspect.signature(method).parameters
    return {name: parameter for name, parameter in parameters.items() if parameter.kind is parameter.KEYWORD_ONLY}


def _snake(name: str) -> str:
    return re.sub("(?=[A-Z])", "_", name).lower()


def _as_read(result: Model) -> dict[str, object]:
    """What each property of a model reads, under the name that the contract has for it, and what has no property."""
    said, read = result.to_dict(), dict[str, object](result.extra)
    named = {_snake(name): name for name in said}
    for name, wire_name in result.properties.items():
        value = getattr(result, name)
        if name in named or value is not None:
            read[named.get(name, wire_name)] = _plain(value, said.get(named.get(name, wire_name)))
    return read


def _plain(value: object, said: object) -> object:
    """What a property reads, as JSON; as it was said, where Python has no other way to say the same."""
    match value:
        case Model():
            return _as_read(value)
        case list():
            return [_plain(item, None) for item in cast("list[object]", value)]
        case Enum():
            return value.value
        case datetime() if isinstance(said, str):
            return said if _is_nearly(value, said) else value.isoformat()
        case int() if isinstance(said, float) and not isinstance(value, bool) and float(value) == said:
            return said
        case _:
            return value


def _is_nearly(value: datetime, said: str) -> bool:
    """Whether it is the moment that was said, but for a leap second and digits beyond those of a microsecond."""
    if not _BEYOND_DATETIME.search(said):
        return False
    near = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", said.upper().replace(":60", ":59")))
    return abs(value - near) <= timedelta(seconds=":60" in said, microseconds=1)


def _has_null(value: object) -> bool:
    """Whether an argument would leave something of it out: what is None, itself or in a metric, is not sent."""
    if isinstance(value, list):
        items = cast("list[object]", value)
        return any(isinstance(item, dict) and None in cast("dict[str, object]", item).values() for item in items)
    return value is None


class _Subject:
    name = f"evalsessions {__version__}"
    refuses = True
    errors = (EvalSessionsError,)
    transport: Literal["httpx"] | None = "httpx"

    def connect(self, base_url: str, credential: str, transport: object) -> _Calls:
        """Return the SDK at this address, over this `httpx.BaseTransport` where there is one."""
        options = _options(base_url, credential, transport)
        return _Calls(Galtea(**options), Galileo(**options))


class _FastSubject(_Subject):
    name = f"evalsessions {__version__}, fast transport"
    transport = None

    def connect(self, base_url: str, credential: str, transport: object) -> _Calls:  # noqa: ARG002 - of the protocol
        """Return the SDK at this address."""
        return super().connect(base_url, credential, FastTransport())


class _AsyncSubject(_Subject):
    name = f"evalsessions {__version__}, coroutines"

    def connect(self, base_url: str, credential: str, transport: object) -> _Calls:
        """Return the SDK at this address, over this `httpx.AsyncBaseTransport` where there is one."""
        options = _options(base_url, credential, transport)
        return _AsyncCalls(AsyncGaltea(**options), AsyncGalileo(**options))


subject = _Subject()
fast_subject = _FastSubject()
async_subject = _AsyncSubject()
