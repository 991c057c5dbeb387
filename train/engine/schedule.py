"""The learning rate at any moment. Computed from the history alone, so that nothing needs to be remembered."""

from __future__ import annotations

import math
from collections.abc import Sequence

from synthmat.recipe.train import Plateau, Train

_COUNTS = 1e-4


def learning_rate(config: Train, scores: Sequence[float], progress: float) -> float:
    """Return the rate of the step that begins at ``progress``.

    Args:
        config: The recipe's section.
        scores: Of the epochs that are over, lower is better; see `synthmat.train.engine.early_stopping.score`.
        progress: Epochs since the beginning, with the fraction of the present one.
    """
    rate = config.learning_rate
    if config.schedule == "plateau":
        rate = max(rate * _plateau(scores, config.plateau), min(rate, config.plateau.min_rate))
    elif config.schedule == "cosine" and progress > config.warmup:
        fraction = (progress - config.warmup) / max(config.epochs - config.warmup, 1e-9)
        rate *= 0.5 * (1 + math.cos(math.pi * min(1.0, fraction)))
    if progress < config.warmup:
        rate *= progress / config.warmup
    return rate


def _plateau(scores: Sequence[float], rule: Plateau) -> float:
    """Return the factor after so many epochs, by the rule of `torch.optim.lr_scheduler.ReduceLROnPlateau`."""
    lowest, bad, factor = math.inf, 0, 1.0
    for value in scores:
        if value < lowest - _COUNTS:
            lowest, bad = value, 0
        else:
            bad += 1
        if bad > rule.patience:
            factor, bad = factor * rule.factor, 0
    return factor
