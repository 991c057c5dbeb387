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


class Surface:
    """A piece of the skin of a posed figure, ``points`` and ``normals`` ``(n, 3)``.

    ``piece`` is "trunk", which is all but the arms, or "L" or "R", a forearm with its hand.
    """

    def __init__(self, posing: Posing, piece: str = "trunk") -> None:
        chosen, faces = _pieces()[piece]
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
    return skinned(posing.figure, posing.data, posing.skeleton, _pieces()[side][0][::_EVERY])


@lru_cache(maxsize=1)
def _pieces() -> dict[str, tuple[Indices, Indices]]:
    """Return the vertices ``(n,)`` of every piece, and its quads ``(m, 4)`` of indices into those."""
    data, weight = people_data(), regions()
    trunk = np.sum([weight[name] for name in _TRUNK], axis=0) > 0.9
    arm = weight["forearms"] + weight["hands"] > 0.9
    left = data.template[: data.vertex_count, 0] > 0
    members = {"trunk": trunk & (weight["inside_mouth"] < 0.5), "L": arm & left, "R": arm & ~left}
    return {piece: _mesh_of(member) for piece, member in members.items()}


def _mesh_of(member: NDArray[np.bool_]) -> tuple[Indices, Indices]:
    data = people_data()
    body = data.parts["body"]
    chosen = np.flatnonzero(member[body.vertices]).astype(np.int32)
    index = np.full(data.vertex_count, -1)
    index[chosen] = np.arange(len(chosen))
    faces = index[data.faces[body.faces]]
    return chosen, faces[(faces >= 0).all(axis=1)].astype(np.int32)


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
