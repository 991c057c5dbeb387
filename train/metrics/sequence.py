"""How steady the mattes of a sequence are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from synthmat.train.metrics.levels import UInt8, check_same_size


def dtssd(prediction: Sequence[UInt8], alpha: Sequence[UInt8]) -> float:
    """Return 100 times the mean over frame pairs of the root mean square of (p' - p) - (a' - a), alpha in 0..1.

    Erofeev et al., "Perceptually Motivated Benchmark for Video Matting", BMVC 2015, over the whole image and scaled as
    Robust Video Matting publishes it. A constant error costs nothing, flicker does.

    Args:
        prediction: Two or more frames, uint8 (H, W).
        alpha: The true ones.

    Raises:
        ValueError: The numbers or sizes of the frames differ, or there are fewer than two.
    """
    if len(prediction) != len(alpha) or len(alpha) < 2:
        raise ValueError(f"dtSSD takes two or more frames, of both; here {len(prediction)} and {len(alpha)}")
    errors = []
    for p, a in zip(prediction, alpha, strict=True):
        check_same_size(prediction=p, alpha=a)
        errors.append((p.astype(np.float64) - a) / 255)
    return float(100 * np.mean([np.sqrt(np.square(late - early).mean()) for early, late in pairwise(errors)]))
