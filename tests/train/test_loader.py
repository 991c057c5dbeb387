"""Batches come in order, evenly filled, from any number of threads."""

from __future__ import annotations

import time

import numpy as np
import pytest

from synthmat.train.loader import batches


def _slow_pair(index: int) -> tuple[np.ndarray, np.ndarray]:
    time.sleep(0.003 * (index % 3))
    return np.full((4, 4, 3), index, np.float32), np.full((4, 4), index, np.float32)


@pytest.mark.parametrize("threads", [1, 4])
def test_order_does_not_depend_on_threads(threads: int) -> None:
    order = [5, 3, 0, 1, 4, 2, 6]
    found = list(batches(order, 3, _slow_pair, threads))
    assert [int(image[0, 0, 0]) for images, _ in found for image in images] == order
    assert [int(alpha[0, 0, 0]) for _, alphas in found for alpha in alphas] == order
    assert [tuple(images.shape[1:]) for images, _ in found] == [(3, 4, 4)] * 3


def test_no_batch_is_a_remainder_of_one() -> None:
    sizes = [len(images) for images, _ in batches(range(17), 16, _slow_pair, 2)]
    assert sizes == [9, 8]


def test_an_error_reaches_the_caller() -> None:
    def broken(index: int) -> tuple[np.ndarray, np.ndarray]:
        if index == 2:
            raise ValueError("sample 2")
        return _slow_pair(index)

    with pytest.raises(ValueError, match="sample 2"):
        list(batches(range(6), 1, broken, 2))
