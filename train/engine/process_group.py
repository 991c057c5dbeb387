"""Several processes that train one network together, as torchrun starts them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

Value = TypeVar("Value")
_PATIENCE = timedelta(hours=2)


@dataclass(frozen=True)
class ProcessGroup:
    """This process among ``size`` ones; alone it is number 0 of 1. Only number 0 writes."""

    rank: int = 0
    size: int = 1

    @property
    def is_main(self) -> bool:
        """Whether this process is the one that writes."""
        return self.rank == 0

    def all_sum(self, values: Tensor) -> Tensor:
        """Return the sum over all processes."""
        if self.size > 1:
            dist.all_reduce(values)
        return values

    def any(self, here: bool, device: torch.device) -> bool:
        """Return whether it is so in any process."""
        if self.size == 1:
            return here
        return bool(self.all_sum(torch.tensor(float(here), device=device)) > 0)

    def gathered(self, value: Value) -> list[Value]:
        """Return what each process has, by rank."""
        if self.size == 1:
            return [value]
        values: list[Value | None] = [None] * self.size
        dist.all_gather_object(values, value)
        return values  # type: ignore[return-value]  # all are filled

    def from_main(self, make: Callable[[], Value]) -> Value:
        """Have the first process make a value while the others wait, and return it in all; errors are raised in all."""
        found: list[tuple[Value | None, Exception | None]] = [(None, None)]
        if self.is_main:
            try:
                found = [(make(), None)]
            except Exception as error:
                if self.size == 1:
                    raise
                found = [(None, error)]
        if self.size > 1:
            dist.broadcast_object_list(found)
        value, failure = found[0]
        if failure is not None:
            raise failure
        return value  # type: ignore[return-value]  # it was made


@contextmanager
def joined(device: torch.device) -> Iterator[ProcessGroup]:
    """Join the processes that torchrun has started with this one, over NCCL or gloo, and leave them at the end.

    ``device`` is this process's own, a GPU with its index; see `synthmat.train.engine.device.pick_device`.
    """
    if int(os.environ.get("WORLD_SIZE", 1)) < 2 or "MASTER_ADDR" not in os.environ:
        yield ProcessGroup()
        return
    if device.type == "cuda":
        # What torch gathers and broadcasts goes through the present GPU, which is the first one for all otherwise.
        torch.cuda.set_device(device)
    dist.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=_PATIENCE)
    try:
        yield ProcessGroup(dist.get_rank(), dist.get_world_size())
    finally:
        dist.destroy_process_group()
