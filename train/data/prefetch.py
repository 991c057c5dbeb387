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
    """Gives a batch for each of ``chunks``, in their order; starts to make the first ones immediately.

    Tensors are float32 in [0, 1], (B, 3, S, S), alpha and trimap (B, 1, S, S). Decoding, warping and color work of
    OpenCV and NumPy free Python's lock, so threads are enough. ``waited_s`` are the seconds spent waiting for batches.

    Args:
        chunks: The items of each batch.
        make: Gives the planes of one item.
        threads: How many batches are made at the same time; twice as many are kept ready.
        pin: Whether to pin their memory, for faster copies to a GPU.
    """

    def __init__(
        self, chunks: Sequence[Sequence[Item]], make: Callable[[Item], Planes], threads: int, *, pin: bool = False
    ) -> None:
        self.waited_s = 0.0
        self._left = iter(chunks)
        self._make = lambda chunk: _batch(chunk, make, pin)
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
        """Cancel batches that are not made yet."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _ask(self) -> None:
        chunk = next(self._left, None)
        if chunk is not None:
            self._waiting.append(self._pool.submit(self._make, chunk))


def even_chunks(order: Sequence[Item], max_size: int) -> list[list[Item]]:
    """Divide ``order`` into chunks of nearly equal size, at most ``max_size``.

    No chunk is a remainder of one or two samples, which batch norm could not normalize well.
    """
    count = max(1, -(-len(order) // max_size))
    ends = [len(order) * number // count for number in range(count + 1)]
    return [list(order[start:end]) for start, end in pairwise(ends)]


def _batch(chunk: Sequence[Item], make: Callable[[Item], Planes], pin: bool) -> Batch:
    examples = [make(item) for item in chunk]
    batch = {}
    for kind, pixels in examples[0].items():
        stacked = np.stack([example[kind] for example in examples])
        stacked = stacked.transpose(0, 3, 1, 2) if pixels.ndim == 3 else stacked[:, None]
        tensor = torch.from_numpy(np.ascontiguousarray(stacked))
        batch[kind] = tensor.pin_memory() if pin else tensor
    return batch
