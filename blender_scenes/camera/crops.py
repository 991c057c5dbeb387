"""Parts of an object that a view frames instead of all of it, as portraits do: the rest reaches beyond the frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]

UPPER: dict[str, float] = {"portrait": 0.26, "half_length": 0.52, "three_quarters": 0.76}
"""How much of an object each framing shows, share of its height from above, where the object says nothing itself."""

_FEWEST = 16


class Crop(NamedTuple):
    """An upright cylinder: what lies in it is framed. Its bottom and top, its axis and its radius."""

    low: float
    high: float
    x: float
    y: float
    radius: float


def points_in(points: Points, framing: str, crops: Mapping[str, Crop]) -> Points:
    """Return those of points ``(N, 3)`` that a framing shows; all of them where it would leave next to none."""
    if framing in crops:
        low, high, x, y, radius = crops[framing]
        aside = np.hypot(points[:, 0] - x, points[:, 1] - y)
        inside = (points[:, 2] >= low) & (points[:, 2] <= high) & (aside <= radius)
    else:
        bottom, top = points[:, 2].min(), points[:, 2].max()
        inside = points[:, 2] >= top - UPPER[framing] * (top - bottom)
    return points[inside] if inside.sum() >= _FEWEST else points
