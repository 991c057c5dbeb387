"""How exact a matte is: two independent renders of it, their mean, and how far they are apart.

The mean of two independent renders with errors of the same size errs by half their difference, root mean square. So
the error is measured on the frame itself, without a reference.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float32]

EDGE = 0.002
"""A pixel is at an edge where alpha is more than this away from both 0 and 1."""

_POWER = 0.75
"""Stratified samples bring the error at an edge down by the samples to this power; plain Monte Carlo by 0.5."""
_CAREFUL_POWER = 0.6
_SAFETY = 1.08
_BLURRED = 3
_MIN_SAMPLES, _MAX_A_ROUND = 64, 8192
_ONE_SAMPLE, _ONE_SAMPLE_SLOPE = 0.31, 0.45
"""Error of a render with one sample a pixel, and how it grows with the fraction of edges (measured)."""


@dataclass
class AlphaEstimate:
    """The renders of one frame's alpha so far: pairs of independent halves, ``(H, W)`` float32 in 0..1.

    ``source`` says what they come from and ``samples`` with how many samples, or scanlines, a pixel in each half.
    Renders with more samples weigh more, by the inverse of their variance, alike in both halves, so that the halves
    stay independent and equally exact. ``systematic`` is an error that both halves have in common, so that their
    difference does not tell it.
    """

    source: str = "matte pass"
    systematic: float = 0.0
    samples: list[int] = field(default_factory=list)
    _halves: list[tuple[Float, Float]] = field(default_factory=list)

    def add(self, first: Float, second: Float, samples: int) -> None:
        """Take in two independent renders with so many samples a pixel each."""
        self._halves.append((first, second))
        self.samples.append(samples)

    @property
    def alpha(self) -> Float:
        """The best estimate of alpha, ``(H, W)`` float32 in 0..1."""
        first, second = self.means()
        return np.clip((first + second) / 2, 0, 1)

    @property
    def edge_pixels(self) -> int:
        """Number of pixels with fractional alpha."""
        return int(is_edge(self.alpha).sum())

    @property
    def error(self) -> float:
        """Estimated root mean square error of `alpha` over edge pixels, in 0..1; 0 where there are none."""
        return math.hypot(self.random_error, self.systematic) if self.edge_pixels else 0.0

    @property
    def random_error(self) -> float:
        """The part of `error` that the two halves tell."""
        first, second = self.means()
        edge = is_edge(np.clip((first + second) / 2, 0, 1))
        return float(np.sqrt(np.square((first - second)[edge]).mean()) / 2) if edge.any() else 0.0

    def more_samples(self, wanted: float, limit: int) -> int:
        """Return how many samples a pixel each half of another pair needs to bring the error to ``wanted``, or 0.

        ``limit`` is the most samples a pixel that all renders of the frame may have together.
        """
        error, left = self.random_error, (limit - 2 * sum(self.samples)) // 2
        wanted = math.sqrt(max(wanted**2 - self.systematic**2, 1e-12))
        if error <= wanted or left < _MIN_SAMPLES:
            return 0
        now = sum(n ** (2 * _POWER) for n in self.samples) ** (1 / (2 * _POWER))
        needed = now * (error * _SAFETY / wanted) ** (1 / _CAREFUL_POWER)
        more = (needed ** (2 * _POWER) - now ** (2 * _POWER)) ** (1 / (2 * _POWER))
        return min(_rounded(more), left, _MAX_A_ROUND)

    def means(self) -> tuple[Float, Float]:
        """Return both halves, each the mean of its renders."""
        weights = np.array([n ** (2 * _POWER) for n in self.samples])
        weights /= weights.sum()
        first, second = (
            sum((np.float32(w) * pair[half] for w, pair in zip(weights, self._halves, strict=True)), np.float32(0))
            for half in (0, 1)
        )
        return np.asarray(first, np.float32), np.asarray(second, np.float32)


def is_edge(alpha: Float) -> npt.NDArray[np.bool_]:
    """Return where alpha is fractional."""
    edge: npt.NDArray[np.bool_] = (alpha > EDGE) & (alpha < 1 - EDGE)
    return edge


def first_samples(rough_alpha: Float, wanted: float, limit: int, *, blurred: bool = False) -> int:
    """Return how many samples a pixel each half should have at first, judged by the beauty pass's noisy alpha.

    ``blurred`` views need more: over shutter and lens the error falls hardly faster than plain Monte Carlo's.
    Depends on the frame alone, so that a frame comes out the same whatever else is rendered.
    """
    covered = rough_alpha > 0
    fraction = float(is_edge(rough_alpha).sum() / max(covered.sum(), 1))
    single = _ONE_SAMPLE + _ONE_SAMPLE_SLOPE * fraction
    samples = (single * _SAFETY / math.sqrt(2) / wanted) ** (1 / _POWER)
    return min(_rounded(samples * (_BLURRED if blurred else 1)), limit // 2, _MAX_A_ROUND)


def _rounded(samples: float) -> int:
    """Return the next higher of few numbers, a quarter of an octave apart, so that frames often need the same one."""
    steps = math.ceil(4 * math.log2(max(samples, _MIN_SAMPLES) / _MIN_SAMPLES) - 1e-6)
    return 4 * math.ceil(_MIN_SAMPLES * 2 ** (steps / 4) / 4 - 1e-6)
