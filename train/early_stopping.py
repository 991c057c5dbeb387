"""When a training is over. Computed from its history alone, so that nothing needs to be remembered to resume."""

from __future__ import annotations

import math
from collections.abc import Sequence

from synthmat.recipe.train import EarlyStopping


def stalled_epochs(losses: Sequence[float], min_delta: float) -> int:
    """Return how many epochs ago the loss last fell by more than ``min_delta`` below the value to beat.

    The value to beat moves only with a fall that counts, so many small falls add up to one.
    """
    lowest, stalled = math.inf, 0
    for loss in losses:
        if loss < lowest - min_delta:
            lowest, stalled = loss, 0
        else:
            stalled += 1
    return stalled


def why_over(losses: Sequence[float], most_epochs: int, rule: EarlyStopping) -> str | None:
    """Return ``early stopping`` or ``all epochs`` if a training with these validation losses is over, else None."""
    if stalled_epochs(losses, rule.min_delta) >= rule.patience:
        return "early stopping"
    return "all epochs" if len(losses) >= most_epochs else None


def best_epoch(losses: Sequence[float]) -> int:
    """Return the epoch, counted from 1, with the lowest validation loss; the first of equals."""
    return min(range(len(losses)), key=losses.__getitem__) + 1
