"""Many calls at once, their outcomes in the order of what was asked for, in memory that their number does not change.

So many calls are in flight at most, and so many outcomes wait for an earlier one; nothing more is taken from the input
before one of them was handed out. What was sent has an outcome, also when the calls stop at an error.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import AsyncIterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from evalsessions._core.settings import checked_count
from evalsessions.errors import EvalSessionsError

if TYPE_CHECKING:
    from asyncio import Task
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterable, Iterator
    from concurrent.futures import Future

__all__ = ["CONCURRENCY", "Outcome", "Progress", "in_order", "in_order_async"]

ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")

CONCURRENCY = 8
# Outcomes that may wait for an earlier one, for each call in flight.
_WAITING = 16

_logger = logging.getLogger("evalsessions")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[ItemT, ResultT]):
    """What became of one of many calls.

    Attributes:
        index: which one it was, counted from 0.
        item: what was asked for.
        result: what the call returned, or None where it failed.
        error: why it failed, or None; its class says whether the write was done (`evalsessions.errors`).
    """

    index: int
    item: ItemT
    result: ResultT | None
    error: EvalSessionsError | None

    def unwrap(self) -> ResultT:
        """Return the result.

        Raises:
            EvalSessionsError: the call failed.
        """
        if self.result is None:
            assert self.error is not None
            raise self.error
        return self.result


@dataclass(frozen=True, slots=True)
class Progress:
    """How far many calls have come.

    Attributes:
        done: how many outcomes were handed out.
        failed: how many of them are errors.
    """

    done: int
    failed: int


class _Plan(Generic[ItemT, ResultT]):
    """What both ways of calling share: when to take the next item, and what to tell."""

    def __init__(
        self, concurrency: object, progress: Callable[[Progress], object] | None, *, stop_on_error: bool
    ) -> None:
        self.concurrency = checked_count("concurrency", concurrency, least=1)
        self._progress = progress
        self._stops = stop_on_error
        self._stopped = False
        self._told = Progress(0, 0)
        self.in_flight = 0

    def takes_more(self, waiting: int) -> bool:
        return not self._stopped and self.in_flight < self.concurrency and waiting < self.concurrency * _WAITING

    def ended(self) -> None:
        """Note that there is nothing more to take."""
        self._stopped = True

    def outcome(self, index: int, item: ItemT, result: ResultT | EvalSessionsError) -> Outcome[ItemT, ResultT]:
        if not isinstance(result, EvalSessionsError):
            return Outcome(index, item, result, None)
        self._stopped = self._stopped or self._stops
        return Outcome(index, item, None, result)

    def tell(self, outcome: Outcome[ItemT, ResultT]) -> Outcome[ItemT, ResultT]:
        self._told = Progress(self._told.done + 1, self._told.failed + (outcome.error is not None))
        if self._progress is not None:
            try:
                self._progress(self._told)
            except Exception:
                # What the callback does wrong must not take the outcome of a write with it.
                _logger.exception("progress raised an error")
        return outcome


def in_order(
    call: Callable[[ItemT], ResultT],
    items: Iterable[ItemT],
    *,
    concurrency: int,
    progress: Callable[[Progress], object] | None,
    stop_on_error: bool,
) -> Generator[Outcome[ItemT, ResultT], None, None]:
    """Call for each item, on threads."""
    plan = _Plan[ItemT, ResultT](concurrency, progress, stop_on_error=stop_on_error)
    return _on_threads(call, iter(items), plan)


def _on_threads(
    call: Callable[[ItemT], ResultT], items: Iterator[ItemT], plan: _Plan[ItemT, ResultT]
) -> Generator[Outcome[ItemT, ResultT], None, None]:
    # Late, as asyncio below: both take longer to import than all of this package.
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415
    from queue import SimpleQueue  # noqa: PLC0415

    waiting: deque[Future[Outcome[ItemT, ResultT]]] = deque()
    finished: SimpleQueue[None] = SimpleQueue()
    broken: Exception | None = None

    def one(index: int, item: ItemT) -> Outcome[ItemT, ResultT]:
        try:
            return plan.outcome(index, item, call(item))
        except EvalSessionsError as error:
            return plan.outcome(index, item, error)

    with ThreadPoolExecutor(plan.concurrency, "evalsessions") as pool:
        index = 0
        while True:
            while not finished.empty():
                finished.get()
                plan.in_flight -= 1
            while plan.takes_more(len(waiting)):
                try:
                    item = next(items)
                except StopIteration:
                    plan.ended()
                    break
                except Exception as error:  # noqa: BLE001 - raised when what was sent has its outcome
                    plan.ended()
                    broken = error
                    break
                future = pool.submit(one, index, item)
                future.add_done_callback(lambda _: finished.put(None))
                waiting.append(future)
                plan.in_flight += 1
                index += 1
            if not waiting:
                break
            if waiting[0].done():
                yield plan.tell(waiting.popleft().result())
            else:
                finished.get()
                plan.in_flight -= 1
    if broken is not None:
        raise broken


def in_order_async(
    call: Callable[[ItemT], Awaitable[ResultT]],
    items: Iterable[ItemT] | AsyncIterable[ItemT],
    *,
    concurrency: int,
    progress: Callable[[Progress], object] | None,
    stop_on_error: bool,
) -> AsyncGenerator[Outcome[ItemT, ResultT], None]:
    """Call for each item, in tasks of the running event loop."""
    plan = _Plan[ItemT, ResultT](concurrency, progress, stop_on_error=stop_on_error)
    return _in_tasks(call, _each(items), plan)


async def _in_tasks(
    call: Callable[[ItemT], Awaitable[ResultT]], items: AsyncIterator[ItemT], plan: _Plan[ItemT, ResultT]
) -> AsyncGenerator[Outcome[ItemT, ResultT], None]:
    import asyncio  # noqa: PLC0415

    waiting: deque[Task[Outcome[ItemT, ResultT]]] = deque()
    finished = asyncio.Event()
    broken: Exception | None = None

    async def one(index: int, item: ItemT) -> Outcome[ItemT, ResultT]:
        try:
            return plan.outcome(index, item, await call(item))
        except EvalSessionsError as error:
            return plan.outcome(index, item, error)
        finally:
            plan.in_flight -= 1
            finished.set()

    index = 0
    try:
        while True:
            while plan.takes_more(len(waiting)):
                try:
                    item = await anext(items)
                except StopAsyncIteration:
                    plan.ended()
                    break
                except Exception as error:  # noqa: BLE001 - raised when what was sent has its outcome
                    plan.ended()
                    broken = error
                    break
                waiting.append(asyncio.create_task(one(index, item)))
                plan.in_flight += 1
                index += 1
            if not waiting:
                break
            if waiting[0].done():
                yield plan.tell(waiting.popleft().result())
            else:
                finished.clear()
                await finished.wait()
    finally:
        # Whoever stops asking leaves calls in flight: they end by themselves, for a write that is cut off is in doubt.
        await asyncio.gather(*waiting, return_exceptions=True)
    if broken is not None:
        raise broken


async def _each(items: Iterable[ItemT] | AsyncIterable[ItemT]) -> AsyncIterator[ItemT]:
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item
