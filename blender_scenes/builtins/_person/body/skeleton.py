"""Rotations of bones, and how the skin follows them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from synthmat.blender_scenes.builtins._person.body.data import Array, Indices, PeopleData
from synthmat.blender_scenes.builtins._person.body.figure import Figure


@dataclass(frozen=True)
class Skeleton:
    """Where the bones of a posed figure lie: ``rotations`` ``(B, 3, 3)`` from the rest pose, ``heads`` ``(B, 3)``."""

    rotations: Array
    heads: Array


def turn(axis: ArrayLike, degrees: float) -> Array:
    """Return the rotation ``(3, 3)`` about an axis through the origin."""
    direction = np.asarray(axis, float)
    x, y, z = (direction / np.linalg.norm(direction)).tolist()
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    rotation: Array = c * np.eye(3) + s * cross + (1 - c) * np.outer([x, y, z], [x, y, z])
    return rotation


def frame(direction: Array, side: Array) -> Array:
    """Return the axes ``(3, 3)``, in columns: along the direction, along what is left of the side, and across both."""
    first = np.asarray(direction, float) / np.linalg.norm(direction)
    second = np.asarray(side, float) - first * float(np.dot(first, side))
    second = second / np.linalg.norm(second)
    return np.stack([first, second, np.cross(first, second)], axis=1)


def root_of(rotation: Array, fraction: float) -> Array:
    """Return a fraction of a rotation, about the same axis."""
    cosine = float(np.clip((np.trace(rotation) - 1) / 2, -1, 1))
    angle = math.degrees(math.acos(cosine))
    axis = np.array([rotation[2, 1] - rotation[1, 2], rotation[0, 2] - rotation[2, 0], rotation[1, 0] - rotation[0, 1]])
    if np.linalg.norm(axis) < 1e-9:
        return np.eye(3)
    return turn(axis, angle * fraction)


def skeleton_of(figure: Figure, data: PeopleData, rotations: Mapping[str, Array], shift: Array) -> Skeleton:
    """Turn the bones and move the root.

    A rotation is relative to the parent, its axes are those of the world in the rest pose.
    """
    turned = np.zeros((len(data.bones), 3, 3))
    heads = np.zeros((len(data.bones), 3))
    for index, (name, parent) in enumerate(zip(data.bones, data.parents, strict=True)):
        own = rotations.get(name, np.eye(3))
        if parent < 0:
            turned[index], heads[index] = own, figure.heads[index] + shift
            continue
        turned[index] = turned[parent] @ own
        heads[index] = heads[parent] + turned[parent] @ (figure.heads[index] - figure.heads[parent])
    return Skeleton(turned, heads)


def skinned(figure: Figure, data: PeopleData, skeleton: Skeleton, chosen: Indices | slice = slice(None)) -> Array:
    """Return the chosen vertices ``(n, 3)`` float64 of the figure, moved with its bones by linear blend skinning."""
    shifts = skeleton.heads - np.einsum("bij,bj->bi", skeleton.rotations, figure.heads)
    vertices = figure.vertices[chosen]
    moved = np.zeros_like(vertices)
    for slot in range(data.skin_bones.shape[1]):
        bones = data.skin_bones[chosen, slot]
        turned = np.einsum("vij,vj->vi", skeleton.rotations[bones], vertices) + shifts[bones]
        moved += data.skin_weights[chosen, slot, None] * turned
    return moved
