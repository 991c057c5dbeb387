"""What a sitting person sits on: a stool, a bench or a block."""

from __future__ import annotations

import bpy
import numpy as np

from synthmat.blender_scenes.builtins._chair.parts import (
    add_leg,
    add_slab,
    outline,
    random_finish,
    random_turning,
)
from synthmat.blender_scenes.builtins._parts.curve import Array
from synthmat.blender_scenes.builtins._parts.mesh import superquadric
from synthmat.blender_scenes.builtins._person.body.body import Body

_FORWARD = 0.05
"""Meters from the hips to the middle of the seat."""
_GIVEN = 0.006
"""Meters by which flesh gives way to the seat."""
_KINDS = ("stool", "stool", "stool", "bench", "block")


def seat_place(body: Body, depth: float) -> Array:
    """Return the middle of the top ``(3,)`` of a seat, ``depth`` meters from it to its edge, under a sitting person."""
    skin = body.vertices[body.parts["body"].vertices]
    hips = np.mean([body.joints[f"upperleg01.{side}"][:3, 3] for side in "LR"], axis=0)
    ahead = body.joints["root"][:3, :3] @ [0.0, -1.0, 0.0]
    middle = hips[:2] + ahead[:2] * _FORWARD
    seated = (body.regions["hips"] + body.regions["thighs"])[: len(skin)] > 0.6
    above = seated & (np.linalg.norm(skin[:, :2] - middle, axis=1) < depth)
    return np.array([*middle, float(skin[above, 2].min()) + _GIVEN])


def add_seat(body: Body, rng: np.random.Generator) -> None:
    """Add a seat under a sitting person to the scene; nothing under others."""
    if body.pose != "sitting":
        return
    depth = float(rng.uniform(0.15, 0.19))
    place = seat_place(body, depth)
    kind = str(rng.choice(_KINDS))
    if kind == "block":
        finish, half = random_finish(rng), place[2] / 2
        sharp = float(rng.uniform(0.1, 0.3))
        size = (depth * rng.uniform(1.0, 1.3), depth, half)
        superquadric("block", finish.boards, (place[0], place[1], half), size, (sharp, sharp))
        return
    wide = depth * (rng.uniform(2.0, 3.0) if kind == "bench" else rng.uniform(0.95, 1.1))
    before = set(bpy.data.objects)
    _add_stool(float(place[2]), wide, depth, 8.0 if kind == "bench" else float(rng.choice([2.0, 5.0])), rng)
    for item in set(bpy.data.objects) - before:
        item.location = (place[0], place[1], 0)


def _add_stool(height: float, wide: float, depth: float, power: float, rng: np.random.Generator) -> None:
    """Add a stool or bench about the origin."""
    finish = random_finish(rng, wooden=rng.random() < 0.7)
    border = outline(wide, depth, power, 0.0)
    thick = float(rng.uniform(0.025, 0.05))
    if rng.random() < 0.4:
        add_slab("pad", finish.cover, border, height, thick, puff=0.008)
        add_slab("seat", finish.boards, border, height - thick * 0.9, 0.02)
    else:
        add_slab("seat", finish.boards, border, height, thick)
    shape, radius, spread = random_turning(rng), float(rng.uniform(0.012, 0.02)), float(rng.uniform(0.95, 1.1))
    for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        corner = np.array([x * wide, y * depth]) * 0.68
        top, foot = (*corner, height - thick * 0.8), (*(corner * spread), 0.8 * radius * float(shape[-1]))
        add_leg(finish.rods, top, foot, radius, shape)
