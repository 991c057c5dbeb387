"""How exact a frame's color is: two independent renders of it, with and without noise taken out, and their errors.

The mean of two independent renders errs by half their difference, root mean square. What a denoiser makes of them errs
in a way that both may share, so their difference does not tell it. But each half is independent of the other one: what
was made of the first, compared with the second as it was rendered, differs by the error asked for and by the second's
noise, and that is known. Errors are thus measured on the very frame that they are said of, without a reference.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.color.straight_color import spread_outward, straight_color, trust_in_ratio

Float = npt.NDArray[np.float32]
Denoise = Callable[[Float, Float, Float], Float]
"""Takes straight color, albedo and normals, each ``(H, W, 3)``, and returns the color without noise."""

_EDGE = 0.02
"""A pixel is at the edge where alpha is more than this away from both 0 and 1."""
_MIN_ALPHA = 1 / 255
_POWER, _POWER_DENOISED = 0.5, 0.4
"""By which power of the samples errors fall: of Monte Carlo, and (measured: 0.3 to 0.45) of what a denoiser leaves."""
_SAFETY = 1.05
_MAX_GROWTH = 4
_BLUR = 1.5
_MARGIN = 32
"""Pixels round the object that a denoiser sees."""


@dataclass(frozen=True)
class Half:
    """One render of a frame: linear color premultiplied by alpha ``(H, W, 4)``, albedo and normals ``(H, W, 3)``."""

    color: Float
    albedo: Float
    normal: Float

    def cropped(self, box: tuple[slice, slice]) -> Half:
        """Return the part of it in a box of rows and columns."""
        return Half(self.color[box], self.albedo[box], self.normal[box])

    def mixed(self, other: Half, fraction: float) -> Half:
        """Return a mean of both in which the other one has a share in 0..1."""
        own, its = np.float32(1 - fraction), np.float32(fraction)
        return Half(
            own * self.color + its * other.color,
            own * self.albedo + its * other.albedo,
            own * self.normal + its * other.normal,
        )


@dataclass(frozen=True)
class ColorErrors:
    """Estimated root mean square errors of straight sRGB color, in 0..1.

    ``whole`` is over the object, each pixel weighing by its alpha; ``interior`` over pixels with alpha above 0.98,
    ``edge`` over those from 0.02 to 0.98, again by alpha. 0 where there are no such pixels.
    """

    whole: float
    interior: float
    edge: float


@dataclass(frozen=True)
class SolvedColor:
    """Straight linear color ``(H, W, 3)`` of a frame as good as its renders allow, and as it was rendered.

    Both go on beyond the object by some pixels. ``denoised`` tells whether noise was taken out of it.
    """

    color: Float
    raw: Float
    denoised: bool
    errors: ColorErrors
    raw_errors: ColorErrors


class ColorEstimate:
    """The renders of one frame's color so far, as two independent halves of equal size."""

    def __init__(self) -> None:
        self.samples = 0
        """Samples a pixel in each half."""
        self._halves: tuple[Half, Half] | None = None

    def add(self, first: Half, second: Half, samples: int) -> None:
        """Take in two independent renders with so many samples a pixel each."""
        self.samples += samples
        if self._halves is None:
            self._halves = first, second
        else:
            fraction = samples / self.samples
            self._halves = self._halves[0].mixed(first, fraction), self._halves[1].mixed(second, fraction)

    @property
    def premultiplied(self) -> Float:
        """The mean of all renders: linear color premultiplied by alpha, ``(H, W, 4)``."""
        first, second = self._both()
        return np.asarray((first.color + second.color) / 2)

    @property
    def albedo(self) -> Float:
        """The mean albedo of all renders, premultiplied, ``(H, W, 3)``."""
        first, second = self._both()
        return np.asarray((first.albedo + second.albedo) / 2)

    def solved(self, denoise: Denoise | None) -> SolvedColor:
        """Return the frame's color, denoised where there is a denoiser and its result errs less, and its errors."""
        whole = self.premultiplied
        rough = np.clip(whole[..., 3], 0, 1)
        box = _box(rough)
        nothing = ColorErrors(0.0, 0.0, 0.0)
        if box is None:
            empty = np.zeros_like(whole[..., :3])
            return SolvedColor(empty, empty, False, nothing, nothing)
        alpha = rough[box]
        own = straight_color(np.ascontiguousarray(whole[box][..., :3]), alpha, alpha, 2 * self.samples)
        halves = [half.cropped(box) for half in self._both()]
        noisy = [_deviating(own, half.color, alpha, 2 * self.samples) for half in halves]
        raw = color = spread_outward(own, alpha)
        clean = [self._denoised(half, alpha, denoise) for half in halves] if denoise else []
        blurred: Float = np.asarray(cv2.GaussianBlur(raw, (0, 0), _BLUR), np.float32)
        likely = (clean[0] + clean[1]) / 2 if clean else blurred
        raw_errors = errors = _errors(np.square(noisy[0] - noisy[1]) / 4, likely, alpha)
        if clean:
            clean_errors = _errors(_squared_error(clean, noisy), likely, alpha)
            if clean_errors.whole < raw_errors.whole:
                color, errors = likely, clean_errors
        full = [np.zeros_like(whole[..., :3]) for _ in range(2)]
        for picture, part in zip(full, (color, raw), strict=True):
            picture[box] = part
        return SolvedColor(full[0], full[1], color is likely, errors, raw_errors)

    def more_samples(self, solved: SolvedColor, wanted: float, limit: int) -> int:
        """Return how many samples a pixel each half of another pair needs to bring the error to ``wanted``, or 0.

        ``limit`` is the most samples a pixel that all renders of the frame may have together.
        """
        left = limit // 2 - self.samples
        error = solved.errors.whole
        if error <= wanted or left <= 0:
            return 0
        power = _POWER_DENOISED if solved.denoised else _POWER
        needed: float = self.samples * min((error * _SAFETY / wanted) ** (1 / power), _MAX_GROWTH)
        return min(4 * math.ceil((needed - self.samples) / 4), left)

    def _denoised(self, half: Half, alpha: Float, denoise: Denoise) -> Float:
        """Return what a denoiser makes of a half's straight color, which no black surrounds."""
        rough = np.clip(half.color[..., 3], 0, 1)
        color, albedo, normal = (
            spread_outward(straight_color(np.ascontiguousarray(part[..., :3]), rough, alpha, self.samples), alpha)
            for part in (half.color, half.albedo, half.normal)
        )
        return np.maximum(denoise(color, np.clip(albedo, 0, 1), normal), 0)

    def _both(self) -> tuple[Half, Half]:
        if self._halves is None:
            raise ValueError("nothing was rendered yet")
        return self._halves


def _box(alpha: Float) -> tuple[slice, slice] | None:
    """Return the rows and columns that hold the object and a margin, None where there is none."""
    covered = alpha > 0
    if not covered.any():
        return None
    found = [np.flatnonzero(covered.any(axis=axis)) for axis in (1, 0)]
    rows, columns = (slice(max(0, int(part[0]) - _MARGIN), int(part[-1]) + 1 + _MARGIN) for part in found)
    return rows, columns


def _deviating(straight: Float, half: Float, alpha: Float, samples: int) -> Float:
    """Return a half's straight color, such that the mean of both halves is ``straight``.

    A half with few hits in a pixel has no sound ratio of color to alpha there, but it has how far its color is from
    what ``straight`` says it should be for its alpha. The more of a pixel's color comes from its neighborhood, the
    less of that counts, as in `straight_color`.
    """
    trust = trust_in_ratio(alpha, samples)[..., None]
    apart = (half[..., :3] - straight * half[..., 3:4]) / np.maximum(alpha, _MIN_ALPHA)[..., None]
    return np.where(alpha[..., None] > 0, straight + apart * trust, 0).astype(np.float32)


def _squared_error(clean: list[Float], noisy: list[Float]) -> Float:
    """Return an unbiased estimate of the squared error of the mean of ``clean``, linear light; it may be below 0.

    Each of ``clean`` was made of its half alone, so that it and the other half err independently of each other.
    """
    crossed = (np.square(clean[0] - noisy[1]) + np.square(clean[1] - noisy[0])) / 2
    return np.asarray(crossed - np.square(noisy[0] - noisy[1]) / 2 - np.square(clean[0] - clean[1]) / 4)


def _errors(squared: Float, color: Float, alpha: Float) -> ColorErrors:
    """Return root means of squared errors of linear light as errors of sRGB values where color is about ``color``."""
    encoded = (squared * np.square(_srgb_slope(color))).mean(axis=-1)
    interior, edge = alpha > 1 - _EDGE, (alpha >= _EDGE) & (alpha <= 1 - _EDGE)
    whole, inside, outline = (_root_mean(encoded, alpha * part) for part in (np.ones_like(interior), interior, edge))
    return ColorErrors(whole, inside, outline)


def _root_mean(squared: Float, weight: Float) -> float:
    total = float(weight.sum())
    mean = float((squared * weight).sum(dtype=np.float64)) / total if total else 0.0
    return math.sqrt(max(mean, 0.0))


def _srgb_slope(linear: Float) -> Float:
    """Return how steep the sRGB curve is; 0 where it is cut off."""
    steep = 1.055 / 2.4 * np.maximum(linear, 0.0031308) ** (1 / 2.4 - 1)
    return np.where(linear > 1, 0, np.where(linear <= 0.0031308, 12.92, steep)).astype(np.float32)
