"""How sharp a picture is, and the blur that a foreground lacks to be as soft."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.compositor.realism.grain import noise_sigma
from synthmat.images.alpha import Float, UInt8

LARGEST_SIGMA_PX = 4.0
"""A foreground is never blurred more: a photo that is softer is out of focus, and tells nothing of its lens."""

_AGAIN = 1.0
# Variance of the central difference as a box filter of two pixels.
_DIFFERENCE = 1 / 3
_FAINTEST_LEVELS_PER_PX = 4.0
_NOISE_FACTOR = 3.0
_SHARPEST = 0.15
_MIN_EDGES = 30
# Of an edge that is as sharp as pixels can be.
_SHARP_EDGE_PX = 0.4


def edge_spread(gray: UInt8, noise: float = 0.0) -> float | None:
    """Return the standard deviation, in pixels, of the Gaussian that would make ideal edges as soft as these.

    Each edge is blurred once more; how much weaker its gradient gets tells how soft it was (Zhuo and Sim, "Defocus map
    estimation from a single image", Pattern Recognition 2011). The sharpest 15% of edges speak for the picture, since
    softer ones are shadows and what is out of focus. None where there are too few edges to tell.

    Args:
        gray: uint8 ``(H, W)``.
        noise: Standard deviation of its noise, fraction of white; edges that do not stand out from it are left out.
    """
    levels = gray.astype(np.float32)
    gradient = _gradient(levels)
    faintest = _FAINTEST_LEVELS_PER_PX + _NOISE_FACTOR * 255 * noise
    # Only on the ridge of an edge does the formula hold.
    ridge = (gradient > faintest) & (gradient == cv2.dilate(gradient, np.ones((3, 3), np.uint8)))
    if np.count_nonzero(ridge) < _MIN_EDGES:
        return None
    again = _gradient(np.asarray(cv2.GaussianBlur(levels, (0, 0), _AGAIN), np.float32))
    ratio = gradient[ridge] / np.maximum(again[ridge], 1e-3)
    ratio = np.maximum(ratio[ratio > 1], 1.001)
    if ratio.size < _MIN_EDGES:
        return None
    variance = _AGAIN**2 / (np.quantile(ratio, 1 - _SHARPEST) ** 2 - 1) - _DIFFERENCE
    return math.sqrt(max(0.0, float(variance)))


def missing_blur(alpha: NDArray[Any], background: UInt8) -> float:
    """Return the standard deviation of the blur, in pixels, that makes an alpha as soft as a photo.

    0 where it is as soft already, and before a photo without edges. Whoever blurs has to blur premultiplied color.

    Args:
        alpha: float32 in 0..1 or uint16, ``(h, w)``; its edges are those that have to fit.
        background: sRGB, uint8 ``(H, W, 3)``, at the same scale and not yet defocused on purpose.
    """
    photo_value = edge_spread(
        np.asarray(cv2.cvtColor(background, cv2.COLOR_RGB2GRAY), np.uint8), noise_sigma(background)
    )
    if photo_value is None:
        return 0.0
    white = 65535 if alpha.dtype == np.uint16 else 1
    ours = edge_spread(np.asarray(cv2.convertScaleAbs(alpha, alpha=255 / white), np.uint8))
    return min(LARGEST_SIGMA_PX, math.sqrt(max(0.0, photo_value**2 - (ours or _SHARP_EDGE_PX) ** 2)))


def _gradient(levels: Float) -> NDArray[np.float32]:
    """Return how steep a picture is, levels per pixel."""
    x = cv2.Scharr(levels, cv2.CV_32F, 1, 0, scale=1 / 32)
    y = cv2.Scharr(levels, cv2.CV_32F, 0, 1, scale=1 / 32)
    return np.asarray(cv2.magnitude(x, y), np.float32)
