"""Conn: how far two mattes differ in what hangs together with the largest object of both."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.train.metrics.levels import UInt8

_TENTHS = 10
# Alpha v / 255, tenths k / 10 and the tolerance 0.15 are all whole numbers of 1 / 5100.
_UNIT, _PER_LEVEL, _PER_TENTH, _TOLERANCE = 5100, 20, 510, 765


def connectivity_error(
    prediction: UInt8, alpha: UInt8, region: NDArray[np.bool_] | None = None, *, empty_leaves: bool = True
) -> float:
    """Return the sum over the region of |phi(p) - phi(a)|.

    For each threshold t = 0.1, 0.2 .. 1, the largest 4-connected part of the pixels where both mattes reach t is kept.
    A pixel's level l is the threshold before the one at which it first is outside of that part, 1 if it never is, and
    phi(v) = 1 - (v - l) where v - l >= 0.15, else 1. (Rhemann et al., CVPR 2009, as Deep Image Matting's reference code
    computes it.) All comparisons are of integers: in floats, 153 / 255 >= 0.6 depends on the precision. Of several
    largest parts the first in reading order counts.

    Args:
        prediction: uint8 (H, W).
        alpha: uint8 (H, W).
        region: bool (H, W); None is the whole image.
        empty_leaves: Whether all pixels leave at a threshold that none reaches; GFM's code passes over those.
    """
    level = _PER_TENTH * _level(np.minimum(prediction, alpha), empty_leaves)
    difference = np.abs(_beyond(prediction, level) - _beyond(alpha, level))
    return int(difference[... if region is None else region].sum(dtype=np.int64)) / _UNIT


def _level(both: UInt8, empty_leaves: bool) -> NDArray[np.int32]:
    """Return each pixel's level in tenths."""
    level = np.full(both.shape, _TENTHS, np.int32)
    inside = np.ones(both.shape, np.bool_)
    for tenth in range(1, _TENTHS + 1):
        # 10 v >= 255 t, for integers v.
        reached = (both >= -(-255 * tenth // _TENTHS)).astype(np.uint8)
        count, labels, statistics, _ = cv2.connectedComponentsWithStats(reached, connectivity=4)
        if count > 1:
            largest = labels == 1 + int(np.argmax(statistics[1:, cv2.CC_STAT_AREA]))
        elif empty_leaves:
            largest = np.zeros_like(inside)
        else:
            continue
        level[inside & ~largest] = tenth - 1
        inside &= largest
    return level


def _beyond(matte: UInt8, level: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return 1 - phi, in the unit."""
    excess = _PER_LEVEL * matte.astype(np.int32) - level
    return np.where(excess >= _TOLERANCE, excess, 0)
