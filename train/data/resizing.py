"""Registered pictures of one sample cut and resized together, so that I = aF + (1-a)B still holds afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.images.trimap import BACKGROUND, FOREGROUND, UNKNOWN

Pictures = dict[str, NDArray[Any]]
"""Kinds and their pixels, as `synthmat.sample_source.SampleSource.pictures` gives them."""

_MIN_WEIGHT = 1 / 1024
_SURE = 0.02


def color_weight(kind: str, alpha: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Return how much each pixel of a picture counts when colors are averaged, ``(H, W)``; None for all alike.

    Foregrounds count by alpha and backgrounds by 1 - alpha, which is averaging premultiplied color. A little is left
    where that is 0, so that colors there stay what they were.
    """
    if kind not in ("fg", "bg"):
        return None
    fraction = alpha if kind == "fg" else 1 - alpha
    return np.asarray(_MIN_WEIGHT + (1 - _MIN_WEIGHT) * fraction, np.float32)


def resized(pictures: Mapping[str, NDArray[Any]], width: int, height: int) -> Pictures:
    """Return the pictures at ``(height, width)``, in their dtypes.

    Shrinking averages over areas, growing interpolates linearly; an alpha that is fractional stays so. Foreground and
    background are averaged premultiplied where there is an alpha, uint16. A pixel of the trimap is known only if all
    that it covers is known, and the same.
    """
    if all(picture.shape[:2] == (height, width) for picture in pictures.values()):
        return dict(pictures)
    alpha = pictures.get("alpha")
    weight = None if alpha is None else alpha.astype(np.float32) / 65535
    result = {}
    for kind, picture in pictures.items():
        counts = None if weight is None else color_weight(kind, weight)
        if kind == "trimap":
            result[kind] = _resized_trimap(picture, width, height)
        elif counts is None:
            result[kind] = by_area(picture, width, height)
        else:
            both = by_area(np.dstack([picture * counts[..., None], counts]).astype(np.float32), width, height)
            result[kind] = np.rint(both[..., :3] / both[..., 3:]).clip(0, 255).astype(np.uint8)
    return result


def by_area(pixels: NDArray[Any], width: int, height: int) -> NDArray[Any]:
    """Return one picture at ``(height, width)``: averaged over areas, or interpolated linearly if it grows anywhere."""
    shrinks = width <= pixels.shape[1] and height <= pixels.shape[0]
    return np.asarray(
        cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    )


def three_levels(trimap: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    """Return a trimap in [0, 1], from any file, with the levels 0, 128 and 255 only."""
    result = np.full(trimap.shape, UNKNOWN, np.uint8)
    result[trimap <= _SURE] = BACKGROUND
    result[trimap >= 1 - _SURE] = FOREGROUND
    return result


def cut(pictures: Pictures, top: int, left: int, side: int) -> Pictures:
    """Return the square of ``side`` pixels at ``(top, left)`` of all pictures."""
    return {
        kind: np.ascontiguousarray(pixels[top : top + side, left : left + side]) for kind, pixels in pictures.items()
    }


def _resized_trimap(trimap: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    result = np.full((height, width), UNKNOWN, np.uint8)
    for level in (BACKGROUND, FOREGROUND):
        fraction = by_area((trimap == level).astype(np.float32), width, height)
        result[fraction > 1 - 1e-4] = level
    return result
