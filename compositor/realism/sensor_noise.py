"""The noise of a camera's sensor: photons that are counted, and electronics that read the count."""

from __future__ import annotations

from functools import cache

import numpy as np

from synthmat.compositor.realism.normal_noise import normal_noise
from synthmat.images.alpha import Float, UInt8
from synthmat.images.srgb import to_linear
from synthmat.random_streams import stream

# Variance of the electronics' noise, in photons' noise at white.
_READ = 0.002
_GRAY = 128


def add_sensor_noise(image: UInt8, noise: float, seed: int) -> UInt8:
    """Return a picture with Poisson-Gaussian noise, each pixel and channel by itself.

    In linear light the variance is proportional to the light, plus a constant (Foi et al., "Practical Poissonian-
    Gaussian noise modeling and fitting", IEEE TIP 2008); the sRGB curve then brings it up in the shadows and down in
    the lights.

    Args:
        image: sRGB, uint8 ``(H, W, 3)``.
        noise: Standard deviation at mid gray, fraction of white; 0 returns the picture itself.
        seed: Equal seeds give equal noise.
    """
    if noise <= 0:
        return image
    noisy = normal_noise(image.shape, stream(seed, "sensor noise"))
    noisy *= np.take(_deviation() * np.float32(255 * noise), image)
    noisy += image
    np.rint(noisy, out=noisy)
    return np.clip(noisy, 0, 255, out=noisy).astype(np.uint8)


@cache
def _deviation() -> Float:
    """Return the standard deviation at each level, with that at mid gray as unit."""
    levels = np.arange(256) / 255
    light = to_linear(levels)
    slope = np.gradient(light, levels)
    deviation = np.sqrt(light + _READ) / slope
    return np.asarray(deviation / deviation[_GRAY], np.float32)
