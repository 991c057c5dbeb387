"""Batches of tensors, made ahead on threads, in an order that does not depend on how many threads there are."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from synthmat.train.data.augment import Planes

Item = TypeVar("Item")
Batch = dict[str, Tensor]


class Prefetcher(Iterator[Batch]):
    """Gives a batch for each of ``parts``, in their order; starts to make the first ones at once.

    Tensors are float32 in [0, 1], (B, 3, S, S), alpha and trimap (B, 1, S, S). Decoding, warping and colour work of
    OpenCV and NumPy free Python's lock, so threads are enough. ``waited_s`` are the seconds that its user has waited.

    Args:
        parts: What each batch is made of.
        make: Gives the planes of one item.
        threads: How many batches are made at the same time; twice as many are kept ready.
        pin: Whether to lay them where a GPU can fetch them.
    """

    def __init__(
        self, parts: Sequence[Sequence[Item]], make: Callable[[Item], Planes], threads: int, *, pin: bool = False
    ) -> None:
        self.waited_s = 0.0
        self._left = iter(parts)
        self._make = lambda part: _batch(part, make, pin)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="batch")
        self._waiting: deque[Future[Batch]] = deque()
        for _ in range(2 * threads + 1):
            self._ask()

    def __iter__(self) -> Prefetcher:
        return self

    def __next__(self) -> Batch:
        if not self._waiting:
            self.close()
            raise StopIteration
        asked = time.perf_counter()
        batch = self._waiting.popleft().result()
        self.waited_s += time.perf_counter() - asked
        self._ask()
        return batch

    def close(self) -> None:
        """Give up what is not made yet."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _ask(self) -> None:
        part = next(self._left, None)
        if part is not None:
            self._waiting.append(self._pool.submit(self._make, part))


def evenly(order: Sequence[Item], most: int) -> list[list[Item]]:
    """Divide ``order`` into runs of ``most`` or up to a little fewer.

    None is a remainder of one or two samples: batch norm would suffer from those.
    """
    count = max(1, -(-len(order) // most))
    ends = [len(order) * number // count for number in range(count + 1)]
    return [list(order[start:end]) for start, end in pairwise(ends)]


def _batch(part: Sequence[Item], make: Callable[[Item], Planes], pin: bool) -> Batch:
    preprocessor = [make(item) for item in part]
    batch = {}
    for kind, pixels in preprocessor[0].items():
        stacked = np.stack([example[kind] for example in preprocessor])
        stacked = stacked.transpose(0, 3, 1, 2) if pixels.ndim == 3 else stacked[:, None]
        tensor = torch.from_numpy(np.ascontiguousarray(stacked))
        batch[kind] = tensor.pin_memory() if pin else tensor
    return batch
