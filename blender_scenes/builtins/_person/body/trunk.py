"""The skin of a figure that is being posed: where hands rest, and what they must not enter."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from synthmat.blender_scenes.builtins._person.body.data import Array, Indices, people_data
from synthmat.blender_scenes.builtins._person.body.posing import Posing
from synthmat.blender_scenes.builtins._person.body.regions import regions
from synthmat.blender_scenes.builtins._person.body.skeleton import skinned

_TRUNK = ("head", "neck", "torso", "hips", "thighs", "lower_legs")
_NEAR = 0.1
"""Meters from the surface beyond which nothing is asked about."""
_EVERY = 5
"""Of the vertices of a forearm and its hand, one in so many is looked at."""


class Trunk:
    """The skin without arms of a posed figure: ``points`` and ``normals`` ``(n, 3)``, of head and trunk and of legs."""

    def __init__(self, posing: Posing) -> None:
        chosen, faces = _trunk_mesh()
        self.points = skinned(posing.figure, posing.data, posing.skeleton, chosen)
        self.normals = _normals(self.points, faces)

    def point(self, origin: Array, direction: Array, width: float = 0.03, most: float = 0.4) -> Array:
        """Return the point ``(3,)`` where a ray leaves the skin within ``most`` meters.

        Vertices within ``width`` meters of the ray tell where that is.
        """
        along = direction / np.linalg.norm(direction)
        offset = self.points - origin
        far = (offset * along).sum(axis=1)
        beside = np.sqrt(np.maximum((offset * offset).sum(axis=1) - far * far, 0))
        beside[(far < 0) | (far > most)] = np.inf
        near = beside < max(width, float(beside.min()) + 1e-6)
        return origin + along * float(far[near].max())

    def depth(self, points: Array) -> float:
        """Return how deep in meters the deepest of the points ``(m, 3)`` lies under the skin; 0 if none does."""
        low, high = points.min(axis=0) - _NEAR, points.max(axis=0) + _NEAR
        close = ((self.points > low) & (self.points < high)).all(axis=1)
        if not close.any():
            return 0.0
        skin, normals = self.points[close], self.normals[close]
        squared = (points**2).sum(axis=1)[:, None] + (skin**2).sum(axis=1) - 2 * points @ skin.T
        nearest = squared.argmin(axis=1)
        under = ((skin[nearest] - points) * normals[nearest]).sum(axis=1)
        under[squared.min(axis=1) > _NEAR**2] = 0
        return max(float(under.max()), 0.0)


def arm_points(posing: Posing, side: str) -> Array:
    """Return some points ``(m, 3)`` on the skin of a forearm and its hand."""
    return skinned(posing.figure, posing.data, posing.skeleton, _arm_vertices(side))


@lru_cache(maxsize=2)
def _arm_vertices(side: str) -> Indices:
    data = people_data()
    arm = regions()["forearms"] + regions()["hands"] > 0.9
    arm &= (data.template[: data.vertex_count, 0] > 0) == (side == "L")
    return _of_body(arm)[::_EVERY]


@lru_cache(maxsize=1)
def _trunk_mesh() -> tuple[Indices, Indices]:
    data = people_data()
    member = sum(regions()[name] for name in _TRUNK) > 0.9
    member &= ~(regions()["inside_mouth"] > 0.5)
    chosen = _of_body(np.asarray(member))
    index = np.full(data.vertex_count, -1)
    index[chosen] = np.arange(len(chosen))
    faces = index[data.faces[data.parts["body"].faces]]
    return chosen, faces[(faces >= 0).all(axis=1)].astype(np.int32)


def _of_body(member: NDArray[np.bool_]) -> Indices:
    return np.flatnonzero(member[people_data().parts["body"].vertices]).astype(np.int32)


def _normals(points: Array, faces: Indices) -> Array:
    corners = points[faces]
    across = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    normals = np.zeros_like(points)
    for corner in range(4):
        for axis in range(3):
            normals[:, axis] += np.bincount(faces[:, corner], across[:, axis], len(points))
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    unit: Array = normals / np.maximum(length, 1e-12)
    return unit
