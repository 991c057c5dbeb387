"""What people wear on their heads: woolly hats, caps, glasses and sunglasses."""

from __future__ import annotations

from dataclasses import dataclass

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import ArrayLike

from synthmat.blender_scenes.builtins._parts.curve import Array, smooth_path, unit
from synthmat.blender_scenes.builtins._parts.material import plain, random_color
from synthmat.blender_scenes.builtins._parts.mesh import add_grid, ellipsoid, tube
from synthmat.blender_scenes.builtins._person.body.body import Body
from synthmat.blender_scenes.builtins._person.fabrics import cloth_color, fabric
from synthmat.blender_scenes.builtins._person.head_room import HeadRoom


@dataclass(frozen=True)
class Hat:
    """A hat: ``kind`` is beanie or cap; ``front`` and ``back`` are the elevations of its border, degrees."""

    kind: str
    front: float
    back: float

    def border(self, azimuth: Array) -> Array:
        """Return the elevation of the border in degrees; azimuth 0 is the front."""
        elevation: Array = self.back + (self.front - self.back) * (0.5 + 0.5 * np.cos(azimuth))
        return elevation


def random_hat(rng: np.random.Generator) -> Hat | None:
    """Return a hat; None for most people."""
    if rng.random() > 0.16:
        return None
    if rng.random() < 0.5:
        return Hat("beanie", float(rng.uniform(32, 42)), float(rng.uniform(-14, 2)))
    return Hat("cap", float(rng.uniform(34, 40)), float(rng.uniform(2, 8)))


def outside_hat(hat: Hat, roots: Array) -> Array:
    """Return those of the directions ``(n, 3)`` of roots that a hat leaves free."""
    azimuth = np.arctan2(roots[:, 0], -roots[:, 1])
    elevation = np.degrees(np.arcsin(np.clip(roots[:, 2], -1, 1)))
    kept: Array = roots[elevation < hat.border(azimuth) + 4]
    return kept


def under_hat(hat: Hat, room: HeadRoom, points: Array) -> Array:
    """Return strands ``(n, points, 3)`` pressed to the head where a hat covers it."""
    distance = np.linalg.norm(points, axis=-1)
    way = points / np.maximum(distance, 1e-9)[..., None]
    elevation = np.degrees(np.arcsin(np.clip(way[..., 2], -1, 1)))
    below = elevation > hat.border(np.arctan2(way[..., 0], -way[..., 1])) - 4
    most = np.where(below & (distance < 1.8), room.head(way) + 0.05, np.inf)
    pressed: Array = way * np.minimum(distance, most)[..., None]
    return pressed


def add_hat(hat: Hat, room: HeadRoom, rng: np.random.Generator) -> None:
    """Add a hat to the scene."""
    before = set(bpy.context.scene.collection.objects)
    kind = "knit" if hat.kind == "beanie" else str(rng.choice(["plain", "denim", "heather"]))
    material = fabric("hat", kind, cloth_color(rng), cloth_color(rng), rng)
    azimuth = np.linspace(-np.pi, np.pi, 120, endpoint=False)[None]
    share = np.linspace(0, 1, 30)[:, None]
    border = hat.border(azimuth)
    elevation = np.radians(border + (90 - border) * share)
    way = _ways(azimuth, elevation)
    slack = float(rng.uniform(0.0, 0.22)) if hat.kind == "beanie" else 0.08
    lift = 0.1 + slack * share**2 + 0.012 * np.sin(azimuth * 5 + share * 4) * share
    dome = way * (room.head(way) + lift)[..., None]
    inner = way[:1] * (room.head(way[:1]) + 0.02)[..., None]
    add_grid("hat", np.concatenate([inner, dome]), material)
    if hat.kind == "beanie":
        up = np.radians(border + np.linspace(-2, 16, 10)[:, None])
        folded = _ways(azimuth, up)
        bulge = 0.115 + 0.05 * np.sin(np.linspace(0, np.pi, 10))[:, None] + slack * 0.02
        add_grid("cuff", folded * (room.head(folded) + bulge)[..., None], material)
        if rng.random() < 0.4:
            top = dome[-1, 0] + [0, 0, 0.1]
            for direction in unit(rng.normal(size=(16, 3))):
                ellipsoid("pompon", material, top + direction * 0.12, np.full(3, 0.16))
    else:
        _add_visor(hat, room, material, rng)
    place = Matrix(room.matrix.tolist())
    for item in set(bpy.context.scene.collection.objects) - before:
        item.matrix_basis = place @ item.matrix_basis


def _add_visor(hat: Hat, room: HeadRoom, material: bpy.types.Material, rng: np.random.Generator) -> None:
    azimuth = np.radians(np.linspace(-62, 62, 40))
    way = _ways(azimuth, np.radians(hat.border(azimuth)))
    inner = way * (room.head(way) + 0.06)[..., None]
    out = unit(inner * [0.6, 1, 0])
    reach = rng.uniform(0.55, 0.75) * np.cos(azimuth * 1.25) ** 0.6 + 0.03
    share = np.array([0.0, 0.25, 0.5, 0.75, 1.0, 1.0, 0.75, 0.5, 0.25, 0.0])[:, None, None]
    thick = np.array([0.0] * 5 + [-0.02] * 5)[:, None, None]
    down = -0.14 * share**1.5 + thick
    sheet = inner[None] + out[None] * reach[None, :, None] * share + np.array([0.0, 0.0, 1.0]) * down
    add_grid("visor", sheet, material, around=False)


def _ways(azimuth: Array, elevation: Array) -> Array:
    """Return directions ``(..., 3)``."""
    parts = np.broadcast_arrays(
        np.cos(elevation) * np.sin(azimuth), -np.cos(elevation) * np.cos(azimuth), np.sin(elevation)
    )
    return np.stack(parts, axis=-1)


def add_glasses(body: Body, rng: np.random.Generator) -> None:
    """Add glasses to the scene: rims, bridge and temples, clear as good glass is, or dark lenses."""
    turn = body.joints["head"][:3, :3]
    left, right = (np.asarray(body.eyes[side].center, float) for side in ("left", "right"))
    middle, size = (left + right) / 2, float(np.linalg.norm(left - right)) / 0.062
    dark = rng.random() < 0.25
    if rng.random() < 0.4:
        frame = plain("frame", (0.6, 0.58, 0.55), roughness=0.25, metallic=1.0)
    else:
        frame = plain("frame", random_color(rng, saturation=(0.0, 0.6), value=(0.02, 0.4)), roughness=0.25, coat=0.5)
    thick = float(rng.uniform(0.0008, 0.0022)) * size
    wide, high = float(rng.uniform(0.024, 0.029)) * size, float(rng.uniform(0.017, 0.024)) * size
    square = float(rng.uniform(0.45, 1.0))
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    round_x = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** square * wide
    round_z = np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** square * high - 0.003 * size
    ahead = -0.027 * size

    def at(points: Array) -> Array:
        placed: Array = middle + points @ turn.T
        return placed

    for side in (-1, 1):
        center = side * 0.032 * size
        ring = np.stack([round_x + center, ahead + 0.1 * np.abs(round_x + center) * 0.5, round_z], axis=1)
        tube("rim", frame, at(ring), thick, closed=True, segments=10)
        if dark:
            lens = plain("lens", random_color(rng, saturation=(0.0, 0.4), value=(0.02, 0.12)), roughness=0.05, coat=1.0)
            steps = np.linspace(0, 0.98, 8)[:, None, None]
            add_grid("lens", at(ring.mean(axis=0) + (ring - ring.mean(axis=0))[None] * steps), lens)
        ear = _ear(body, side)
        hinge = np.array([center + side * wide, ahead + 0.05 * (abs(center) + wide), 0.004 * size])
        behind = (ear - middle) @ turn
        path: list[ArrayLike] = [hinge, [side * (abs(behind[0]) + 0.004), behind[1] * 0.4, 0.006 * size],
                [behind[0] - side * 0.006, behind[1] - 0.004, behind[2] + 0.024 * size],
                [behind[0] - side * 0.008, behind[1] + 0.012, behind[2]]]  # fmt: skip
        tube("temple", frame, at(smooth_path(np.array(path, float), 24)), thick * 0.9, segments=10)
    bow = [[-0.032 * size + wide, ahead, 0.004 * size], [0, ahead - 0.003, 0.007 * size],
           [0.032 * size - wide, ahead, 0.004 * size]]  # fmt: skip
    tube("bridge", frame, at(smooth_path(bow, 12)), thick, segments=10)


def _ear(body: Body, side: int) -> Array:
    """Return the middle of an ear ``(3,)``; side 1 is the person's left."""
    weight = body.regions["ears"] * (body.rest[:, 0] * side > 0)
    middle: Array = (body.vertices * weight[:, None]).sum(axis=0).astype(float) / float(weight.sum())
    return middle
