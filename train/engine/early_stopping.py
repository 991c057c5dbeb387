"""When a training stops. Computed from its history alone, so that nothing needs to be remembered to resume."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from synthmat.recipe.train import EarlyStopping

_HIGHER_IS_BETTER = ("dice", "dice_mask", "accuracy")


def score(rule: EarlyStopping, loss: float | None, metrics: Mapping[str, float]) -> float:
    """Return the monitored measure of one validation, such that lower is better.

    Args:
        rule: Says which.
        loss: The validation loss, None if it could not be measured.
        metrics: The other measures by name.

    Raises:
        ValueError: The loss is monitored and there is none.
    """
    if rule.monitor == "loss":
        if loss is None:
            raise ValueError("the validation loss is monitored and cannot be measured")
        return loss
    value = metrics[rule.monitor]
    return 1 - value if rule.monitor in _HIGHER_IS_BETTER else value


def stalled_epochs(scores: Sequence[float], min_delta: float) -> int:
    """Return how many epochs ago the score last fell by more than ``min_delta`` below the value to beat.

    The value to beat moves only with a fall that counts, so many small falls add up to one.
    """
    lowest, stalled = math.inf, 0
    for value in scores:
        if value < lowest - min_delta:
            lowest, stalled = value, 0
        else:
            stalled += 1
    return stalled


def stop_reason(scores: Sequence[float], max_epochs: int, rule: EarlyStopping) -> str | None:
    """Return ``early stopping`` or ``all epochs`` if a training with these scores stops, else None."""
    if stalled_epochs(scores, rule.min_delta) >= rule.patience:
        return "early stopping"
    return "all epochs" if len(scores) >= max_epochs else None


def best_epoch(scores: Sequence[float]) -> int:
    """Return the epoch, counted from 1, with the lowest score that is a number; the first of equals."""
    return min(range(len(scores)), key=lambda place: (math.isnan(scores[place]), scores[place])) + 1
