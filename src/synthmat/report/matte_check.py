"""What a matte looks like in numbers, and the faults that make it useless."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from synthmat.images.alpha import Float

BINS = 20
"""Bins of the histogram of fractional alpha."""

EMPTY = "empty matte"
TOUCHES = "touches the frame"
_LEVEL = 0.5 / 255


@dataclass(frozen=True)
class MatteNumbers:
    """Measures of one matte; shares are of all its pixels, positions are shares of width and height.

    ``area`` is the mean of alpha, ``soft`` the share of pixels strictly between transparent and opaque, ``x`` and
    ``y`` the center of mass, ``edge_x`` and ``edge_y`` the place with most soft edge around it, ``histogram`` the
    number of soft pixels in each of `BINS` equal steps of alpha, ``faults`` what is wrong.
    """

    area: float
    soft: float
    opaque: float
    x: float
    y: float
    edge_x: float
    edge_y: float
    histogram: tuple[int, ...]
    faults: tuple[str, ...]


def measure_matte(alpha: Float) -> MatteNumbers:
    """Measure a matte ``(H, W)`` in 0..1."""
    height, width = alpha.shape
    soft = (alpha > _LEVEL) & (alpha < 1 - _LEVEL)
    counts, _ = np.histogram(alpha[soft], BINS, (0, 1))
    total = float(alpha.sum())
    x, y = 0.5, 0.5
    if total > 0:
        x = float(alpha.sum(0) @ (np.arange(width) + 0.5)) / total / width
        y = float(alpha.sum(1) @ (np.arange(height) + 0.5)) / total / height
    edge_x, edge_y = _edge_place(alpha)
    return MatteNumbers(
        area=total / alpha.size,
        soft=float(soft.mean()),
        opaque=float((alpha >= 1 - _LEVEL).mean()),
        x=x,
        y=y,
        edge_x=edge_x,
        edge_y=edge_y,
        histogram=tuple(int(count) for count in counts),
        faults=faults_of(alpha),
    )


def faults_of(alpha: Float) -> tuple[str, ...]:
    """Return what is wrong with a matte ``(H, W)``: nothing in it, or an object that the frame cuts off."""
    if not (alpha > _LEVEL).any():
        return (EMPTY,)
    border = max(alpha[0].max(), alpha[-1].max(), alpha[:, 0].max(), alpha[:, -1].max())
    return (TOUCHES,) if border > _LEVEL else ()


def _edge_place(alpha: Float) -> tuple[float, float]:
    """Return x and y of the window, an eighth of the matte wide, that holds most of the edge."""
    height, width = alpha.shape
    window = max(3, max(height, width) // 8)
    vertical, horizontal = np.diff(alpha, axis=0, append=alpha[-1:]), np.diff(alpha, axis=1, append=alpha[:, -1:])
    edge = alpha * (1 - alpha) + (np.abs(vertical) + np.abs(horizontal)) / 16
    around = cv2.blur(edge.astype(np.float32), (window, window), borderType=cv2.BORDER_CONSTANT)
    row, column = np.unravel_index(int(around.argmax()), around.shape)
    return (float(column) + 0.5) / width, (float(row) + 0.5) / height
