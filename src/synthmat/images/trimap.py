"""Trimaps: what is foreground, what is background, and what a matting network has to find out."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.images.alpha import Float, UInt8

BACKGROUND, UNKNOWN, FOREGROUND = 0, 128, 255

METHODS = ("kernel", "distance", "uncertainty")

Mask = NDArray[np.bool_]

_WINDOW_PX = 15
_MIN_REACH = 0.25


def make_trimap(alpha: NDArray[Any], method: str, erode: float, dilate: float) -> UInt8:
    """Return the trimap of an alpha, uint8 ``(H, W)`` of 0 (background), 128 (unknown) and 255 (foreground).

    Whatever the method, all that is fractional is unknown, foreground is only where alpha is full, background only
    where it is 0, and larger numbers never make the unknown region smaller.

    Args:
        alpha: uint8, uint16, or floating-point in 0..1, ``(H, W)``.
        method: ``kernel`` erodes what is full and dilates what is not empty with OpenCV's elliptical kernels of
            ``erode`` and ``dilate`` pixels in diameter, as the published trainers do. ``distance`` takes all nearer
            than ``erode`` (within) and ``dilate`` (outside) pixels to what is not certain. ``uncertainty`` is the
            same, but reaches so far only where edges are soft, hair for instance, and a quarter at hard ones.
        erode: Pixels towards the inside, 0 or more.
        dilate: Pixels towards the outside, 0 or more.

    Raises:
        ValueError: There is no such method.
    """
    if method not in METHODS:
        raise ValueError(f"trimap method {method!r}; there are {', '.join(METHODS)}")
    most = 1 if np.issubdtype(alpha.dtype, np.floating) else np.iinfo(alpha.dtype).max
    full, empty = alpha >= most, alpha <= 0
    if method == "kernel":
        # All round the picture goes on as it is at its border.
        sure_foreground = _grown(~full, erode) == 0
        sure_background = _grown(~empty, dilate) == 0
    else:
        softness = _softness(~full & ~empty) if method == "uncertainty" else None
        sure_foreground = _farther(full, erode, softness)
        sure_background = _farther(empty, dilate, softness)
    trimap = np.full(alpha.shape, UNKNOWN, np.uint8)
    trimap[full & sure_foreground] = FOREGROUND
    trimap[empty & sure_background] = BACKGROUND
    return trimap


def _grown(mask: Mask, diameter: float) -> UInt8:
    edge = max(1, round(diameter))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (edge, edge))
    return np.asarray(cv2.dilate(mask.view(np.uint8), kernel), np.uint8)


def _farther(known: Mask, reach: float, softness: Float | None) -> Mask:
    """Return where ``known`` is, and the nearest pixel that is not is farther away than ``reach`` pixels.

    Args:
        known: ``(H, W)``.
        reach: Pixels.
        softness: By what share ``reach`` counts, at the nearest pixel that is not known; None for all of it.
    """
    if known.all():
        return known
    levels = known.view(np.uint8)
    if softness is None:
        return np.asarray(cv2.distanceTransform(levels, cv2.DIST_L2, cv2.DIST_MASK_5) > reach)
    distance, labels = cv2.distanceTransformWithLabels(
        levels, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    nearest = np.asarray(labels, np.int32)
    by_label = np.zeros(int(nearest.max()) + 1, np.float32)
    by_label[nearest[~known]] = softness[~known]
    farther = known.copy()
    within = known & (distance <= reach)
    farther[within] = distance[within] > reach * by_label[nearest[within]]
    return farther


def _softness(fractional: Mask) -> Float:
    """Return 0.25 around hard edges up to 1 where half of the neighborhood is fractional, ``(H, W)``."""
    fraction = cv2.blur(fractional.astype(np.float32), (_WINDOW_PX, _WINDOW_PX))
    return np.asarray(np.clip(2 * fraction, _MIN_REACH, 1), np.float32)
