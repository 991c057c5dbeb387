"""Exposure and white balance: gains in linear light."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.images.alpha import Float, UInt8
from synthmat.images.srgb import to_linear, to_srgb

_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
# Red over blue at a temperature of 1, in stops: about what lies between daylight and a warm lamp half corrected.
_WARMEST_STOPS = 0.7
_FINE = 2**14


def expose(rgb: UInt8, exposure: float, temperature: float) -> UInt8:
    """Return sRGB pixels ``(H, W, 3)`` with more or less light; what gets brighter than white is cut.

    Args:
        rgb: sRGB, uint8.
        exposure: Stops: 1 doubles the light.
        temperature: -1 (bluer) to 1 (redder); white keeps its luminance.
    """
    if not (exposure or temperature):
        return rgb
    curve = np.rint(255 * _curve(np.arange(256) / 255, exposure, temperature)).astype(np.uint8)
    return np.asarray(cv2.LUT(rgb, curve[None]), np.uint8)


def expose_float(rgb: Float, exposure: float, temperature: float) -> Float:
    """Return `expose` of float32 color in 0..1, to a quarter of an 8-bit level at the most."""
    if not (exposure or temperature):
        return rgb
    curve = np.asarray(_curve(np.arange(_FINE + 1) / _FINE, exposure, temperature), np.float32)
    steps = (rgb * np.float32(_FINE) + np.float32(0.5)).astype(np.uint16)
    return np.stack([np.take(curve[:, channel], steps[..., channel]) for channel in range(3)], axis=-1)


def _curve(levels: NDArray[np.float64], exposure: float, temperature: float) -> NDArray[np.float64]:
    """Return the sRGB value of each channel for levels of sRGB, ``(N, 3)``."""
    tint = 2.0 ** (np.array([0.5, 0, -0.5]) * _WARMEST_STOPS * temperature)
    gains = 2.0**exposure * tint / (_LUMINANCE @ tint)
    return to_srgb(np.clip(to_linear(levels)[:, None] * gains, 0, 1))
