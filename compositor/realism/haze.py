"""Haze: everything moves towards the color of the air, what is farther away more so."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from synthmat.images.alpha import Float, UInt8

_THICKEST_BACKGROUND, _THICKEST_FOREGROUND = 0.5, 0.2
_SMALL = 64
_BRIGHTEST = 0.01
_GRAYER = 0.5


def airlight(photo: UInt8) -> NDArray[np.float64]:
    """Return the color of the air in a photo, sRGB ``(3,)`` in 0..1.

    It is taken from where even the darkest channel is brightest (He et al., "Single image haze removal using dark
    channel prior", CVPR 2009, section 4.4), and moved halfway to gray, since a brightly colored thing is not the air.

    Args:
        photo: sRGB, uint8 ``(H, W, 3)``.
    """
    small = cv2.resize(photo, (_SMALL, _SMALL), interpolation=cv2.INTER_AREA)
    dark = cv2.erode(small.min(axis=2), np.ones((3, 3), np.uint8)).ravel()
    brightest = np.argsort(dark, kind="stable")[-max(1, round(_BRIGHTEST * dark.size)) :]
    color = small.reshape(-1, 3)[brightest].mean(axis=0) / 255
    return np.asarray(color + _GRAYER * (color.mean() - color))


def haze_background(background: UInt8, air: NDArray[np.float64], strength: float) -> UInt8:
    """Return the background behind haze, uint8 ``(H, W, 3)``; in full strength, half of what is seen is air.

    Args:
        background: sRGB, uint8 ``(H, W, 3)``.
        air: See `airlight`.
        strength: 0 to 1.
    """
    if strength <= 0:
        return background
    fraction = _THICKEST_BACKGROUND * strength
    curve = np.rint(np.arange(256)[:, None] * (1 - fraction) + 255 * fraction * air).astype(np.uint8)
    return np.asarray(cv2.LUT(background, curve[None]), np.uint8)


def haze_foreground(rgb: Float, air: NDArray[np.float64], strength: float) -> Float:
    """Return straight color, float32 ``(H, W, 3)`` in 0..1, behind the thinner haze before it: a fifth at the most."""
    if strength <= 0:
        return rgb
    fraction = np.float32(_THICKEST_FOREGROUND * strength)
    return np.asarray(rgb * (1 - fraction) + (fraction * air).astype(np.float32), np.float32)
