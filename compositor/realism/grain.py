"""Grain of a photo, measured where it is flat, and added to a foreground that has less."""

from __future__ import annotations

import cv2
import numpy as np

from synthmat.compositor.realism.normal_noise import normal_noise
from synthmat.images.alpha import Float, UInt8

# The difference of two Laplacians, blind to what is linear: Immerkaer, "Fast noise variance estimation", CVIU 1996.
_HIGH_PASS = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6
_BLOCK = 16
_FLATTEST = 0.1
# Of white noise, the flattest tenth of such blocks shows this fraction of the true standard deviation.
_FLATTEST_FRACTION = 0.825
_DARKEST, _BRIGHTEST = 8, 247


def noise_sigma(rgb: UInt8, alpha: Float | None = None) -> float:
    """Return the standard deviation of a picture's noise in luma, fraction of white.

    Measured in the flattest tenth of blocks of 16 pixels, black and white ones left out. Averaging 2 x 2 pixels leaves
    a quarter of the variance of noise, but all of that of texture, sand for instance, and so tells one from the other.
    0 where there is no such block.

    Args:
        rgb: sRGB, uint8 ``(H, W, 3)``.
        alpha: Only blocks in which this is 1 everywhere count; float32 ``(H, W)``.
    """
    height, width = (side // _BLOCK for side in rgb.shape[:2])
    if not height or not width:
        return 0.0
    luma = cv2.cvtColor(rgb[: height * _BLOCK, : width * _BLOCK], cv2.COLOR_RGB2GRAY).astype(np.float32)
    shape = (width, height)
    fine = _power(luma, shape)
    halved = cv2.resize(luma, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    coarse = _power(np.asarray(halved, np.float32), shape)
    level = cv2.resize(luma, shape, interpolation=cv2.INTER_AREA).ravel()
    usable = (level > _DARKEST) & (level < _BRIGHTEST)
    if alpha is not None:
        solid = (alpha[: height * _BLOCK, : width * _BLOCK] >= 1).astype(np.float32)
        usable &= cv2.resize(solid, shape, interpolation=cv2.INTER_AREA).ravel() > 0.999
    if not usable.any():
        return 0.0
    flattest = usable & (fine <= np.quantile(fine[usable], _FLATTEST))
    noise = (fine[flattest].mean() - coarse[flattest].mean()) / 0.75
    return float(np.sqrt(max(0.0, noise)) / _FLATTEST_FRACTION / 255)


def _power(luma: Float, shape: tuple[int, int]) -> Float:
    """Return the mean square of the high-pass of each block, flat; ``shape`` is their number across and down."""
    response = cv2.filter2D(luma, cv2.CV_32F, _HIGH_PASS)
    power = cv2.resize(cv2.multiply(response, response), shape, interpolation=cv2.INTER_AREA)
    return np.asarray(power, np.float32).ravel()


def match_grain(
    rgb: Float, alpha: Float, own_sigma: float, background_sigma: float, strength: float, rng: np.random.Generator
) -> Float:
    """Return straight color with as much grain as the background has; one that has more stays as it is.

    Args:
        rgb: Straight sRGB, float32 ``(h, w, 3)`` in 0..1.
        alpha: float32 ``(h, w)``; where it is 0 nothing changes.
        own_sigma: Grain of the foreground, see `noise_sigma`.
        background_sigma: Grain of the background.
        strength: 0 (nothing) to 1 (in full).
        rng: Draws the grain.
    """
    missing = strength * float(np.sqrt(max(0.0, background_sigma**2 - own_sigma**2)))
    if missing <= 0:
        return rgb
    # The same for all channels, as what is left of a sensor's noise once a camera has smoothed the colors.
    grain = normal_noise(alpha.shape, rng)
    grain *= np.float32(missing)
    grain *= alpha > 0
    grainy = rgb + grain[..., None]
    return np.clip(grainy, 0, 1, out=grainy)
