"""A large picture in overlapping windows, put together without seams."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthmat.images.alpha import Float


@dataclass(frozen=True)
class Window:
    """A part of a picture; ``rows`` and ``columns`` cut it out."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def rows(self) -> slice:
        """From top to bottom."""
        return slice(self.top, self.bottom)

    @property
    def columns(self) -> slice:
        """From left to right."""
        return slice(self.left, self.right)


def windows(height: int, width: int, edge: int, overlap: int) -> Iterator[Window]:
    """Yield windows of ``edge`` pixels, or the whole of a shorter side, that cover a picture.

    Neighbors share at least ``overlap`` pixels; the last ones end where the picture does.
    """
    for top in _starts(height, edge, overlap):
        for left in _starts(width, edge, overlap):
            yield Window(top, min(top + edge, height), left, min(left + edge, width))


def blended(
    shape: tuple[int, int], edge: int, overlap: int, found: Callable[[Window], NDArray[np.float32]], channels: int = 1
) -> Float:
    """Return what ``found`` gives for each window, put together: float32 ``(H, W, channels)``.

    Where windows overlap they are mixed; each counts the less, the nearer its border is, for a network sees least
    there.

    Args:
        shape: Height and width.
        edge: Of the windows, pixels.
        overlap: Of neighboring windows, pixels, less than ``edge``.
        found: Returns float32 ``(h, w, channels)`` for a window.
        channels: Of the result.
    """
    total = np.zeros((*shape, channels), np.float32)
    weight = np.zeros((*shape, 1), np.float32)
    for window in windows(*shape, edge, overlap):
        counts = _weights(window, shape, overlap)[..., None]
        total[window.rows, window.columns] += found(window) * counts
        weight[window.rows, window.columns] += counts
    total /= weight
    return total


def _starts(length: int, edge: int, overlap: int) -> list[int]:
    if length <= edge:
        return [0]
    count = -(-(length - overlap) // (edge - overlap))
    return [round(number * (length - edge) / (count - 1)) for number in range(count)]


def _weights(window: Window, shape: tuple[int, int], overlap: int) -> NDArray[np.float32]:
    """Return 1 inside, falling towards the borders that are not the picture's, ``(h, w)``."""
    down = _ramp(window.bottom - window.top, window.top > 0, window.bottom < shape[0], overlap)
    across = _ramp(window.right - window.left, window.left > 0, window.right < shape[1], overlap)
    return np.asarray(np.outer(down, across), np.float32)


def _ramp(length: int, rises: bool, falls: bool, overlap: int) -> NDArray[np.float32]:
    ramp = np.ones(length, np.float32)
    # The outer quarter of the overlap hardly counts: there the network knows one side only.
    slope = np.clip((np.arange(length, dtype=np.float32) + 0.5 - overlap / 4) / max(overlap / 2, 1), 1e-4, 1)
    if rises:
        ramp = np.minimum(ramp, slope)
    if falls:
        ramp = np.minimum(ramp, slope[::-1])
    return ramp
