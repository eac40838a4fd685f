"""One call of the SDK, and what it did: refused, sent, returned, raised."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING

from speclock.core.errors import SubjectError
from speclock.engine.alarm import alarm
from speclock.sdk.subject import plain_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from speclock.core.cases import Answer, Case
    from speclock.core.contract import Contract
    from speclock.sdk.wire import Received, Wire

__all__ = ["Did", "Hung", "call"]

#: What an error may say beside its text.
_OF_ERRORS = ("status_code", "body", "rule")


class Hung(BaseException):
    """The SDK does not come back."""


@dataclass(frozen=True, slots=True)
class Did:
    """What an SDK did when it was called.

    Attributes:
        sent: the requests that it put on the wire.
        returned: what it returned, as plain data; None as well where it raised.
        error: what it raised, or None.
    """

    sent: tuple[Received, ...]
    returned: object
    error: Exception | None

    def told(self, name: str) -> object:
        """What the error says under a name; None: nothing, or it cannot be read."""
        try:
            return getattr(self.error, name, None)
        except Exception:  # noqa: BLE001 - it is the code of an SDK
            return None

    @property
    def unreadable(self) -> str | None:
        """What of the error cannot be read, and why, in words: `its body (KeyError)`."""
        for name in _OF_ERRORS:
            try:
                getattr(self.error, name, None)
            except Exception as problem:  # noqa: BLE001 - it is the code of an SDK
                return f"its {name} ({type(problem).__name__})"
        return None

    @property
    def refused(self) -> bool:
        """Whether it sent nothing, and said so by an error."""
        return self.error is not None and not self.sent

    @property
    def cannot_say(self) -> bool:
        """Whether the SDK has no way to say this request."""
        return self.refused and isinstance(self.error, NotImplementedError)

    @property
    def words(self) -> str:
        """What it did, in words that can follow "it": `raised KeyError('id')`."""
        if self.error is not None:
            text = " ".join("".join(map(_shown, _said(str, self.error))).split())
            return f"raised {type(self.error).__name__}: {text}" if text else f"raised {type(self.error).__name__}"
        return f"returned {_said(repr, self.returned)}"


def _shown(character: str) -> str:
    return character if character.isprintable() or character.isspace() else "\N{REPLACEMENT CHARACTER}"


def _said(how: Callable[[object], str], value: object) -> str:
    try:
        return how(value)
    except Exception as error:  # noqa: BLE001 - it is the code of an SDK
        return f"<a {type(value).__name__} that cannot be shown: {type(error).__name__}>"


def call(wire: Wire, contract: Contract, case: Case, answer: Answer, patience: float | None) -> Did:
    """Have the SDK send the request of a case, and answer it so.

    Raises:
        SubjectError: it returns a coroutine.
        Hung: it has not come back after so many seconds of patience; only where `alarm` can tell.
    """
    wire.expect(answer)
    returned, problem = None, None
    assert case.draft is not None
    try:
        with alarm(patience, Hung):
            returned = wire.connection.call(plain_request(contract, case.operation, case.draft))
    except Exception as error:  # noqa: BLE001 - whatever the SDK raises is what it did
        problem = error
    except SystemExit as end:
        problem = RuntimeError(f"it ended the process with status {end.code}")
    except (KeyboardInterrupt, Hung):
        raise
    except BaseException as error:  # noqa: BLE001 - such as asyncio.CancelledError
        problem = RuntimeError(f"it raised {type(error).__name__}, which is no Exception")
    if inspect.iscoroutine(returned):
        returned.close()
        raise SubjectError(
            f"{wire.subject.name}: expected `call` to return what the SDK makes of the answer, got a coroutine; a "
            "subject runs those itself, on a loop of its own (asyncio.Runner)"
        )
    return Did(tuple(wire.received), returned, problem)
