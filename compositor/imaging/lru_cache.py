"""A least-recently-used cache with a limit in bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class LRUCache(Generic[Key, Value]):
    """Keeps the most recently used values, always at least one; thread-safe, but two threads may make the same one.

    Args:
        most_bytes: How much of it.
        bytes_of: Gives the size of a thing.
    """

    def __init__(self, max_bytes: int, bytes_of: Callable[[Value], int]) -> None:
        self._max_bytes = max_bytes
        self._bytes_of = bytes_of
        self._kept: OrderedDict[Key, Value] = OrderedDict()
        self._lock = Lock()
        self.bytes = 0

    def get(self, key: Key, make: Callable[[], Value]) -> Value:
        """Return what is kept under ``key``, or what ``make`` gives; it must not be written to."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            if key not in self._kept:
                self._kept[key] = made
                self.bytes += self._bytes_of(made)
            while self.bytes > self._max_bytes and len(self._kept) > 1:
                self.bytes -= self._bytes_of(self._kept.popitem(last=False)[1])
        return made
