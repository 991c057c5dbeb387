"""The loss of Background Matting V2 (Lin et al., "Real-Time High-Resolution Background Matting", CVPR 2021)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from synthmat.train.losses.foreground import foreground_l1
from synthmat.train.losses.loss import Batch, loss
from synthmat.train.losses.sobel import sobel
from synthmat.train.prediction import Prediction

_EPSILON = 1e-6


@loss(batch=("fg",), prediction=("foreground", "error"))
def background_matting_v2_loss(prediction: Prediction, batch: Batch) -> Tensor:
    """Return `background_matting_v2`, the error's target detached: the error map cannot pull at alpha."""
    return background_matting_v2(prediction, batch, detach_error=True)


@loss(batch=("fg",), prediction=("foreground", "error"))
def background_matting_v2_attached_loss(prediction: Prediction, batch: Batch) -> Tensor:
    """Return `background_matting_v2` as published: in refinement the error's target is not detached."""
    return background_matting_v2(prediction, batch, detach_error=prediction.coarse is None)


def background_matting_v2(prediction: Prediction, batch: Batch, *, detach_error: bool = True) -> Tensor:
    """Return L1 of alpha, of its Sobel slope and of the foreground, coarse and refined, plus the error map's MSE.

    The error map is compared at full size with |alpha before refinement - true alpha|. A prediction without ``coarse``
    is the base network's: one scale, and the error of its own alpha. What is coarse is compared with the truth resized
    bilinearly, as the published code does.

    Args:
        prediction: With ``foreground`` and ``error``; ``coarse``, if there, with ``foreground``.
        batch: ``alpha`` and straight ``fg``.
        detach_error: Whether the error map alone learns from its term, not the alpha that it judges.
    """
    alpha, fg = batch["alpha"], batch["fg"]
    total = _one_scale(prediction, alpha, fg)
    validated = prediction
    if prediction.coarse is not None:
        validated = prediction.coarse
        total = total + _one_scale(validated, _resize(alpha, validated.alpha), _resize(fg, validated.alpha))
    assert prediction.error is not None
    wrong = (_resize(validated.alpha, alpha) - alpha).abs()
    return total + F.mse_loss(_resize(prediction.error, alpha), wrong.detach() if detach_error else wrong)


def _one_scale(prediction: Prediction, alpha: Tensor, fg: Tensor) -> Tensor:
    if prediction.foreground is None:
        raise ValueError("the loss lacks prediction coarse.foreground")
    slopes = F.l1_loss(_slope(prediction.alpha), _slope(alpha))
    return F.l1_loss(prediction.alpha, alpha) + slopes + foreground_l1(prediction.foreground, fg, alpha)


def _slope(alpha: Tensor) -> Tensor:
    return torch.sqrt(sobel(alpha).square().sum(1, keepdim=True) + _EPSILON)


def _resize(values: Tensor, like: Tensor) -> Tensor:
    if values.shape[-2:] == like.shape[-2:]:
        return values
    return F.interpolate(values, size=like.shape[-2:], mode="bilinear", align_corners=False)
