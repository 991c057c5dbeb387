"""How far away the camera is and where it looks: as near as it can while nothing is cut off.

Whether a point lies between two edges of the frame is linear in the point: at distance d it is inside the right edge
if ``(back + right / t) . p <= d``, t being the tangent of the angle to that edge. So all that matters of an object is
how far it reaches in the direction of each edge, and the nearest distance has a closed form. The reach is taken either
of the object as it is seen, or of the body of revolution that it sweeps about the vertical axis through the origin,
which is the same for every view of an orbit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import numpy.typing as npt

from synthmat.blender_scenes.camera.crops import Crop, points_in

Points = npt.NDArray[np.float64]

CLEARANCE = 0.01
"""Free way before the camera, so that it stays out of the object, however thin that looks."""

_TOLERANCE = 1e-9
_SLACK = 1e-6
"""Of the extent: far above what rounding makes of points on an edge."""
_BLOCK = 1 << 15
"""Points looked at at once: what is calculated of them stays in the processor's cache."""


@dataclass(frozen=True)
class Profile:
    """An object of radius 1 round the origin: its points (N, 3), and the (rho, z) pairs (M, 2) of its revolution.

    Each point of the body of revolution runs on a circle of radius rho at height z; only the few that decide its
    extent are kept. ``crops`` are the parts that the object itself names; see `crops`.
    """

    points: Points
    revolution: Points
    crops: Mapping[str, Crop] = field(default_factory=dict)
    _cropped: dict[str, Profile] = field(default_factory=dict, compare=False, repr=False)

    def framed(self, framing: str) -> Profile:
        """Return the profile of what a framing shows: the object itself for ``whole``."""
        if framing == "whole":
            return self
        if framing not in self._cropped:
            self._cropped[framing] = profile(points_in(self.points, framing, self.crops))
        return self._cropped[framing]

    def reach(self, direction: Points, *, rotation: float = 0.0) -> float:
        """Return how far the object reaches in a direction (3,): the largest dot product with one of its points.

        With ``rotation``, degrees, the farthest reach while the direction rotates that far about the vertical axis,
        half of it to either side.
        """
        return max(float((self.points @ way).max()) for way in _rotated(direction, rotation))

    def swept_reach(self, direction: Points) -> float:
        """Return how far the body of revolution reaches in a direction (3,)."""
        across = math.hypot(direction[0], direction[1])
        return float((self.revolution @ np.array([across, direction[2]])).max())


@dataclass(frozen=True)
class Fit:
    """Distance from the origin along the line of sight, and the camera's way to the right and up from that line."""

    distance: float
    right: float
    up: float


def profile(points: Points, crops: Mapping[str, Crop] | None = None) -> Profile:
    """Return what of points (N, 3) decides the framing; ``crops`` are the parts that the object itself names."""
    rho = np.hypot(points[:, 0], points[:, 1])
    return Profile(points, outer_points(np.stack([rho, points[:, 2]], axis=1)), crops or {})


def fit_camera(
    profile: Profile,
    axes: Points,
    room: tuple[float, float],
    *,
    fit: str,
    rotation: float = 0.0,
    lifted: bool = False,
) -> Fit:
    """Return the nearest place of the camera at which the object lies inside the frame.

    Args:
        profile: The object.
        axes: (3, 3), its columns the camera's axes in the world: right, up and back.
        room: Tangents of the angles from the line of sight to the right and to the upper edge that is kept free.
        fit: ``orbit``: the camera looks at the origin, and the object would fit at any azimuth. ``silhouette``: what
            is seen fits, and the camera looks at its middle.
        rotation: Degrees that a silhouette rotates during the exposure.
        lifted: Whether the camera of an orbit looks at the middle of the profile's height instead of the origin.
    """
    right, up, back = axes.T
    ways = [back + right / room[0], back - right / room[0], back + up / room[1], back - up / room[1]]
    if fit == "orbit":
        *aside, to_top, to_bottom = (profile.swept_reach(way) for way in ways)
        rise = room[1] * (to_top - to_bottom) / 2 if lifted else 0.0
        nearest = max(*aside, (to_top + to_bottom) / 2 if lifted else max(to_top, to_bottom))
        return Fit(max(nearest, profile.swept_reach(back) + CLEARANCE), 0.0, rise)
    to_right, to_left, to_top, to_bottom = (profile.reach(way, rotation=rotation) for way in ways)
    nearest = max(to_right + to_left, to_top + to_bottom) / 2
    return Fit(
        max(nearest, profile.reach(back, rotation=rotation) + CLEARANCE),
        room[0] * (to_right - to_left) / 2,
        room[1] * (to_top - to_bottom) / 2,
    )


def seen_box(profile: Profile, matrix: Points) -> tuple[float, float, float, float]:
    """Return left, right, bottom and top of the object as tangents of angles from the line of sight.

    ``matrix`` (4, 4) leads from the camera's to the world's coordinates.
    """
    x, y, z = ((profile.points - matrix[:3, 3]) @ matrix[:3, :3]).T
    x, y = x / -z, y / -z
    return float(x.min()), float(x.max()), float(y.min()), float(y.max())


def _rotated(direction: Points, rotation: float) -> list[Points]:
    """Return a direction rotated about the vertical axis, in steps of at most a degree, half to either side."""
    steps = math.ceil(abs(rotation))
    angles = [math.radians(rotation * (i / steps - 0.5)) for i in range(steps + 1)] if steps else [0.0]
    x, y, z = direction
    rotations = [(math.cos(a), math.sin(a)) for a in angles]
    return [np.array([x * cos - y * sin, x * sin + y * cos, z]) for cos, sin in rotations]


def center_and_radius(points: Points) -> tuple[Points, float]:
    """Return where the orbit's axis and center belong, (3,), and the radius of the sphere about it round all points.

    The axis goes through the smallest circle round the points seen from above, the height is half-way between the
    lowest and the highest: this makes the body of revolution as slim as it can be.
    """
    middle = points.mean(axis=0)
    x, y = smallest_circle(points[:, :2] - middle[:2])[0] + middle[:2]
    center = np.array([x, y, (points[:, 2].min() + points[:, 2].max()) / 2])
    east, north, high = (column - middle for column, middle in zip(points.T, center, strict=True))
    return center, float(np.sqrt((east * east + north * north + high * high).max()))


def smallest_circle(points: Points) -> tuple[Points, float]:
    """Return center (2,) and radius of the smallest circle round points (N, 2).

    Starts from two points and takes in the farthest point outside until there is none; the circle grows each time, so
    this ends.
    """
    points = outer_points(points)
    first = points[np.argmax(((points - points[0]) ** 2).sum(axis=1))]
    support = [first, points[np.argmax(((points - first) ** 2).sum(axis=1))]]
    center, radius = _circle_round(support)[:2]
    for _ in range(len(points) + 10):
        squared = ((points - center) ** 2).sum(axis=1)
        farthest = int(np.argmax(squared))
        if math.sqrt(squared[farthest]) <= radius * (1 + _TOLERANCE) + 1e-300:
            break
        center, radius, support = _circle_round([*support, points[farthest]])
    return center, radius


def outer_points(points: Points, directions: int = 64) -> Points:
    """Return those of points (N, 2) that may be corners of their convex hull; none of its corners is left out.

    The extreme points in a number of directions span a polygon, and what lies inside it is no corner. Most points of a
    mesh lie inside the polygon of an eighth of the directions already, and are spared the others.
    """
    extent = float(max(np.ptp(column) for column in points.T))
    some = points[_outside(points, max(3, directions // 8), slack=_SLACK * extent)]
    kept: Points = some[_outside(some, directions)]
    return kept


def _outside(points: Points, directions: int, *, slack: float = 0.0) -> npt.NDArray[np.bool_]:
    """Return which points (N, 2) lie outside the polygon of the extreme points, or less than ``slack`` inside it."""
    angles = np.arange(directions) * (2 * np.pi / directions)
    indices = [int(np.argmax(points @ (math.cos(a), math.sin(a)))) for a in angles]
    corners = points[indices]
    outside = np.empty(len(points), dtype=bool)
    for first in range(0, len(points), _BLOCK):
        block = slice(first, first + _BLOCK)
        outside[block] = _beyond(points[block], corners, slack)
    outside[indices] = True
    return outside


def _beyond(points: Points, corners: Points, slack: float) -> npt.NDArray[np.bool_]:
    """Return which points (N, 2) lie outside a convex polygon, or less than ``slack`` inside it."""
    x, y = np.ascontiguousarray(points.T)
    beyond = np.zeros(len(points), dtype=bool)
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        edge = end - start
        beyond |= edge[0] * (y - start[1]) - edge[1] * (x - start[0]) < slack * math.hypot(*edge)
    return beyond


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
