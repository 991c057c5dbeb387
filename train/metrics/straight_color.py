"""The error of a predicted foreground color."""

from __future__ import annotations

import numpy as np

from synthmat.train.metrics.levels import UInt8, check_same_size


def foreground_mse(foreground: UInt8, truth: UInt8, alpha: UInt8) -> float:
    """Return the mean of (F' - F)^2 over channels and the pixels where the true alpha is above 0, color in 0..1.

    Not a number if there are none. Robust Video Matting publishes 1000 times this.

    Args:
        foreground: Predicted straight color, uint8 sRGB (H, W, 3).
        truth: True straight color, likewise.
        alpha: True alpha, uint8 (H, W).

    Raises:
        ValueError: The sizes differ.
    """
    check_same_size(foreground=foreground, truth=truth, alpha=alpha)
    shown = alpha > 0
    if not shown.any():
        return float("nan")
    return float(np.square((foreground[shown].astype(np.float64) - truth[shown]) / 255).mean())
