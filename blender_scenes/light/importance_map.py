"""How fine the map must be by which Cycles finds the bright spots of a panorama. Needs no Blender.

Cycles samples a panorama by a map of it that holds one radiance for each cell, taken at the cell's center. A sun that
is smaller than a cell is missed by that, or weighed wrongly: surfaces are then hit by it so rarely that each hit is a
speckle. A finer map costs time whenever a scene is loaded, so the size is chosen by the panorama.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.light.irradiance import LUMINANCE

Floats = npt.NDArray[np.float64]

SIZES = (512, 1024, 2048, 4096)
"""Widths of the map that are chosen from; each takes four times as long as the one before it, 4096 some 3 s."""

_MORE_NOISE = 1.4
"""Variance, as a factor of that of a perfect map, with which a map is good enough."""
_BRIGHT, _MAX_BRIGHT = 64.0, 4096
"""Only pixels so many times brighter than the mean can make a speckle, and of these the brightest are looked at."""
_ACROSS = 6
"""Points a pixel is looked at in, along each edge."""


def map_size(panorama: npt.NDArray[np.float32] | Floats, rotation: float = 0.0) -> int:
    """Return the width of the smallest map that finds all that is bright in a panorama.

    Args:
        panorama: Linear radiance ``(H, W, 3)`` of an equirectangular panorama, first row at the bottom.
        rotation: How far it is rotated about the vertical axis, degrees: cells fall on other places then.

    Returns:
        One of `SIZES`; the largest where even that misses something.
    """
    radiance = np.asarray(panorama, np.float64) @ LUMINANCE
    height, width = radiance.shape
    sines = np.cos((np.arange(height) + 0.5) / height * math.pi - math.pi / 2)[:, None]
    total = float((radiance * sines).sum() * (math.pi / height) * (2 * math.pi / width))
    if not 0 < total < math.inf:
        return SIZES[0]
    rows, columns = _bright_pixels(radiance, total / (4 * math.pi))
    if not len(rows):
        return SIZES[0]
    steps = (np.arange(_ACROSS) + 0.5) / _ACROSS
    y, x = (rows[:, None, None] + steps[:, None]) + 0 * steps, (columns[:, None, None] + steps) + 0 * steps[:, None]
    seen = _bilinear(radiance, y, x)
    solid_angle = np.cos(y / height * math.pi - math.pi / 2)
    wanted = _variance(seen, seen, solid_angle, total)
    for size in SIZES[:-1]:
        found = _bilinear(radiance, *_cell_centers(y, x, radiance.shape, size, rotation))
        if _variance(seen, found, solid_angle, total) <= _MORE_NOISE * wanted:
            return size
    return SIZES[-1]


def _bright_pixels(radiance: Floats, mean: float) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return rows and columns of the brightest pixels and their neighbors, into which interpolation spreads them."""
    rows, columns = np.nonzero(radiance > _BRIGHT * mean)
    if len(rows) > _MAX_BRIGHT:
        brightest = np.argpartition(radiance[rows, columns], -_MAX_BRIGHT)[-_MAX_BRIGHT:]
        rows, columns = rows[brightest], columns[brightest]
    mask = np.zeros(radiance.shape, np.bool_)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            mask[np.clip(rows + down, 0, mask.shape[0] - 1), (columns + right) % mask.shape[1]] = True
    found = np.nonzero(mask)
    return found[0], found[1]


def _variance(radiance: Floats, found: Floats, solid_angle: Floats, total: float) -> float:
    """Return how strongly estimates vary that are made by a map and by what a matte surface reflects, a relative value.

    Samples of both kinds are weighed by the balance heuristic, as Cycles does.
    """
    density = found / total + 1 / (2 * math.pi)
    return float((radiance**2 / density * solid_angle).sum())


def _cell_centers(y: Floats, x: Floats, shape: tuple[int, ...], size: int, rotation: float) -> tuple[Floats, Floats]:
    """Return the centers, in pixels, of the map's cells in which points of a panorama lie."""
    height, width = shape
    shift = rotation / 360 * size
    column = np.floor(x / width * size - shift) + 0.5 + shift
    row = np.floor(y / height * (size // 2)) + 0.5
    return row / (size // 2) * height, column / size * width


def _bilinear(radiance: Floats, y: Floats, x: Floats) -> Floats:
    """Return radiance at points, counted in pixels from the lower left corner; it repeats from left to right."""
    height, width = radiance.shape
    top, left = np.floor(y - 0.5).astype(np.int64), np.floor(x - 0.5).astype(np.int64)
    down, right = y - 0.5 - top, x - 0.5 - left
    rows = [np.clip(top + step, 0, height - 1) for step in (0, 1)]
    columns = [(left + step) % width for step in (0, 1)]
    upper, lower = (radiance[row, columns[0]] * (1 - right) + radiance[row, columns[1]] * right for row in rows)
    return np.asarray(upper * (1 - down) + lower * down)
