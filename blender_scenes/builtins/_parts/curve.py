"""Curves as numpy arrays: splines, rings, and the frame that is carried along them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def smooth_path(corners: ArrayLike, count: int = 24) -> Array:
    """Return ``count`` points of a Catmull-Rom curve through corners ``(n, d)``, ends included."""
    corner = np.asarray(corners, float)
    padded = np.concatenate([2 * corner[:1] - corner[1:2], corner, 2 * corner[-1:] - corner[-2:-1]])
    position = np.linspace(0, len(corner) - 1, count)
    piece = np.minimum(position.astype(int), len(corner) - 2)
    t = (position - piece)[:, None]
    a, b, c, d = (padded[piece + i] for i in range(4))
    curve: Array = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return curve


def ring_path(radius: ArrayLike, height: ArrayLike, count: int = 64) -> Array:
    """Return ``count`` points of a horizontal ring; radius and height are numbers or one value for each point."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    reach = np.asarray(radius, float)
    ring: Array = np.stack(np.broadcast_arrays(reach * np.cos(angle), reach * np.sin(angle), height), axis=-1)
    return ring


def frames_along(path: Array, *, closed: bool) -> tuple[Array, Array]:
    """Return two unit vectors ``(n, 3)`` at each point of a path, square to it and each other.

    They are carried from point to point, so that what is built on them does not twist; around a ring, what is left of
    a turn is spread evenly.
    """
    ends = np.concatenate([path[-1:], path, path[:1]]) if closed else path
    tangent = np.gradient(ends, axis=0)
    tangent = tangent[1:-1] if closed else tangent
    tangent = unit(tangent)
    side = np.empty_like(path)
    carried = np.eye(3)[np.argmin(np.abs(tangent[0]))]
    for i, ahead in enumerate(tangent):
        carried = unit(carried - ahead * (carried @ ahead))
        side[i] = carried
    other = np.cross(tangent, side)
    if closed:
        back = unit(carried - tangent[0] * (carried @ tangent[0]))
        left = -np.arctan2(back @ other[0], back @ side[0]) * np.arange(len(path)) / len(path)
        cos, sin = np.cos(left)[:, None], np.sin(left)[:, None]
        side, other = cos * side + sin * other, cos * other - sin * side
    return side, other


def rounded_ends(path: Array, radii: Array, steps: int = 6) -> tuple[Array, Array]:
    """Add half-sphere ends to a path ``(n, 3)`` with radii ``(n,)``."""
    angle = np.linspace(0, np.pi / 2, steps + 1)[1:]
    ahead, behind = unit(path[0] - path[1]), unit(path[-1] - path[-2])
    head = path[0] + np.outer(np.sin(angle[::-1]) * radii[0], ahead)
    tail = path[-1] + np.outer(np.sin(angle) * radii[-1], behind)
    shrink = np.where(angle < np.pi / 2, np.cos(angle), 0.0)
    return (
        np.concatenate([head, path, tail]),
        np.concatenate([shrink[::-1] * radii[0], radii, shrink * radii[-1]]),
    )


def unit(vectors: Array) -> Array:
    """Return vectors ``(..., 2)`` or ``(..., 3)`` scaled to length 1."""
    scaled: Array = vectors / lengths(vectors)[..., None]
    return scaled


def lengths(vectors: Array) -> Array:
    """Return the lengths ``(...)`` of vectors ``(..., 2)`` or ``(..., 3)``: `numpy.linalg.norm`, to the bit, several
    times as fast."""
    squared = vectors[..., 0] * vectors[..., 0]
    for i in range(1, vectors.shape[-1]):
        squared = squared + vectors[..., i] * vectors[..., i]
    found: Array = np.sqrt(squared)
    return found
