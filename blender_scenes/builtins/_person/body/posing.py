"""A figure that is being posed: turn its bones, ask where they are."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from synthmat.blender_scenes.builtins._person.body.data import Array, PeopleData
from synthmat.blender_scenes.builtins._person.body.figure import Figure
from synthmat.blender_scenes.builtins._person.body.skeleton import Skeleton, skeleton_of, turn

SIDES = ("L", "R")
_CLOSED = math.cos(math.radians(35))
"""The cosine of the angle at an elbow or knee that is bent as far as it goes."""


class Posing:
    """Rotations of the bones of one figure. Left is the person's own left, which lies at +x.

    ``gaps`` holds, for either arm, how many meters it is kept away from where its pose would put it, which is what a
    wide body needs (`settled`).
    """

    def __init__(self, figure: Figure, data: PeopleData, gaps: dict[str, float] | None = None) -> None:
        self.figure = figure
        self.data = data
        self.gaps = gaps or dict.fromkeys(SIDES, 0.0)
        self.rotations: dict[str, Array] = {}
        self.shift = np.zeros(3)
        self._skeleton: Skeleton | None = None

    @property
    def skeleton(self) -> Skeleton:
        """Where the bones lie now."""
        if self._skeleton is None:
            self._skeleton = skeleton_of(self.figure, self.data, self.rotations, self.shift)
        return self._skeleton

    def turn_to(self, bone: str, rotation: Array) -> None:
        """Give a bone a rotation relative to its parent, in the axes of the rest pose."""
        self.rotations[bone] = rotation
        self._skeleton = None

    def bend(self, bone: str, forward: float = 0.0, aside: float = 0.0, twist: float = 0.0) -> None:
        """Turn a bone by degrees: what is above it forward, to the person's left, and around to its left."""
        own = turn([0, 0, 1], twist) @ turn([0, 1, 0], aside) @ turn([1, 0, 0], forward)
        self.turn_to(bone, self.rotations.get(bone, np.eye(3)) @ own)

    def orient(self, bone: str, rotation: Array) -> None:
        """Give a bone a rotation from its rest pose, in the axes of the world."""
        parent = self.data.parents[self.data.bone(bone)]
        before = self.skeleton.rotations[parent] if parent >= 0 else np.eye(3)
        self.turn_to(bone, before.T @ rotation)

    def move(self, offset: ArrayLike) -> None:
        """Move the whole figure by meters."""
        self.shift = self.shift + np.asarray(offset, float)
        self._skeleton = None

    def head_of(self, bone: str) -> Array:
        """Return where a bone begins, ``(3,)`` in meters."""
        head: Array = self.skeleton.heads[self.data.bone(bone)]
        return head

    def orientation(self, bone: str) -> Array:
        """Return the rotation ``(3, 3)`` of a bone from its rest pose."""
        rotation: Array = self.skeleton.rotations[self.data.bone(bone)]
        return rotation

    def rest(self, bone: str) -> Array:
        """Return where a bone begins in the rest pose."""
        head: Array = self.figure.heads[self.data.bone(bone)]
        return head

    def rest_tail(self, bone: str) -> Array:
        """Return where a bone ends in the rest pose."""
        tail: Array = self.figure.tails[self.data.bone(bone)]
        return tail

    def length(self, start: str, end: str) -> float:
        """Return the distance in meters between where two bones begin."""
        return float(np.linalg.norm(self.rest(end) - self.rest(start)))


def outward(side: str, vector: ArrayLike) -> Array:
    """Return a vector of the left side, +x away from the body, as one of the given side."""
    return np.asarray(vector, np.float64) * [1.0 if side == "L" else -1.0, 1, 1]


def middle_joint(start: Array, end: Array, lengths: tuple[float, float], towards: Array) -> tuple[Array, Array]:
    """Return where the elbow or knee lies, and where the chain ends, which is short of ``end`` if that is too far.

    ``towards`` is the direction that the joint points to.
    """
    reach = end - start
    distance = float(np.linalg.norm(reach))
    along = reach / distance
    low = (lengths[0] ** 2 + lengths[1] ** 2 - 2 * lengths[0] * lengths[1] * _CLOSED) ** 0.5
    high = sum(lengths) * 0.995
    distance = min(max(distance, low), high)
    across = towards - along * float(along @ towards)
    across = across / np.linalg.norm(across)
    forward = (lengths[0] ** 2 - lengths[1] ** 2 + distance**2) / (2 * distance)
    height = max(lengths[0] ** 2 - forward**2, 0.0) ** 0.5
    return start + along * forward + across * height, start + along * distance
