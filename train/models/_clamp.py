"""Clamping to [0, 1] that does not stop training."""

from __future__ import annotations

from torch import Tensor


def clamped(x: Tensor) -> Tensor:
    """Return ``x`` clamped to [0, 1], with the gradient of ``x`` itself.

    A plain clamp has no gradient outside, so that a network which starts there, or leaves once, stays there for good.
    """
    inside = x.clamp(0, 1)
    return x + (inside - x).detach() if x.requires_grad else inside
