"""Batches of tensors, made ahead on threads, in an order that does not depend on how many threads there are."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Batch = tuple[Tensor, Tensor]
MakePair = Callable[[int], tuple[NDArray[np.float32], NDArray[np.float32]]]


def batches(order: Sequence[int], batch_size: int, make: MakePair, threads: int) -> Iterator[Batch]:
    """Yield images (B, 3, S, S) and alphas (B, 1, S, S), float32 in [0, 1].

    All batches are as large as ``batch_size`` or up to a little smaller, none is a remainder of one or two samples:
    batch norm would suffer from those. Decoding, warping and colour work of OpenCV and NumPy free Python's lock, so
    threads are enough.

    Args:
        order: The sample numbers of one epoch.
        batch_size: Most samples in a batch.
        make: Gives image (S, S, 3) and alpha (S, S) of a sample number, float32 in [0, 1].
        threads: How many batches are made at the same time.
    """
    parts = np.array_split(np.asarray(order), max(1, -(-len(order) // batch_size)))
    waiting: deque[Future[Batch]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="batch")
    try:
        for part in parts:
            waiting.append(pool.submit(_batch, part.tolist(), make))
            if len(waiting) > threads + 1:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _batch(indices: Sequence[int], make: MakePair) -> Batch:
    images, alphas = zip(*map(make, indices), strict=True)
    image = torch.from_numpy(np.ascontiguousarray(np.stack(images).transpose(0, 3, 1, 2)))
    return image, torch.from_numpy(np.stack(alphas)[:, None])
