"""Losses on soft alpha: each is smallest exactly where the prediction equals the alpha, at fractional pixels too."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


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


def bce_dice(logits: Tensor, alpha: Tensor) -> Tensor:
    """Return binary cross-entropy plus 1 - Dice, the mean over the batch, a scalar.

    The cross-entropy of a fractional alpha is smallest at p = a as well, though not 0 there: its floor is the entropy
    of the alpha itself. Differences between losses on the same data mean something, the loss as such does not.

    Args:
        logits: (B, 1, H, W), before the sigmoid.
        alpha: (B, 1, H, W) in [0, 1], fractional.
    """
    entropy = F.binary_cross_entropy_with_logits(logits, alpha)
    return entropy + (1 - soft_dice(logits.sigmoid(), alpha)).mean()
