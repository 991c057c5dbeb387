"""The sRGB transfer function, IEC 61966-2-1, exact and as tables."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray


def to_linear(srgb: NDArray[Any]) -> NDArray[Any]:
    """Return sRGB values in 0..1 as linear light in 0..1."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def to_srgb(linear: NDArray[Any]) -> NDArray[Any]:
    """Return linear light in 0..1 as sRGB values in 0..1."""
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


@cache
def linear_levels() -> NDArray[np.uint16]:
    """Return the linear light of each 8-bit sRGB level, uint16 ``(256,)``."""
    return np.asarray(np.rint(to_linear(np.arange(256) / 255) * 65535), np.uint16)


@cache
def srgb_levels() -> NDArray[np.uint8]:
    """Return the 8-bit sRGB level of each 16-bit linear one, uint8 ``(65536,)``."""
    return np.asarray(np.rint(to_srgb(np.arange(65536) / 65535) * 255), np.uint8)
