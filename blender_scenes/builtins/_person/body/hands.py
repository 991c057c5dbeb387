"""Fingers: relaxed, flat, around something, pointing."""

from __future__ import annotations

import numpy as np

from synthmat.blender_scenes.builtins._person.body.arms import hand_axes
from synthmat.blender_scenes.builtins._person.body.data import Array
from synthmat.blender_scenes.builtins._person.body.posing import Posing
from synthmat.blender_scenes.builtins._person.body.skeleton import turn

FINGERS = (2, 3, 4, 5)
"""The fingers without the thumb, which is 1."""
MOST_BENT = (85.0, 100.0, 75.0)
"""Degrees to which the three joints of a finger bend."""

Bends = tuple[float, float, float]
_HANDS: dict[str, tuple[Bends, Bends, float]] = {  # thumb, index finger, what each further finger bends more
    "relaxed": ((6, 12, 12), (12, 20, 10), 4.0),
    "flat": ((-4, 4, 4), (1, 4, 2), 0.5),
    "spread": ((-8, 0, 0), (-4, 2, 2), 0.0),
    "grip": ((14, 26, 26), (48, 56, 32), 2.0),
    "fist": ((18, 36, 40), (72, 84, 52), 2.0),
    "pointing": ((16, 30, 34), (2, 4, 2), 0.0),
}
HANDS = tuple(_HANDS)


def shape_hand(posing: Posing, side: str, kind: str, rng: np.random.Generator) -> None:
    """Give a hand one of the shapes `HANDS`, a little different each time."""
    thumb, index, more = _HANDS[kind]
    strength = rng.uniform(0.85, 1.15)
    curl(posing, side, 1, _times(thumb, strength))
    spread = 2.0 if kind == "spread" else rng.uniform(-8.0, -5.0)  # the mesh has them 30 degrees apart
    for finger in FINGERS:
        bends = _HANDS["fist"][1] if kind == "pointing" and finger > 2 else index
        own = _times(bends, strength * rng.uniform(0.9, 1.1))
        extra = more * (finger - 2)
        curl(posing, side, finger, (own[0] + extra, own[1] + extra, own[2] + extra / 2), (3.3 - finger) * spread)


def curl(posing: Posing, side: str, finger: int, degrees: Bends, spread: float = 0.0) -> None:
    """Bend the three joints of a finger (1 the thumb, 5 the little finger) into the palm, and spread it thumbward."""
    axis = _closing_axis(posing, side, finger)
    palm = hand_axes(posing, side)[1]
    for joint, (angle, most) in enumerate(zip(degrees, MOST_BENT, strict=True), start=1):
        own = turn(axis, min(angle, most))
        if joint == 1:
            own = turn(palm, spread if side == "L" else -spread) @ own
        posing.turn_to(f"finger{finger}-{joint}.{side}", own)


def _closing_axis(posing: Posing, side: str, finger: int) -> Array:
    base, tip = posing.rest(f"finger{finger}-1.{side}"), posing.rest_tail(f"finger{finger}-3.{side}")
    if finger > 1:
        return np.cross(tip - base, hand_axes(posing, side)[1])
    index, little = posing.rest(f"finger2-1.{side}"), posing.rest(f"finger5-1.{side}")
    return np.cross(tip - base, little - index)


def _times(bends: Bends, factor: float) -> Bends:
    return bends[0] * factor, bends[1] * factor, bends[2] * factor
