"""Decoded pictures kept in memory, as many as fit."""

from __future__ import annotations

from collections.abc import Hashable

from synthmat.byte_cache import FirstCache
from synthmat.train.data.resizing import Pictures

MAX_BYTES = 2 * 2**30


def image_cache(max_bytes: int) -> FirstCache[Hashable, Pictures]:
    """Return a cache for the pictures of samples; those of an epoch come in an order of its own, each once."""
    return FirstCache(max_bytes, _size, lambda pictures: {kind: pixels.copy() for kind, pixels in pictures.items()})


def _size(pictures: Pictures) -> int:
    return sum(pixels.nbytes for pixels in pictures.values())
