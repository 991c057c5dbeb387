"""Whether one model is better than another, or was only lucky with the images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from synthmat.random_streams import stream

MIN_GROUPS = 5

_RESAMPLES = 4000


@dataclass(frozen=True)
class Difference:
    """The mean of ``second - first`` over ``images`` that both have, and its 95 % interval ``low`` .. ``high``.

    ``second_lower`` is the fraction of images where the second has the lower figure, ties counting half.
    """

    mean: float
    low: float
    high: float
    second_lower: float
    images: int
    groups: int

    @property
    def certain(self) -> bool:
        """Whether the interval leaves out 0, and there are enough groups to speak of one."""
        return self.groups >= MIN_GROUPS and (self.low > 0 or self.high < 0)


def paired_difference(
    first: Sequence[float], second: Sequence[float], groups: Sequence[str], *, seed: int = 0
) -> Difference | None:
    """Return the difference of two models' figures on the same images, with a bootstrap interval; None without images.

    Whole groups are drawn with replacement, 4000 times: images of one object do not count as independent. Images where
    either figure is not a number are left out. Efron and Tibshirani, "An Introduction to the Bootstrap" (1993),
    percentile interval.

    Args:
        first: A figure for each image.
        second: Likewise, in the same order.
        groups: The group of each image.
        seed: Of the draws.
    """
    difference = np.asarray(second, np.float64) - np.asarray(first, np.float64)
    there = np.isfinite(difference)
    difference = difference[there]
    if not len(difference):
        return None
    names, number = np.unique(np.asarray(groups)[there], return_inverse=True)
    sums = np.bincount(number, difference, len(names))
    counts = np.bincount(number, minlength=len(names))
    drawn = stream(seed, "bootstrap").integers(len(names), size=(_RESAMPLES, len(names)))
    means = sums[drawn].sum(1) / counts[drawn].sum(1)
    low, high = np.percentile(means, [2.5, 97.5])
    lower = float((difference < 0).mean() + (difference == 0).mean() / 2)
    return Difference(float(difference.mean()), float(low), float(high), lower, len(difference), len(names))
