"""Colors of the foreground that fit the photo: mean and spread of its colors move towards those of the background."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synthmat.images.alpha import Float, UInt8
from synthmat.images.color_matrix import apply_matrix

# Axes of luma, red-green and yellow-blue with rows of unit length, after Ruderman et al., JOSA A 15 (1998).
_OPPONENT = np.array([[1, 1, 1], [1, -1, 0], [1, 1, -2]]) / np.sqrt([[3], [2], [6]])
# An object keeps its own color under any light: how far its mean may move along each axis, and its spread stretch.
_FARTHEST = np.array([0.22, 0.06, 0.08])
_MIN_GAIN, _MAX_GAIN = 0.7, 1.4
_MIN_SPREAD = 0.02
# One pixel of 4, one of 16: not averages, which have a smaller spread.
_STRIDE, _BACKGROUND_STRIDE = 2, 4


def transfer_color(rgb: Float, alpha: Float, background: UInt8, strength: float) -> Float:
    """Return straight color whose mean and standard deviation lie nearer to those of the background.

    The method of Reinhard et al., "Color transfer between images", IEEE CG&A 2001, on opponent axes of sRGB values
    rather than of logarithmic cone responses: there it is one affine map of color. Shift and gain are bounded, so
    that a gray object stays one before a sunset.

    Args:
        rgb: Straight sRGB, float32 ``(h, w, 3)`` in 0..1.
        alpha: Weight of each pixel, float32 ``(h, w)`` in 0..1.
        background: sRGB, uint8 ``(H, W, 3)``; of any size.
        strength: 0 (nothing) to 1 (in full).
    """
    colors = color_map(rgb, alpha, background, strength)
    return rgb if colors is None else np.asarray(apply_matrix(rgb, colors), np.float32)


def color_map(rgb: Float, alpha: Float, background: UInt8, strength: float) -> NDArray[np.float64] | None:
    """Return the affine map of `transfer_color`, ``(3, 4)``; None where nothing is to change. See there."""
    weights = alpha[::_STRIDE, ::_STRIDE].reshape(-1)
    if strength <= 0 or not weights.any():
        return None
    mean, spread = _statistics(rgb[::_STRIDE, ::_STRIDE].reshape(-1, 3), weights)
    pixels = background[::_BACKGROUND_STRIDE, ::_BACKGROUND_STRIDE].reshape(-1, 3).astype(np.float32) / 255
    wanted_mean, wanted_spread = _statistics(pixels, np.ones(len(pixels), np.float32))
    gain = np.clip((wanted_spread + _MIN_SPREAD) / (spread + _MIN_SPREAD), _MIN_GAIN, _MAX_GAIN)
    gain = 1 + strength * (gain - 1)
    shift = strength * np.clip(wanted_mean - mean, -_FARTHEST, _FARTHEST)
    linear = _OPPONENT.T @ np.diag(gain) @ _OPPONENT
    offset = _OPPONENT.T @ (mean + shift - gain * mean)
    # Sums of many float32 differ in their last digits from machine to machine; the colors should not.
    return np.asarray(np.round(np.column_stack([linear, offset]), 5), np.float64)


def _statistics(colors: Float, weights: Float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and standard deviation of colors ``(N, 3)`` with weights ``(N,)`` on the opponent axes."""
    weights = weights / weights.sum()
    mean = (weights @ colors).astype(np.float64)
    centered = colors - mean.astype(np.float32)
    covariance = ((centered * weights[:, None]).T @ centered).astype(np.float64)
    variance = np.einsum("ij,jk,ik->i", _OPPONENT, covariance, _OPPONENT)
    return _OPPONENT @ mean, np.sqrt(np.maximum(variance, 0))
