"""What a prediction costs: seconds, and memory on top of what the process held before."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch

Value = TypeVar("Value")
_CLEAR, _STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")
_RESET_PEAK = "5"


@dataclass(frozen=True)
class Cost:
    """``seconds`` by the clock; ``peak_bytes`` on the GPU, or of the process on Linux, None where nothing tells it."""

    seconds: float
    peak_bytes: int | None


def with_cost(call: Callable[[], Value], device: torch.device) -> tuple[Value, Cost]:
    """Return what ``call`` returns, and what it cost."""
    cuda = device.type == "cuda"
    before = None if cuda else _resident("VmRSS") if _peak_reset() else None
    if cuda:
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
    started = time.perf_counter()
    value = call()
    if cuda:
        torch.cuda.synchronize(device)
    seconds = time.perf_counter() - started
    if cuda:
        return value, Cost(seconds, torch.cuda.max_memory_allocated(device))
    after = _resident("VmHWM") if before is not None else None
    return value, Cost(seconds, None if before is None or after is None else max(0, after - before))


def _peak_reset() -> bool:
    try:
        _CLEAR.write_text(_RESET_PEAK)
    except OSError:
        return False
    return True


def _resident(name: str) -> int | None:
    for line in _STATUS.read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return None
