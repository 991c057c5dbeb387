"""Affine warps that do not alias: what shrinks is averaged first."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

# A shrinking picture is averaged down to this many times its final size; interpolation averages the rest.
_OVERSAMPLING = 1.4


def warp(
    picture: NDArray[Any],
    matrix: NDArray[np.float64],
    size: int,
    *,
    interpolation: int = cv2.INTER_LINEAR,
    border: int = cv2.BORDER_CONSTANT,
) -> NDArray[Any]:
    """Return a picture in a ``size`` x ``size`` frame; a picture that shrinks is averaged over areas on the way.

    Args:
        picture: ``(H, W)`` or ``(H, W, C)``, uint8 or float32; color with alpha has to be premultiplied.
        matrix: 2x3, from pixel positions in the picture to positions in the frame; pixel centers are whole numbers.
        size: Edge of the frame, pixels.
        interpolation: OpenCV's filter for the warp itself.
        border: OpenCV's rule for what lies outside of the picture; 0 by default.
    """
    scale = math.sqrt(abs(np.linalg.det(matrix[:, :2])))
    kept = scale * _OVERSAMPLING
    if kept < 1:
        height, width = picture.shape[:2]
        small = max(1, round(width * kept)), max(1, round(height * kept))
        picture = cv2.resize(picture, small, interpolation=cv2.INTER_AREA)
        x, y = width / small[0], height / small[1]
        enlarge = np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]])
        matrix = matrix @ enlarge
    return np.asarray(cv2.warpAffine(picture, matrix, (size, size), flags=interpolation, borderMode=border))
