"""What was used last stays in memory, up to so many bytes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from synthmat.compositor.imaging.lru_cache import LRUCache


def _pictures(max_bytes: int) -> LRUCache[int, np.ndarray]:
    return LRUCache(max_bytes, lambda pixels: pixels.nbytes)


def test_what_was_not_used_for_longest_goes_first():
    kept, made = _pictures(30), []

    def get(key):
        kept.get(key, lambda: made.append(key) or np.zeros(10, np.uint8))

    for key in (0, 1, 2, 0, 3, 0, 2, 1):
        get(key)
    assert made == [0, 1, 2, 3, 1]
    assert kept.bytes == 30


def test_one_thing_larger_than_allowed_is_kept_alone():
    kept = _pictures(30)
    for key in range(3):
        assert kept.get(key, lambda key=key: np.full(100, key, np.uint8))[0] == key
        assert kept.bytes == 100


def test_threads_get_what_belongs_to_their_key():
    kept = _pictures(1000)

    def ask(number):
        key = number * 7 % 40
        return int(kept.get(key, lambda: np.full(100, key, np.uint8))[0]) == key

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(2000)))
    assert kept.bytes == 1000
