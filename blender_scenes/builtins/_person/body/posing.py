"""A figure that is being posed: turn its bones, put its arms and hands where they belong, ask where things are."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from synthmat.blender_scenes.builtins._person.body.data import Array, PeopleData
from synthmat.blender_scenes.builtins._person.body.figure import Figure
from synthmat.blender_scenes.builtins._person.body.skeleton import Skeleton, frame, root_of, skeleton_of, turn

SIDES = ("L", "R")
_LEVEL_SHOULDER = 65.0
"""Degrees between a hanging and a raised upper arm from which on the collarbone rises too."""
_SHOULDER_SHARE = 0.28


class Posing:
    """Rotations of the bones of one figure. Left is the person's own left, which lies at +x."""

    def __init__(self, figure: Figure, data: PeopleData) -> None:
        self.figure = figure
        self.data = data
        self.rotations: dict[str, Array] = {}

    @property
    def skeleton(self) -> Skeleton:
        """Where the bones lie now."""
        return skeleton_of(self.figure, self.data, self.rotations)

    def bend(self, bone: str, forward: float = 0.0, aside: float = 0.0, twist: float = 0.0) -> None:
        """Turn a bone by degrees: forward about x, aside to the person's left about y, and to its left about z."""
        own = turn([0, 0, 1], twist) @ turn([0, 1, 0], aside) @ turn([1, 0, 0], forward)
        self.rotations[bone] = self.rotations.get(bone, np.eye(3)) @ own

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

    def orient(self, bone: str, rotation: Array) -> None:
        """Give a bone a rotation from its rest pose, in the axes of the world."""
        parent = self.data.parents[self.data.bone(bone)]
        before = self.skeleton.rotations[parent] if parent >= 0 else np.eye(3)
        self.rotations[bone] = before.T @ rotation

    def arm(self, side: str, upper: ArrayLike, fore: ArrayLike, pronation: float = 0.0) -> None:
        """Point the upper arm and the forearm of a side along directions relative to the chest.

        Directions are those of the left arm, +x away from the body; they are mirrored for the right arm. The elbow
        bends as elbows do: both directions decide how far the upper arm is rolled. ``pronation`` in degrees turns the
        thumb inward.
        """
        mirror = np.array([1.0 if side == "L" else -1.0, 1, 1])
        chest = self.orientation("spine01")
        up, down = (chest @ (np.asarray(each, float) * mirror) for each in (upper, fore))
        self._raise_shoulder(side, chest.T @ up)
        self._point(side, up, down, pronation)

    def _raise_shoulder(self, side: str, upper: Array) -> None:
        raised = np.degrees(np.arccos(np.clip(-upper[2] / np.linalg.norm(upper), -1, 1)))
        degrees = max(0.0, float(raised) - _LEVEL_SHOULDER) * _SHOULDER_SHARE
        sign = -1 if side == "L" else 1
        self.rotations[f"clavicle.{side}"] = turn([0, 1, 0], sign * degrees * 0.6)
        self.rotations[f"shoulder01.{side}"] = turn([0, 1, 0], sign * degrees * 0.4)

    def _point(self, side: str, upper: Array, fore: Array, pronation: float) -> None:
        shoulder, elbow, wrist = (self.rest(f"{bone}.{side}") for bone in ("upperarm01", "lowerarm01", "wrist"))
        hinge = np.cross(elbow - shoulder, wrist - elbow)
        axis = np.cross(upper, fore)
        upper_turn = frame(upper, axis) @ frame(elbow - shoulder, hinge).T
        fore_turn = frame(fore, axis) @ frame(wrist - elbow, hinge).T
        parent = self.orientation(f"shoulder01.{side}")
        self.rotations[f"upperarm01.{side}"] = _without_roll(parent.T @ upper_turn, elbow - shoulder, 0.5)
        self.orient(f"upperarm02.{side}", upper_turn)
        self.orient(f"lowerarm01.{side}", fore_turn)
        roll = turn(wrist - elbow, pronation if side == "L" else -pronation)
        self.rotations[f"lowerarm02.{side}"] = root_of(roll, 0.6)
        self.rotations[f"wrist.{side}"] = root_of(roll, 0.4)

    def curl(self, side: str, finger: int, degrees: tuple[float, float, float], spread: float = 0.0) -> None:
        """Bend the three joints of a finger (1 the thumb, 5 the little finger) into the palm, and spread it."""
        inward = 1.0 if side == "L" else -1.0
        base, tip = self.rest(f"finger{finger}-1.{side}"), self._tail(f"finger{finger}-3.{side}")
        back = self._back_of_hand(side)
        axis = np.cross(tip - base, back) if finger > 1 else self._thumb_axis(side)
        for joint, angle in enumerate(degrees, start=1):
            own = turn(axis, -angle)
            if joint == 1:
                own = turn(back, spread * inward) @ own
            self.rotations[f"finger{finger}-{joint}.{side}"] = own

    def _tail(self, bone: str) -> Array:
        tail: Array = self.figure.tails[self.data.bone(bone)]
        return tail

    def _back_of_hand(self, side: str) -> Array:
        """Return the direction ``(3,)`` that the back of the hand looks to, in the rest pose."""
        wrist, index, little = (self.rest(f"{bone}.{side}") for bone in ("wrist", "finger2-1", "finger5-1"))
        across = np.cross(index - wrist, little - wrist)
        return across if side == "L" else -across

    def _thumb_axis(self, side: str) -> Array:
        """Return the axis about which the thumb closes: across the thumb, tilted towards the palm."""
        base, tip = self.rest(f"finger1-1.{side}"), self._tail(f"finger1-3.{side}")
        index, little = self.rest(f"finger2-1.{side}"), self.rest(f"finger5-1.{side}")
        return np.cross(tip - base, index - little)


def _without_roll(rotation: Array, axis: Array, share: float) -> Array:
    """Return a rotation that turns the axis as before, and rolls about it by a share of what it did."""
    direction = axis / np.linalg.norm(axis)
    target = rotation @ direction
    cross = np.cross(direction, target)
    angle = np.degrees(np.arctan2(np.linalg.norm(cross), float(direction @ target)))
    swing = turn(cross, float(angle)) if np.linalg.norm(cross) > 1e-9 else np.eye(3)
    return swing @ root_of(swing.T @ rotation, share)
