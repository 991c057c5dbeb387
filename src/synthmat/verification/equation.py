"""The matting equation, recomputed from the files of a sample."""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.images.alpha import UInt8, apply_shadow, over_uint8

TOLERANCE = 1
"""Levels by which an exact image may differ: rounding."""


class Residual(NamedTuple):
    """By how many of 255 levels an image differs from its equation, over all pixels and channels."""

    largest: int
    mean: float
    beyond: int
    """Values that differ by more than `TOLERANCE`."""


def residual(
    image: UInt8, fg: UInt8, bg: UInt8, alpha: NDArray[Any], shadow: UInt8 | None = None, blend: str = "srgb"
) -> Residual:
    """Return how far an image is from alpha fg + (1 - alpha) bg (1 - shadow).

    Args:
        image: uint8 ``(H, W, 3)``, as all colors here in any order of channels.
        fg: Straight color.
        bg: The background.
        alpha: uint8 or uint16 ``(H, W)``.
        shadow: uint8 ``(H, W)``, or None if there is none.
        blend: See `synthmat.images.alpha.over_uint8`.
    """
    below = bg if shadow is None else apply_shadow(bg, shadow)
    top = np.iinfo(alpha.dtype).max
    expected = below.copy()
    cv2.copyTo(fg, (alpha == top).view(np.uint8), expected)
    # Only soft pixels mix; everywhere else one of the two shows as it is.
    soft = np.flatnonzero((alpha > 0) & (alpha < top))
    if soft.size:
        fg_soft, bg_soft = (picture.reshape(-1, 3)[soft][None] for picture in (fg, below))
        expected.reshape(-1, 3)[soft] = over_uint8(fg_soft, alpha.reshape(-1)[soft][None], bg_soft, blend)[0]
    difference = cv2.absdiff(image, expected).reshape(-1)
    largest = int(difference.max())
    if largest <= TOLERANCE:
        return Residual(largest, cv2.sumElems(difference)[0] / difference.size, 0)
    return Residual(largest, float(difference.mean()), int(np.count_nonzero(difference > TOLERANCE)))
