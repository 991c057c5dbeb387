"""What a picture with its matte looks like, in numbers: how much is covered, where it is cut off, how sides differ.

Pictures are brought to `EDGE` pixels first, so that data of different sizes can be compared.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.images.alpha import Float, UInt8

EDGE = 256
"""Longer side at which pictures are measured, pixels."""

MEANINGS = {
    "coverage": "mean alpha",
    "soft": "fraction of pixels with alpha between 0.05 and 0.95",
    "bottom": "fraction of the lower edge that is covered",
    "sides": "fraction of the left and right edges that is covered",
    "top": "fraction of the upper edge that is covered",
    "sharpness in/out": "log2 of the ratio of mean absolute Laplacians inside and outside; 1 is twice as sharp",
    "noise in/out": "log2 of the ratio of noise inside and outside",
    "brightness in-out": "difference of mean luma, 0 to 1",
    "saturation in-out": "difference of mean saturation, 0 to 1",
    "boundary contrast": "mean difference of color between both sides of the edge of the object, 0 to 1",
    "sharpness": "mean absolute Laplacian of luma, levels of 255",
    "noise": "standard deviation of noise, levels of 255",
    "brightness": "mean luma, 0 to 1",
    "saturation": "mean saturation, 0 to 1",
}
"""What each number is; those from sharpness on are of the whole picture and need no matte."""

_LEAST_PIXELS = 200
_NEAR = 4
_NOISE_KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)


def appearance(image: UInt8, alpha: Float | None = None) -> dict[str, float]:
    """Return numbers of `MEANINGS` of a picture.

    Args:
        image: ``(H, W, 3)``, sRGB.
        alpha: ``(H, W)`` in [0, 1]; without it only what needs no matte is measured. What cannot be measured, since one
            side is hardly there, is left out.
    """
    height, width = image.shape[:2]
    factor = EDGE / max(height, width)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    color = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.float32)
    luma = color @ np.array([0.299, 0.587, 0.114], np.float32)
    saturation = np.ptp(color, axis=2) / np.maximum(color.max(axis=2), 1)
    detail = np.abs(cv2.Laplacian(luma, cv2.CV_32F))
    grain = np.abs(cv2.filter2D(luma, cv2.CV_32F, _NOISE_KERNEL))
    everywhere = np.ones(luma.shape, bool)
    found = {
        "sharpness": float(detail.mean()),
        "noise": _noise(grain, everywhere),
        "brightness": float(luma.mean() / 255),
        "saturation": float(saturation.mean()),
    }
    if alpha is None:
        return found
    matte = np.asarray(cv2.resize(np.asarray(alpha, np.float32), size, interpolation=cv2.INTER_AREA), np.float32)
    found |= _framing(matte)
    near = np.ones((2 * _NEAR + 1,) * 2, np.uint8)
    inside = cv2.erode((matte > 0.95).astype(np.uint8), near) > 0
    outside = cv2.erode((matte < 0.05).astype(np.uint8), near) > 0
    if min(inside.sum(), outside.sum()) >= _LEAST_PIXELS:
        found |= {
            "sharpness in/out": _doublings(float(detail[inside].mean()), float(detail[outside].mean())),
            "noise in/out": _doublings(_noise(grain, inside), _noise(grain, outside)),
            "brightness in-out": float(luma[inside].mean() - luma[outside].mean()) / 255,
            "saturation in-out": float(saturation[inside].mean() - saturation[outside].mean()),
            "boundary contrast": _boundary_contrast(color, matte),
        }
    return found


def _framing(matte: NDArray[np.float32]) -> dict[str, float]:
    covered = matte > 0.5
    return {
        "coverage": float(matte.mean()),
        "soft": float(((matte > 0.05) & (matte < 0.95)).mean()),
        "bottom": float(covered[-1].mean()),
        "sides": float((covered[:, 0].mean() + covered[:, -1].mean()) / 2),
        "top": float(covered[0].mean()),
    }


def _doublings(first: float, second: float) -> float:
    """Return log2 of a ratio; below a fifth of a level both count as that."""
    return float(np.log2(max(first, 0.2) / max(second, 0.2)))


def _noise(grain: NDArray[np.float32], where: NDArray[np.bool_]) -> float:
    """Return the standard deviation of white noise whose median absolute response is that of ``grain`` (norm 6)."""
    return float(np.median(grain[where]) / (6 * 0.6745))


def _boundary_contrast(color: NDArray[np.float32], matte: NDArray[np.float32]) -> float:
    """Return the mean distance of the colors within some pixels on both sides of the object's edge."""
    inside, outside = (matte > 0.95).astype(np.float32), (matte < 0.05).astype(np.float32)
    box = (4 * _NEAR + 1,) * 2
    weights = [cv2.blur(side, box) for side in (inside, outside)]
    means = [
        cv2.blur(color * side[..., None], box) / np.maximum(weight, 1e-6)[..., None]
        for side, weight in zip((inside, outside), weights, strict=True)
    ]
    both = (weights[0] > 0.2) & (weights[1] > 0.2)
    return float(np.abs(means[0] - means[1])[both].mean() / 255) if both.any() else 0.0
