"""Normally distributed noise fields, several times as fast as the generator's own."""

from __future__ import annotations

from functools import cache
from statistics import NormalDist

import numpy as np

from synthmat.images.alpha import Float

_QUANTILES = 4096


def normal_noise(shape: tuple[int, ...], rng: np.random.Generator) -> Float:
    """Return independent values of mean 0 and standard deviation 1, float32; none is larger than 3.7."""
    return np.take(_quantiles(), rng.integers(0, _QUANTILES, shape, np.uint16))


@cache
def _quantiles() -> Float:
    values = np.array([NormalDist().inv_cdf((i + 0.5) / _QUANTILES) for i in range(_QUANTILES)])
    return np.asarray(values / values.std(), np.float32)
