"""The head of a person as hair knows it: how far it reaches in each direction, and what else hair does not enter."""

from __future__ import annotations

import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree
from mathutils.kdtree import KDTree

from synthmat.blender_scenes.builtins._parts.curve import Array, unit
from synthmat.blender_scenes.builtins._person.surface import Indices, Surface, vertex_normals

_ROWS, _COLUMNS = 64, 128
_MEAN_RADIUS = 0.95
_FAR = 5.0
_LEAST = 0.3
"""Radius in directions in which there is no head, the neck's for example."""


class HeadRoom:
    """A head in the units of haircuts: its middle is the origin, its radius about 1, and it looks along -Y.

    Args:
        head: The head's faces, meters.
        center: Its middle ``(3,)``.
        facing: Where it looks ``(3,)``; what counts is the direction seen from above.
        others: Surfaces that hair lies on: neck, shoulders, clothes; meters.
    """

    base = "shoulders"

    def __init__(self, head: Surface, center: Array, facing: Array, others: list[Surface]) -> None:
        back = unit(np.asarray(facing, np.float64) * np.array([-1.0, -1.0, 0.0]))
        self._axes = np.stack([np.cross(back, [0.0, 0.0, 1.0]), back, [0.0, 0.0, 1.0]], axis=1)
        self._center = np.asarray(center, float)
        rays = _directions()
        found = _radii(self.to_units(head.places, 1.0), head.faces, rays)
        crown = found[_ROWS * 5 // 8 :]
        self.scale = float(crown[crown > 0].mean()) / _MEAN_RADIUS
        self._radii = np.where(found > 0, found / self.scale, _LEAST)
        self._widest = float(self._radii.max())
        places = [self.to_units(other.places, self.scale) for other in others]
        normals = [vertex_normals(spots, other.faces) for spots, other in zip(places, others, strict=True)]
        self._ground, self._normals = np.concatenate(places), np.concatenate(normals)
        self._top = float(self._ground[:, 2].max()) + 0.1
        self._tree = KDTree(len(self._ground))
        for i, spot in enumerate(self._ground.tolist()):
            self._tree.insert(spot, i)
        self._tree.balance()

    def to_units(self, places: Array, scale: float) -> Array:
        """Return places ``(n, 3)`` of the world in units of ``scale`` meters."""
        found: Array = (places - self._center) @ self._axes / scale
        return found

    def to_world(self, points: Array) -> Array:
        """Return points ``(..., 3)`` of the haircut in meters."""
        found: Array = points @ self._axes.T * self.scale + self._center
        return found

    @property
    def matrix(self) -> Array:
        """The way ``(4, 4)`` from the haircut's units to the world."""
        matrix = np.eye(4)
        matrix[:3, :3], matrix[:3, 3] = self._axes * self.scale, self._center
        return matrix

    def head(self, direction: Array) -> Array:
        """Return the head's radius ``(...)`` in directions ``(..., 3)`` of length 1."""
        row = (np.arcsin(np.clip(direction[..., 2], -1, 1)) / np.pi + 0.5) * (_ROWS - 1)
        column = (np.arctan2(direction[..., 0], -direction[..., 1]) / (2 * np.pi) + 0.5) * _COLUMNS
        i, j = np.clip(row.astype(int), 0, _ROWS - 2), np.floor(column).astype(int)
        a, b = row - i, column - j
        left, right = j % _COLUMNS, (j + 1) % _COLUMNS
        low = self._radii[i, left] * (1 - b) + self._radii[i, right] * b
        high = self._radii[i + 1, left] * (1 - b) + self._radii[i + 1, right] * b
        radius: Array = low * (1 - a) + high * a
        return radius

    def push_out(self, points: Array, clearance: Array | float) -> Array:
        """Return points ``(..., 3)`` moved to where they are ``clearance`` or more away from head and shoulders."""
        points = points.copy()
        distance = np.linalg.norm(points, axis=-1) + 1e-9
        room = np.broadcast_to(clearance, distance.shape)
        near = distance < self._widest + room
        direction = points[near] / distance[near][..., None]
        missing = np.maximum(self.head(direction) + room[near] - distance[near], 0)
        points[near] += direction * missing[..., None]
        low = points[..., 2] < self._top
        if low.any():
            spots = points[low]
            nearest = np.array([found[1] for found in map(self._tree.find, spots.tolist())])
            normal = self._normals[nearest]
            height = ((spots - self._ground[nearest]) * normal).sum(axis=-1)
            lift = np.clip(np.minimum(room[low], 0.12) - height, 0, 0.4)
            points[low] = spots + normal * lift[:, None]
        return points


def _directions() -> Array:
    """Return the directions ``(rows, columns, 3)`` of the map of radii."""
    up = ((np.arange(_ROWS) / (_ROWS - 1)) - 0.5)[:, None] * np.pi
    around = (np.arange(_COLUMNS) / _COLUMNS - 0.5)[None] * 2 * np.pi
    parts = np.broadcast_arrays(np.cos(up) * np.sin(around), -np.cos(up) * np.cos(around), np.sin(up))
    rays: Array = np.stack(parts, axis=-1)
    return rays


def _radii(places: Array, faces: Indices, rays: Array) -> Array:
    """Return how far the outermost face lies from the origin along each ray ``(r, c)``; 0 where there is none."""
    tree = BVHTree.FromPolygons(places.tolist(), faces.tolist())
    found = np.zeros(rays.shape[:2])
    for i, row in enumerate(rays):
        for j, ray in enumerate(row.tolist()):
            spot = tree.ray_cast(Vector(ray) * _FAR, -Vector(ray))[0]
            found[i, j] = spot.length if spot is not None and spot.dot(Vector(ray)) > 0 else 0.0
    return found
