"""The foreground's own color, freed of the background that shines through at soft edges."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from functools import cache
from typing import Any

import cv2
import numpy as np

from synthmat.images.alpha import Float, UInt8
from synthmat.train.predict.tiles import windows

_EDGE, _MARGIN = 1024, 128
_BLURS = (90, 6)
_EPSILON = 1e-5
_BLEED_PX = 16


def foreground_method() -> str:
    """Return the method of `estimate_foreground`: ``multilevel`` if pymatting is installed, else ``blur_fusion``."""
    return "blur_fusion" if _multilevel() is None else "multilevel"


def estimate_foreground(image: UInt8, alpha: Float, method: str | None = None) -> UInt8:
    """Return the foreground's straight color, uint8 ``(H, W, 3)``.

    It is the picture's where alpha is 1, goes on smoothly for 16 pixels where alpha is 0, and is black beyond. The
    picture is worked through in windows, so that memory does not grow with it.

    Args:
        image: uint8 ``(H, W, 3)``, sRGB.
        alpha: float32 ``(H, W)`` in [0, 1].
        method: ``multilevel`` (Germer et al., "Fast Multi-Level Foreground Estimation", ICPR 2020, by pymatting) or
            ``blur_fusion``; None for `foreground_method`.
    """
    estimate = _multilevel() if (method or foreground_method()) == "multilevel" else blur_fusion
    assert estimate is not None
    covered = alpha > 0
    result = np.where(covered[..., None], image, np.uint8(0))
    height, width = alpha.shape
    for window in windows(height, width, _EDGE, 0):
        rows = slice(max(0, window.top - _MARGIN), window.bottom + _MARGIN)
        columns = slice(max(0, window.left - _MARGIN), window.right + _MARGIN)
        part = alpha[rows, columns]
        inside = (
            slice(window.top - rows.start, window.bottom - rows.start),
            slice(window.left - columns.start, window.right - columns.start),
        )
        near = cv2.dilate((part > 0).view(np.uint8), np.ones((2 * _BLEED_PX + 1,) * 2, np.uint8)).astype(bool)[inside]
        changed = near & (part[inside] < 1)
        if changed.any():
            color = estimate(image[rows, columns].astype(np.float32) / 255, part)[inside]
            levels = np.rint(color.clip(0, 1) * 255).astype(np.uint8)
            result[window.rows, window.columns][changed] = levels[changed]
    return result


def blur_fusion(image: Float, alpha: Float) -> Float:
    """Return the foreground's color in [0, 1], ``(H, W, 3)``, by two passes of blur fusion.

    Forte, "Approximate Fast Foreground Colour Estimation" (ICIP 2021), with its radii 90 and 6.
    """
    foreground = background = image
    weight = alpha[..., None]
    for radius in _BLURS:
        diameter = (2 * radius + 1, 2 * radius + 1)
        fraction = cv2.blur(alpha, diameter)[..., None]
        rest = cv2.blur(1 - alpha, diameter)[..., None]
        smooth = cv2.blur(foreground * weight, diameter) / (fraction + _EPSILON)
        background = cv2.blur(background * (1 - weight), diameter) / (rest + _EPSILON)
        foreground = smooth + weight * (image - weight * smooth - (1 - weight) * background)
        foreground = np.clip(foreground, 0, 1)
    return np.asarray(foreground, np.float32)


@cache
def _multilevel() -> Callable[[Float, Float], Float] | None:
    try:
        pymatting: Any = importlib.import_module("pymatting")
    except ImportError:
        return None

    def estimate(image: Float, alpha: Float) -> Float:
        return np.asarray(pymatting.estimate_foreground_ml(image, alpha), np.float32)

    return estimate
