"""Straight color of a frame: the premultiplied color that was rendered, divided by alpha without amplifying noise."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float32]

_ENOUGH_HITS = 8.0
_SIGMAS = (1.0, 2.0, 5.0, 15.0)


def straight_color(premultiplied: Float, rough_alpha: Float, alpha: Float, samples: int) -> Float:
    """Return straight linear color ``(H, W, 3)`` wherever ``alpha`` is above 0, and 0 elsewhere; it may exceed 1.

    Color and alpha of one render come from the same samples, so that their ratio is exact where the color is one and
    the same, however few samples hit the object. Where only a few did, the ratio is as noisy as they are: there it is
    mixed with the alpha-weighted mean of the neighborhood, the more, the fewer they were.

    Args:
        premultiplied: Linear color of the beauty pass, float32 ``(H, W, 3)``.
        rough_alpha: Alpha of the same pass, float32 ``(H, W)`` in 0..1.
        alpha: The exact matte, float32 ``(H, W)`` in 0..1.
        samples: Samples a pixel of the beauty pass.
    """
    trust = trust_in_ratio(rough_alpha, samples)[..., None]
    color = np.divide(premultiplied, rough_alpha[..., None], out=np.zeros_like(premultiplied), where=trust > 0)
    weak = (alpha > 0) & (trust[..., 0] < 1)
    if weak.any():
        color = np.where(weak[..., None], trust * color + (1 - trust) * _nearby(premultiplied, rough_alpha), color)
    return np.where(alpha[..., None] > 0, color, np.float32(0))


def trust_in_ratio(alpha: Float, samples: int) -> Float:
    """Return how much a pixel's own ratio of color to alpha is worth, 0..1: all where every sample hit, or enough."""
    return np.asarray(np.where(alpha >= 1, np.float32(1), np.minimum(alpha * (samples / _ENOUGH_HITS), 1)))


def spread_outward(color: Float, alpha: Float) -> Float:
    """Return straight color ``(H, W, 3)`` that goes on where ``alpha`` ``(H, W)`` is 0, as far as there are pixels."""
    covered = alpha > 0
    if covered.all() or not covered.any():
        return color
    mean = color[covered].mean(axis=0)
    weight = covered.astype(np.float32)
    beyond = _nearby(color * weight[..., None], weight, otherwise=mean)
    return np.where(covered[..., None], color, beyond)


def _nearby(premultiplied: Float, alpha: Float, otherwise: Float | float = 0.0) -> Float:
    """Return the alpha-weighted mean color round each pixel, as near as there is any, or else ``otherwise``."""
    found = np.zeros_like(premultiplied) + np.float32(otherwise)
    missing = np.ones(alpha.shape, dtype=bool)
    for sigma in _SIGMAS:
        weight = cv2.GaussianBlur(alpha, (0, 0), sigma)
        mean = cv2.GaussianBlur(premultiplied, (0, 0), sigma) / np.maximum(weight, 1e-12)[..., None]
        usable = missing & (weight > 1e-4)
        found[usable] = mean[usable]
        missing &= ~usable
        if not missing.any():
            break
    return found
