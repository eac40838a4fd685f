"""The end of the time is heard, wherever it comes."""

from __future__ import annotations

import time

import pytest

from speclock.engine.alarm import alarm


class TimeIsUp(BaseException):
    """What the alarm of these tests raises."""


class SlowToGo:
    """Takes long to be given up: a ring in its finaliser goes unheard."""

    def __del__(self) -> None:
        time.sleep(0.2)


def test_a_ring_in_a_finaliser_comes_again_and_is_told_to_nobody() -> None:
    def work() -> None:
        SlowToGo()
        time.sleep(30)

    began = time.monotonic()
    with pytest.raises(TimeIsUp), alarm(0.05, TimeIsUp):
        work()
    assert time.monotonic() - began < 20


def test_what_else_a_finaliser_raises_is_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def __del__(self) -> None:
            raise ValueError

    told: list[type[BaseException]] = []
    monkeypatch.setattr("sys.unraisablehook", lambda dropped: told.append(dropped.exc_type))
    with alarm(30, TimeIsUp):
        Broken()
    assert told == [ValueError]
