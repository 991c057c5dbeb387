"""Clean-up of a predicted alpha: stray parts, holes, specks and ragged edges."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.errors import AssetError
from synthmat.images.alpha import Float

_SEEN, _FULL = 0.1, 0.9
_HALO = 0.004

MOST_RADIUS = 200
"""Pixels; more takes minutes a picture."""


@dataclass(frozen=True)
class Cleaning:
    """What is cleaned, in this order; lengths in pixels of the picture, 0 leaves a step out.

    Args:
        opening: Radius of a gray opening, which takes away specks and strands thinner than twice that.
        closing: Radius of a gray closing, which fills gaps likewise.
        parts: Keep so many of the largest connected parts (alpha from 0.1 up); 0 keeps them all.
        least_part: Drop parts smaller than this fraction of the largest.
        holes: Fill holes inside (alpha up to 0.9) smaller than this fraction of the object.
        smooth: Sigma of a Gaussian blur.

    Raises:
        AssetError: One is below 0 or not a number, a length is more than 200, or a fraction more than 1.
    """

    opening: float = 0.0
    closing: float = 0.0
    parts: int = 0
    least_part: float = 0.05
    holes: float = 0.01
    smooth: float = 0.0

    def __post_init__(self) -> None:
        limits = {
            "opening": MOST_RADIUS, "closing": MOST_RADIUS, "smooth": MOST_RADIUS, "parts": math.inf, "least_part": 1,
            "holes": 1,
        }  # fmt: skip
        for name, most in limits.items():
            value = getattr(self, name)
            if not 0 <= value <= most:
                raise AssetError(f"--clean-{name.replace('_', '-')} {value:g}: from 0 to {most:g}")


def cleaned(alpha: Float, rules: Cleaning) -> Float:
    """Return alpha float32 ``(H, W)`` in [0, 1], cleaned up; soft edges of what is kept stay soft."""
    result = alpha
    if rules.opening > 0:
        result = np.asarray(cv2.morphologyEx(result, cv2.MORPH_OPEN, _disc(rules.opening)), np.float32)
    if rules.closing > 0:
        result = np.asarray(cv2.morphologyEx(result, cv2.MORPH_CLOSE, _disc(rules.closing)), np.float32)
    if rules.parts or rules.least_part > 0:
        result = _without_strays(result, rules.parts, rules.least_part)
    if rules.holes > 0:
        result = _filled(result, rules.holes)
    if rules.smooth > 0:
        result = np.asarray(cv2.GaussianBlur(result, (0, 0), rules.smooth), np.float32)
    return result


def _without_strays(alpha: Float, parts: int, min_fraction: float) -> Float:
    count, labels, statistics, _ = cv2.connectedComponentsWithStats((alpha >= _SEEN).view(np.uint8), connectivity=8)
    if count < 2:
        return alpha
    areas = statistics[:, cv2.CC_STAT_AREA].copy()
    areas[0] = 0
    kept = (areas > 0) & (areas >= min_fraction * areas.max())
    if parts:
        kept[np.argsort(areas, kind="stable")[: max(0, count - parts)]] = False
    # What is fainter than a part's limit belongs to it only right beside it.
    near = cv2.dilate(kept[labels].view(np.uint8), _disc(max(2.0, _HALO * max(alpha.shape))))
    dropped = ~kept & (np.arange(count) > 0)
    return np.where((near > 0) & ~dropped[labels], alpha, np.float32(0))


def _filled(alpha: Float, largest: float) -> Float:
    count, labels, statistics, _ = cv2.connectedComponentsWithStats((alpha < _FULL).view(np.uint8), connectivity=4)
    limit = largest * float((alpha >= _SEEN).sum())
    left, top, width, height, area = statistics.T
    open_ = (left == 0) | (top == 0) | (left + width == alpha.shape[1]) | (top + height == alpha.shape[0])
    holes = ~open_ & (area < limit) & (np.arange(count) > 0)
    return np.where(holes[labels], np.float32(1), alpha)


def _disc(radius: float) -> NDArray[np.uint8]:
    edge = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (edge, edge)), np.uint8)
