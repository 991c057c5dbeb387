"""Laplacian pyramid loss: alpha compared at five scales, fine detail and coarse shape alike."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from synthmat.train.losses.loss import Batch, loss
from synthmat.train.prediction import Prediction

_LEVELS = 5
_BINOMIAL = (1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16)


@loss()
def laplacian_loss(prediction: Prediction, batch: Batch) -> Tensor:
    """Return sum over levels l = 0..4 of 2^l times the mean of |L_l(p) - L_l(a)| over that level, divided by 5.

    The last level is what remains, not a difference: without it a constant offset would cost nothing. (Niklaus and
    Liu, "Context-aware Synthesis for Video Frame Interpolation", CVPR 2018, for the loss and its weights.)
    """
    # The pyramid is linear, so the pyramid of the difference is the difference of the pyramids.
    levels = laplacian_pyramid(prediction.alpha - batch["alpha"])
    return torch.stack([2**number * level.abs().mean() for number, level in enumerate(levels)]).sum() / _LEVELS


def laplacian_pyramid(alpha: Tensor, levels: int = _LEVELS) -> list[Tensor]:
    """Return ``levels`` tensors, the finest first, each half the size of the one before, the last a low pass.

    Burt and Adelson, "The Laplacian Pyramid as a Compact Image Code", 1983, with the binomial filter 1 4 6 4 1 and
    edges repeated. Adding each level to the next coarser one, expanded, gives ``alpha`` back.

    Args:
        alpha: (B, 1, H, W), of any H and W.
    """
    found = []
    for _ in range(levels - 1):
        coarse = _reduce(alpha)
        found.append(alpha - expand(coarse, alpha.shape[-2], alpha.shape[-1]))
        alpha = coarse
    return [*found, alpha]


def expand(coarse: Tensor, height: int, width: int) -> Tensor:
    """Return (B, 1, h, w) at twice the size, (B, 1, height, width), where h = ceil(height / 2) and w likewise."""
    spread = F.conv_transpose2d(F.pad(coarse, (1, 1, 1, 1), mode="replicate"), 4 * _kernel(coarse), stride=2)
    return spread[..., 4 : 4 + height, 4 : 4 + width]


def _reduce(fine: Tensor) -> Tensor:
    return F.conv2d(F.pad(fine, (2, 2, 2, 2), mode="replicate"), _kernel(fine), stride=2)


def _kernel(like: Tensor) -> Tensor:
    line = like.new_tensor(_BINOMIAL)
    return torch.outer(line, line)[None, None]
