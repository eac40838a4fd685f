"""When a request is sent again, and after how long: what an answer, or its absence, says about what was done.

Sent again while `max_retries` lasts: what was not done (no connection, 429, 503 with `Retry-After`), and what may
have been done (no answer, 502, 504) where the contract says that a repeat cannot double (`x-retry`). Once an attempt
may have been done, nothing but a success tells the outcome of the call.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from evalsessions._core.transport import NoAnswer

if TYPE_CHECKING:
    from evalsessions._values.messages import Response

__all__ = ["Fate", "fate_of", "pause_before"]

# Seconds. The first pause is a random part of the first, later ones of twice as much each, up to the second (full
# jitter); a server's own wish is followed up to the third.
_FIRST, _LONGEST, _LONGEST_ASKED = 0.5, 8.0, 30.0


class Fate(Enum):
    """What became of one attempt."""

    DONE = "done"
    REFUSED = "not done, and it would not be if it were repeated"
    UNDONE = "not done, and worth repeating"
    LOST = "done or not, and worth repeating where a repeat cannot double"
    UNKNOWN = "done or not"


def fate_of(answer: Response | NoAnswer) -> Fate:
    """Return what an answer, or its absence, says about the request."""
    if isinstance(answer, NoAnswer):
        return Fate.LOST if answer.was_sent else Fate.UNDONE
    status = answer.status_code
    if 200 <= status < 300:
        return Fate.DONE
    if status == 429 or (status == 503 and "retry-after" in answer.headers):
        return Fate.UNDONE
    if status in {502, 504}:
        return Fate.LOST
    return Fate.UNKNOWN if status >= 500 else Fate.REFUSED


def pause_before(number: int, answer: Response | NoAnswer) -> float:
    """Return the seconds to wait before retry `number`, counted from 1."""
    asked = None if isinstance(answer, NoAnswer) else _asked(answer.headers.get("retry-after"))
    if asked is not None:
        return min(asked, _LONGEST_ASKED)
    from tenacity import RetryCallState, Retrying, wait_random_exponential  # noqa: PLC0415 - only retries need it

    state = RetryCallState(Retrying(), None, (), {})
    state.attempt_number = number
    return wait_random_exponential(multiplier=_FIRST, max=_LONGEST)(state)


def _asked(retry_after: str | None) -> float | None:
    """The seconds that `Retry-After` asks for, given as seconds or as a date (RFC 9110, section 10.2.3)."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    from datetime import UTC, datetime  # noqa: PLC0415
    from email.utils import parsedate_to_datetime  # noqa: PLC0415

    try:
        until = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
