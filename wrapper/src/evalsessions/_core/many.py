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
    from asyncio import Future as AsyncFuture
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
        self.stopped = False
        self._told = Progress(0, 0)
        self.in_flight = 0

    def takes_more(self, waiting: int) -> bool:
        return not self.stopped and self.in_flight < self.concurrency and waiting < self.concurrency * _WAITING

    def ended(self) -> None:
        """Note that there is nothing more to take."""
        self.stopped = True

    def outcome(self, index: int, item: ItemT, result: ResultT | EvalSessionsError) -> Outcome[ItemT, ResultT]:
        if not isinstance(result, EvalSessionsError):
            return Outcome(index, item, result, None)
        self.stopped = self.stopped or self._stops
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
    return _in_tasks(call, items, plan)


async def _in_tasks(
    call: Callable[[ItemT], Awaitable[ResultT]],
    items: Iterable[ItemT] | AsyncIterable[ItemT],
    plan: _Plan[ItemT, ResultT],
) -> AsyncGenerator[Outcome[ItemT, ResultT], None]:
    tasks = _Tasks(call, items, plan)
    try:
        while not tasks.is_done:
            if tasks.has_outcome:
                yield plan.tell(tasks.outcome())
            else:
                tasks.start()
                if not tasks.is_done:
                    await tasks.progress()
    finally:
        await tasks.end()
    if tasks.broken is not None:
        raise tasks.broken


class _Tasks(Generic[ItemT, ResultT]):
    """The calls in flight on an event loop, and the outcomes that wait to be handed out.

    As long as an outcome is waited for, the task of a finished call takes the next item itself: its connection is busy
    again at once, and the pool of httpx, which looks through all idle ones for each request, finds few.
    """

    def __init__(
        self,
        call: Callable[[ItemT], Awaitable[ResultT]],
        items: Iterable[ItemT] | AsyncIterable[ItemT],
        plan: _Plan[ItemT, ResultT],
    ) -> None:
        from asyncio import Event, get_running_loop  # noqa: PLC0415

        self.broken: Exception | None = None
        self._call = call
        self._plan = plan
        self._at_hand = None if isinstance(items, AsyncIterable) else iter(items)
        self._coming = aiter(items) if isinstance(items, AsyncIterable) else None
        self._next: Task[ItemT] | None = None
        self._loop = get_running_loop()
        self._waiting: deque[AsyncFuture[Outcome[ItemT, ResultT]]] = deque()
        self._workers: set[Task[None]] = set()
        self._index = 0
        self._news = Event()
        self._is_awaited = False

    @property
    def is_done(self) -> bool:
        """Whether there are no more items, and every outcome was handed out."""
        return self._plan.stopped and not self._waiting

    @property
    def has_outcome(self) -> bool:
        return bool(self._waiting) and self._waiting[0].done()

    def outcome(self) -> Outcome[ItemT, ResultT]:
        return self._waiting.popleft().result()

    def start(self) -> None:
        """Start as many calls as there may be, with the items that have come."""
        while (place := self._take()) is not None:
            worker = self._loop.create_task(self._work(place))
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)

    async def progress(self) -> None:
        """Wait until the first outcome is there, or another item."""
        self._news.clear()
        self._is_awaited = True
        try:
            await self._news.wait()
        finally:
            self._is_awaited = False

    async def end(self) -> None:
        """Wait for what is in flight: a write that is cut off is in doubt, so whoever stops asking lets it end."""
        from asyncio import gather  # noqa: PLC0415

        self._plan.ended()
        unneeded = [] if self._next is None else [self._next]
        for task in unneeded:
            task.cancel()
        await gather(*unneeded, *self._workers, return_exceptions=True)

    def _take(self) -> _Place[ItemT, ResultT] | None:
        """Take the next item, where there is one and it may be sent now, and keep a place for its outcome."""
        if not self._plan.takes_more(len(self._waiting)):
            return None
        try:
            if self._at_hand is not None:
                item = next(self._at_hand)
            elif self._next is not None and self._next.done():
                arrived, self._next = self._next, None
                item = arrived.result()
            else:
                self._await_next()
                return None
        except (StopIteration, StopAsyncIteration):
            self._plan.ended()
            return None
        except Exception as error:  # noqa: BLE001 - raised when what was sent has its outcome
            self._plan.ended()
            self.broken = error
            return None
        place = _Place(self._index, item, self._loop.create_future())
        self._waiting.append(place.outcome)
        self._plan.in_flight += 1
        self._index += 1
        return place

    def _await_next(self) -> None:
        if self._next is None:
            assert self._coming is not None
            self._next = self._loop.create_task(_next_of(self._coming))
            self._next.add_done_callback(lambda _: self._news.set())

    async def _work(self, first: _Place[ItemT, ResultT]) -> None:
        place: _Place[ItemT, ResultT] | None = first
        while place is not None:
            try:
                outcome = self._plan.outcome(place.index, place.item, await self._call(place.item))
            except EvalSessionsError as error:
                outcome = self._plan.outcome(place.index, place.item, error)
            except BaseException as error:
                place.outcome.set_exception(error)
                self._news.set()
                raise
            place.outcome.set_result(outcome)
            self._plan.in_flight -= 1
            place = self._take() if self._is_awaited else None
            if place is None or self.has_outcome:
                self._news.set()


@dataclass(frozen=True, slots=True)
class _Place(Generic[ItemT, ResultT]):
    """An item that was taken, and where its outcome will be."""

    index: int
    item: ItemT
    outcome: AsyncFuture[Outcome[ItemT, ResultT]]


async def _next_of(items: AsyncIterator[ItemT]) -> ItemT:
    return await anext(items)
