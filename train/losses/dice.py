"""Dice on soft alpha: smallest exactly where the prediction equals the alpha, at fractional pixels too."""

from __future__ import annotations

from torch import Tensor

from synthmat.train.losses.loss import Batch, loss
from synthmat.train.prediction import Prediction

_NEXT_TO_NOTHING = 1e-6


def soft_dice(prediction: Tensor, alpha: Tensor, smooth: float = 1.0) -> Tensor:
    """Return 2 sum(p a) / (sum(p^2) + sum(a^2)) of each image, shape (B,), 1 exactly where p = a everywhere.

    The squares matter: since p^2 + a^2 - 2 p a = (p - a)^2, nothing but p = a reaches 1. With plain sums in the
    denominator a true alpha of 0.4 would be rewarded for 0 and one of 0.6 for 1, and the edges would turn binary.
    (Milletari et al., "V-Net", 2016, section 3, for the squared form.)

    Args:
        prediction: (B, 1, H, W) in [0, 1].
        alpha: (B, 1, H, W) in [0, 1], fractional.
        smooth: Added above and below, so that two empty mattes agree; 0 gives 0/0 for those.
    """
    over = (1, 2, 3)
    overlap = (prediction * alpha).sum(over)
    size = prediction.square().sum(over) + alpha.square().sum(over)
    return (2 * overlap + smooth) / (size + smooth)


@loss()
def dice_loss(prediction: Prediction, batch: Batch) -> Tensor:
    """Return 1 - `soft_dice`, smoothed by 1, the mean over the batch."""
    return (1 - soft_dice(prediction.alpha, batch["alpha"])).mean()


@loss()
def squared_dice_loss(prediction: Prediction, batch: Batch) -> Tensor:
    """Return 1 - 2 sum(y p) / (sum(y^2) + sum(p^2)), the mean over the batch's images.

    As the background-replacement project defines it, unsmoothed but for 1e-6, by which two empty mattes agree. Of an
    empty true matte it is 1 for nearly every prediction and teaches nothing; give it company, as that project's L1.
    """
    return (1 - soft_dice(prediction.alpha, batch["alpha"], _NEXT_TO_NOTHING)).mean()
