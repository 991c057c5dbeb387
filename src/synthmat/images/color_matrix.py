"""Brightness, contrast, saturation and hue as one affine map of sRGB color."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

LUMA = np.array([0.299, 0.587, 0.114])
"""Weights of red, green and blue in luma, ITU-R BT.601."""

_RGB_TO_YIQ = np.array([LUMA, [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])
_YIQ_TO_RGB = np.linalg.inv(_RGB_TO_YIQ)


def color_matrix(
    *,
    gain: float = 1.0,
    hue_deg: float = 0.0,
    saturation: float = 1.0,
    contrast: float = 1.0,
    brightness: float = 0.0,
    pivot: float = 0.5,
) -> NDArray[np.float64]:
    """Return the ``(3, 4)`` matrix on sRGB in 0..1 that makes these changes, in the order of the arguments.

    Grays keep their lightness under hue and saturation.

    Args:
        gain: Factor on all channels.
        hue_deg: Turn of the chroma plane of YIQ.
        saturation: Factor on the distance from gray.
        contrast: Factor on the distance from ``pivot``.
        brightness: Added to all channels, fraction of white.
        pivot: The level that contrast leaves alone.
    """
    cos, sin = math.cos(math.radians(hue_deg)), math.sin(math.radians(hue_deg))
    turn = _YIQ_TO_RGB @ np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]]) @ _RGB_TO_YIQ
    saturate = saturation * np.eye(3) + (1 - saturation) * np.tile(LUMA, (3, 1))
    offset = np.full(3, pivot - pivot * contrast + brightness)
    return np.column_stack([contrast * gain * saturate @ turn, offset])


def apply_matrix(picture: NDArray[Any], matrix: NDArray[np.float64]) -> NDArray[Any]:
    """Return a picture ``(H, W, 3)``, uint8 or float32 in 0..1, with each color mapped and cut to its range."""
    if picture.dtype == np.uint8:
        return np.asarray(cv2.transform(picture, matrix * [1, 1, 1, 255]))
    changed: NDArray[Any] = cv2.transform(picture, matrix)
    return np.clip(changed, 0, 1, out=changed)
