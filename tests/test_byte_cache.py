"""What was used last, or came first, stays in memory, up to so many bytes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from synthmat.byte_cache import FirstCache, LRUCache


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


def _hits(cache: LRUCache[int, np.ndarray], epochs: int = 3, count: int = 5) -> int:
    """Return how many of the values were there when they were asked for, each once in an epoch."""
    made: list[int] = []
    for key in list(range(count)) * epochs:
        cache.get(key, lambda key=key: made.append(key) or np.zeros(10, np.uint8))
    return epochs * count - len(made)


def test_what_came_first_is_kept_and_serves_epochs_that_do_not_fit():
    first = FirstCache(30, lambda pixels: pixels.nbytes, np.copy)
    assert (_hits(_pictures(30)), _hits(first)) == (0, 6)
    assert first.bytes == 30


def test_what_is_kept_first_is_a_copy_and_no_view_of_something_larger():
    cache = FirstCache(30, lambda pixels: pixels.nbytes, np.copy)
    large = np.zeros((1000, 10), np.uint8)
    cache.get("row", lambda: large[3])
    assert cache.get("row", lambda: pytest.fail("made again")).base is None


def test_a_value_that_does_not_fit_does_not_keep_out_a_smaller_one():
    cache = FirstCache(30, lambda pixels: pixels.nbytes, np.copy)
    for key, size in (("large", 40), ("small", 20)):
        cache.get(key, lambda size=size: np.zeros(size, np.uint8))
    made = []
    for key in ("large", "small"):
        cache.get(key, lambda key=key: made.append(key) or np.zeros(1, np.uint8))
    assert made == ["large"]
