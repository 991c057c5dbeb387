"""Gradient loss: the slopes of alpha, which say how sharp an edge is."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from synthmat.train.losses.loss import Batch, loss
from synthmat.train.prediction import Prediction


@loss()
def gradient_loss(prediction: Prediction, batch: Batch) -> Tensor:
    """Return the mean of |dp/dx - da/dx| + |dp/dy - da/dy| over all pixels, by `sobel`.

    A constant offset costs nothing; give it the company of a loss on alpha itself.
    """
    # Sobel's filter is linear, so the slope of the difference is the difference of the slopes.
    return sobel(prediction.alpha - batch["alpha"]).abs().sum(1).mean()


def sobel(alpha: Tensor) -> Tensor:
    """Return d/dx and d/dy, (B, 2, H, W), per pixel: Sobel's filters over 8, edges repeated.

    Args:
        alpha: (B, 1, H, W).
    """
    across = alpha.new_tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 8
    filters = alpha.new_empty(2, 1, 3, 3)
    filters[0, 0], filters[1, 0] = across, across.T
    return F.conv2d(F.pad(alpha, (1, 1, 1, 1), mode="replicate"), filters)
