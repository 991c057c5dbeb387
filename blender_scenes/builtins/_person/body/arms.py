"""Arms and wrists: along a direction, or to a point."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from synthmat.blender_scenes.builtins._person.body.data import Array
from synthmat.blender_scenes.builtins._person.body.posing import Posing, middle_joint, outward
from synthmat.blender_scenes.builtins._person.body.skeleton import frame, root_of, turn

LEVEL_SHOULDER = 60.0
"""Degrees between a hanging and a raised upper arm from which on the collarbone rises too."""
_SHOULDER_SHARE = 0.3
_ELBOW_SHARE = 4.0
MOST_ROLL, MOST_SWING = 85.0, 65.0
"""Degrees that a forearm rolls from its middle position, and that a wrist bends."""


def point_arm(posing: Posing, side: str, upper: ArrayLike, fore: ArrayLike, roll: float = 0.0) -> None:
    """Point the upper arm and the forearm along directions relative to the chest.

    Directions are those of the left arm, +x away from the body. The elbow bends as elbows do: both directions decide
    how far the upper arm is rolled. ``roll`` in degrees turns the thumb inward. A gap opens the arm sideways.
    """
    chest = posing.orientation("spine01")
    reach = posing.length("upperarm01.L", "wrist.L")
    opened = turn([0, 1, 0], -math.degrees(posing.gaps[side] / reach))
    up, down = (chest @ outward(side, opened @ np.asarray(each, float)) for each in (upper, fore))
    _raise_shoulder(posing, side, chest.T @ up)
    _aim(posing, side, up, down)
    _roll_hand(posing, side, roll)


def reach(
    posing: Posing, side: str, point: Array, elbow: ArrayLike, fingers: ArrayLike, palm: ArrayLike, away: ArrayLike
) -> None:
    """Bring the wrist to a point ``(3,)`` of the world, with the elbow, the fingers and the palm in given directions.

    Directions are relative to the chest, and those of the left arm, +x away from the body. ``away`` is where a gap
    moves the wrist to; it opens the elbow too. Where a joint does not go as far, the hand is as near as it can be.
    """
    chest = posing.orientation("spine01")
    target = point + chest @ outward(side, away) * posing.gaps[side]
    lengths = (
        posing.length(f"upperarm01.{side}", f"lowerarm01.{side}"),
        posing.length(f"lowerarm01.{side}", f"wrist.{side}"),
    )
    opened = np.asarray(elbow, float) + [_ELBOW_SHARE * posing.gaps[side] / sum(lengths), 0, 0]
    pole = chest @ outward(side, opened)
    for _ in range(2):
        start = posing.head_of(f"upperarm01.{side}")
        joint, end = middle_joint(start, target, lengths, pole)
        _raise_shoulder(posing, side, chest.T @ (joint - start))
    start = posing.head_of(f"upperarm01.{side}")
    joint, end = middle_joint(start, target, lengths, pole)
    _aim(posing, side, joint - start, end - joint)
    _turn_hand(posing, side, chest @ outward(side, fingers), chest @ outward(side, palm))


def hand_axes(posing: Posing, side: str) -> tuple[Array, Array]:
    """Return the directions of the fingers and of the palm in the rest pose."""
    wrist, index, little = (posing.rest(f"{bone}.{side}") for bone in ("wrist", "finger2-1", "finger5-1"))
    middle = posing.rest(f"finger3-1.{side}")
    palm: Array = np.cross(index - wrist, little - wrist) * (-1.0 if side == "L" else 1.0)
    return middle - wrist, palm


def _raise_shoulder(posing: Posing, side: str, upper: Array) -> None:
    raised = math.degrees(math.acos(float(np.clip(-upper[2] / np.linalg.norm(upper), -1, 1))))
    degrees = max(0.0, raised - LEVEL_SHOULDER) * _SHOULDER_SHARE * (-1 if side == "L" else 1)
    posing.turn_to(f"clavicle.{side}", turn([0, 1, 0], degrees * 0.6))
    posing.turn_to(f"shoulder01.{side}", turn([0, 1, 0], degrees * 0.4))


def _aim(posing: Posing, side: str, upper: Array, fore: Array) -> None:
    """Turn the arm so that it points along both directions of the world; the hand follows the forearm."""
    shoulder, elbow, wrist = (posing.rest(f"{bone}.{side}") for bone in ("upperarm01", "lowerarm01", "wrist"))
    hinge = np.cross(elbow - shoulder, wrist - elbow)
    axis = np.cross(upper, fore)
    upper_turn = frame(upper, axis) @ frame(elbow - shoulder, hinge).T
    fore_turn = frame(fore, axis) @ frame(wrist - elbow, hinge).T
    before = posing.orientation(f"shoulder01.{side}")
    swing, roll = swing_and_roll(before.T @ upper_turn, elbow - shoulder)
    posing.turn_to(f"upperarm01.{side}", swing @ root_of(roll, 0.5))
    posing.orient(f"upperarm02.{side}", upper_turn)
    posing.orient(f"lowerarm01.{side}", fore_turn)
    for bone in ("lowerarm02", "wrist"):
        posing.turn_to(f"{bone}.{side}", np.eye(3))


def _roll_hand(posing: Posing, side: str, degrees: float) -> None:
    axis = posing.rest(f"wrist.{side}") - posing.rest(f"lowerarm01.{side}")
    sign = 1 if side == "L" else -1
    posing.turn_to(f"lowerarm02.{side}", turn(axis, sign * degrees * 0.6))
    posing.turn_to(f"wrist.{side}", turn(axis, sign * degrees * 0.4))


def _turn_hand(posing: Posing, side: str, fingers: Array, palm: Array) -> None:
    """Turn the hand to directions of the world, as far as forearm and wrist go."""
    along, normal = hand_axes(posing, side)
    wanted = frame(fingers, palm) @ frame(along, normal).T
    axis = posing.rest(f"wrist.{side}") - posing.rest(f"lowerarm01.{side}")
    swing, roll = swing_and_roll(posing.orientation(f"lowerarm01.{side}").T @ wanted, axis)
    swing, roll = limited(swing, MOST_SWING), limited(roll, MOST_ROLL)
    forearm = root_of(roll, 0.6)
    posing.turn_to(f"lowerarm02.{side}", forearm)
    posing.turn_to(f"wrist.{side}", forearm.T @ swing @ roll)


def limited(rotation: Array, degrees: float) -> Array:
    """Return a rotation that is no larger than so many degrees."""
    angle = math.degrees(math.acos(float(np.clip((np.trace(rotation) - 1) / 2, -1, 1))))
    return rotation if angle <= degrees else root_of(rotation, degrees / angle)


def swing_and_roll(rotation: Array, axis: Array) -> tuple[Array, Array]:
    """Split a rotation into one that turns the axis, and one about the axis, which comes before it."""
    direction = axis / np.linalg.norm(axis)
    target = rotation @ direction
    cross = np.cross(direction, target)
    size = float(np.linalg.norm(cross))
    swing = turn(cross, math.degrees(math.atan2(size, float(direction @ target)))) if size > 1e-9 else np.eye(3)
    return swing, swing.T @ rotation
