"""The predicted foreground color, where there is any foreground."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from synthmat.train.losses.loss import Batch, loss
from synthmat.train.prediction import Prediction


@loss(batch=("fg",), prediction=("foreground",))
def foreground_l1_loss(prediction: Prediction, batch: Batch) -> Tensor:
    """Return `foreground_l1` of the prediction."""
    assert prediction.foreground is not None
    return foreground_l1(prediction.foreground, batch["fg"], batch["alpha"])


def foreground_l1(foreground: Tensor, truth: Tensor, alpha: Tensor) -> Tensor:
    """Return the sum of |F' - F| where the true alpha is above 0, over the number of *all* pixels and channels.

    As in Background Matting V2 (Lin et al., CVPR 2021): what color has no alpha does not matter, and small objects
    count less than large ones.

    Args:
        foreground: Predicted straight color (B, 3, H, W).
        truth: True straight color (B, 3, H, W).
        alpha: True alpha (B, 1, H, W).
    """
    mask = alpha > 0
    return F.l1_loss(foreground * mask, truth * mask)
