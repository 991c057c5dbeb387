"""What was read or made once, kept in memory up to a number of bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class LRUCache(Generic[Key, Value]):
    """Keeps what was used last, and always the very last; safe for threads, two of which may make one value twice.

    Args:
        max_bytes: Values that were not used for longest are dropped until the others fit.
        bytes_of: Returns the size of a value.
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
                self._keep(key, made)
        return made

    def _keep(self, key: Key, made: Value) -> None:
        self._kept[key] = made
        self.bytes += self._bytes_of(made)
        while self.bytes > self._max_bytes and len(self._kept) > 1:
            self.bytes -= self._bytes_of(self._kept.popitem(last=False)[1])


class FirstCache(LRUCache[Key, Value]):
    """Keeps what came first, as long as it fits, and drops nothing.

    For values that are all used once before any is used again, such as the pictures of an epoch: where they do not fit,
    an LRU cache has dropped each before its turn comes, and this one still has a part of them.

    Args:
        max_bytes: Values that do not fit beside those kept are made again each time.
        bytes_of: Returns the size of a value.
        copy: Returns what to keep of a value, for example without the larger array that it is a view of.
    """

    def __init__(self, max_bytes: int, bytes_of: Callable[[Value], int], copy: Callable[[Value], Value]) -> None:
        super().__init__(max_bytes, bytes_of)
        self._copy = copy

    def _keep(self, key: Key, made: Value) -> None:
        size = self._bytes_of(made)
        if self.bytes + size <= self._max_bytes:
            self._kept[key] = self._copy(made)
            self.bytes += size
