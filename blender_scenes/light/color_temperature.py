"""The color of a black body."""

from __future__ import annotations

import numpy as np

_XYZ_TO_LINEAR_SRGB = np.array(
    [[3.2404542, -1.5371385, -0.4985314], [-0.9692660, 1.8760108, 0.0415560], [0.0556434, -0.2040259, 1.0572252]]
)


def color_temperature(kelvin: float) -> tuple[float, float, float]:
    """Return linear sRGB of a black body, 1000 to 20000 K, such that 6500 K is white and the largest channel is 1.

    The chromaticity is Krystek's rational approximation of the Planckian locus (An algorithm to calculate correlated
    color temperature, Color Research and Application 10, 1985), which holds to 8e-5 in CIE 1960 u, v up to 15000 K
    and goes on smoothly. Colors outside sRGB are cut at 0.
    """
    rgb = np.clip(_black_body(kelvin) / _black_body(6500.0), 0.0, None)
    red, green, blue = (float(channel) for channel in rgb / rgb.max())
    return red, green, blue


def _black_body(kelvin: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    t = kelvin
    u = (0.860117757 + 1.54118254e-4 * t + 1.28641212e-7 * t**2) / (1 + 8.42420235e-4 * t + 7.08145163e-7 * t**2)
    v = (0.317398726 + 4.22806245e-5 * t + 4.20481691e-8 * t**2) / (1 - 2.89741816e-5 * t + 1.61456053e-7 * t**2)
    x, y = 3 * u / (2 * u - 8 * v + 4), 2 * v / (2 * u - 8 * v + 4)
    return np.asarray(_XYZ_TO_LINEAR_SRGB @ np.array([x / y, 1.0, (1 - x - y) / y]))
