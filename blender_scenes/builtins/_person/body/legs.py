"""Legs: a foot to a place on the floor, or a thigh and a shin along directions."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from synthmat.blender_scenes.builtins._person.body.arms import swing_and_roll
from synthmat.blender_scenes.builtins._person.body.data import Array
from synthmat.blender_scenes.builtins._person.body.posing import Posing, middle_joint
from synthmat.blender_scenes.builtins._person.body.skeleton import frame, root_of, turn


def place_foot(posing: Posing, side: str, place: ArrayLike, toes_out: float, heel: float = 0.0) -> None:
    """Put a foot to a place ``(3,)``: how far from the middle, in hip distances; meters back; meters up.

    The toes point outward by ``toes_out`` degrees, the knee above them; the heel is raised by ``heel`` degrees.
    """
    apart, back, up = np.asarray(place, float).tolist()
    hip, rest = posing.rest(f"upperleg01.{side}"), posing.rest(f"foot.{side}")
    ankle = np.array([hip[0] * apart, rest[1] + back, rest[2] + up])
    lengths = (
        posing.length(f"upperleg01.{side}", f"lowerleg01.{side}"),
        posing.length(f"lowerleg01.{side}", f"foot.{side}"),
    )
    yaw = turn([0, 0, 1], toes_out if side == "L" else -toes_out)
    forward = yaw @ np.array([0.0, -1, 0])
    start = posing.head_of(f"upperleg01.{side}")
    knee, end = middle_joint(start, ankle, lengths, forward)
    aim_leg(posing, side, knee - start, end - knee, forward)
    posing.orient(f"foot.{side}", yaw @ turn([1, 0, 0], heel))
    posing.orient(f"toes.{side}", yaw @ turn([1, 0, 0], min(heel, 5.0)))


def aim_leg(posing: Posing, side: str, thigh: Array, shin: Array, forward: Array) -> None:
    """Point the thigh and the shin along directions of the world; ``forward`` is where the knee looks."""
    hip, knee, ankle = (posing.rest(f"{bone}.{side}") for bone in ("upperleg01", "lowerleg01", "foot"))
    rest_forward = np.array([0.0, -1, 0])
    thigh_turn = frame(thigh, np.cross(thigh, forward)) @ frame(knee - hip, np.cross(knee - hip, rest_forward)).T
    side_of = thigh_turn @ np.cross(knee - hip, rest_forward)
    shin_turn = frame(shin, side_of) @ frame(ankle - knee, np.cross(knee - hip, rest_forward)).T
    before = posing.orientation(f"pelvis.{side}")
    swing, roll = swing_and_roll(before.T @ thigh_turn, knee - hip)
    posing.turn_to(f"upperleg01.{side}", swing @ root_of(roll, 0.5))
    posing.orient(f"upperleg02.{side}", thigh_turn)
    posing.orient(f"lowerleg01.{side}", shin_turn)
    posing.orient(f"lowerleg02.{side}", shin_turn)
