"""Batches come in order, evenly filled, from any number of threads."""

from __future__ import annotations

import time

import numpy as np
import pytest

from synthmat.train.data.augment import Planes
from synthmat.train.data.prefetch import Prefetcher, even_chunks


def _slow_example(index: int) -> Planes:
    time.sleep(0.003 * (index % 3))
    return {"image": np.full((4, 4, 3), index, np.float32), "alpha": np.full((4, 4), index, np.float32)}


@pytest.mark.parametrize("threads", [1, 4])
def test_order_does_not_depend_on_threads(threads: int) -> None:
    order = [5, 3, 0, 1, 4, 2, 6]
    found = list(Prefetcher(even_chunks(order, 3), _slow_example, threads))
    assert [int(image[0, 0, 0]) for batch in found for image in batch["image"]] == order
    assert [int(alpha[0, 0, 0]) for batch in found for alpha in batch["alpha"]] == order
    assert [tuple(batch["image"].shape[1:]) for batch in found] == [(3, 4, 4)] * 3


@pytest.mark.parametrize(("count", "most", "sizes"), [(17, 16, [8, 9]), (16, 16, [16]), (7, 3, [2, 2, 3]), (1, 8, [1])])
def test_no_batch_is_a_small_remainder(count: int, most: int, sizes: list[int]) -> None:
    runs = even_chunks(range(count), most)
    assert sorted(map(len, runs)) == sizes
    assert [item for run in runs for item in run] == list(range(count))


def test_an_error_reaches_the_caller() -> None:
    def broken(index: int) -> Planes:
        if index == 2:
            raise ValueError("sample 2")
        return _slow_example(index)

    with pytest.raises(ValueError, match="sample 2"):
        list(Prefetcher([[index] for index in range(6)], broken, 2))


def test_waiting_is_counted() -> None:
    prefetcher = Prefetcher([[2], [2]], _slow_example, 1)
    time.sleep(0.05)
    next(prefetcher)
    assert prefetcher.waited_s < 0.006
    slow = Prefetcher([[2]], lambda index: (time.sleep(0.05), _slow_example(index))[1], 1)
    next(slow)
    assert slow.waited_s > 0.03
