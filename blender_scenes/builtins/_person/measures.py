"""Where on a body everything is, in a tailor's terms: the same for every shape and pose, so that cuts stay in place.

All is measured on the mean body of the data file, meters: a shirt that ends at the hip of one ends at the hip of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._person.body.data import people_data
from synthmat.blender_scenes.builtins._person.body.regions import regions

COLUMNS = ("x", "y", "z", "arm", "reach", "leg", "neck", "around")


@dataclass(frozen=True)
class Measures:
    """What a tailor knows of points; arrays ``(n,)``.

    Attributes:
        x: From the middle to the person's left, meters.
        y: To the back, meters from the neck.
        z: Up from the hip joints, meters; the neck begins at 0.48, the crotch at -0.07.
        arm: How much a point belongs to an arm, from 0 to 1.
        reach: How far down the arm it lies: 0 at the shoulder, 1 at the elbow, 2 at the wrist.
        leg: The same for the leg: 0 at the hip joint, 1 at the knee, 2 at the ankle.
        neck: Distance from the pit of the neck, meters, less in front than at the sides.
        around: How far from the side seam it lies round torso or leg; of an arm, from the middle of its front; meters.
    """

    x: Array
    y: Array
    z: Array
    arm: Array
    reach: Array
    leg: Array
    neck: Array
    around: Array

    @classmethod
    def of(cls, columns: Array) -> Measures:
        """Return the measures that columns ``(n, 8)`` hold in the order of `COLUMNS`."""
        return cls(*columns.T)

    @property
    def columns(self) -> Array:
        """All of them ``(n, 8)``."""
        return np.stack([getattr(self, name) for name in COLUMNS], axis=1)


@lru_cache(maxsize=1)
def body_measures() -> Measures:
    """Return the measures of every vertex of a body."""
    data = people_data()
    points = data.template[: data.vertex_count]
    weights = regions()
    hip, knee, ankle = (_bone(name) for name in ("upperleg01.L", "lowerleg01.L", "foot.L"))
    shoulder, elbow, wrist = (_bone(name) for name in ("upperarm01.L", "lowerarm01.L", "wrist.L"))
    neck = _bone("neck01")
    mirrored = np.stack([np.abs(points[:, 0]), points[:, 1], points[:, 2]], axis=1)
    arm = np.clip(weights["upper_arms"] + weights["forearms"] + weights["hands"], 0, 1)
    leg_z = np.interp(-points[:, 2], -np.array([hip[2], knee[2], ankle[2]]), [0.0, 1.0, 2.0])
    beyond = np.maximum(ankle[2] - points[:, 2], 0) * 10
    pit = points - neck
    front = np.where(pit[:, 1] < 0, 0.8, 1.0)
    reach = _along(mirrored, shoulder, elbow, wrist)
    line = np.array([shoulder, elbow, wrist])
    on_arm = np.stack([np.interp(reach, (0, 1, 2), line[:, k]) for k in range(3)], axis=1)
    line = np.array([hip, knee, ankle])
    on_leg = np.stack([np.interp(leg_z, (0, 1, 2), line[:, k]) for k in range(3)], axis=1)
    thigh = np.clip((leg_z - 0.05) / 0.15, 0, 1)[:, None]
    trunk = np.array([0.0, neck[1] + 0.02, 0.0])
    middle = np.where(arm[:, None] > 0.5, on_arm, trunk * (1 - thigh) + on_leg * thigh)
    off = mirrored - middle
    wide = np.where(arm > 0.5, 0.045, 0.15 - 0.08 * thigh[:, 0])
    return Measures(
        x=points[:, 0],
        y=points[:, 1] - neck[1],
        z=points[:, 2] - hip[2],
        arm=arm.astype(float),
        reach=reach,
        leg=leg_z + beyond,
        neck=np.linalg.norm(pit * np.stack([np.ones(len(pit)), front, np.ones(len(pit))], axis=1), axis=1),
        around=np.abs(np.where(arm > 0.5, np.arctan2(off[:, 0], -off[:, 1]), np.arctan2(off[:, 1], off[:, 0]))) * wide,
    )


def _bone(name: str) -> Array:
    """Return where a bone of the mean body begins ``(3,)``."""
    data = people_data()
    spot: Array = data.template[data.vertex_count + data.bone(name)].astype(float)
    return spot


def _along(points: Array, first: Array, second: Array, third: Array) -> Array:
    """Return how far along the line of three joints each point lies ``(n,)``: 0, 1 and 2 at the joints."""
    upper, lower = second - first, third - second
    on_upper = ((points - first) @ upper) / (upper @ upper)
    on_lower = ((points - second) @ lower) / (lower @ lower)
    found: Array = np.where(on_lower > 0, 1 + on_lower, np.minimum(on_upper, 1.0))
    return found
