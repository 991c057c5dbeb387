"""The line of requests before the network: so many are worked on, so many wait, the rest are sent away."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Event
from typing import Any, TypeVar

from synthmat.serve.refusal import CLIENT_LEFT, RefusedError

_MOST_WAIT_S = 120
_NEWEST = 0.2
"""Share of the newest piece of work in the mean time that one takes."""

_Result = TypeVar("_Result")


class Stop:
    """Tells a piece of work that nobody waits for its result any more."""

    def __init__(self) -> None:
        self._event = Event()

    def set(self) -> None:
        """Tell it."""
        self._event.set()

    def check(self) -> None:
        """Leave the work if nobody waits for it.

        Raises:
            RefusedError: Nobody does.
        """
        if self._event.is_set():
            raise RefusedError(CLIENT_LEFT, "nobody waits for this any more")


class Place:
    """A request's place in the line, and the work that it has led to."""

    def __init__(self) -> None:
        self.future: Future[Any] | None = None


class Line:
    """Threads that work, and a bounded number of requests that wait for them. It belongs to one event loop.

    Args:
        threads: How many requests are worked on at once.
        queue: How many may wait.
    """

    def __init__(self, threads: int, queue: int) -> None:
        self._threads = threads
        self._most = threads + queue
        self._taken = 0
        self._mean_s = 1.0
        self._unfinished: set[Future[Any]] = set()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="matte")

    @property
    def taken(self) -> int:
        """How many requests are being received or worked on, or wait."""
        return self._taken

    @property
    def busy(self) -> bool:
        """Whether anything is still being worked on, also what nobody waits for any more."""
        return bool(self._unfinished)

    @contextmanager
    def place(self) -> Iterator[Place]:
        """Give a place; it is free again once the request has its answer and its work has really ended.

        Raises:
            RefusedError: The line is full.
        """
        if self._taken >= self._most:
            wait = min(_MOST_WAIT_S, max(1, math.ceil(self._mean_s * self._taken / self._threads)))
            raise RefusedError(
                429, f"{self._taken} requests are waiting already; try again in {wait} s", {"Retry-After": str(wait)}
            )
        self._taken += 1
        place = Place()
        try:
            yield place
        finally:
            if place.future is None:
                self._leave()
            else:
                loop = asyncio.get_running_loop()
                place.future.add_done_callback(lambda _: self._leave_later(loop))

    async def run(
        self, place: Place, work: Callable[[Stop], _Result], seconds: float, gone: Callable[[], Awaitable[None]]
    ) -> _Result:
        """Return what a piece of work returns, done in a thread.

        Args:
            place: The request's place in the line.
            work: Looks at its argument now and then.
            seconds: How long it may take, the wait included.
            gone: Waits until the client has left.

        Raises:
            RefusedError: It took too long, or the client has left.
        """
        stop = Stop()
        future: Future[_Result] = self._pool.submit(self._timed, work, stop)
        place.future = future
        self._unfinished.add(future)
        future.add_done_callback(self._unfinished.discard)
        finished = asyncio.wrap_future(future)
        leaving = asyncio.ensure_future(gone())
        try:
            either: set[asyncio.Future[Any]] = {finished, leaving}
            await asyncio.wait(either, timeout=max(0, seconds), return_when=asyncio.FIRST_COMPLETED)
            if finished.done():
                return finished.result()
            if leaving.done():
                raise RefusedError(CLIENT_LEFT, "the client has left")
            raise RefusedError(504, "this took too long; send a smaller picture, or start the server with --timeout")
        finally:
            stop.set()
            leaving.cancel()
            finished.cancel()  # work that has not begun is not begun

    def close(self) -> None:
        """Begin nothing new; what has begun is finished."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _timed(self, work: Callable[[Stop], _Result], stop: Stop) -> _Result:
        stop.check()
        started = time.monotonic()
        try:
            return work(stop)
        finally:
            self._mean_s += _NEWEST * (time.monotonic() - started - self._mean_s)

    def _leave(self) -> None:
        self._taken -= 1

    def _leave_later(self, loop: asyncio.AbstractEventLoop) -> None:
        with suppress(RuntimeError):  # The server has stopped meanwhile.
            loop.call_soon_threadsafe(self._leave)
