"""How far the camera stands: as near as it can while nothing is ever cut off, at any azimuth.

The measure is the body of revolution that the object sweeps about the vertical axis through the origin. Each point of
it runs on a circle of radius ``rho`` at height ``z``, and the nearest distance at which such a circle lies between the
four edges of the frame has a closed form, so the result is exact and the same for every view of an orbit.
"""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.orbit import SENSOR_WIDTH_MM

Points = npt.NDArray[np.float64]

_FILTER_PX = 1.0
_TOLERANCE = 1e-9


def profile(points: Points) -> Points:
    """Return the few (rho, z) pairs (M, 2) that decide the extent of the body of revolution of points (N, 3)."""
    rho = np.hypot(points[:, 0], points[:, 1])
    return outer_points(np.stack([rho, points[:, 2]], axis=1))


def fit_distance(
    profile: Points, *, elevation: float, focal_length: float, width: int, height: int, margin: float
) -> float:
    """Return the smallest camera distance from the origin at which the body of revolution fits into the frame.

    Args:
        profile: (M, 2) pairs of distance from the axis and height, as given by `profile`.
        elevation: Of the camera, degrees.
        focal_length: In mm on a sensor 36 mm wide.
        width: Of the frame, pixels.
        height: Of the frame, pixels.
        margin: Share of the frame's width, and of its height, that stays free on each side. One pixel more is kept
            free for the pixel filter.
    """
    focal_px = focal_length * width / SENSOR_WIDTH_MM
    tx = _usable_half(width, margin) / focal_px
    ty = _usable_half(height, margin) / focal_px
    sin_e, cos_e = math.sin(math.radians(elevation)), math.cos(math.radians(elevation))
    rho, z = profile[:, 0], profile[:, 1]
    sides = rho * math.hypot(1.0, tx * cos_e) / tx + z * sin_e
    top = (z * (cos_e + ty * sin_e) + rho * abs(ty * cos_e - sin_e)) / ty
    bottom = (z * (ty * sin_e - cos_e) + rho * abs(ty * cos_e + sin_e)) / ty
    return float(max(sides.max(), top.max(), bottom.max()))


def centre_and_radius(points: Points) -> tuple[Points, float]:
    """Return where the orbit's axis and centre belong, (3,), and the radius of the sphere about it round all points.

    The axis goes through the smallest circle round the points seen from above, the height is half-way between the
    lowest and the highest: this makes the body of revolution as slim as it can be.
    """
    middle = points.mean(axis=0)
    x, y = smallest_circle(points[:, :2] - middle[:2])[0] + middle[:2]
    centre = np.array([x, y, (points[:, 2].min() + points[:, 2].max()) / 2])
    return centre, float(np.sqrt(((points - centre) ** 2).sum(axis=1).max()))


def smallest_circle(points: Points) -> tuple[Points, float]:
    """Return centre (2,) and radius of the smallest circle round points (N, 2).

    Starts from two points and takes in the farthest point outside until there is none; the circle grows each time, so
    this ends.
    """
    points = outer_points(points)
    first = points[np.argmax(((points - points[0]) ** 2).sum(axis=1))]
    support = [first, points[np.argmax(((points - first) ** 2).sum(axis=1))]]
    centre, radius = _circle_round(support)[:2]
    for _ in range(len(points) + 10):
        squared = ((points - centre) ** 2).sum(axis=1)
        farthest = int(np.argmax(squared))
        if math.sqrt(squared[farthest]) <= radius * (1 + _TOLERANCE) + 1e-300:
            break
        centre, radius, support = _circle_round([*support, points[farthest]])
    return centre, radius


def outer_points(points: Points, directions: int = 64) -> Points:
    """Return those of points (N, 2) that may be corners of their convex hull; none of its corners is left out.

    The extreme points in a number of directions span a polygon, and what lies inside it is no corner.
    """
    angles = np.arange(directions) * (2 * np.pi / directions)
    indices = [int(np.argmax(points @ (math.cos(a), math.sin(a)))) for a in angles]
    corners = points[indices]
    outside = np.zeros(len(points), dtype=bool)
    outside[indices] = True
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        edge = end - start
        outside |= edge[0] * (points[:, 1] - start[1]) - edge[1] * (points[:, 0] - start[0]) < 0
    kept: Points = points[outside]
    return kept


def _usable_half(pixels: int, margin: float) -> float:
    return max(pixels / 2 * (1 - 2 * margin) - _FILTER_PX, 0.25)


def _circle_round(points: list[Points]) -> tuple[Points, float, list[Points]]:
    """Return the smallest circle round at most four points, and the two or three of them that it goes through."""
    circles = [_diameter_circle(list(pair)) for pair in combinations(points, 2)]
    circles += [circle for three in combinations(points, 3) if (circle := _circumcircle(list(three))) is not None]
    holding = [c for c in circles if all(math.dist(p, c[0]) <= c[1] * (1 + _TOLERANCE) for p in points)]
    return min(holding or circles, key=lambda circle: circle[1] if holding else -circle[1])


def _diameter_circle(pair: list[Points]) -> tuple[Points, float, list[Points]]:
    return (pair[0] + pair[1]) / 2, math.dist(pair[0], pair[1]) / 2, pair


def _circumcircle(three: list[Points]) -> tuple[Points, float, list[Points]] | None:
    a, b, c = three
    u, v = b - a, c - a
    area = 2 * (u[0] * v[1] - u[1] * v[0])
    if abs(area) <= 1e-14 * max(float(u @ u), float(v @ v)):
        return None
    offset = np.array([v[1] * (u @ u) - u[1] * (v @ v), u[0] * (v @ v) - v[0] * (u @ u)]) / area
    return a + offset, float(np.hypot(*offset)), three
