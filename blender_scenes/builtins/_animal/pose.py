"""Where the joints of a four-legged animal are when it stands, walks, sits, lies or grazes. It faces -Y."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthmat.blender_scenes.builtins._animal.species import Species
from synthmat.blender_scenes.builtins._parts.curve import Array, unit

_UP, _AHEAD = np.array([0.0, 0.0, 1.0]), np.array([0.0, -1.0, 0.0])


@dataclass(frozen=True)
class Leg:
    """Joints of a leg from the trunk to the foot's tip on the ground ``(5, 3)``, and which side, -1 or 1."""

    joints: Array
    side: int
    hind: bool


@dataclass(frozen=True)
class Pose:
    """Joints of an animal: hip and shoulder in the middle, four legs; ``neck`` ``(n, 3)`` from the chest to the skull,
    and the head's axes ``(3, 3)``, as columns: its left, its back and its up."""

    name: str
    hip: Array
    shoulder: Array
    legs: tuple[Leg, ...]
    neck: Array
    head: Array

    @property
    def ahead(self) -> Array:
        """Direction of the trunk, from the hip to the shoulder."""
        direction: Array = unit(self.shoulder - self.hip)
        return direction

    @property
    def back(self) -> Array:
        """Direction from the trunk's axis to the back."""
        up: Array = np.cross(np.array([-1.0, 0.0, 0.0]), self.ahead)
        return up if up[2] > 0 or abs(up[2]) < 1e-9 else -up


def posed(name: str, species: Species, rng: np.random.Generator) -> Pose:
    """Return the joints of an animal in a pose of its species."""
    tall, rump = species.heights
    hip, shoulder = np.array([0.0, 0.45, rump]), np.array([0.0, -0.45, tall])
    if name == "sitting":
        hip = np.array([0.0, 0.4, species.hip[0] * 0.82])
        rise = np.clip((tall * rng.uniform(0.94, 1.0) - hip[2]) / 0.85, 0.12, 0.88)
        shoulder = hip + 0.86 * np.array([0.0, -np.sqrt(1 - rise**2), rise])
    elif name == "lying":
        hip = np.array([0.0, 0.45, species.hip[0] * 0.78])
        shoulder = np.array([0.0, -0.45, species.chest[0] * rng.uniform(0.86, 1.1)])
    legs = [leg for side in (-1, 1) for leg in _pair(name, side, hip, shoulder, species, rng)]
    neck, head = _neck(name, shoulder, species, rng)
    return Pose(name, hip, shoulder, tuple(legs), neck, head)


def _pair(
    name: str, side: int, hip: Array, shoulder: Array, species: Species, rng: np.random.Generator
) -> tuple[Leg, Leg]:
    """Return the fore leg and the hind leg of one side."""
    fore_top = shoulder + [side * species.chest[1] * 0.6, 0.02, -0.25 * species.chest[0]]
    hind_top = hip + [side * species.hip[1] * 0.6, 0.03, 0.1 * species.hip[0]]
    if name == "lying":
        return _lying_fore(fore_top, side, species, rng), _folded_hind(hind_top, side, species, 0.0, rng)
    stride = side * species.heights[0] * (rng.uniform(0.2, 0.34) if name == "walking" else rng.uniform(-0.05, 0.05))
    lift = species.heights[0] * 0.1 if name == "walking" and side > 0 else 0.0
    fore = _standing_fore(fore_top, side, species, stride, lift)
    if name == "sitting":
        return fore, _folded_hind(hind_top, side, species, 0.02, rng)
    hind_stride = -stride * 0.9 if name == "walking" else species.heights[1] * rng.uniform(-0.05, 0.08)
    return fore, _standing_hind(hind_top, side, species, hind_stride)


def _standing_fore(top: Array, side: int, species: Species, stride: float, lift: float) -> Leg:
    height = species.joints[0] * species.heights[0]
    foot = np.array([side * species.chest[1] * 0.62, top[1] + 0.01 - stride, lift])
    lean = 0.9 * stride + (0.03 if species.foot == "paw" else 0.0) + 1.2 * lift
    wrist = foot + [0, 0.12 * lean + 0.015, height]
    if lift:
        wrist = foot + height * unit(np.array([0.0, -0.75, 1.0]))
    reach = float(np.linalg.norm(wrist - top))
    elbow = bent(top, wrist, 0.47 * max(reach * 1.05, 0.3 * top[2]), 0.58 * max(reach * 1.05, 0.3 * top[2]), -_AHEAD)
    return Leg(np.array([top, elbow, wrist, *_foot(wrist, foot, species)]), side, hind=False)


def _standing_hind(top: Array, side: int, species: Species, stride: float) -> Leg:
    height = species.joints[1] * species.heights[1]
    foot = np.array([side * species.hip[1] * 0.6, top[1] + 0.1 - stride, 0.0])
    hock = foot + [0, 0.22 * height + max(-stride, 0) * 0.35, height]
    reach = float(np.linalg.norm(hock - top))
    knee = bent(top, hock, 0.55 * reach * 1.1, 0.55 * reach * 1.1, _AHEAD)
    return Leg(np.array([top, knee, hock, *_foot(hock, foot, species)]), side, hind=True)


def _lying_fore(top: Array, side: int, species: Species, rng: np.random.Generator) -> Leg:
    thick = species.legs[1]
    out = side * species.chest[1] * rng.uniform(0.7, 0.95)
    fore = species.heights[0] * 0.42
    elbow = np.array([out, top[1] + 0.12, thick * 1.3])
    wrist = np.array([out * 0.95, top[1] + 0.12 - fore, thick * 1.05])
    if species.foot == "paw":
        foot = wrist + [0, -max(species.joints[0] * species.heights[0], 0.1), -thick]
    else:  # hoofed animals fold the leg under them
        wrist = wrist + [0, 0.12 * fore, 0.0]
        foot = wrist + [side * -0.04, species.joints[0] * species.heights[0] * 0.75, -thick * 0.6]
    return Leg(np.array([top, elbow, wrist, *_foot(wrist, foot, species)]), side, hind=False)


def _folded_hind(top: Array, side: int, species: Species, out: float, rng: np.random.Generator) -> Leg:
    thick, length = species.legs[1], species.heights[1]
    wide = side * (species.hip[1] * rng.uniform(0.95, 1.1) + out)
    hock = np.array([wide, top[1] + 0.02, thick * 1.05])
    knee = np.array([wide * 1.02, top[1] - 0.34 * length - 0.06, max(top[2] * 0.9, 0.3 * length)])
    foot = hock + [side * 0.02, -max(species.joints[1] * length, 0.16) * 1.15, -thick]
    return Leg(np.array([top, knee, hock, *_foot(hock, foot, species)]), side, hind=True)


def _foot(above: Array, ground: Array, species: Species) -> tuple[Array, Array]:
    """Return the ball of the foot and its tip."""
    radius = species.legs[2]
    ahead = _AHEAD if species.foot == "paw" or ground[2] < 0.3 * above[2] else unit(ground - above)
    if abs(above[2] - ground[2]) < 1.6 * radius and ground[1] > above[1]:
        ahead = -_AHEAD
    ball = ground + [0, 0, radius * (0.75 if species.foot == "paw" else 1.3)]
    return ball, ball + ahead * radius * (0.95 if species.foot == "paw" else 0.5)


def _neck(name: str, shoulder: Array, species: Species, rng: np.random.Generator) -> tuple[Array, Array]:
    length, rise, _, _ = species.neck
    rise = np.radians(rise + rng.uniform(-8, 10) + (14 if name == "sitting" else 0))
    pitch = np.radians(rng.uniform(-10, 10)) + (0.35 if species.nose in ("nostrils", "wet") else 0.1)
    if name == "grazing":
        rise, pitch = np.radians(rng.uniform(-34, -14)), np.radians(rng.uniform(20, 45))
    yaw = rng.choice([0.0, rng.uniform(-0.9, 0.9)], p=[0.3, 0.7])
    start = shoulder + [0, -0.3 * species.chest[0], 0.3 * species.chest[0]]
    first = np.array([0.0, -np.cos(rise), np.sin(rise)])
    later = _about_z(yaw * 0.45) @ np.array([0.0, -np.cos(rise * 0.8), np.sin(rise * 0.8)])
    middle = start + 0.5 * length * unit(first + [0, 0, 0.18])
    neck = np.array([start - 0.25 * length * first, start, middle, middle + 0.5 * length * later])
    roll = rng.choice([0.0, rng.uniform(-0.25, 0.25)])
    return neck, _about_z(yaw) @ _about_x(pitch) @ _about_y(roll)


def bent(start: Array, end: Array, upper: float, lower: float, toward: Array) -> Array:
    """Return the joint between two bones from ``start`` to ``end``, on the side of ``toward``; bones grow if short."""
    span = end - start
    length = float(np.linalg.norm(span))
    scale = max(1.0, length * 1.001 / (upper + lower))
    upper, lower = upper * scale, lower * scale
    along = (length**2 + upper**2 - lower**2) / (2 * length)
    out = np.sqrt(max(upper**2 - along**2, 0.0))
    ahead = span / length
    joint: Array = start + along * ahead + out * unit(toward - ahead * (toward @ ahead))
    return joint


def _about_z(angle: float) -> Array:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1.0]])


def _about_x(angle: float) -> Array:
    """Return a rotation that lowers what is at -Y."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[1.0, 0, 0], [0, cos, -sin], [0, sin, cos]])


def _about_y(angle: float) -> Array:
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, 0, sin], [0, 1.0, 0], [-sin, 0, cos]])
