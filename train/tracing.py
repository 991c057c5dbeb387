"""Arithmetic on the sizes of pictures that a trace keeps.

While a network is traced, ``x.shape`` holds tensors. Python's ``min``, ``max`` and ``round`` of them would become
constants of the traced picture's size; these functions become part of the graph. Of plain numbers they are Python's.
"""

from __future__ import annotations

import torch
from torch import Tensor


def tracing() -> bool:
    """Return whether a trace is being made, which is to hold for pictures of every size."""
    return bool(torch._C._get_tracing_state() is not None)


def at_least(number: int, limit: int) -> int:
    """Return the larger of a number and a plain limit."""
    return number.clamp(min=limit) if isinstance(number, Tensor) else max(number, limit)


def smaller(one: float, other: float) -> float:
    """Return the smaller of two numbers."""
    return torch.minimum(*_doubles(one, other)) if _traced(one, other) else min(one, other)  # type: ignore[return-value]


def larger(one: float, other: float) -> float:
    """Return the larger of two numbers."""
    return torch.maximum(*_doubles(one, other)) if _traced(one, other) else max(one, other)  # type: ignore[return-value]


def rounded(number: float) -> int:
    """Return the nearest whole number, the even one of two."""
    return number.round().to(torch.int64) if isinstance(number, Tensor) else round(number)


def precise(size: float) -> float:
    """Return a size in double precision, in which Python multiplies it."""
    return size.double() if isinstance(size, Tensor) else size


def by_area(x: Tensor, height: int, width: int) -> Tensor:
    """Return ``x`` (B, C, H, W) averaged down to (B, C, height, width), as ``interpolate(mode="area")`` does.

    It is written as two products with matrices, since no ONNX operator averages to a size that is not known before.
    """
    down, across = _averages(x.shape[-2], height, x), _averages(x.shape[-1], width, x)
    return (down @ x) @ across.transpose(0, 1)


def _averages(size: int, count: int, x: Tensor) -> Tensor:
    """Return the matrix ``(count, size)`` whose rows average one window each; windows overlap where they must."""
    number = torch.arange(count, device=x.device)
    first = number * size // count
    last = ((number + 1) * size + count - 1) // count
    place = torch.arange(size, device=x.device)
    inside = (place >= first[:, None]) & (place < last[:, None])
    return inside.to(x.dtype) / (last - first)[:, None].to(x.dtype)


def _traced(*numbers: object) -> bool:
    return any(isinstance(number, Tensor) for number in numbers)


def _doubles(*numbers: float) -> list[Tensor]:
    return [torch.as_tensor(number, dtype=torch.float64) for number in numbers]
