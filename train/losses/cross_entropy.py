"""Binary cross-entropy with soft alpha: smallest exactly where the prediction equals the alpha."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from synthmat.train.losses.dice import soft_dice
from synthmat.train.losses.loss import Batch, loss
from synthmat.train.prediction import Prediction


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


@loss(prediction=("logits",))
def bce_loss(prediction: Prediction, batch: Batch) -> Tensor:
    """Return the mean binary cross-entropy over all pixels; its floor is the entropy of the alpha itself."""
    assert prediction.logits is not None
    return F.binary_cross_entropy_with_logits(prediction.logits, batch["alpha"])


@loss(prediction=("logits",))
def bce_dice_loss(prediction: Prediction, batch: Batch) -> Tensor:
    """Return `bce_dice` of the prediction's logits."""
    assert prediction.logits is not None
    return bce_dice(prediction.logits, batch["alpha"])
