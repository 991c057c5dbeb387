"""Registered pictures of one sample cut and resized together, so that I = aF + (1-a)B still holds afterwards."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pictures = dict[str, NDArray[Any]]
"""Kinds and their pixels, as `synthmat.sample_source.SampleSource.pictures` gives them."""

_LEAST_WEIGHT = 1 / 1024


def colour_weight(kind: str, alpha: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Return how much each pixel of a picture counts when colours are averaged, ``(H, W)``; None for all alike.

    Foregrounds count by alpha and backgrounds by 1 - alpha, which is averaging premultiplied colour. A little is left
    where that is 0, so that colours there stay what they were.
    """
    if kind not in ("fg", "bg"):
        return None
    share = alpha if kind == "fg" else 1 - alpha
    return np.asarray(_LEAST_WEIGHT + (1 - _LEAST_WEIGHT) * share, np.float32)


def resized(pictures: Pictures, size: int) -> Pictures:
    """Return the pictures at ``(size, size)``, in their dtypes.

    Shrinking averages over areas, growing interpolates linearly; an alpha that is fractional stays so. A pixel of the
    trimap is known only if all that it covers is known, and the same.
    """
    if pictures["alpha"].shape == (size, size):
        return pictures
    weight = pictures["alpha"].astype(np.float32) / 65535
    result = {}
    for kind, picture in pictures.items():
        if kind == "trimap":
            result[kind] = _resized_trimap(picture, size)
            continue
        counts = colour_weight(kind, weight)
        if counts is None:
            result[kind] = _resize(picture, size)
            continue
        both = np.dstack([picture * counts[..., None], counts]).astype(np.float32)
        both = _resize(both, size)
        result[kind] = np.rint(both[..., :3] / both[..., 3:]).clip(0, 255).astype(np.uint8)
    return result


def cut(pictures: Pictures, top: int, left: int, side: int) -> Pictures:
    """Return the square of ``side`` pixels at ``(top, left)`` of all pictures."""
    return {
        kind: np.ascontiguousarray(pixels[top : top + side, left : left + side]) for kind, pixels in pictures.items()
    }


def _resize(pixels: NDArray[Any], size: int) -> NDArray[Any]:
    shrinks = min(pixels.shape[:2]) >= size
    return np.asarray(cv2.resize(pixels, (size, size), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR))


def _resized_trimap(trimap: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    result = np.full((size, size), 128, np.uint8)
    for level in (0, 255):
        share = _resize((trimap == level).astype(np.float32), size)
        result[share > 1 - 1e-4] = level
    return result
