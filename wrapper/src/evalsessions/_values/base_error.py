"""The error that all errors of this package are, and the one that reading a value raises."""

from __future__ import annotations

__all__ = ["EvalSessionsError", "UnreadableError"]


class EvalSessionsError(Exception):
    """Any error of this package."""

    def __reduce__(self) -> tuple[object, ...]:
        # Constructors have keyword-only arguments, which the pickling of exceptions does not know.
        return _restored, (type(self), self.args, self.__dict__)


def _restored(kind: type[EvalSessionsError], args: tuple[object, ...], state: dict[str, object]) -> EvalSessionsError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class UnreadableError(EvalSessionsError, AttributeError):
    """A property is not what the contract promises, in an answer that was read with `strict=False`."""
