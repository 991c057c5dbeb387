"""Decoding ahead and writing behind, in threads of their own and with a bounded number of frames in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Generic, TypeVar

Item = TypeVar("Item")


def ahead(items: Iterable[Item], depth: int) -> Iterator[Item]:
    """Yield items, of which up to ``depth`` are made ahead in another thread.

    What making them raises is raised here, behind the items before it.
    """
    made = iter(items)
    end = object()
    waiting: deque[Future[Item | object]] = deque()
    with ThreadPoolExecutor(1, thread_name_prefix="decode") as pool:
        try:
            while True:
                while len(waiting) < depth:
                    waiting.append(pool.submit(next, made, end))
                item = waiting.popleft().result()
                if item is end:
                    return
                yield item  # type: ignore[misc]  # what is not the end is an item
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


class Behind(Generic[Item]):
    """Calls ``done`` for items one after another in another thread; a context manager, which waits for all of them.

    After an error elsewhere what waits is still done; after Ctrl-C it is not.

    Args:
        done: What is to be done with an item; what it raises is raised by the next `put`, or at the end.
        depth: How many items may wait.
    """

    def __init__(self, done: Callable[[Item], None], depth: int) -> None:
        self._done, self._depth = done, depth
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="encode")
        self._waiting: deque[Future[None]] = deque()

    def __enter__(self) -> Behind[Item]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        stopped = kind is not None and not issubclass(kind, Exception)
        self._pool.shutdown(wait=True, cancel_futures=stopped)
        while kind is None and self._waiting:
            self._waiting.popleft().result()

    def put(self, item: Item) -> None:
        """Hand an item over; waits while too many do."""
        while len(self._waiting) >= self._depth:
            self._waiting.popleft().result()
        self._waiting.append(self._pool.submit(self._done, item))
