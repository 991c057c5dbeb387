"""Grad: how far the slopes of two mattes are apart."""

from __future__ import annotations

from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.train.metrics.levels import UInt8

Double = NDArray[np.float64]
Kind = Literal["normalized", "plain"]

_SIGMA = 1.4
_HALF: dict[Kind, int] = {"normalized": 4, "plain": 6}
_BORDER: dict[Kind, int] = {"normalized": cv2.BORDER_REPLICATE, "plain": cv2.BORDER_REFLECT}


def gradient_error(
    prediction: UInt8,
    alpha: UInt8,
    region: NDArray[np.bool_] | None = None,
    *,
    kind: Kind = "normalized",
    stretch: bool = True,
) -> float:
    """Return the sum over the region of (|grad p| - |grad a|)^2, alpha in 0..1.

    Rhemann et al., "A Perceptually Motivated Online Benchmark for Image Matting", CVPR 2009, as Deep Image Matting's
    reference code computes it; ``kind="plain"`` as GFM does.

    Args:
        prediction: uint8 (H, W).
        alpha: uint8 (H, W).
        region: bool (H, W); None is the whole image.
        kind: ``normalized``: 9x9 filter of L2 norm 1, edges repeated; ``plain``: 13x13, not normalized, edges mirrored.
        stretch: Whether each matte is stretched to 0..1 first; a constant one becomes 0.
    """
    difference = slope(prediction, kind, stretch) - slope(alpha, kind, stretch)
    return float(np.square(difference[... if region is None else region]).sum())


def slope(matte: UInt8, kind: Kind, stretch: bool) -> Double:
    """Return the length of the gradient of a uint8 matte (H, W), filtered by derivatives of a Gaussian, sigma 1.4."""
    values = _stretched(matte) if stretch else matte / 255
    smooth, derivative = _filters(kind)
    across = _filtered(values, derivative, smooth, kind)
    down = _filtered(values, smooth, derivative, kind)
    return np.asarray(np.hypot(across, down), np.float64)


def _stretched(matte: UInt8) -> Double:
    low, high = int(matte.min()), int(matte.max())
    return (matte.astype(np.float64) - low) / max(high - low, 1)


def _filters(kind: Kind) -> tuple[Double, Double]:
    """Return the Gaussian and its derivative; the norm of their outer product is the product of their norms."""
    offsets = np.arange(-_HALF[kind], _HALF[kind] + 1, dtype=np.float64)
    smooth = np.exp(-np.square(offsets) / (2 * _SIGMA**2))
    smooth /= smooth.sum()
    derivative = -offsets * smooth / _SIGMA**2
    if kind == "normalized":
        return smooth / np.linalg.norm(smooth), derivative / np.linalg.norm(derivative)
    return smooth, derivative


def _filtered(values: Double, along_x: Double, along_y: Double, kind: Kind) -> Any:
    return cv2.sepFilter2D(values, cv2.CV_64F, along_x, along_y, borderType=_BORDER[kind])
