"""What is measured of a predicted matte: on float alpha in [0, 1], over the whole image, without a trimap."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor

from synthmat.train.losses.dice import soft_dice

METRICS = ("dice", "dice_mask", "dice_2018", "accuracy", "mad", "mse")
_MASK = 0.5
_MASK_2018 = 100


def image_metrics(prediction: Tensor, alpha: Tensor) -> dict[str, Tensor]:
    """Return every metric of each image, shape (B,), float64; the figure of a data set is the mean over its images.

    - ``dice``: squared soft Dice, see `synthmat.train.losses.soft_dice`, smooth 1. 1 only for the exact matte.
    - ``dice_mask``: Dice of the two masks at 0.5; 1 if both are empty. Says nothing about edges.
    - ``dice_2018``: as the experiment of 2018 measured it: the soft prediction against the *mask* of 8-bit alpha above
      100, plain sums in the denominator, smooth 1. Its batches held one image, so its figure was the mean over images
      too. The exact soft matte does not reach 1 here.
    - ``accuracy``: fraction of the pixels on the right side of 0.5.
    - ``mad``: mean absolute difference. ``mse``: mean squared difference. Neither is scaled by 1000.

    Args:
        prediction: (B, 1, H, W) in [0, 1].
        alpha: (B, 1, H, W) in [0, 1].
    """
    prediction, alpha = prediction.double(), alpha.double()
    over = (1, 2, 3)
    guess, truth = (prediction >= _MASK).double(), (alpha >= _MASK).double()
    mask_2018 = ((alpha * 255).round() > _MASK_2018).double()
    size_2018 = prediction.sum(over) + mask_2018.sum(over)
    return {
        "dice": soft_dice(prediction, alpha),
        "dice_mask": _mask_dice(guess, truth),
        "dice_2018": (2 * (prediction * mask_2018).sum(over) + 1) / (size_2018 + 1),
        "accuracy": (guess == truth).double().mean(over),
        "mad": (prediction - alpha).abs().mean(over),
        "mse": (prediction - alpha).square().mean(over),
    }


def mean_metrics(batches: Iterable[dict[str, Tensor]]) -> dict[str, float]:
    """Return the mean of each metric over the images of all batches."""
    parts = list(batches)
    return {name: float(torch.cat([part[name] for part in parts]).mean()) for name in METRICS}


def _mask_dice(guess: Tensor, truth: Tensor) -> Tensor:
    over = (1, 2, 3)
    size = guess.sum(over) + truth.sum(over)
    return torch.where(size > 0, 2 * (guess * truth).sum(over) / size.clamp(min=1), torch.ones_like(size))
