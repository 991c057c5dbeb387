"""The head of a four-legged animal: parts of the skin, and where eyes, ears, nose and mouth are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthmat.blender_scenes.builtins._animal.field import Part, ellipsoid_part, flattened, met_by_ray
from synthmat.blender_scenes.builtins._animal.pose import Pose
from synthmat.blender_scenes.builtins._animal.species import Species
from synthmat.blender_scenes.builtins._parts.curve import Array, unit


@dataclass(frozen=True)
class Head:
    """A head in the world: ``origin`` the middle of its coordinates, ``axes`` ``(3, 3)``, columns left, back and up.

    ``eyes`` are two places in the world and ``looks`` the directions from the skull to them.
    """

    origin: Array
    axes: Array
    eyes: tuple[Array, Array]
    looks: tuple[Array, Array]

    def at(self, *local: float) -> Array:
        """Return a place in the world from one in the head's coordinates."""
        place: Array = self.origin + self.axes @ np.array(local)
        return place

    def along(self, *local: float) -> Array:
        """Return a direction in the world."""
        direction: Array = self.axes @ unit(np.array(local, float))
        return direction


@dataclass(frozen=True)
class QuadrupedHead(Head):
    """The head of a four-legged animal, its ``origin`` where neck and skull meet.

    ``tip`` is the middle of the muzzle's end in the head's own coordinates.
    """

    species: Species
    tip: Array


def head_parts(species: Species, pose: Pose) -> tuple[list[Part], QuadrupedHead]:
    """Return the skull, the muzzle and the jaw, and the head that they make."""
    wide, long, high = species.skull
    length, base, end, drop = species.muzzle
    axes, origin = pose.head, pose.neck[-1]

    def at(x: float, y: float, z: float) -> Array:
        place: Array = origin + axes @ np.array([x, y, z])
        return place

    up, back = axes[:, 2], axes[:, 1]
    start = np.array([0.0, -1.05 * long, -0.28 * high])
    tip = start + [0, -length, -drop]
    shared = {"up": up, "blend": 0.55 * base}
    face: dict[str, tuple[float, float]] = {"spine": (1.35, 1.5), "face": (0.2, 0.2)}
    parts = [
        ellipsoid_part(
            at(0, -0.6 * long, 0.08 * high), (wide, long, high), axes, hair=0.5, comb=back, marks=face, **shared
        ),
    ]
    face = {"spine": (1.5, 1.8), "face": (0.45, 1.0)}
    slim = flattened(axes[:, 0], 0.95 if species.foot == "paw" else 0.84)
    parts.append(Part(at(*start), at(*tip), (base, end), 0.6 * base, slim, 0.25, up, back + 0.2 * up, face))
    chin = tip + [0, 0.22 * end, -0.62 * end]
    jaw = start + [0, 0.25 * long, -0.42 * high]
    parts.append(Part(at(*jaw), at(*chin), (base * 0.66, end * 0.6), 0.35 * base, slim, 0.35, up, back, face))
    cheek = {"spine": (1.35, 1.35), "face": (0.15, 0.15)}
    for side in (-1, 1):
        place = at(side * 0.5 * wide, -0.62 * long, -0.42 * high)
        parts.append(
            ellipsoid_part(
                place, (0.5 * wide, 0.55 * long, 0.5 * high), axes, hair=0.7, comb=back, marks=cheek, **shared
            )
        )
        if species.foot == "paw" and species.nose != "split":
            pad = at(side * 0.5 * end, tip[1] - 0.1 * end, tip[2] - 0.2 * end)
            parts.append(
                ellipsoid_part(
                    pad, (0.68 * end,) * 3, blend=0.5 * end, hair=0.2, comb=back, up=up, marks={"face": (0.9, 0.9)}
                )
            )
    if species.nose == "snout":
        parts.append(
            Part(
                at(*tip),
                at(tip[0], tip[1] - 0.35 * end, tip[2]),
                (end * 1.02, end * 1.0),
                0.012,
                hair=0.1,
                marks={"face": (1, 1)},
            )
        )
    eyes, looks = [], []
    for side in (-1, 1):
        place, look = _eye(parts, at(0, -0.6 * long, 0.08 * high), axes, species, side)
        eyes.append(place)
        looks.append(look)
    parts += [_brow(place, look, axes, species.eyes[2]) for place, look in zip(eyes, looks, strict=True)]
    return parts, QuadrupedHead(origin, axes, (eyes[0], eyes[1]), (looks[0], looks[1]), species, tip)


def _brow(eye: Array, look: Array, axes: Array, size: float) -> Part:
    """Return the brow above and behind an eye of radius ``size``."""
    up, back = axes[:, 2], axes[:, 1]
    center = eye + up * size * 0.95 - look * size * 0.75
    radii, marks = (size * 1.05,) * 3, {"face": (0.25, 0.25)}
    return ellipsoid_part(center, radii, blend=0.9 * size, hair=0.2, comb=back, up=up, marks=marks)


def _eye(parts: list[Part], center: Array, axes: Array, species: Species, side: int) -> tuple[Array, Array]:
    turn, rise = np.radians(species.eyes[:2])
    look = axes @ np.array([side * np.sin(turn) * np.cos(rise), -np.cos(turn) * np.cos(rise), np.sin(rise)])
    return met_by_ray(parts, center, look, 0.6), look
