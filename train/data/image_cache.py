"""Decoded pictures kept in memory, as many as fit."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock

from synthmat.train.data.resizing import Pictures

MOST_BYTES = 2 * 2**30


class PictureMemory:
    """Keeps what was read first until ``most_bytes`` are full; the rest is read anew each time. Safe for threads."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._left = most_bytes
        self._kept: dict[Hashable, Pictures] = {}
        self._lock = Lock()

    def get(self, key: Hashable, read: Callable[[], Pictures]) -> Pictures:
        """Return what ``read`` gives, or gave before; it must not be written to."""
        kept = self._kept.get(key)
        if kept is not None:
            return kept
        fresh = read()
        size = sum(picture.nbytes for picture in fresh.values())
        with self._lock:
            if key not in self._kept and size <= self._left:
                # Views would keep the whole of what they are cut from.
                self._kept[key] = {kind: pixels.copy() for kind, pixels in fresh.items()}
                self._left -= size
        return fresh
