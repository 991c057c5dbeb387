"""The two losses of Deep Image Matting (Xu et al., CVPR 2017, section 3.1), on the trimap's unknown region.

Without a trimap the unknown region is the whole image; with an empty one the loss is 0.
"""

from __future__ import annotations

import torch
from torch import Tensor

from synthmat.train.losses.loss import Batch, loss
from synthmat.train.prediction import Prediction

_EPSILON = 1e-6


def unknown_region(batch: Batch) -> Tensor:
    """Return 1 where the trimap is neither 0 nor 1 and 0 elsewhere, (B, 1, H, W); 1 everywhere without a trimap."""
    alpha = batch["alpha"]
    trimap = batch.get("trimap")
    if trimap is None:
        return torch.ones_like(alpha)
    return ((trimap > 0) & (trimap < 1)).to(alpha.dtype)


@loss(optional=("trimap",))
def charbonnier_loss(prediction: Prediction, batch: Batch) -> Tensor:
    """Return the mean of sqrt((p - a)^2 + 1e-12) over the batch's unknown pixels: 1e-6 at the true alpha."""
    return _charbonnier(prediction.alpha - batch["alpha"], unknown_region(batch))


@loss(batch=("fg", "bg"), optional=("trimap",))
def composition_loss(prediction: Prediction, batch: Batch) -> Tensor:
    """Return the mean of sqrt(d^2 + 1e-12) over unknown pixels and channels: d is the difference of two composites.

    Both are of the true straight foreground over the true background in sRGB, one with the predicted and one with the
    true alpha, so d = (p - a)(F - B). The latter is the image before noise, compression and light were added to it: no
    alpha can explain those.
    """
    difference = (prediction.alpha - batch["alpha"]) * (batch["fg"] - batch["bg"])
    return _charbonnier(difference, unknown_region(batch).expand_as(difference))


def _charbonnier(difference: Tensor, region: Tensor) -> Tensor:
    return ((difference.square() + _EPSILON**2).sqrt() * region).sum() / region.sum().clamp(min=1)
