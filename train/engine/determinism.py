"""The same numbers every time: torch's generators seeded from named streams, and its deterministic algorithms."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from synthmat.random_streams import stream


@contextmanager
def torch_seed(seed: int, device: torch.device, *names: str | int) -> Iterator[None]:
    """Seed torch's generators from a named stream, and put them back as they were afterwards."""
    cuda = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=cuda):
        torch.manual_seed(int(stream(seed, "torch", *names).integers(2**63)))
        yield


def random_states(device: torch.device) -> list[Tensor]:
    """Return the states of the generators that computing on ``device`` draws from."""
    states = [torch.get_rng_state()]
    return [*states, torch.cuda.get_rng_state(device)] if device.type == "cuda" else states


def restore_random_states(states: list[Tensor], device: torch.device) -> None:
    """Put back what `random_states` gave."""
    torch.set_rng_state(states[0])
    if device.type == "cuda":
        torch.cuda.set_rng_state(states[1], device)


@contextmanager
def deterministic(device: torch.device) -> Iterator[None]:
    """Have torch use deterministic algorithms where it has them; on a GPU some have no such form."""
    before, warn_only = (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )
    torch.use_deterministic_algorithms(device.type == "cpu", warn_only=True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before, warn_only=warn_only)
