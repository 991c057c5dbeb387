"""Plain differences of alpha over the whole image."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from synthmat.train.losses.loss import Batch, loss
from synthmat.train.prediction import Prediction


@loss()
def alpha_l1_loss(prediction: Prediction, batch: Batch) -> Tensor:
    """Return the mean of |p - a| over all pixels of the batch."""
    return F.l1_loss(prediction.alpha, batch["alpha"])


@loss()
def alpha_mse_loss(prediction: Prediction, batch: Batch) -> Tensor:
    """Return the mean of (p - a)^2 over all pixels of the batch."""
    return F.mse_loss(prediction.alpha, batch["alpha"])
